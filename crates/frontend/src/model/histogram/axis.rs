//! Positions along a slider and the values they stand for.

use cpumonitor_common::filter::{Op, Threshold};
use cpumonitor_common::{Encoding, Metric, Unit};

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * KIB;
const GIB: f64 = 1024.0 * MIB;
const TIB: f64 = 1024.0 * GIB;

/// Where a slider for times stops: seconds, minutes, hours, then days up to two years.
const TIMES: [f64; 21] = [
    0.0,
    1.0,
    5.0,
    10.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    1_800.0,
    3_600.0,
    7_200.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
    8_640_000.0,
    63_072_000.0,
];

/// Sensible values at even distances.
///
/// Shares stop at whole percents and temperatures at whole degrees; everything else at zero and then at
/// 1, 2, 5, 10 and so on (bytes in their binary units), which makes the axis logarithmic. The same for
/// every fleet, so that a slider does not creep while the fleet changes.
#[derive(Clone, Debug)]
pub struct Axis {
    metric: Metric,
    stops: Vec<f64>,
}

impl Axis {
    /// The axis of `metric`.
    #[must_use]
    pub fn of(metric: Metric) -> Axis {
        let hundredths =
            metric.def().is_some_and(|def| matches!(def.encoding, Encoding::Log { scale } if scale > 1.0));
        let stops = match metric.unit() {
            // As the filter reads "7%", so that both are the very same number.
            Unit::Ratio => (0..=100).map(|percent| f64::from(percent) / 100.0).collect(),
            Unit::Celsius => (0..=110).map(f64::from).collect(),
            Unit::Bytes => binary(&[MIB, GIB, TIB], 50.0 * TIB),
            Unit::BytesPerSecond => binary(&[KIB, MIB, GIB], 10.0 * GIB),
            Unit::PerSecond => decimal(0, 7),
            Unit::Count if hundredths => decimal(-1, 3),
            Unit::Count => decimal(0, 4),
            Unit::Seconds => TIMES.to_vec(),
        };
        Axis { metric, stops }
    }

    /// What it measures.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The stops, ascending: the first is position 0, the last position 1. For `<input type=range>`:
    /// `min=0`, `max=stops().len() - 1`, `step=1`.
    #[must_use]
    pub fn stops(&self) -> &[f64] {
        &self.stops
    }

    /// The threshold of the slider at `stop`; beyond the last it is the last.
    #[must_use]
    pub fn threshold(&self, op: Op, stop: usize) -> Threshold {
        Threshold::new(self.metric, op, self.stops[stop.min(self.last())])
    }

    /// The stop nearest to `value`, for the slider's thumb.
    #[must_use]
    pub fn nearest_stop(&self, value: f64) -> usize {
        (self.position(value) * self.last() as f64).round() as usize
    }

    /// Where `value` lies, 0 to 1, between stops in proportion; values beyond the ends are at the ends,
    /// and what is no number is at 0.
    #[must_use]
    pub fn position(&self, value: f64) -> f64 {
        let above = self.stops.partition_point(|stop| *stop <= value);
        let (Some(below), Some(next)) = (above.checked_sub(1), self.stops.get(above)) else {
            return if above == 0 { 0.0 } else { 1.0 };
        };
        let share = (value - self.stops[below]) / (next - self.stops[below]);
        (below as f64 + share) / self.last() as f64
    }

    /// The value of the stop nearest to `position`.
    #[must_use]
    pub fn value_at(&self, position: f64) -> f64 {
        self.stops[((position * self.last() as f64).round() as usize).min(self.last())]
    }

    /// The value at `position` without regard to stops.
    pub(super) fn value_between(&self, position: f64) -> f64 {
        let place = (position * self.last() as f64).clamp(0.0, self.last() as f64);
        let below = (place as usize).min(self.last() - 1);
        let (from, to) = (self.stops[below], self.stops[below + 1]);
        from + (to - from) * (place - below as f64)
    }

    /// The number of the last stop; every axis has at least two.
    fn last(&self) -> usize {
        self.stops.len() - 1
    }
}

/// Zero, then 1, 2, 5 times every power of ten from `10^first` to `10^last`.
fn decimal(first: i32, last: i32) -> Vec<f64> {
    let steps = (first..last).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| scaled(digit, power)));
    [0.0].into_iter().chain(steps).chain([scaled(1.0, last)]).collect()
}

