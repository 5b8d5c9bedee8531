//! Dates and times of day, by a fixed offset from UTC.

use cpumonitor_common::Timestamp;

const DAY_S: i64 = 86_400;

/// Time of day: `14:03:22`. `offset_minutes` is what local time is ahead of UTC
/// (`-Date.getTimezoneOffset()`).
#[must_use]
pub fn time_of_day(at: Timestamp, offset_minutes: i32) -> String {
    let second = local_s(at, offset_minutes).rem_euclid(DAY_S);
    format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
}

/// Date and time of day: `2026-11-22 14:03:22`.
#[must_use]
pub fn date_time(at: Timestamp, offset_minutes: i32) -> String {
    let (year, month, day) = date(local_s(at, offset_minutes).div_euclid(DAY_S));
    format!("{year:04}-{month:02}-{day:02} {}", time_of_day(at, offset_minutes))
}

fn local_s(at: Timestamp, offset_minutes: i32) -> i64 {
    at.as_ms().div_euclid(1_000) + i64::from(offset_minutes) * 60
}

/// The Gregorian date `days` after 1970-01-01, after Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`: years begin in March, so that the leap day is the last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468; // since 0000-03-01
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}
