//! The one place that asks for the time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cpumonitor_common::Timestamp;
use tokio::time::Instant;

/// A clock that reads as the wall clock did at the start, and from then on advances steadily.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Timestamp,
    anchor: Instant,
}

impl Clock {
    /// Reads the wall clock, once.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks for the time")]
    pub fn start() -> Clock {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Clock { wall: Timestamp::from_ms(since_epoch.as_millis() as i64), anchor: Instant::now() }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.wall.plus_ms(self.elapsed().as_millis() as i64)
    }

    /// How long this clock has run.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.anchor.elapsed()
    }

    /// When the timer must fire for this clock to read `at`.
    #[must_use]
    pub fn instant_of(&self, at: Timestamp) -> Instant {
        self.anchor + Duration::from_millis(at.ms_since(self.wall).max(0) as u64)
    }
}
