//! How long to wait before connecting again.

/// Largest wait after the first failure.
pub const FIRST_MS: f64 = 500.0;
/// Largest wait ever.
pub const LONGEST_MS: f64 = 30_000.0;
/// A link that held for this long counts as good again.
pub const STABLE_MS: f64 = 60_000.0;

/// Full jitter: a wait anywhere between nothing and a ceiling that doubles with every failure, so
/// that a thousand pages do not come back in the same instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Backoff {
    failures: u32,
    connected_at_ms: Option<f64>,
}

impl Backoff {
    /// The link stands since `now_ms`.
    pub fn connected(&mut self, now_ms: f64) {
        self.connected_at_ms.get_or_insert(now_ms);
    }

    /// The link broke, or did not come up: how many milliseconds to wait. `random` is from 0 to 1.
    ///
    /// Failures are forgotten only after a link that held for [`STABLE_MS`]: a server that accepts
    /// and drops must not be hammered.
    pub fn failed(&mut self, now_ms: f64, random: f64) -> f64 {
        if self.connected_at_ms.take().is_some_and(|since| now_ms - since >= STABLE_MS) {
            self.failures = 0;
        }
        let doublings = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        let ceiling = (FIRST_MS * f64::from(1u32 << doublings)).min(LONGEST_MS);
        ceiling * if random.is_nan() { 0.0 } else { random.clamp(0.0, 1.0) }
    }

    /// Failures since the link was last good.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_half_a_minute() {
        let mut backoff = Backoff::default();
        let waits: Vec<f64> = (0..9).map(|_| backoff.failed(0.0, 1.0)).collect();
        assert_eq!(waits, [500.0, 1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3, 30e3]);
        assert_eq!(backoff.failed(0.0, 0.5), 15e3);
    }

    #[test]
    fn only_a_stable_link_forgets_failures() {
        let mut backoff = Backoff::default();
        backoff.failed(0.0, 1.0);
        backoff.connected(1_000.0);
        assert_eq!(backoff.failed(60_999.0, 1.0), 1_000.0);
        backoff.connected(61_000.0);
        backoff.connected(90_000.0); // a second sign of life does not restart the minute
        assert_eq!(backoff.failed(121_000.0, 1.0), 500.0);
    }

    #[test]
    fn no_random_number_makes_a_wait_that_is_none() {
        for random in [f64::NAN, -1.0, 7.0, f64::INFINITY] {
            let wait = Backoff::default().failed(0.0, random);
            assert!((0.0..=FIRST_MS).contains(&wait), "{random} gave {wait}");
        }
    }
}
