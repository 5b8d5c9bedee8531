//! Version numbers as tools print them.

use std::fmt;

/// Major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u32, pub(super) u32, pub(super) u32);

impl Version {
    /// The first thing in `line` that looks like `1.2.3`; what follows the numbers does not count.
    pub(super) fn in_line(line: &str) -> Option<Self> {
        line.split_whitespace().find_map(|word| {
            let word = word.trim_start_matches('v');
            let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
            let mut numbers = word.get(..end)?.split('.').map(|number| number.parse().ok());
            let version = Self(numbers.next()??, numbers.next()??, numbers.next()??);
            numbers.next().is_none().then_some(version)
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(u32, u32, u32)>) {
        assert_eq!(Version::in_line(line), expected.map(|(a, b, c)| Version(a, b, c)));
    }

    #[test]
    fn tools_say_it_in_their_own_ways() {
        check("trunk 0.21.14", Some((0, 21, 14)));
        check("wasm-bindgen 0.2.130 (5e6f2a1)", Some((0, 2, 130)));
        check("rustc 1.96.0-nightly (ac68faa20 2026-05-25)", Some((1, 96, 0)));
        check("v20.19.2", Some((20, 19, 2)));
    }

    #[test]
    fn what_is_no_version_is_none() {
        check("", None);
        check("wasm-opt version 132 (version_132)", None);
        check("tool 1.2", None);
        check("tool 1.2.3.4", None);
    }
}
