//! Where axes are labelled, and where they end.

use cpumonitor_common::Unit;

/// Most ticks of an axis, whatever is asked.
const MAX_TICKS: usize = 50;
/// Steps along an axis of times, in seconds, up to a day.
const TIMES: [f64; 15] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0, 43_200.0,
];
const DAY: f64 = 86_400.0;

/// Round values from `low` to `high`, at most `target` steps apart, ascending.
///
/// Steps are 1, 2 or 5 times a power of ten; powers of two for bytes; round minutes and hours for
/// seconds. `out` is cleared first; it stays empty when the range is none.
pub fn ticks(unit: Unit, low: f64, high: f64, target: usize, out: &mut Vec<f64>) {
    out.clear();
    let range = high - low;
    if !(range > 0.0 && range.is_finite()) {
        return;
    }
    let step = step(unit, range / target.clamp(1, MAX_TICKS) as f64);
    let (first, last) = ((low / step).ceil(), (high / step).floor());
    // Far from zero a step may be too small to be told from its neighbours.
    if last - first <= MAX_TICKS as f64 && first.abs() < 1e15 && last.abs() < 1e15 {
        out.extend(
            (first as i64..=last as i64).map(|nth| multiple(nth, step)).filter(|tick| tick.is_finite()),
        );
    }
}

/// The top of an axis that begins at 0 and shows `largest`: a round value, never 0, and the same while
/// `largest` wanders a little.
#[must_use]
pub fn round_top(unit: Unit, largest: f64) -> f64 {
    let least = match unit {
        Unit::Ratio => 0.1,
        Unit::Bytes | Unit::BytesPerSecond => 1024.0,
        Unit::PerSecond => 10.0,
        Unit::Celsius => 50.0,
        Unit::Count => 1.0,
        Unit::Seconds => 60.0,
    };
    // An axis beyond this is of no use to anybody; infinity and not-a-number end here, too.
    let largest = if largest.is_finite() { largest.clamp(least, 1e24) } else { least };
    let step = step(unit, largest / 4.0);
    (largest / step).ceil() * step
}

/// The smallest round step of at least `least`.
fn step(unit: Unit, least: f64) -> f64 {
    match unit {
        Unit::Bytes | Unit::BytesPerSecond => least.log2().ceil().exp2().max(1.0),
        Unit::Seconds => match TIMES.iter().find(|step| **step >= least) {
            Some(step) => *step,
            None => decimal(least / DAY).max(1.0) * DAY,
        },
        _ => decimal(least),
    }
}

/// The smallest of 1, 2 or 5 times a power of ten of at least `least`.
fn decimal(least: f64) -> f64 {
    let power = least.log10().floor();
    let unit = 10f64.powf(power);
    // The last covers what rounding of the logarithm may leave.
    let digit = [1.0, 2.0, 5.0, 10.0].into_iter().find(|digit| digit * unit >= least).unwrap_or(20.0);
    if power < 0.0 { digit / 10f64.powf(-power) } else { digit * unit }
}

/// `nth * step`; for steps below one by way of their inverse, so that 3 tenths are 0.3.
fn multiple(nth: i64, step: f64) -> f64 {
    if step < 1.0 { nth as f64 / (1.0 / step).round() } else { nth as f64 * step }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KIB: f64 = 1024.0;

    #[track_caller]
    fn check(unit: Unit, low: f64, high: f64, expected: &[f64]) {
        let mut out = vec![7.0];
        ticks(unit, low, high, 5, &mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn steps_are_round_in_the_unit() {
        check(Unit::Ratio, 0.0, 1.0, &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        check(Unit::Ratio, 0.0, 0.4, &[0.0, 0.1, 0.2, 0.3, 0.4]);
        check(Unit::Count, 0.0, 7.3, &[0.0, 2.0, 4.0, 6.0]);
        check(Unit::Bytes, 0.0, 5.0 * KIB, &[0.0, KIB, 2.0 * KIB, 3.0 * KIB, 4.0 * KIB, 5.0 * KIB]);
        check(Unit::Seconds, 0.0, 400.0, &[0.0, 120.0, 240.0, 360.0]);
        check(Unit::Seconds, 0.0, 9.0 * DAY, &[0.0, 2.0 * DAY, 4.0 * DAY, 6.0 * DAY, 8.0 * DAY]);
        check(Unit::Celsius, -12.0, 31.0, &[-10.0, 0.0, 10.0, 20.0, 30.0]);
    }

    #[test]
    fn no_range_has_no_ticks() {
        check(Unit::Ratio, 1.0, 1.0, &[]);
        check(Unit::Ratio, 2.0, 1.0, &[]);
        check(Unit::Ratio, f64::NAN, 1.0, &[]);
        check(Unit::Ratio, 0.0, f64::INFINITY, &[]);
        check(Unit::Count, 1e300, 1e300f64.next_up(), &[]);
    }

    #[test]
    fn tops_are_round_and_never_nothing() {
        #[track_caller]
        fn check(unit: Unit, largest: f64, top: f64) {
            assert_eq!(round_top(unit, largest), top);
        }
        check(Unit::Ratio, 0.0, 0.1);
        check(Unit::Ratio, 0.93, 1.0);
        check(Unit::BytesPerSecond, 0.0, KIB);
        check(Unit::BytesPerSecond, 5.0 * KIB * KIB, 6.0 * KIB * KIB);
        check(Unit::Count, f64::NAN, 1.0);
        check(Unit::Celsius, 71.0, 80.0);
    }

    proptest! {
        #[test]
        fn ticks_are_within_and_few(low in -1e12f64..1e12, range in 1e-6f64..1e12, target in 0usize..200) {
            for unit in [Unit::Ratio, Unit::Bytes, Unit::Seconds, Unit::Count] {
                let mut out = Vec::new();
                ticks(unit, low, low + range, target, &mut out);
                prop_assert!(out.len() <= target.clamp(1, MAX_TICKS) + 1, "{:?}", out);
                prop_assert!(out.is_sorted_by(|a, b| a < b), "{:?}", out);
                let slack = (low.abs() + range) * 1e-9;
                prop_assert!(out.iter().all(|tick| *tick >= low - slack && *tick <= low + range + slack));
            }
        }

        #[test]
        fn any_axis_at_all_is_survived(low: f64, high: f64, largest: f64) {
            for unit in [Unit::Ratio, Unit::Bytes, Unit::Seconds, Unit::Count] {
                let mut out = Vec::new();
                ticks(unit, low, high, 5, &mut out);
                prop_assert!(out.iter().all(|tick| tick.is_finite()));
                let top = round_top(unit, largest);
                prop_assert!(top.is_finite() && top > 0.0);
                prop_assert!(top >= largest || largest > 1e24 || !largest.is_finite());
            }
        }
    }
}
