//! Instants as they travel and are stored. Arithmetic only: nobody here asks for the time.

use serde::{Deserialize, Serialize};

/// An instant: milliseconds since the Unix epoch, UTC, leap seconds not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z; also what "never" looks like in a fresh default.
    pub const EPOCH: Timestamp = Timestamp(0);

    /// The instant `ms` milliseconds after the Unix epoch (before it, when negative).
    #[must_use]
    pub const fn from_ms(ms: i64) -> Timestamp {
        Timestamp(ms)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// This instant moved by `ms` milliseconds; stops at the ends of the range instead of wrapping.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to here; negative when `earlier` is the later one.
    #[must_use]
    pub const fn ms_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        assert_eq!(Timestamp::from_ms(i64::MAX).plus_ms(1), Timestamp::from_ms(i64::MAX));
        assert_eq!(Timestamp::from_ms(i64::MIN).ms_since(Timestamp::from_ms(1)), i64::MIN);
    }

    #[test]
    fn a_difference_has_a_sign() {
        let (a, b) = (Timestamp::from_ms(1_000), Timestamp::from_ms(1_250));
        assert_eq!((b.ms_since(a), a.ms_since(b)), (250, -250));
    }
}
