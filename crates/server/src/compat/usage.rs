//! What a client of 2018 says, and what it is told.

/// Longest label, in bytes.
const MAX_LABEL_BYTES: usize = 64;

/// One message: how busy the processor is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Usage<'a> {
    /// What the client calls itself. Every copy of the script has the same.
    pub(super) label: &'a str,
    /// Share of processor time in use, 0 to 1.
    pub(super) ratio: f64,
}

impl<'a> Usage<'a> {
    /// Reads `CPU usages from client2: 12.5%`, by the grammar
    ///
    /// ```text
    /// ^CPU usages from (.+?): ([0-9]+(?:\.[0-9]+)?)%?\s*$
    /// ```
    /// `None` for anything else (the test page of 2018 says `hello`), for labels that are blank, too
    /// long or unprintable, and for more than a hundred percent.
    pub(super) fn parse(message: &'a str) -> Option<Usage<'a>> {
        let said = message.strip_prefix("CPU usages from ")?;
        // The label is the shortest that leaves a number, so it may hold a colon itself.
        let (label, percent) = said.match_indices(": ").find_map(|(colon, separator)| {
            let percent = number(said.get(colon + separator.len()..)?)?;
            Some((said.get(..colon)?, percent))
        })?;
        let fit_to_show =
            label.len() <= MAX_LABEL_BYTES && !label.trim().is_empty() && !label.contains(char::is_control);
        (fit_to_show && percent <= 100.0).then_some(Usage { label, ratio: percent / 100.0 })
    }
}

/// `[0-9]+(?:\.[0-9]+)?` with a percent sign or without, and blanks behind it.
fn number(text: &str) -> Option<f64> {
    let digits = text.trim_end();
    let digits = digits.strip_suffix('%').unwrap_or(digits);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    // Checked first: Rust's own grammar of numbers is wider.
    if all_digits(whole) && all_digits(fraction) { digits.parse().ok() } else { None }
}

/// What the server of 2018 answered: the message again, and a blank behind it.
pub(super) fn answer(message: &str) -> String {
    format!("Current CPU usage is {message} ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(message: &str, expected: Option<(&str, f64)>) {
        let expected = expected.map(|(label, ratio)| Usage { label, ratio });
        assert_eq!(Usage::parse(message), expected, "{message:?}");
    }

    #[test]
    fn both_forms_of_2018_are_understood() {
        check("CPU usages from client2: 12.5%", Some(("client2", 0.125)));
        check("CPU usages from client1: 12.5", Some(("client1", 0.125)));
        check("CPU usages from client2: 100.0%", Some(("client2", 1.0)));
        check("CPU usages from client2: 0.0%", Some(("client2", 0.0)));
        check("CPU usages from client2: 7%\r\n", Some(("client2", 0.07)));
    }

    #[test]
    fn a_label_is_the_shortest_that_leaves_a_number() {
        check("CPU usages from my host: 5%", Some(("my host", 0.05)));
        check("CPU usages from a: b: 5%", Some(("a: b", 0.05)));
        check("CPU usages from a: 5: 6%", Some(("a: 5", 0.06)));
        check("CPU usages from :: 5%", Some((":", 0.05)));
        check("CPU usages from büro: 5%", Some(("büro", 0.05)));
    }

    #[test]
    fn everything_else_is_nothing() {
        for message in [
            "hello",
            "",
            "CPU usages from ",
            "CPU usages from : 5%",
            "CPU usages from    : 5%",
            "CPU usages from a:5%",
            "CPU usages from a: ",
            "CPU usages from a: %",
            "CPU usages from a: 5%%",
            "CPU usages from a: 5 %",
            "CPU usages from a: -5%",
            "CPU usages from a: +5%",
            "CPU usages from a: .5%",
            "CPU usages from a: 5.%",
            "CPU usages from a: 5.5.5%",
            "CPU usages from a: 1e2%",
            "CPU usages from a: inf",
            "CPU usages from a: NaN",
            "CPU usages from a: 100.1%",
            "CPU usages from a: ٥%",
            "cpu usages from a: 5%",
            " CPU usages from a: 5%",
            "CPU usages from a\u{1b}[2J: 5%",
            "CPU usages from a\nb: 5%",
        ] {
            check(message, None);
        }
        check(&format!("CPU usages from {}: 5%", "x".repeat(64)), Some((&"x".repeat(64), 0.05)));
        check(&format!("CPU usages from {}: 5%", "x".repeat(65)), None);
    }

    #[test]
    fn the_answer_ends_with_a_blank() {
        assert_eq!(
            answer("CPU usages from client2: 100.0%"),
            "Current CPU usage is CPU usages from client2: 100.0% "
        );
    }

    proptest! {
        #[test]
        fn what_is_said_is_heard(label in "[a-z0-9 .:-]{0,20}[a-z]", tenths in 0u32..=1_000, percent_sign: bool) {
            let value = f64::from(tenths) / 10.0;
            let message = format!("CPU usages from {label}: {value:.1}{}", if percent_sign { "%" } else { "" });
            prop_assert_eq!(Usage::parse(&message), Some(Usage { label: &label, ratio: value / 100.0 }));
        }

        #[test]
        fn nothing_said_is_a_panic(message in "(CPU usages from )?\\PC{0,40}(: )?[0-9.%]{0,6}") {
            if let Some(usage) = Usage::parse(&message) {
                prop_assert!((0.0..=1.0).contains(&usage.ratio));
            }
        }
    }
}
