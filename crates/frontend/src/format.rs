//! Numbers as people read them. What is absent is "–"; nothing here ever says "NaN".

use cpumonitor_common::{Metric, Timestamp, Unit};

/// What stands where there is no reading.
pub const ABSENT: &str = "–";

/// A share from 0 to 1 with one decimal always, so that digits do not jump: `7.3%`.
#[must_use]
pub fn percent(ratio: Option<f64>) -> String {
    let _ = ratio;
    String::new()
}

/// Bytes in binary units with three digits: `512 B`, `1.00 KiB`, `12.3 MiB`.
#[must_use]
pub fn bytes(bytes: Option<f64>) -> String {
    let _ = bytes;
    String::new()
}

/// Bytes per second: `12.3 MiB/s`.
#[must_use]
pub fn rate(bytes_per_sec: Option<f64>) -> String {
    let _ = bytes_per_sec;
    String::new()
}

/// A whole number with thousands separators: `12,345`.
#[must_use]
pub fn count(number: Option<f64>) -> String {
    let _ = number;
    String::new()
}

/// Degrees with one decimal: `54.3 °C`.
#[must_use]
pub fn celsius(celsius: Option<f64>) -> String {
    let _ = celsius;
    String::new()
}

/// A length of time in its two largest units: `45 s`, `12 min 5 s`, `3 d 4 h`.
#[must_use]
pub fn duration(seconds: Option<f64>) -> String {
    let _ = seconds;
    String::new()
}

/// How old something is: `0.4 s`, `12 s`, `3 min`, `2 h`, `5 d`.
#[must_use]
pub fn age(ms: Option<f64>) -> String {
    let _ = ms;
    String::new()
}

/// A value in `unit`.
#[must_use]
pub fn value(unit: Unit, value: Option<f64>) -> String {
    let _ = (unit, value);
    String::new()
}

/// A reading of `metric`: as [`value`], with the decimals the metric has (two for loads).
#[must_use]
pub fn reading(metric: Metric, value: Option<f64>) -> String {
    let _ = (metric, value);
    String::new()
}

/// Time of day: `14:03:22`. `offset_minutes` is what local time is ahead of UTC
/// (`-Date.getTimezoneOffset()`).
#[must_use]
pub fn time_of_day(at: Timestamp, offset_minutes: i32) -> String {
    let _ = (at, offset_minutes);
    String::new()
}

/// Date and time of day: `2026-11-22 14:03:22`.
#[must_use]
pub fn date_time(at: Timestamp, offset_minutes: i32) -> String {
    let _ = (at, offset_minutes);
    String::new()
}
