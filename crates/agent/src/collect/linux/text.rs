//! The kernel's text files: lines of fields separated by blanks. Nothing here allocates or panics,
//! whatever the bytes are.

use crate::collect::clean;

/// Longest instance name we give, in bytes. With it the largest layout, 2,000 series, stays below
/// 200 KiB and so within one frame.
const MAX_NAME_BYTES: usize = 96;

/// The lines of `text`, without their ends.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// The fields of `line`.
pub(super) fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|field| !field.is_empty())
}

/// The decimal number `field`; `None` when it is anything else, or too large.
pub(super) fn number(field: &[u8]) -> Option<u64> {
    if field.is_empty() {
        return None;
    }
    field.iter().try_fold(0u64, |sum, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        sum.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// The decimal fraction `field`, as in `0.25`; `None` when it is anything else.
pub(super) fn fraction(field: &[u8]) -> Option<f64> {
    std::str::from_utf8(field).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The first line, without blanks around it.
pub(super) fn first_line(text: &[u8]) -> &[u8] {
    lines(text).next().unwrap_or_default().trim_ascii()
}

/// The name of a core, disk, interface, sensor or mount point as it may stand in a layout.
pub(super) fn name(raw: &[u8]) -> String {
    clean(&String::from_utf8_lossy(raw), MAX_NAME_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_plain_decimals_are_numbers() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for text in ["", "-1", "+1", "1.5", "0x10", "18446744073709551616", "12a"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(fraction(b"0.25"), Some(0.25));
        assert_eq!(fraction(b"nan"), None);
    }

    #[test]
    fn names_cannot_move_a_cursor() {
        assert_eq!(name(b"eth\x1b[2J"), "eth?[2J");
        assert_eq!(name(&[b'x'; 300]).len(), MAX_NAME_BYTES);
        assert_eq!(name(b"\xff"), "\u{fffd}");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
            for line in lines(&text) {
                for field in fields(line) {
                    let _ = (number(field), fraction(field));
                    prop_assert!(name(field).len() <= MAX_NAME_BYTES);
                }
            }
            let _ = first_line(&text);
        }
    }
}
