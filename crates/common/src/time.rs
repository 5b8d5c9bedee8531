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

/// Date and time of day on the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The year; 0 is 1 BC.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59.
    pub second: i64,
}

impl Timestamp {
    /// This instant in UTC, to the second.
    ///
    /// The date is Howard Hinnant's `civil_from_days` (*chrono-Compatible Low-Level Date Algorithms*): years
    /// begin in March, so that the leap day is the last of its year.
    #[must_use]
    pub const fn civil(self) -> Civil {
        let seconds = self.0.div_euclid(1_000);
        let of_day = seconds.rem_euclid(86_400);
        let from_march_of_year_0 = seconds.div_euclid(86_400) + 719_468;
        let era = from_march_of_year_0.div_euclid(146_097);
        let day_of_era = from_march_of_year_0.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        Civil {
            year: era * 400 + year_of_era + if month <= 2 { 1 } else { 0 },
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
            hour: of_day / 3_600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        assert_eq!(Timestamp::from_ms(i64::MAX).plus_ms(1), Timestamp::from_ms(i64::MAX));
        assert_eq!(Timestamp::from_ms(i64::MIN).ms_since(Timestamp::from_ms(1)), i64::MIN);
    }

    #[track_caller]
    fn check(ms: i64, date: (i64, i64, i64), time: (i64, i64, i64)) {
        let at = Timestamp::from_ms(ms).civil();
        assert_eq!(((at.year, at.month, at.day), (at.hour, at.minute, at.second)), (date, time));
    }

    // Against `date --utc --date=@SECONDS`.
    #[test]
    fn dates_are_those_of_the_calendar() {
        check(0, (1970, 1, 1), (0, 0, 0));
        check(-1, (1969, 12, 31), (23, 59, 59));
        check(951_782_400_000, (2000, 2, 29), (0, 0, 0));
        check(4_107_542_399_999, (2100, 2, 28), (23, 59, 59));
        check(4_107_542_400_000, (2100, 3, 1), (0, 0, 0));
        check(1_795_358_230_337, (2026, 11, 22), (14, 37, 10));
    }

    #[test]
    fn a_difference_has_a_sign() {
        let (a, b) = (Timestamp::from_ms(1_000), Timestamp::from_ms(1_250));
        assert_eq!((b.ms_since(a), a.ms_since(b)), (250, -250));
    }

    proptest! {
        #[test]
        fn days_follow_one_another(days in -1_000_000i64..3_000_000) {
            let date = |days: i64| {
                let Civil { year, month, day, .. } = Timestamp::from_ms(days * 86_400_000).civil();
                (year, month, day)
            };
            let ((year, month, day), next) = (date(days), date(days + 1));
            let follows = next == (year, month, day + 1)
                || (next == (year, month + 1, 1) && day >= 28)
                || (next == (year + 1, 1, 1) && (month, day) == (12, 31));
            prop_assert!(follows, "{:?} {:?}", (year, month, day), next);
        }
    }
}
