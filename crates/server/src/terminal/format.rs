//! Numbers for people: short, with a unit, and never wider than their column.

use cpumonitor_common::Timestamp;
use cpumonitor_common::time::Civil;

/// What stands where there is no reading. Not zero, which would be one.
pub(super) const ABSENT: &str = "-";

/// A share from 0 to 1 in percent, as in `12.5%`.
pub(super) fn percent(ratio: f64) -> String {
    format!("{:.1}%", ratio * 100.0)
}

/// A rate, as in `1.2MiB/s`; at most nine characters below a pebibyte.
pub(super) fn rate(bytes_per_sec: f64) -> String {
    format!("{}/s", bytes(bytes_per_sec))
}

/// An amount in binary units with two or more digits of meaning, as in `1.2MiB`, `88KiB` or `512B`.
pub(super) fn bytes(amount: f64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut scaled, mut unit) = (amount.max(0.0), 0);
    // What would be rounded up to 1024 belongs to the next unit.
    while scaled.round() >= 1024.0 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    let digits = if unit > 0 && (scaled * 10.0).round() < 100.0 { 1 } else { 0 };
    format!("{scaled:.digits$}{}", UNITS[unit])
}

/// A load average, as in `0.52`; without decimals where they would not matter.
pub(super) fn load(load: f64) -> String {
    if load < 99.995 { format!("{load:.2}") } else { format!("{load:.0}") }
}

/// A temperature, as in `54°C`.
pub(super) fn temperature(celsius: f64) -> String {
    // Adding zero takes the sign off a negative one.
    format!("{:.0}°C", celsius.round() + 0.0)
}

/// How long ago, in its largest unit: `0.3s`, `42s`, `5m`, `3h` or `12d`. The future counts as now.
pub(super) fn age(ms: i64) -> String {
    let seconds = ms.max(0) / 1_000;
    match seconds {
        ..10 => format!("{}.{}s", seconds, ms.max(0) % 1_000 / 100),
        10..120 => format!("{seconds}s"),
        120..7_200 => format!("{}m", seconds / 60),
        7_200..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// An instant in UTC to the second, as in `2026-11-22T16:30:01Z` (RFC 3339).
pub(super) fn utc(at: Timestamp) -> String {
    let Civil { year, month, day, hour, minute, second } = at.civil();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_keep_two_digits_and_change_units_in_time() {
        #[track_caller]
        fn check(amount: f64, text: &str) {
            assert_eq!(bytes(amount), text);
        }
        check(0.0, "0B");
        check(9.4, "9B");
        check(1_023.4, "1023B");
        check(1_023.6, "1.0KiB");
        check(1_024.0 * 1.25, "1.2KiB");
        check(1_024.0 * 9.94, "9.9KiB");
        check(1_024.0 * 9.96, "10KiB");
        check(1_024.0 * 88.0, "88KiB");
        check(1_024.0 * 1_023.7, "1.0MiB");
        check(1_024f64.powi(6) * 3.0, "3072PiB");
        check(-5.0, "0B");
        assert_eq!(rate(1_024.0 * 1_024.0 * 1.2), "1.2MiB/s");
    }

    #[test]
    fn shares_loads_and_temperatures_are_short() {
        assert_eq!((percent(0.125), percent(1.0)), ("12.5%".into(), "100.0%".into()));
        assert_eq!((load(0.52), load(99.99), load(99.999)), ("0.52".into(), "99.99".into(), "100".into()));
        assert_eq!(temperature(-0.4), "0°C");
        assert_eq!(temperature(54.4), "54°C");
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        #[track_caller]
        fn check(ms: i64, text: &str) {
            assert_eq!(age(ms), text);
        }
        check(-5, "0.0s");
        check(349, "0.3s");
        check(9_999, "9.9s");
        check(10_000, "10s");
        check(119_999, "119s");
        check(120_000, "2m");
        check(7_200_000, "2h");
        check(172_800_000, "2d");
        check(i64::MAX, "106751991167d");
    }

    #[test]
    fn dates_are_right_around_leap_days() {
        #[track_caller]
        fn check(seconds: i64, text: &str) {
            assert_eq!(utc(Timestamp::from_ms(seconds * 1_000 + 999)), text);
        }
        check(0, "1970-01-01T00:00:00Z");
        check(-1, "1969-12-31T23:59:59Z");
        check(951_782_399, "2000-02-28T23:59:59Z");
        check(951_782_400, "2000-02-29T00:00:00Z");
        check(951_868_800, "2000-03-01T00:00:00Z");
        check(4_107_542_399, "2100-02-28T23:59:59Z");
        check(4_107_542_400, "2100-03-01T00:00:00Z");
        check(1_795_365_001, "2026-11-22T16:30:01Z");
    }

    proptest! {
        #[test]
        fn a_rate_fits_its_column(amount in 0f64..1e15) {
            prop_assert!(rate(amount).len() <= 9, "{}", rate(amount));
        }
    }
}
