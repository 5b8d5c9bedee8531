//! A share as a bar, to an eighth of a character.

/// `ratio` of `width` characters, the rest blank. Anything above zero shows at least a sliver, so that
/// a host that does something can be told from one that does nothing.
pub(super) fn bar(ratio: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let whole = width * 8;
    let filled = (ratio.clamp(0.0, 1.0) * whole as f64).round() as usize;
    let filled = if ratio > 0.0 { filled.clamp(1.min(whole), whole) } else { 0 };
    let end = EIGHTHS[filled % 8];
    let blanks = width - filled / 8 - usize::from(!end.is_empty());
    format!("{}{end}{}", "█".repeat(filled / 8), " ".repeat(blanks))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bar_is_exact_to_an_eighth() {
        #[track_caller]
        fn check(ratio: f64, text: &str) {
            assert_eq!(bar(ratio, 4), text);
        }
        check(0.0, "    ");
        check(0.001, "▏   ");
        check(0.25, "█   ");
        check(0.28125, "█▏  ");
        check(0.5 + 0.125, "██▌ ");
        check(0.999, "████");
        check(7.0, "████");
        check(f64::NAN, "    ");
    }

    proptest! {
        #[test]
        fn a_bar_has_its_width(ratio in -1f64..2.0, width in 0usize..60) {
            prop_assert_eq!(bar(ratio, width).chars().count(), width);
        }
    }
}
