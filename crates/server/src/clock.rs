//! The one place that asks for the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::SystemTime;

use cpumonitor_common::Timestamp;
use tokio::time::Instant;

/// A jump of the wall clock up to this is drift, and not followed.
const TOLERATED_MS: i64 = 1_000;

/// The server's clock, which judges when hosts were heard.
///
/// It shows the wall clock as of the start and runs with the monotonic one, so setting the wall clock
/// back makes no host look alive that is not. Jumps forward (a machine that slept) are followed by
/// [`Clock::follow`].
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    started: Instant,
    /// What to add to the milliseconds since `started`.
    offset_ms: Arc<AtomicI64>,
    jumps: Arc<AtomicU64>,
}

impl Clock {
    /// A clock that shows the wall clock's time from here on.
    pub(crate) fn start() -> Clock {
        Clock {
            started: Instant::now(),
            offset_ms: Arc::new(AtomicI64::new(wall_ms())),
            jumps: Arc::default(),
        }
    }

    /// The time. Never goes back.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.offset_ms.load(Ordering::Relaxed) + self.elapsed_ms())
    }

    /// Now, for deadlines.
    pub(crate) fn instant(&self) -> Instant {
        Instant::now()
    }

    /// How often the time jumped. What was measured against this clock before a jump is void.
    pub(crate) fn jumps(&self) -> u64 {
        self.jumps.load(Ordering::Relaxed)
    }

    /// Catches up with a wall clock that jumped forward. Answers by how many milliseconds it did.
    pub(crate) fn follow(&self) -> Option<i64> {
        let ahead_ms = wall_ms() - self.now().as_ms();
        (ahead_ms > TOLERATED_MS).then(|| {
            self.offset_ms.fetch_add(ahead_ms, Ordering::Relaxed);
            self.jumps.fetch_add(1, Ordering::Relaxed);
            ahead_ms
        })
    }

    fn elapsed_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the place that asks for the time")]
fn wall_ms() -> i64 {
    // Before 1970 nothing of this existed.
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_runs_with_the_monotonic_clock() {
        let clock = Clock::start();
        let before = clock.now();
        tokio::time::advance(std::time::Duration::from_millis(1_500)).await;
        assert_eq!(clock.now().ms_since(before), 1_500);
    }

    #[test]
    fn a_jump_forward_is_followed_and_one_back_is_not() {
        let clock = Clock::start();
        clock.offset_ms.fetch_sub(3_600_000, Ordering::Relaxed);
        assert!(clock.follow().is_some_and(|ms| ms >= 3_600_000));
        assert_eq!(clock.jumps(), 1);
        clock.offset_ms.fetch_add(3_600_000, Ordering::Relaxed);
        assert_eq!(clock.follow(), None);
    }
}
