//! Which places lost their host, for viewers that have not heard.

use std::collections::VecDeque;

use cpumonitor_common::Revision;

/// Removals remembered. A viewer that missed more starts over with the snapshot.
const REMEMBERED: usize = 4_096;

/// The latest removals, oldest first.
#[derive(Debug, Default)]
pub(super) struct Removals {
    removals: VecDeque<(Revision, u32)>,
    /// The newest removal that is not remembered.
    forgotten: Revision,
}

impl Removals {
    /// The host of `place` was removed `at`.
    pub(super) fn push(&mut self, at: Revision, place: u32) {
        self.removals.push_back((at, place));
        if self.removals.len() > REMEMBERED
            && let Some((at, _)) = self.removals.pop_front()
        {
            self.forgotten = at;
        }
    }

    /// The places whose host was removed after `since`; `None` when that is not remembered.
    pub(super) fn since(&self, since: Revision) -> Option<Vec<u32>> {
        if since < self.forgotten {
            return None;
        }
        let first = self.removals.partition_point(|(at, _)| *at <= since);
        Some(self.removals.range(first..).map(|(_, place)| *place).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_that_missed_more_than_is_remembered_is_told_so() {
        let mut removals = Removals::default();
        let count = REMEMBERED as u64 + 2;
        for at in 1..=count {
            removals.push(Revision(at), at as u32);
        }
        assert_eq!(removals.since(Revision(1)), None);
        assert_eq!(removals.since(Revision(2)).map(|places| places.len()), Some(REMEMBERED));
        assert_eq!(removals.since(Revision(count - 1)), Some(vec![count as u32]));
        assert_eq!(removals.since(Revision(count)), Some(vec![]));
    }
}
