use super::*;
use cpumonitor_common::Timestamp;
use cpumonitor_common::metric::CATALOGUE;
use proptest::prelude::*;

#[track_caller]
fn check(write: impl Fn(Option<f64>) -> String, cases: &[(f64, &str)]) {
    for (number, text) in cases {
        assert_eq!(write(Some(*number)), *text, "{number}");
    }
    for nothing in [None, Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY)] {
        assert_eq!(write(nothing), ABSENT);
    }
}

#[test]
fn shares() {
    check(percent, &[(0.0, "0.0%"), (0.073, "7.3%"), (0.1249, "12.5%"), (1.0, "100.0%"), (-0.0001, "0.0%")]);
}

#[test]
fn sizes_have_three_digits() {
    const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
    check(
        bytes,
        &[
            (0.0, "0 B"),
            (0.4, "0 B"),
            (-0.4, "0 B"),
            (999.0, "999 B"),
            (999.5, "0.98 KiB"),
            (1_024.0, "1.00 KiB"),
            (10_239.0, "10.0 KiB"),
            (12.34 * 1_024.0, "12.3 KiB"),
            (99.97 * 1_024.0, "100 KiB"),
            (123.4 * 1_024.0, "123 KiB"),
            (999.6 * 1_024.0, "0.98 MiB"),
            (15.6 * GIB, "15.6 GiB"),
            (1e30, "867361737988 EiB"),
        ],
    );
    check(rate, &[(0.0, "0 B/s"), (12.34 * 1_048_576.0, "12.3 MiB/s")]);
}

#[test]
fn counts_have_separators() {
    check(
        count,
        &[
            (0.0, "0"),
            (-0.2, "0"),
            (999.0, "999"),
            (1_000.0, "1,000"),
            (-12_345.0, "-12,345"),
            (1_234_567.0, "1,234,567"),
        ],
    );
}

#[test]
fn temperatures() {
    check(celsius, &[(54.31, "54.3 °C"), (-12.5, "-12.5 °C"), (-0.01, "0.0 °C")]);
}

#[test]
fn lengths_of_time() {
    check(
        duration,
        &[
            (-3.0, "0 s"),
            (45.4, "45 s"),
            (59.6, "1 min 0 s"),
            (725.0, "12 min 5 s"),
            (3_600.0, "1 h 0 min"),
            (86_399.0, "23 h 59 min"),
            (273_600.0, "3 d 4 h"),
        ],
    );
}

#[test]
fn ages() {
    check(
        age,
        &[
            (-40.0, "0.0 s"),
            (400.0, "0.4 s"),
            (9_949.0, "9.9 s"),
            (9_999.0, "9.9 s"),
            (10_000.0, "10 s"),
            (12_999.0, "12 s"),
            (59_999.0, "59 s"),
            (185_000.0, "3 min"),
            (7_200_000.0, "2 h"),
            (432_000_000.0, "5 d"),
        ],
    );
}

#[test]
fn readings_have_their_metrics_decimals() {
    check(|load| reading(Metric::LOAD_1, load), &[(0.5, "0.50"), (12.0, "12.00"), (-0.001, "0.00")]);
    check(|n| reading(Metric::PROCESSES_RUNNING, n), &[(12.0, "12")]);
    check(|n| reading(Metric::CONTEXT_SWITCHES, n), &[(12_345.0, "12,345/s")]);
    check(|n| reading(Metric::UPTIME, n), &[(60.0, "1 min 0 s")]);
    check(|n| reading(Metric(60_000), n), &[(2.0, "2")]);
    check(|n| value(Unit::Count, n), &[(2.0, "2"), (2.5, "2.50")]);
}

#[test]
fn ticks_are_short() {
    #[track_caller]
    fn check(unit: Unit, at: f64, text: &str) {
        assert_eq!(tick(unit, at), text);
    }
    check(Unit::Ratio, 0.3, "30%");
    check(Unit::Ratio, 0.025, "2.5%");
    check(Unit::Bytes, 0.0, "0 B");
    check(Unit::Bytes, 1.5 * 1024.0 * 1024.0, "1.5 MiB");
    check(Unit::BytesPerSecond, 512.0 * 1024.0, "512 KiB/s");
    check(Unit::Count, 0.1 + 0.2, "0.3");
    check(Unit::Count, 2_000.0, "2,000");
    check(Unit::Count, -0.0, "0");
    check(Unit::Celsius, 60.0, "60 °C");
    check(Unit::Ratio, f64::NAN, ABSENT);
}

#[test]
fn times_are_local() {
    #[track_caller]
    fn check(ms: i64, offset_minutes: i32, text: &str) {
        let at = Timestamp::from_ms(ms);
        assert_eq!(date_time(at, offset_minutes), text);
        assert_eq!(time_of_day(at, offset_minutes), text.split_once(' ').map_or("", |(_, time)| time));
    }
    check(0, 0, "1970-01-01 00:00:00");
    check(-1, 0, "1969-12-31 23:59:59");
    check(951_827_696_999, 0, "2000-02-29 12:34:56");
    check(951_827_696_000, 720, "2000-03-01 00:34:56");
    check(1_795_356_202_000, -210, "2026-11-22 10:33:22");
    check(4_107_542_400_000, 0, "2100-03-01 00:00:00");
}

proptest! {
    #[test]
    fn nothing_ever_says_nan(number in any::<f64>(), at: i64, offset: i32) {
        let mut texts: Vec<String> = CATALOGUE.iter().map(|def| reading(def.metric, Some(number))).collect();
        for def in CATALOGUE {
            texts.extend([value(def.unit, Some(number)), tick(def.unit, number)]);
        }
        texts.push(age(Some(number)));
        texts.push(date_time(Timestamp::from_ms(at), offset));
        for text in texts {
            prop_assert!(!text.is_empty() && !text.contains("NaN") && !text.contains("inf"), "{}", text);
        }
    }

    #[test]
    fn sizes_are_as_wide_as_three_digits(bytes in 0f64..1e18) {
        let text = super::bytes(Some(bytes));
        prop_assert!(text.split(' ').next().is_some_and(|number| number.len() <= 4), "{}", text);
    }
}
