//! How long to wait before the next attempt to connect.

use std::time::Duration;

/// Full jitter: a random share of a bound that doubles with every failure. Thousands of agents that
/// lost one server come back spread out, not in step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    failures: u32,
}

/// The bound after the first failure.
const FIRST: Duration = Duration::from_millis(500);
/// The bound after many.
const LONGEST: Duration = Duration::from_secs(10);
/// A session that lasted this long makes earlier failures forgotten.
const STABLE: Duration = Duration::from_secs(60);

impl Backoff {
    /// No failure yet.
    pub(crate) const fn new() -> Backoff {
        Backoff { failures: 0 }
    }

    /// The wait after one more failure of a session that lasted `lasted`; `chance` is from 0 to 1. The
    /// server may have asked for a wait of its own, which is then the least.
    pub(crate) fn after(&mut self, lasted: Duration, asked: Duration, chance: f64) -> Duration {
        if lasted >= STABLE {
            self.failures = 0;
        }
        let bound = FIRST.saturating_mul(1 << self.failures.min(10)).min(LONGEST);
        self.failures += 1;
        asked.min(Duration::from_secs(60)) + bound.mul_f64(chance.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_secs(1);

    fn waits(backoff: &mut Backoff, count: usize, lasted: Duration) -> Vec<u64> {
        (0..count).map(|_| backoff.after(lasted, Duration::ZERO, 1.0).as_millis() as u64).collect()
    }

    #[test]
    fn the_bound_doubles_up_to_a_limit() {
        let mut backoff = Backoff::new();
        assert_eq!(waits(&mut backoff, 7, SHORT), [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
        assert_eq!(waits(&mut backoff, 2, STABLE), [500, 500]);
    }

    #[test]
    fn the_wait_is_a_share_of_the_bound_and_what_the_server_asks() {
        assert_eq!(Backoff::new().after(SHORT, Duration::ZERO, 0.0), Duration::ZERO);
        assert_eq!(Backoff::new().after(SHORT, Duration::from_secs(3), 0.5), Duration::from_millis(3_250));
    }
}
