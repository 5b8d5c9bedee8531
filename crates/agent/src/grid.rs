//! When ticks are due.

use std::time::Duration;

use cpumonitor_common::{HostId, Timestamp};

use crate::clock::Moment;

/// Between the first look at the counters and the first tick, so that the first row has rates.
const LEAD: Duration = Duration::from_millis(500);

/// Evenly spaced ticks, counted from 0.
///
/// They fall on the same place of every second of the wall clock, or of every interval, and that place
/// follows from the host's id: a fleet is spread evenly however it was started, and stays so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    first: Moment,
    interval_ms: u64,
}

impl Grid {
    /// Ticks every `interval`, counted in whole milliseconds, from shortly after `now`, when the time of
    /// day is `wall`.
    pub(crate) fn new(now: Moment, wall: Timestamp, interval: Duration, id: HostId) -> Grid {
        let interval_ms = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX).max(1);
        let lead = LEAD.min(interval);
        let earliest = i128::from(wall.as_ms()) + lead.as_millis() as i128;
        let phase = (id.0 % u128::from(interval_ms)) as i128;
        let delay_ms = (phase - earliest).rem_euclid(i128::from(interval_ms)) as u64;
        Grid { first: now.plus(lead).plus(Duration::from_millis(delay_ms)), interval_ms }
    }

    /// When tick `seq` is due.
    pub(crate) fn due(&self, seq: u64) -> Moment {
        self.first.plus(Duration::from_millis(self.interval_ms.saturating_mul(seq)))
    }

    /// The latest tick that is due at `now`; `None` before the first. Those before it that nobody took are
    /// missed, and are not made up for.
    pub(crate) fn latest(&self, now: Moment) -> Option<u64> {
        let since_ms = now.since(self.first)?.as_millis() / u128::from(self.interval_ms);
        u64::try_from(since_ms).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: u64) -> Moment {
        Moment::after_start(Duration::from_millis(ms))
    }

    fn every_second(id: u128) -> Grid {
        Grid::new(at(10_000), Timestamp::from_ms(1_700_000_000_200), Duration::from_secs(1), HostId(id))
    }

    #[test]
    fn the_first_tick_waits_for_the_hosts_place_in_the_second() {
        // It is .200 now, and .700 after the lead.
        assert_eq!(every_second(700).due(0), at(10_500));
        assert_eq!(every_second(701).due(0), at(10_501));
        assert_eq!(every_second(699).due(0), at(11_499));
    }

    #[test]
    fn ticks_do_not_drift_and_late_ones_are_skipped() {
        let grid = every_second(700);
        assert_eq!(grid.due(86_400), at(10_500 + 86_400_000));
        assert_eq!(grid.latest(at(10_499)), None);
        assert_eq!(grid.latest(at(10_500)), Some(0));
        assert_eq!(grid.latest(at(11_499)), Some(0));
        assert_eq!(grid.latest(at(14_600)), Some(4));
    }

    proptest! {
        #[test]
        fn the_first_tick_is_near_and_in_phase(now in 0u64..1_000_000, wall in 0i64..4_000_000_000_000, interval in 100u64..60_000, id: u128) {
            let grid = Grid::new(at(now), Timestamp::from_ms(wall), Duration::from_millis(interval), HostId(id));
            let delay = at(now).until(grid.due(0)).as_millis() as u64;
            let lead = interval.min(500);
            prop_assert!((lead..lead + interval).contains(&delay));
            prop_assert_eq!(u128::from((wall as u64 + delay) % interval), id % u128::from(interval));
            prop_assert_eq!(grid.latest(grid.due(7)), Some(7));
        }
    }
}
