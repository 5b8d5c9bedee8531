//! When a virtual agent samples.

use cpumonitor_common::Timestamp;

/// Ticks at a fixed distance. A virtual host can say what it was like at any instant, so its ticks are
/// never missed, only late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    start: Timestamp,
    interval_ms: u32,
}

impl Schedule {
    /// Ticks every `interval_ms` from `start` on, the one at `start` being number 0.
    pub(crate) fn new(start: Timestamp, interval_ms: u32) -> Schedule {
        Schedule { start, interval_ms: interval_ms.max(1) }
    }

    /// When the agent at `place` of `count` starts, so that all together sample evenly over an interval
    /// that begins at `start`.
    pub(crate) fn in_turn(start: Timestamp, interval_ms: u32, place: u32, count: u32) -> Schedule {
        let phase = u64::from(interval_ms) * u64::from(place) / u64::from(count.max(1));
        Schedule::new(start.plus_ms(phase as i64), interval_ms)
    }

    /// Milliseconds between ticks.
    pub(crate) fn interval_ms(self) -> u32 {
        self.interval_ms
    }

    /// When tick `seq` is.
    pub(crate) fn at(self, seq: u64) -> Timestamp {
        let ms = i64::try_from(seq).unwrap_or(i64::MAX).saturating_mul(i64::from(self.interval_ms));
        self.start.plus_ms(ms)
    }

    /// How many ticks have come by `now`; also the sequence number of the next one.
    pub(crate) fn due(self, now: Timestamp) -> u64 {
        let since_start = now.ms_since(self.start);
        if since_start < 0 { 0 } else { since_start as u64 / u64::from(self.interval_ms) + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn four_agents_share_a_second() {
        let starts =
            [0, 1, 2, 3].map(|place| Schedule::in_turn(Timestamp::EPOCH, 1_000, place, 4).at(0).as_ms());
        assert_eq!(starts, [0, 250, 500, 750]);
    }

    proptest! {
        #[test]
        fn a_tick_is_due_from_its_instant_on(start in -1_000i64..1_000, interval in 1u32..5_000, seq in 0u64..1_000) {
            let schedule = Schedule::new(Timestamp::from_ms(start), interval);
            let at = schedule.at(seq);
            prop_assert_eq!(schedule.due(at), seq + 1);
            prop_assert_eq!(schedule.due(at.plus_ms(-1)), seq);
        }
    }
}
