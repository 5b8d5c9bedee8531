//! Readings folded over a step, in a form that can be folded again.

/// What is kept of the readings of one series within one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rollup {
    /// The smallest reading.
    pub min: f64,
    /// The largest reading.
    pub max: f64,
    /// Their sum; divided by `count` it is the mean.
    pub sum: f64,
    /// How many there were; never 0.
    pub count: u64,
}

impl Rollup {
    /// The rollup of a single reading.
    #[must_use]
    pub fn of(value: f64) -> Rollup {
        Rollup { min: value, max: value, sum: value, count: 1 }
    }

    /// Both together. Associative and commutative, so tiers may be folded from tiers.
    #[must_use]
    pub fn merge(self, other: Rollup) -> Rollup {
        Rollup {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            sum: self.sum + other.sum,
            count: self.count + other.count,
        }
    }

    /// The mean of all readings, not of other means.
    #[must_use]
    pub fn mean(self) -> f64 {
        self.sum / self.count as f64
    }

    /// All of `values` together; `None` when there are none, which is a gap.
    pub fn fold(values: impl IntoIterator<Item = f64>) -> Option<Rollup> {
        values.into_iter().map(Rollup::of).reduce(Rollup::merge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_readings_are_a_gap() {
        assert_eq!(Rollup::fold([]), None);
    }

    #[test]
    fn the_mean_is_of_readings_not_of_means() {
        let uneven = Rollup::fold([1.0, 1.0, 1.0]).unwrap().merge(Rollup::of(5.0));
        assert_eq!(uneven.mean(), 2.0);
    }

    proptest! {
        // Whole numbers, so that the sum is exact and equality means equality.
        #[test]
        fn merging_is_associative(values in prop::collection::vec(-1000i32..1000, 3..40), cut in 1usize..39) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let cut = cut.min(values.len() - 1);
            let (left, right) = values.split_at(cut);
            let halves = Rollup::fold(left.iter().copied()).unwrap().merge(Rollup::fold(right.iter().copied()).unwrap());
            prop_assert_eq!(Some(halves), Rollup::fold(values.iter().copied()));
        }
    }
}
