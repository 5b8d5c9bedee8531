//! Dates and times of day, by a fixed offset from UTC.

use cpumonitor_common::Timestamp;
use cpumonitor_common::time::Civil;

/// Time of day: `14:03:22`. `offset_minutes` is what local time is ahead of UTC
/// (`-Date.getTimezoneOffset()`).
#[must_use]
pub fn time_of_day(at: Timestamp, offset_minutes: i32) -> String {
    let Civil { hour, minute, second, .. } = local(at, offset_minutes);
    format!("{hour:02}:{minute:02}:{second:02}")
}

/// Date and time of day: `2026-11-22 14:03:22`.
#[must_use]
pub fn date_time(at: Timestamp, offset_minutes: i32) -> String {
    let Civil { year, month, day, .. } = local(at, offset_minutes);
    format!("{year:04}-{month:02}-{day:02} {}", time_of_day(at, offset_minutes))
}

fn local(at: Timestamp, offset_minutes: i32) -> Civil {
    at.plus_ms(i64::from(offset_minutes) * 60_000).civil()
}