/// Dividing gives the number nearest to the decimal one, as reading "0.2" does; multiplying by 0.1
/// would not.
fn scaled(digit: f64, power: i32) -> f64 {
    if power < 0 { digit / 10f64.powi(-power) } else { digit * 10f64.powi(power) }
}

/// Zero, then 1, 2, 5, 10 … 500 of every unit, up to `largest`.
fn binary(units: &[f64], largest: f64) -> Vec<f64> {
    let digits = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0];
    let steps = units.iter().flat_map(|unit| digits.map(|digit| digit * unit));
    [0.0].into_iter().chain(steps.filter(|value| *value <= largest)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpumonitor_common::Filter;
    use cpumonitor_common::metric::CATALOGUE;
    use proptest::prelude::*;

    #[test]
    fn every_stop_is_where_the_slider_finds_it_again() {
        for def in CATALOGUE {
            let axis = Axis::of(def.metric);
            assert!(axis.stops().is_sorted_by(|a, b| a < b), "{:?}", def.metric);
            for (nth, stop) in axis.stops().iter().enumerate() {
                assert_eq!(axis.value_at(axis.position(*stop)), *stop, "{:?}", def.metric);
                assert_eq!(axis.nearest_stop(*stop), nth, "{:?}", def.metric);
            }
        }
    }

    #[test]
    fn every_stop_reads_back_as_it_is_written_in_the_filter() {
        for def in CATALOGUE {
            let axis = Axis::of(def.metric);
            for stop in 0..axis.stops().len() {
                let filter = Filter::of(axis.threshold(Op::Above, stop));
                assert_eq!(Filter::parse(&filter.to_string()), Ok(filter.clone()), "{filter}");
                assert!(filter.to_string().len() < 28, "{filter} is a number people would write");
            }
        }
    }

    #[test]
    fn a_slider_says_what_a_person_would_type() {
        #[track_caller]
        fn check(metric: Metric, stop: usize, text: &str) {
            let slid = Filter::of(Axis::of(metric).threshold(Op::Above, stop));
            assert_eq!(Filter::parse(text), Ok(slid));
        }
        check(Metric::CPU, 80, "cpu > 80");
        check(Metric::CPU, 35, "cpu > 35%");
        check(Metric::CPU, 9_999, "cpu > 100%");
        check(Metric::LOAD_1, 2, "load1 > 0.2");
        check(Metric::NETWORK_RECEIVE, 13, "net.rx > 10MiB/s");
        check(Metric::TEMPERATURE, 70, "temp > 70°C");
    }

    #[test]
    fn stops_are_sensible() {
        let stops = |metric| Axis::of(metric).stops().to_vec();
        assert_eq!(stops(Metric::LOAD_1)[..5], [0.0, 0.1, 0.2, 0.5, 1.0]);
        assert_eq!(stops(Metric::CPU)[..3], [0.0, 0.01, 0.02]);
        assert_eq!(stops(Metric::NETWORK_RECEIVE)[..3], [0.0, 1024.0, 2048.0]);
        assert_eq!(stops(Metric::NETWORK_RECEIVE).last(), Some(&(10.0 * GIB)));
    }

    #[test]
    fn what_is_beyond_the_ends_is_at_the_ends() {
        let axis = Axis::of(Metric::CPU);
        assert_eq!((axis.position(-5.0), axis.position(9.0)), (0.0, 1.0));
        assert_eq!((axis.position(f64::NAN), axis.value_at(f64::NAN)), (0.0, 0.0));
        assert_eq!((axis.value_at(-1.0), axis.value_at(7.0)), (0.0, 1.0));
    }

    proptest! {
        #[test]
        fn positions_ascend_with_values(a in 0f64..1e13, b in 0f64..1e13) {
            for def in CATALOGUE {
                let axis = Axis::of(def.metric);
                let (a, b) = (a.min(b), a.max(b));
                prop_assert!(axis.position(a) <= axis.position(b));
                prop_assert!((0.0..=1.0).contains(&axis.position(a)));
                // Between stops, too, value and position are each other's inverse.
                let position = axis.position(a);
                let again = axis.position(axis.value_between(position));
                prop_assert!((again - position).abs() < 1e-9);
            }
        }
    }
}
