//! How long a number is on its way from the sensor to the screen.

/// Buckets of a millisecond each; the last one also takes everything longer.
const BUCKETS: usize = 4_096;
/// When so many delays are counted, all counts are halved: old delays fade, and no count overflows.
const FADE_AT: u64 = 100_000;
/// Most rows waiting for the next paint; of more than that, the rest is not measured, and counted as
/// such.
const MAX_WAITING: usize = 16_384;

/// A bounded histogram of delays, a bucket a millisecond, the recent ones weighing most.
#[derive(Clone, Debug, Default)]
pub struct Delays {
    /// Empty until the first delay.
    buckets: Vec<u32>,
    count: u64,
}

impl Delays {
    /// How many delays there are, faded ones included in part.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The delay that `share` (0 to 1) of all delays do not exceed, in ms, rounded up; `None` when
    /// there are none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let rank = (share.clamp(0.0, 1.0) * self.count as f64).ceil().max(1.0) as u64;
        let mut below = 0;
        let bucket = self.buckets.iter().position(|count| {
            below += u64::from(*count);
            below >= rank
        })?;
        Some((bucket + 1) as f64)
    }

    fn record(&mut self, delay_ms: f64) {
        self.buckets.resize(BUCKETS, 0);
        // `as` saturates; a delay below zero (the clocks differ by less than we can tell) is the
        // shortest.
        self.buckets[(delay_ms as usize).min(BUCKETS - 1)] += 1;
        self.count += 1;
        if self.count >= FADE_AT {
            self.buckets.iter_mut().for_each(|count| *count /= 2);
            self.count = self.buckets.iter().map(|count| u64::from(*count)).sum();
        }
    }
}

/// From sample taken to number believed, and to number on the screen.
#[derive(Clone, Debug, Default)]
pub struct Latency {
    applied: Delays,
    painted: Delays,
    /// When the rows that are applied and not painted yet were taken.
    waiting: Vec<f64>,
    unmeasured: u64,
}

impl Latency {
    /// From sample to model.
    #[must_use]
    pub fn applied(&self) -> &Delays {
        &self.applied
    }

    /// From sample to screen.
    #[must_use]
    pub fn painted(&self) -> &Delays {
        &self.painted
    }

    /// Rows that were not measured because too many waited for one paint.
    #[must_use]
    pub fn unmeasured(&self) -> u64 {
        self.unmeasured
    }

    /// A row taken at `taken_ms` is in the model at `now_ms`, both by the server's clock.
    pub(super) fn apply(&mut self, taken_ms: f64, now_ms: f64) {
        self.applied.record(now_ms - taken_ms);
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push(taken_ms);
        } else {
            self.unmeasured += 1;
        }
    }

    /// All that is applied is on the screen at `now_ms` by the server's clock.
    pub(super) fn paint(&mut self, now_ms: f64) {
        for taken_ms in self.waiting.drain(..) {
            self.painted.record(now_ms - taken_ms);
        }
    }

    /// What waits will not be painted soon: nobody can see the tab.
    pub(super) fn forget_waiting(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_by_rank() {
        let mut delays = Delays::default();
        assert_eq!(delays.quantile(0.5), None);
        (0..100).for_each(|ms| delays.record(f64::from(ms) + 0.5));
        assert_eq!(
            (delays.quantile(0.5), delays.quantile(0.99), delays.quantile(0.0)),
            (Some(50.0), Some(99.0), Some(1.0))
        );
        assert_eq!(delays.quantile(1.0), Some(100.0));
    }

    #[test]
    fn what_is_out_of_range_goes_to_the_ends() {
        let mut delays = Delays::default();
        for ms in [-5.0, f64::NAN, 1e12] {
            delays.record(ms);
        }
        assert_eq!((delays.quantile(0.5), delays.quantile(1.0)), (Some(1.0), Some(4_096.0)));
    }

    #[test]
    fn old_delays_fade() {
        let mut delays = Delays::default();
        (0..FADE_AT).for_each(|_| delays.record(900.0));
        (0..FADE_AT * 3 / 4).for_each(|_| delays.record(10.0));
        assert!(delays.count() < FADE_AT);
        assert_eq!(delays.quantile(0.5), Some(11.0));
    }

    #[test]
    fn a_row_is_painted_once() {
        let mut latency = Latency::default();
        latency.apply(1_000.0, 1_040.0);
        latency.paint(1_056.0);
        latency.paint(2_000.0);
        assert_eq!(
            (latency.applied().quantile(1.0), latency.painted().quantile(1.0)),
            (Some(41.0), Some(57.0))
        );
        assert_eq!(latency.painted().count(), 1);
        (0..=MAX_WAITING).for_each(|_| latency.apply(0.0, 0.0));
        assert_eq!(latency.unmeasured(), 1);
    }
}
