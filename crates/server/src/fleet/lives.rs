//! How far a host's rows have come, in this life of its agent and in former ones.

use cpumonitor_common::Incarnation;
use cpumonitor_common::wire::GapReason;

/// Former incarnations whose sequence numbers are remembered, in case two agents with the same id take
/// turns.
const FORMER: usize = 4;

/// The incarnations of one host.
#[derive(Debug)]
pub(super) struct Lives {
    /// The present one.
    pub(super) incarnation: Incarnation,
    /// How far it has come.
    pub(super) now: Progress,
    /// Newest last.
    former: Vec<(Incarnation, Progress)>,
}

/// How far the rows of one incarnation have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// The first sequence number the server lacks.
    pub(super) next_seq: u64,
    /// Rows lost for good, as the agent declared.
    pub(super) lost: u64,
    /// Ticks the agent did not get to run in time, as it declared.
    pub(super) missed: u64,
    /// Whether anything came yet. Before, skipping numbers is no loss: a server that restarted does not
    /// get what the one before it had taken.
    begun: bool,
}

impl Lives {
    /// Of a host that is new.
    pub(super) fn new(incarnation: Incarnation) -> Lives {
        Lives { incarnation, now: Progress::default(), former: Vec::new() }
    }

    /// The agent lives this life from now on, which may be the one it lived, or a former one.
    pub(super) fn change(&mut self, incarnation: Incarnation) {
        if incarnation == self.incarnation {
            return;
        }
        self.former.push((self.incarnation, self.now));
        let known = self.former.iter().position(|(former, _)| *former == incarnation);
        self.now = known.map(|place| self.former.remove(place).1).unwrap_or_default();
        if self.former.len() > FORMER {
            self.former.remove(0);
        }
        self.incarnation = incarnation;
    }
}

impl Progress {
    /// Moves on behind the row `seq`; answers how many before it were skipped without a word.
    pub(super) fn take_row(&mut self, seq: u64) -> u64 {
        self.advance(seq, seq.saturating_add(1))
    }

    /// Moves on behind `count` ticks without a row; answers how many of them are news, and how many before
    /// them were skipped without a word.
    pub(super) fn take_gap(&mut self, first_seq: u64, count: u64, reason: GapReason) -> (u64, u64) {
        let end = first_seq.saturating_add(count);
        let news = end.saturating_sub(self.next_seq.max(first_seq));
        match reason {
            GapReason::Missed => self.missed += news,
            GapReason::Dropped => self.lost += news,
        }
        let skipped = if news > 0 { self.advance(first_seq, end) } else { 0 };
        (news, skipped)
    }

    fn advance(&mut self, first_seq: u64, end: u64) -> u64 {
        let skipped = if self.begun { first_seq.saturating_sub(self.next_seq) } else { 0 };
        self.begun = true;
        self.next_seq = self.next_seq.max(end);
        skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_skipped_counts_once_something_has_come() {
        let mut progress = Progress::default();
        assert_eq!(progress.take_row(100), 0);
        assert_eq!(progress.take_row(101), 0);
        assert_eq!(progress.take_row(105), 3);
        assert_eq!(progress.take_gap(108, 2, GapReason::Missed), (2, 2));
        assert_eq!((progress.next_seq, progress.missed), (110, 2));
    }

    #[test]
    fn only_the_news_of_a_gap_counts() {
        let mut progress = Progress::default();
        progress.take_row(9);
        assert_eq!(progress.take_gap(5, 3, GapReason::Dropped), (0, 0));
        assert_eq!(progress.take_gap(8, 5, GapReason::Dropped), (3, 0));
        assert_eq!((progress.next_seq, progress.lost), (13, 3));
        assert_eq!(progress.take_gap(20, 0, GapReason::Dropped), (0, 0));
    }

    #[test]
    fn nothing_overflows() {
        let mut progress = Progress::default();
        for first in [0, u64::MAX, 5] {
            progress.take_gap(first, u64::MAX, GapReason::Dropped);
        }
        progress.take_row(u64::MAX);
        assert_eq!((progress.next_seq, progress.lost), (u64::MAX, u64::MAX));
    }

    #[test]
    fn a_former_life_is_remembered_and_a_long_gone_one_is_not() {
        let mut lives = Lives::new(Incarnation(0));
        lives.now.take_row(0);
        for life in 1..=FORMER as u64 {
            lives.change(Incarnation(life));
        }
        lives.change(Incarnation(0));
        assert_eq!(lives.now.next_seq, 1);
        for life in 10..=10 + FORMER as u64 {
            lives.change(Incarnation(life));
        }
        lives.change(Incarnation(0));
        assert_eq!(lives.now, Progress::default());
    }
}
