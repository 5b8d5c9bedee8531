//! Numbers for people: short, with a unit, and never wider than their column.

use cpumonitor_common::Timestamp;

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
    let seconds = at.as_ms().div_euclid(1_000);
    let (days, second_of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The date `days` after 1970-01-01, Gregorian. Howard Hinnant, *chrono-Compatible Low-Level Date
/// Algorithms*, `civil_from_days`: years begin in March, so that the leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let from_march_of_year_0 = days + 719_468;
    let era = from_march_of_year_0.div_euclid(146_097);
    let day_of_era = from_march_of_year_0.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
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

        #[test]
        fn days_follow_one_another(days in -1_000_000i64..3_000_000) {
            let (year, month, day) = civil(days);
            let next = civil(days + 1);
            let follows = next == (year, month, day + 1)
                || (next == (year, month + 1, 1) && day >= 28)
                || (next == (year + 1, 1, 1) && (month, day) == (12, 31));
            prop_assert!(follows, "{:?} {:?}", (year, month, day), next);
        }
    }
}
