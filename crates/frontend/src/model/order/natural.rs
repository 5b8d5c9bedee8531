//! Names in the order people expect.

use std::cmp::Ordering;

/// Compares case-insensitively (ASCII), numbers by value: `web-2` comes before `web-10`. Names that
/// differ only in case or leading zeros still have an order.
pub(in crate::model) fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.as_bytes(), b.as_bytes());
    loop {
        match (left.first(), right.first()) {
            (Some(l), Some(r)) if l.is_ascii_digit() && r.is_ascii_digit() => {
                let (l, r) = (number(&mut left), number(&mut right));
                // Without leading zeros the longer number is the larger.
                let order = l.len().cmp(&r.len()).then_with(|| l.cmp(r));
                if order.is_ne() {
                    return order;
                }
            }
            (Some(l), Some(r)) => {
                let order = l.to_ascii_lowercase().cmp(&r.to_ascii_lowercase());
                if order.is_ne() {
                    return order;
                }
                (left, right) = (&left[1..], &right[1..]);
            }
            (None, None) => return a.cmp(b),
            (l, r) => return l.is_some().cmp(&r.is_some()),
        }
    }
}

/// Takes the digits at the front; leading zeros are dropped.
fn number<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    *text = rest;
    let zeros = number.iter().take_while(|byte| **byte == b'0').count();
    &number[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_go_by_value() {
        let mut names = ["web-10", "Web-2", "web", "db-1", "web-02", "web-2b", ""];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["", "db-1", "web", "Web-2", "web-02", "web-2b", "web-10"]);
    }

    proptest! {
        #[test]
        fn it_is_an_order(mut names in prop::collection::vec("[aA0-2]{0,4}", 0..12)) {
            names.sort_by(|a, b| compare(a, b)); // panics when the order is not total
            for (a, b) in names.iter().zip(names.iter().skip(1)) {
                prop_assert!(compare(b, a).is_ge());
                prop_assert_eq!(compare(a, b).is_eq(), a == b);
            }
        }
    }
}
