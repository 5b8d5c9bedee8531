//! Numbers with units, as people type them and as we write them back.

use std::fmt;

use crate::Unit;

/// How a typed number becomes a value: `number * times / over`. Percent divide instead of multiplying
/// by 0.01, so that `57%` is exactly 0.57.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    times: f64,
    over: f64,
}

const fn times(times: f64) -> Scale {
    Scale { times, over: 1.0 }
}

impl Scale {
    pub(super) fn value(self, number: f64) -> f64 {
        number * self.times / self.over
    }

    fn number(self, value: f64) -> f64 {
        value * self.over / self.times
    }
}

const KIB: f64 = 1024.0;
const PERCENT: Scale = Scale { times: 1.0, over: 100.0 };

/// A suffix and what a number before it stands for.
type Suffix = (&'static str, Scale);

const SHARE: &[Suffix] = &[("%", PERCENT)];
const BYTES: &[Suffix] = &[
    ("TiB", times(KIB * KIB * KIB * KIB)),
    ("GiB", times(KIB * KIB * KIB)),
    ("MiB", times(KIB * KIB)),
    ("KiB", times(KIB)),
    ("TB", times(1e12)),
    ("GB", times(1e9)),
    ("MB", times(1e6)),
    ("kB", times(1e3)),
    ("B", times(1.0)),
];
/// What people type in a hurry.
const BYTES_SHORT: &[Suffix] = &[
    ("T", times(KIB * KIB * KIB * KIB)),
    ("G", times(KIB * KIB * KIB)),
    ("M", times(KIB * KIB)),
    ("K", times(KIB)),
];
const COUNT: &[Suffix] = &[("M", times(1e6)), ("k", times(1e3)), ("", times(1.0))];
const CELSIUS: &[Suffix] = &[("°C", times(1.0))];
const CELSIUS_SHORT: &[Suffix] = &[("C", times(1.0)), ("°", times(1.0))];
const TIME: &[Suffix] =
    &[("d", times(86_400.0)), ("h", times(3_600.0)), ("m", times(60.0)), ("s", times(1.0))];

/// The suffixes that values are written with, and further ones that are only read.
fn suffixes(unit: Unit) -> (&'static [Suffix], &'static [Suffix]) {
    match unit {
        Unit::Ratio => (SHARE, &[]),
        Unit::Bytes | Unit::BytesPerSecond => (BYTES, BYTES_SHORT),
        Unit::PerSecond | Unit::Count => (COUNT, &[]),
        Unit::Celsius => (CELSIUS, CELSIUS_SHORT),
        Unit::Seconds => (TIME, &[]),
    }
}

/// What a number without a suffix means: percent for shares, the base unit elsewhere.
fn plain(unit: Unit) -> Scale {
    if unit == Unit::Ratio { PERCENT } else { times(1.0) }
}

/// The scale of `suffix`; `None` when the unit has no such suffix. Case matters only where it tells
/// two suffixes apart.
pub(super) fn scale(unit: Unit, suffix: &str) -> Option<Scale> {
    let suffix = match unit {
        Unit::BytesPerSecond | Unit::PerSecond => suffix.strip_suffix("/s").unwrap_or(suffix),
        _ => suffix,
    };
    if suffix.is_empty() {
        return Some(plain(unit));
    }
    let (written, read) = suffixes(unit);
    let all = || written.iter().chain(read);
    let found = all().find(|(name, _)| *name == suffix);
    found.or_else(|| all().find(|(name, _)| name.eq_ignore_ascii_case(suffix))).map(|(_, scale)| *scale)
}

/// What a value of this unit looks like, for an error message.
pub(super) fn example(unit: Unit) -> &'static str {
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

/// A value in the metric's unit, written as shortly as it reads back to the very same value.
pub(super) struct Written(pub(super) Unit, pub(super) f64);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Written(unit, value) = *self;
        let rate = if unit == Unit::BytesPerSecond { "/s" } else { "" };
        let short = |(suffix, scale): &Suffix| {
            let number = (scale.number(value) * 1000.0).round() / 1000.0;
            (number.abs() >= 1.0 && scale.value(number) == value).then(|| format!("{number}{suffix}{rate}"))
        };
        if let Some(text) = suffixes(unit).0.iter().filter_map(short).min_by_key(String::len) {
            return f.write_str(&text);
        }
        let (scale, suffix) = (plain(unit), if unit == Unit::Ratio { "%" } else { "" });
        let number = scale.number(value);
        // The quotient may be off by a rounding; a neighbour is then the number that was typed.
        let (up, down) = (number.next_up(), number.next_down());
        let near = [number, up, down, up.next_up(), down.next_down()];
        write!(f, "{}{suffix}", near.into_iter().find(|near| scale.value(*near) == value).unwrap_or(number))
    }
}
