//! The link as people see it: always visible, never blank.

use cpumonitor_common::wire::CloseCode;

/// Without a delta for this long (beyond the pace asked for) the link lags.
pub const LAGGING_AFTER_MS: f64 = 2_500.0;
/// Without a delta for this long (beyond the pace asked for) the socket is given up.
pub const SILENT_AFTER_MS: f64 = 10_000.0;

/// How the link to the server fares.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkState {
    /// The first attempt, or the next one after a wait.
    Connecting,
    /// Deltas come.
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
}

impl Link {
    /// Connecting since `now_ms`.
    #[must_use]
    pub fn new(now_ms: f64) -> Link {
        let _ = now_ms;
        Link { state: LinkState::Connecting }
    }

    /// How it fares.
    #[must_use]
    pub fn state(&self) -> &LinkState {
        &self.state
    }

    /// One or two words for the badge.
    #[must_use]
    pub fn word(&self) -> &'static str {
        ""
    }

    /// A sentence for the status popover and for screen readers.
    #[must_use]
    pub fn sentence(&self, now_ms: f64) -> String {
        let _ = now_ms;
        String::new()
    }

    /// Whether what the page shows is current.
    #[must_use]
    pub fn is_live(&self) -> bool {
        false
    }

    /// Whether it is time for the next attempt: open a socket and call [`Model::connecting`](super::Model::connecting).
    #[must_use]
    pub fn retry_due(&self, now_ms: f64) -> bool {
        let _ = now_ms;
        false
    }

    /// Whether the socket has been silent for so long that it is to be closed: do so, and call
    /// [`Model::closed`](super::Model::closed) without waiting for the browser's close event.
    #[must_use]
    pub fn is_silent(&self, now_ms: f64) -> bool {
        let _ = now_ms;
        false
    }

    /// Milliseconds since the last message; `None` before the first.
    #[must_use]
    pub fn silent_ms(&self, now_ms: f64) -> Option<f64> {
        let _ = now_ms;
        None
    }
}
