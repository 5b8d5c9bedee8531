//! The server's clock as seen from here.

use cpumonitor_common::Timestamp;

/// How long a bucket of observations lasts. Two are kept, so that a drifting clock is followed within
/// two minutes.
const BUCKET_MS: f64 = 60_000.0;
/// An offset up to this may be nothing but transit, so the clocks are taken to agree. Without this, a
/// page on the server's own machine would think every number younger than it is.
const AGREE_MS: f64 = 50.0;

/// Estimates the server's clock from the times its messages carry.
///
/// A message was stamped before it arrived, so `now - stamp` is the offset of the clocks plus the time
/// in transit: its minimum comes nearest to the offset.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ServerClock {
    /// Smallest `now - stamp` of the bucket before and of the current one.
    least: [Option<f64>; 2],
    bucket_since_ms: f64,
}

impl ServerClock {
    /// A message stamped `at` arrived.
    pub(super) fn observe(&mut self, at: Timestamp, now_ms: f64) {
        if (now_ms - self.bucket_since_ms).abs() >= BUCKET_MS {
            self.least = [self.least[1], None];
            self.bucket_since_ms = now_ms;
        }
        let offset = now_ms - at.as_ms() as f64;
        self.least[1] = Some(self.least[1].map_or(offset, |least| least.min(offset)));
    }

    /// Forgets everything: another server, another clock.
    pub(super) fn reset(&mut self) {
        *self = ServerClock::default();
    }

    /// The server's clock in ms since the Unix epoch; the browser's before anything was heard.
    pub(super) fn server_ms(&self, now_ms: f64) -> f64 {
        let offset = self.least.into_iter().flatten().reduce(f64::min).unwrap_or(0.0);
        if (0.0..AGREE_MS).contains(&offset) { now_ms } else { now_ms - offset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(observations: &[(i64, f64)]) -> ServerClock {
        let mut clock = ServerClock::default();
        for (at, now_ms) in observations {
            clock.observe(Timestamp::from_ms(*at), *now_ms);
        }
        clock
    }

    #[test]
    fn the_quickest_message_tells_the_offset() {
        let clock = clock(&[(1_000, 61_300.0), (2_000, 62_010.0), (3_000, 63_900.0)]);
        assert_eq!(clock.server_ms(70_010.0), 10_000.0);
    }

    #[test]
    fn a_browser_behind_the_server_is_corrected() {
        assert_eq!(clock(&[(9_000, 1_000.0)]).server_ms(1_500.0), 9_500.0);
    }

    #[test]
    fn what_transit_explains_is_no_offset() {
        assert_eq!(clock(&[(1_000, 1_004.0)]).server_ms(2_000.0), 2_000.0);
        assert_eq!(clock(&[]).server_ms(2_000.0), 2_000.0);
    }

    #[test]
    fn a_clock_that_was_set_is_followed_within_two_buckets() {
        let mut clock = clock(&[(0, 100_000.0)]);
        for second in 1..=150 {
            // From now on the server's clock is 500 s further back.
            clock.observe(Timestamp::from_ms(second * 1_000 - 500_000), 100_000.0 + second as f64 * 1_000.0);
        }
        assert_eq!(clock.server_ms(700_000.0), 100_000.0);
    }
}
