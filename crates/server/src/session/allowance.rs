//! How many messages a peer may send.

use cpumonitor_common::Timestamp;

/// So many messages at once, and then so many a second.
#[derive(Debug)]
pub(crate) struct Allowance {
    burst_ms: i64,
    cost_ms: i64,
    /// What is left, in milliseconds of waiting saved up.
    left_ms: i64,
    asked: Timestamp,
}

impl Allowance {
    /// `burst` messages at once, `per_second` on average.
    pub(crate) fn new(burst: u16, per_second: u16, now: Timestamp) -> Allowance {
        let cost_ms = 1_000 / i64::from(per_second.clamp(1, 1_000));
        let burst_ms = i64::from(burst) * cost_ms;
        Allowance { burst_ms, cost_ms, left_ms: burst_ms, asked: now }
    }

    /// Takes one message off; `false` when there is nothing left.
    pub(crate) fn take(&mut self, now: Timestamp) -> bool {
        let saved_ms = now.ms_since(self.asked).max(0);
        self.asked = now;
        self.left_ms = self.left_ms.saturating_add(saved_ms).min(self.burst_ms);
        let allowed = self.left_ms >= self.cost_ms;
        if allowed {
            self.left_ms -= self.cost_ms;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(allowance: &mut Allowance, now_ms: i64, asks: usize) -> usize {
        (0..asks).filter(|_| allowance.take(Timestamp::from_ms(now_ms))).count()
    }

    #[test]
    fn a_burst_and_then_the_average() {
        let mut allowance = Allowance::new(5, 20, Timestamp::EPOCH);
        assert_eq!(taken(&mut allowance, 0, 100), 5);
        assert_eq!(taken(&mut allowance, 100, 100), 2);
        assert_eq!(taken(&mut allowance, 100_000, 100), 5);
    }
}
