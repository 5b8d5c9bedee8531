//! Numbers with units, as people type them and as we write them back.

use std::fmt;

use crate::Unit;

/// A suffix and how many of the metric's unit it stands for. The first of each list that divides a
/// value evenly is the one it is written with.
fn suffixes(unit: Unit) -> &'static [(&'static str, f64)] {
    const KIB: f64 = 1024.0;
    match unit {
        Unit::Ratio => &[("%", 0.01)],
        Unit::Bytes | Unit::BytesPerSecond => &[
            ("TiB", KIB * KIB * KIB * KIB),
            ("GiB", KIB * KIB * KIB),
            ("MiB", KIB * KIB),
            ("KiB", KIB),
            ("TB", 1e12),
            ("GB", 1e9),
            ("MB", 1e6),
            ("kB", 1e3),
            ("B", 1.0),
            // What people type in a hurry.
            ("T", KIB * KIB * KIB * KIB),
            ("G", KIB * KIB * KIB),
            ("M", KIB * KIB),
            ("K", KIB),
        ],
        Unit::PerSecond | Unit::Count => &[("M", 1e6), ("k", 1e3), ("", 1.0)],
        Unit::Celsius => &[("°C", 1.0), ("C", 1.0), ("", 1.0)],
        Unit::Seconds => &[("d", 86_400.0), ("h", 3_600.0), ("m", 60.0), ("s", 1.0)],
    }
}

/// What a number without a suffix is multiplied with: percent for shares, the base unit elsewhere.
fn plain(unit: Unit) -> f64 {
    if unit == Unit::Ratio { 0.01 } else { 1.0 }
}

/// The factor of `suffix`; `None` when the unit has no such suffix.
pub(super) fn factor(unit: Unit, suffix: &str) -> Option<f64> {
    let suffix = match unit {
        Unit::BytesPerSecond | Unit::PerSecond => suffix.strip_suffix("/s").unwrap_or(suffix),
        _ => suffix,
    };
    if suffix.is_empty() {
        return Some(plain(unit));
    }
    let list = suffixes(unit);
    let exact = list.iter().find(|(name, _)| *name == suffix);
    exact.or_else(|| list.iter().find(|(name, _)| name.eq_ignore_ascii_case(suffix))).map(|(_, factor)| *factor)
}

/// The suffixes a person may use, for an error message.
pub(super) fn examples(unit: Unit) -> &'static str {
    match unit {
        Unit::Ratio => "a percentage such as 80%",
        Unit::Bytes => "a size such as 512MiB or 2GB",
        Unit::BytesPerSecond => "a rate such as 10MiB/s",
        Unit::PerSecond => "a number such as 1500 or 2k",
        Unit::Count => "a number such as 1.5",
        Unit::Celsius => "a temperature such as 70°C",
        Unit::Seconds => "a time such as 90s, 5m, 2h or 3d",
    }
}

/// A value in the metric's unit, written with a suffix.
pub(super) struct Written(pub(super) Unit, pub(super) f64);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Written(unit, value) = *self;
        let rate = if unit == Unit::BytesPerSecond { "/s" } else { "" };
        for (suffix, factor) in suffixes(unit) {
            let scaled = value / factor;
            // Short enough to read, and it must read back to the very same number.
            let short = (scaled * 1000.0).round() / 1000.0;
            let fits = short.abs() >= 1.0 && short * factor == value;
            if fits {
                return write!(f, "{short}{suffix}{rate}");
            }
        }
        let factor = plain(unit);
        let suffix = if unit == Unit::Ratio { "%" } else { "" };
        let scaled = value / factor;
        if scaled * factor == value {
            return write!(f, "{scaled}{suffix}");
        }
        // A neighbour of the quotient always multiplies back.
        let near = [scaled.next_up(), scaled.next_down()].into_iter().find(|near| near * factor == value);
        write!(f, "{}{suffix}", near.unwrap_or(scaled))
    }
}
