//! Counters that grow, as rates.

use crate::clock::Moment;

/// Turns a growing total into a rate per second.
///
/// The first observation, a total that fell (interface created anew, counter wrapped) and a clock that did
/// not advance all give `None`: a gap is honest, a zero or a spike is not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rate {
    last: Option<(Moment, u64)>,
}

impl Rate {
    /// What `total` grew by per second since the observation before.
    pub(crate) fn observe(&mut self, now: Moment, total: u64) -> Option<f64> {
        let (then, before) = self.last.replace((now, total))?;
        let seconds = now.since(then)?.as_secs_f64();
        let grown = total.checked_sub(before)?;
        (seconds > 0.0).then(|| grown as f64 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[track_caller]
    fn check(observations: &[(u64, u64)], rates: &[Option<f64>]) {
        let mut rate = Rate::default();
        let at = |second| Moment::after_start(Duration::from_secs(second));
        let seen: Vec<_> =
            observations.iter().map(|&(second, total)| rate.observe(at(second), total)).collect();
        assert_eq!(seen, rates);
    }

    #[test]
    fn it_is_growth_over_time() {
        check(&[(0, 100), (2, 300)], &[None, Some(100.0)]);
        check(&[(0, 100), (1, 100)], &[None, Some(0.0)]);
    }

    #[test]
    fn a_reset_is_a_gap_and_then_recovers() {
        check(&[(0, 900), (1, 5), (2, 15)], &[None, None, Some(10.0)]);
    }

    #[test]
    fn a_clock_that_stands_still_or_goes_back_is_a_gap() {
        check(&[(5, 1), (5, 2), (4, 3), (5, 4)], &[None, None, None, Some(1.0)]);
    }
}
