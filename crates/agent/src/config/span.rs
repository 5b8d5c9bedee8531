//! Spans of time as people write them.

use std::time::Duration;

/// Units, longest name first, in milliseconds.
const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// The span `text`: a whole number and a unit, as in `500ms`, `1s`, `90s`, `5m`, `1h` or `7d`.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at_checked(digits)?;
    let ms = UNITS.iter().find(|(name, _)| *name == unit.trim_start())?.1;
    number.parse::<u64>().ok()?.checked_mul(ms).map(Duration::from_millis)
}

/// `span` in the largest unit it is whole in.
pub(crate) fn display(span: Duration) -> String {
    let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let fits = |unit: &&(&str, u64)| ms >= unit.1 && ms.is_multiple_of(unit.1);
    let (unit, unit_ms) = UNITS.iter().rev().find(fits).copied().unwrap_or(UNITS[0]);
    format!("{} {unit}", ms / unit_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_and_a_unit() {
        #[track_caller]
        fn check(text: &str, ms: Option<u64>) {
            assert_eq!(parse(text), ms.map(Duration::from_millis), "{text}");
        }
        check("500ms", Some(500));
        check("1s", Some(1_000));
        check("5 m", Some(300_000));
        check("1h", Some(3_600_000));
        check("7d", Some(604_800_000));
        for wrong in [
            "",
            "5",
            "s",
            "-1s",
            "1.5s",
            "1 week",
            "s1",
            "99999999999999999999s",
            "99999999999999999d",
            "１s",
        ] {
            check(wrong, None);
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(ms in 0u64..10_000_000_000) {
            let span = Duration::from_millis(ms);
            prop_assert_eq!(parse(&display(span)), Some(span));
        }
    }
}
