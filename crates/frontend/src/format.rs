//! Numbers as people read them. What is absent is "–"; nothing here ever says "NaN".
//!
//! Decimals are fixed by magnitude, so that with tabular digits and right alignment a column of
//! changing numbers holds still.

mod date;

use cpumonitor_common::{Encoding, Metric, Unit};

pub use self::date::{date_time, time_of_day};

/// What stands where there is no reading.
pub const ABSENT: &str = "–";

/// A share from 0 to 1 with one decimal always: `7.3%`.
#[must_use]
pub fn percent(ratio: Option<f64>) -> String {
    of(ratio.map(|ratio| ratio * 100.0), |percent| format!("{:.1}%", unsigned_zero(percent, 0.05)))
}

/// Bytes in binary units with three digits: `512 B`, `1.00 KiB`, `12.3 MiB`.
#[must_use]
pub fn bytes(bytes: Option<f64>) -> String {
    of(bytes, |bytes| {
        let (scaled, unit) = binary(bytes);
        if unit == "B" {
            format!("{:.0} B", unsigned_zero(bytes, 0.5))
        } else {
            format!("{} {unit}", three_digits(scaled))
        }
    })
}

/// Bytes per second: `12.3 MiB/s`.
#[must_use]
pub fn rate(bytes_per_sec: Option<f64>) -> String {
    of(bytes_per_sec, |rate| format!("{}/s", bytes(Some(rate))))
}

/// A whole number with thousands separators: `12,345`.
#[must_use]
pub fn count(number: Option<f64>) -> String {
    of(number, |number| {
        let digits = format!("{:.0}", number.abs());
        let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
        if number <= -0.5 {
            out.push('-');
        }
        for (nth, digit) in digits.chars().enumerate() {
            if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    })
}

/// Degrees with one decimal: `54.3 °C`.
#[must_use]
pub fn celsius(celsius: Option<f64>) -> String {
    of(celsius, |celsius| format!("{:.1} °C", unsigned_zero(celsius, 0.05)))
}

/// A length of time in its two largest units: `45 s`, `12 min 5 s`, `3 d 4 h`. Less than none is none.
#[must_use]
pub fn duration(seconds: Option<f64>) -> String {
    of(seconds, |seconds| {
        let seconds = seconds.round().max(0.0) as u64;
        let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
        match (days, hours, minutes) {
            (0, 0, 0) => format!("{seconds} s"),
            (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
            (0, ..) => format!("{hours} h {} min", minutes % 60),
            _ => format!("{days} d {} h", hours % 24),
        }
    })
}

/// How old something is: `0.4 s`, `12 s`, `3 min`, `2 h`, `5 d`. What is from the future is new.
#[must_use]
pub fn age(ms: Option<f64>) -> String {
    of(ms, |ms| {
        let seconds = ms.max(0.0) / 1_000.0;
        match seconds {
            ..10.0 => format!("{:.1} s", (seconds * 10.0).floor() / 10.0),
            ..60.0 => format!("{:.0} s", seconds.floor()),
            ..3_600.0 => format!("{:.0} min", (seconds / 60.0).floor()),
            ..86_400.0 => format!("{:.0} h", (seconds / 3_600.0).floor()),
            _ => format!("{:.0} d", (seconds / 86_400.0).floor()),
        }
    })
}

/// A value in `unit`.
#[must_use]
pub fn value(unit: Unit, value: Option<f64>) -> String {
    match unit {
        Unit::Ratio => percent(value),
        Unit::Bytes => bytes(value),
        Unit::BytesPerSecond => rate(value),
        Unit::PerSecond => of(value, |value| format!("{}/s", count(Some(value)))),
        Unit::Celsius => celsius(value),
        Unit::Count => match value {
            Some(number) if number.fract() != 0.0 => hundredths(value),
            _ => count(value),
        },
        Unit::Seconds => duration(value),
    }
}

/// A reading of `metric`: as [`value`], but always with the decimals the metric has (two for loads).
#[must_use]
pub fn reading(metric: Metric, reading: Option<f64>) -> String {
    let counted_in_hundredths = metric.unit() == Unit::Count
        && metric.def().is_some_and(|def| matches!(def.encoding, Encoding::Log { scale } if scale > 1.0));
    if counted_in_hundredths { hundredths(reading) } else { value(metric.unit(), reading) }
}

/// A round value beside an axis, no longer than it must be: `50%`, `1.5 GiB`, `10 MiB/s`, `0.5`.
#[must_use]
pub fn tick(unit: Unit, at: f64) -> String {
    of(Some(at), |at| match unit {
        Unit::Ratio => of(Some(at * 100.0), |percent| format!("{}%", shortest(percent))),
        Unit::Bytes | Unit::BytesPerSecond => {
            let (scaled, suffix) = binary(at);
            format!("{} {suffix}{}", shortest(scaled), if unit == Unit::Bytes { "" } else { "/s" })
        }
        Unit::Celsius => format!("{} °C", shortest(at)),
        Unit::PerSecond | Unit::Count if at.fract() != 0.0 => shortest(at),
        Unit::PerSecond | Unit::Count => count(Some(at)),
        Unit::Seconds => duration(Some(at)),
    })
}

/// Writes a number that is one; everything else is absent.
fn of(number: Option<f64>, write: impl FnOnce(f64) -> String) -> String {
    number.filter(|number| number.is_finite()).map_or_else(|| ABSENT.to_owned(), write)
}

fn hundredths(number: Option<f64>) -> String {
    of(number, |number| format!("{:.2}", unsigned_zero(number, 0.005)))
}

/// Up to three decimals, without trailing zeros.
fn shortest(number: f64) -> String {
    if number.abs() >= 1e12 {
        return format!("{number:.0}");
    }
    // Rounding first turns 0.30000000000000004 into 0.3; adding zero turns -0 into 0.
    ((number * 1_000.0).round() / 1_000.0 + 0.0).to_string()
}

/// `number`, or zero where rounding would leave a minus sign before nothing.
fn unsigned_zero(number: f64, half_a_step: f64) -> f64 {
    if number.abs() < half_a_step { 0.0 } else { number }
}

/// The largest binary unit that leaves at most three digits before the point.
fn binary(bytes: f64) -> (f64, &'static str) {
    let mut scaled = bytes;
    for unit in ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] {
        if scaled.abs() < 999.5 {
            return (scaled, unit);
        }
        scaled /= 1024.0;
    }
    (scaled, "EiB")
}

fn three_digits(number: f64) -> String {
    // By what it rounds to: 9.996 is 10.0.
    match number.abs() {
        ..9.995 => format!("{number:.2}"),
        ..99.95 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

#[cfg(test)]
mod tests;
