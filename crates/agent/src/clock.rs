//! The one place that asks for the time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cpumonitor_common::Timestamp;

/// An instant of the monotonic clock that ticks and rates are measured with: on Linux the time since
/// the kernel started, suspend included; elsewhere the time since the agent started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Duration);

impl Moment {
    /// The instant `elapsed` after the clock's start.
    #[must_use]
    pub const fn after_start(elapsed: Duration) -> Moment {
        Moment(elapsed)
    }

    /// The time since `earlier`; `None` when `earlier` is the later one.
    #[must_use]
    pub fn since(self, earlier: Moment) -> Option<Duration> {
        self.0.checked_sub(earlier.0)
    }

    /// The time left until `later`; zero when that has passed.
    #[must_use]
    pub fn until(self, later: Moment) -> Duration {
        later.0.saturating_sub(self.0)
    }

    /// This instant `span` later; stops at the end of the range.
    #[must_use]
    pub fn plus(self, span: Duration) -> Moment {
        Moment(self.0.saturating_add(span))
    }
}

/// Tells the time of one incarnation.
///
/// The wall clock is asked once. From then on the time of day is that anchor plus what the monotonic
/// clock has counted, so the rows of an incarnation never jump: a wall clock that is set right later shows
/// up as skew, which the server measures at every hello and takes off again.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Timestamp,
    anchor: Moment,
    #[cfg(not(target_os = "linux"))]
    started: std::time::Instant,
}

impl Clock {
    /// Asks the wall clock and starts counting.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    pub fn start() -> Clock {
        // A wall clock before 1970 is as wrong as one at 1970; the server's skew covers both.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut clock = Clock {
            wall: Timestamp::from_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)),
            anchor: Moment(Duration::ZERO),
            #[cfg(not(target_os = "linux"))]
            started: std::time::Instant::now(),
        };
        clock.anchor = clock.now();
        clock
    }

    /// The present instant.
    #[must_use]
    #[cfg(target_os = "linux")]
    pub fn now(&self) -> Moment {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Moment(Duration::try_from(time).unwrap_or_default())
    }

    /// The present instant.
    #[must_use]
    #[cfg(not(target_os = "linux"))]
    pub fn now(&self) -> Moment {
        Moment(self.started.elapsed())
    }

    /// The time of day at `moment`, by this incarnation's anchor.
    #[must_use]
    pub fn wall(&self, moment: Moment) -> Timestamp {
        let ms = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        match moment.since(self.anchor) {
            Some(span) => self.wall.plus_ms(ms(span)),
            None => self.wall.plus_ms(-ms(moment.until(self.anchor))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_day_follows_the_monotonic_clock() {
        let clock = Clock::start();
        let at = clock.anchor.plus(Duration::from_millis(1_500));
        assert_eq!(clock.wall(at).ms_since(clock.wall), 1_500);
        let start = Moment::after_start(Duration::ZERO);
        assert_eq!(clock.wall.ms_since(clock.wall(start)), clock.anchor.0.as_millis() as i64);
    }

    #[test]
    fn the_clock_does_not_go_backwards() {
        let clock = Clock::start();
        let (first, second) = (clock.now(), clock.now());
        assert!(second.since(first).is_some());
    }
}
