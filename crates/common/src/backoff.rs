//! How long a link waits before it connects again.

use std::time::Duration;

/// The longest first wait.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait of all.
pub const LONGEST: Duration = Duration::from_secs(30);
/// A link that held this long was stable: what ended it is a new trouble, not the old one.
const STABLE: Duration = Duration::from_secs(60);

/// Waits with full jitter: any time from nothing to a ceiling that doubles with every failure, from half a
/// second to half a minute. A fleet that lost its server comes back spread out, not in step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// How long to wait after a link that held for `held`, zero when it never came about. `chance` is
    /// drawn evenly from 0 to 1.
    pub fn wait(&mut self, held: Duration, chance: f64) -> Duration {
        if held >= STABLE {
            self.failures = 0;
        }
        let ceiling = FIRST.saturating_mul(1 << self.failures).min(LONGEST);
        // Beyond this the ceiling stands still.
        self.failures = (self.failures + 1).min(16);
        // A chance that is no number waits longest rather than not at all.
        ceiling.mul_f64(if chance.is_nan() { 1.0 } else { chance.clamp(0.0, 1.0) })
    }

    /// Failures in a row, the last one included, as far as they matter: at most 16.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn longest(waits: &mut Backoff, held_s: u64) -> f64 {
        waits.wait(Duration::from_secs(held_s), 1.0).as_secs_f64()
    }

    #[test]
    fn the_ceiling_doubles_up_to_half_a_minute() {
        let mut backoff = Backoff::default();
        let waits: Vec<f64> = (0..9).map(|_| longest(&mut backoff, 0)).collect();
        assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]);
    }

    #[test]
    fn only_a_stable_minute_starts_over() {
        let mut backoff = Backoff::default();
        let waits = [0, 0, 59, 60, 0].map(|held| longest(&mut backoff, held));
        assert_eq!(waits, [0.5, 1.0, 2.0, 0.5, 1.0]);
    }

    #[test]
    fn a_chance_that_is_none_still_gives_a_wait() {
        for chance in [f64::NAN, -1.0, 7.0, f64::INFINITY] {
            assert!(Backoff::default().wait(Duration::ZERO, chance) <= FIRST, "{chance}");
        }
    }

    proptest! {
        #[test]
        fn waits_are_within_bounds(held in prop::collection::vec(0u64..100, 1..200), chance in 0.0..=1.0) {
            let mut backoff = Backoff::default();
            for held in held {
                prop_assert!(backoff.wait(Duration::from_secs(held), chance) <= LONGEST);
            }
        }
    }
}
