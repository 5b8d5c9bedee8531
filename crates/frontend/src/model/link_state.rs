//! The link as people see it: always visible, never blank.

use std::time::Duration;

use cpumonitor_common::Backoff;
use cpumonitor_common::wire::{CloseCode, DecodeError};

/// Without a message for this long (beyond the pace asked for) the link lags.
pub const LAGGING_AFTER_MS: f64 = 2_500.0;
/// Without a message for this long (beyond the pace asked for) the socket is given up.
pub const SILENT_AFTER_MS: f64 = 10_000.0;

/// How the link to the server fares.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkState {
    /// The first attempt, or the next one after a wait.
    Connecting,
    /// Messages come.
    Live,
    /// Connected, but nothing was heard for [`LAGGING_AFTER_MS`].
    Lagging,
    /// Broken; the next attempt comes by itself.
    Reconnecting {
        /// Which attempt that will be, from 1.
        attempt: u32,
        /// When, by the browser's clock.
        retry_at_ms: f64,
    },
    /// The server will not have this page as it is; reloading is the cure.
    Refused {
        /// Why, as a number.
        code: CloseCode,
        /// Why, as a sentence for people.
        sentence: String,
    },
}

/// The state of the link and what moves it.
#[derive(Clone, Debug)]
pub struct Link {
    state: LinkState,
    /// Since when a message is due: the last one, or when waiting for it began.
    waiting_since_ms: f64,
    heard_at_ms: Option<f64>,
    /// Between messages, as asked for.
    pace_ms: f64,
    backoff: Backoff,
    /// Since when this socket is live; `None` while it never was.
    live_since_ms: Option<f64>,
    /// What the server said as it closed the last socket; empty when nothing.
    reason: String,
    /// As it was told last, to notice that the text changed.
    told: String,
}

impl Link {
    /// Connecting since `now_ms`.
    #[must_use]
    pub fn new(now_ms: f64) -> Link {
        Link {
            state: LinkState::Connecting,
            waiting_since_ms: now_ms,
            heard_at_ms: None,
            pace_ms: 0.0,
            backoff: Backoff::default(),
            live_since_ms: None,
            reason: String::new(),
            told: String::new(),
        }
    }

    /// How it fares.
    #[must_use]
    pub fn state(&self) -> &LinkState {
        &self.state
    }

    /// One word for the badge.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.state {
            LinkState::Connecting => "Connecting",
            LinkState::Live => "Live",
            LinkState::Lagging => "Lagging",
            LinkState::Reconnecting { .. } => "Reconnecting",
            LinkState::Refused { .. } => "Refused",
        }
    }

    /// A sentence for the status popover and for screen readers.
    #[must_use]
    pub fn sentence(&self, now_ms: f64) -> String {
        match &self.state {
            LinkState::Connecting => "Connecting to the server.".into(),
            LinkState::Live => "Connected; numbers are current.".into(),
            LinkState::Lagging => {
                let seconds = (self.waited_ms(now_ms) / 1_000.0).floor();
                format!("Connected, but the server has said nothing for {seconds} s.")
            }
            LinkState::Reconnecting { attempt, retry_at_ms } => {
                let why = if self.reason.is_empty() { String::new() } else { format!(" ({})", self.reason) };
                let seconds = ((retry_at_ms - now_ms) / 1_000.0).ceil().max(0.0);
                format!("The link to the server broke{why}; attempt {attempt} in {seconds} s.")
            }
            LinkState::Refused { sentence, .. } => sentence.clone(),
        }
    }

    /// Whether what the page shows is current.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state == LinkState::Live
    }

    /// Whether it is time for the next attempt: open a socket and call
    /// [`Model::connecting`](super::Model::connecting).
    #[must_use]
    pub fn retry_due(&self, now_ms: f64) -> bool {
        matches!(self.state, LinkState::Reconnecting { retry_at_ms, .. } if now_ms >= retry_at_ms)
    }

    /// Whether the socket has been silent for so long that it is to be closed: do so, and call
    /// [`Model::closed`](super::Model::closed) at once; the browser's own close event may take a minute,
    /// and nothing that the old socket still says is to reach the model.
    #[must_use]
    pub fn is_silent(&self, now_ms: f64) -> bool {
        self.has_socket() && self.waited_ms(now_ms) > self.pace_ms + SILENT_AFTER_MS
    }

    /// Milliseconds since the last message; `None` before the first.
    #[must_use]
    pub fn silent_ms(&self, now_ms: f64) -> Option<f64> {
        self.heard_at_ms.map(|at| (now_ms - at).max(0.0))
    }

    /// A message will come every `pace_ms` from now on.
    pub(super) fn expect(&mut self, pace_ms: f64, now_ms: f64) {
        self.pace_ms = pace_ms;
        self.waiting_since_ms = now_ms;
    }

    pub(super) fn connecting(&mut self, now_ms: f64) {
        self.state = LinkState::Connecting;
        self.waiting_since_ms = now_ms;
    }

    pub(super) fn heard(&mut self, now_ms: f64) {
        // The last words of a socket that is already given up change nothing.
        if self.has_socket() {
            self.state = LinkState::Live;
            self.live_since_ms.get_or_insert(now_ms);
        }
        self.heard_at_ms = Some(now_ms);
        self.waiting_since_ms = now_ms;
    }

    pub(super) fn closed(&mut self, number: u16, reason: &str, now_ms: f64, random: f64) {
        if !self.has_socket() {
            return;
        }
        self.reason = reason.trim().trim_end_matches('.').to_owned();
        if let Some(code) = CloseCode::from_number(number).filter(|code| is_final(*code)) {
            self.refuse(code);
            return;
        }
        let held_ms = self.live_since_ms.take().map_or(0.0, |since| (now_ms - since).max(0.0));
        let held = Duration::from_millis(held_ms as u64);
        let wait_ms = self.backoff.wait(held, random).as_secs_f64() * 1000.0;
        self.state =
            LinkState::Reconnecting { attempt: self.backoff.failures(), retry_at_ms: now_ms + wait_ms };
    }

    pub(super) fn undecodable(&mut self, error: DecodeError) {
        self.reason = error.to_string();
        self.refuse(CloseCode::Malformed);
    }

    pub(super) fn retry_now(&mut self, now_ms: f64) {
        if let LinkState::Reconnecting { retry_at_ms, .. } = &mut self.state {
            *retry_at_ms = now_ms;
        }
    }

    /// Lets time pass; the answer tells whether state or text changed since the last time.
    pub(super) fn tick(&mut self, now_ms: f64) -> bool {
        if self.is_live() && self.waited_ms(now_ms) > self.pace_ms + LAGGING_AFTER_MS {
            self.state = LinkState::Lagging;
        }
        let told = self.sentence(now_ms);
        let changed = told != self.told;
        self.told = told;
        changed
    }

    fn refuse(&mut self, code: CloseCode) {
        let cause = match code {
            CloseCode::Version => "This page and the server speak different versions",
            _ => "This page and the server do not understand each other",
        };
        let why = if self.reason.is_empty() { String::new() } else { format!(" ({})", self.reason) };
        self.state = LinkState::Refused { code, sentence: format!("{cause}{why}. Reload the page.") };
    }

    fn has_socket(&self) -> bool {
        matches!(self.state, LinkState::Connecting | LinkState::Live | LinkState::Lagging)
    }

    fn waited_ms(&self, now_ms: f64) -> f64 {
        now_ms - self.waiting_since_ms
    }
}

/// Whether trying again with the same page can only end the same way.
fn is_final(code: CloseCode) -> bool {
    matches!(code, CloseCode::Version | CloseCode::Malformed | CloseCode::NotBinary | CloseCode::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Live since second 0, at a pace of 100 ms.
    fn live() -> Link {
        let mut link = Link::new(0.0);
        link.heard(0.0);
        link.expect(100.0, 0.0);
        link
    }

    #[test]
    fn silence_makes_it_lag_and_a_message_cures_that() {
        let mut link = live();
        link.tick(2_600.0);
        assert_eq!(link.state(), &LinkState::Live);
        link.tick(2_601.0);
        assert_eq!(link.state(), &LinkState::Lagging);
        assert_eq!(link.sentence(3_200.0), "Connected, but the server has said nothing for 3 s.");
        link.heard(3_300.0);
        assert_eq!(link.state(), &LinkState::Live);
        assert_eq!(link.silent_ms(3_400.0), Some(100.0));
    }

    #[test]
    fn a_hidden_tab_expects_less_and_a_shown_one_starts_anew() {
        let mut link = live();
        link.expect(10_000.0, 1_000.0);
        link.tick(13_000.0);
        assert!(link.is_live());
        link.expect(100.0, 13_000.0);
        link.tick(15_000.0);
        assert!(link.is_live());
    }

    #[test]
    fn a_dead_socket_is_given_up() {
        let mut link = live();
        assert!(!link.is_silent(10_100.0));
        assert!(link.is_silent(10_101.0));
        // One that never came up, too.
        assert!(Link::new(0.0).is_silent(10_001.0));
        link.closed(1006, "", 10_101.0, 1.0);
        assert!(!link.is_silent(99_999.0));
    }

    #[test]
    fn a_broken_link_waits_counts_down_and_tries_again() {
        let mut link = live();
        link.closed(1001, "the server stops.", 1_000.0, 1.0);
        assert_eq!(link.state(), &LinkState::Reconnecting { attempt: 1, retry_at_ms: 1_500.0 });
        assert_eq!(
            link.sentence(1_000.0),
            "The link to the server broke (the server stops); attempt 1 in 1 s."
        );
        assert!(!link.retry_due(1_499.0) && link.retry_due(1_500.0));
        link.connecting(1_500.0);
        link.closed(1006, "", 1_600.0, 1.0);
        assert_eq!(link.state(), &LinkState::Reconnecting { attempt: 2, retry_at_ms: 2_600.0 });
        assert!(link.tick(1_600.0) && !link.tick(1_600.0));
        link.retry_now(1_700.0);
        assert!(link.retry_due(1_700.0));
    }

    #[test]
    fn the_late_words_of_an_old_socket_change_nothing() {
        let mut link = live();
        link.closed(1006, "", 0.0, 0.5);
        let state = link.state().clone();
        link.closed(1000, "", 5.0, 1.0);
        link.heard(6.0);
        assert_eq!(link.state(), &state);
    }

    #[test]
    fn another_version_is_final() {
        let mut link = live();
        link.closed(4406, "this server speaks cpumonitor.viewer.v2", 0.0, 1.0);
        let sentence = "This page and the server speak different versions (this server speaks \
                        cpumonitor.viewer.v2). Reload the page."
            .to_owned();
        assert_eq!(link.state(), &LinkState::Refused { code: CloseCode::Version, sentence });
        link.tick(1e9);
        assert!(!link.retry_due(1e9));
        let mut link = live();
        link.undecodable(DecodeError::Truncated);
        assert_eq!(link.word(), "Refused");
    }
}
