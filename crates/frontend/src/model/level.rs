//! Shares as single bytes: what sparklines and heat strips are made of.

/// The level of a moment without a reading.
pub const NO_LEVEL: u8 = 255;
/// The level of a full share.
pub const FULL_LEVEL: u8 = 254;

/// The level of a share from 0 to 1; [`NO_LEVEL`] for none. What is out of range goes to its end.
#[must_use]
pub fn level(ratio: Option<f64>) -> u8 {
    // `as` saturates and turns not-a-number into 0, so the guard is only against calling that a reading.
    ratio
        .filter(|ratio| !ratio.is_nan())
        .map_or(NO_LEVEL, |ratio| ((ratio * f64::from(FULL_LEVEL)).round() as u8).min(FULL_LEVEL))
}

/// The share of `level`; `None` for [`NO_LEVEL`].
#[must_use]
pub fn ratio(level: u8) -> Option<f64> {
    (level != NO_LEVEL).then(|| f64::from(level) / f64::from(FULL_LEVEL))
}

/// The larger of two levels, any reading being larger than none.
#[must_use]
pub fn higher(a: u8, b: u8) -> u8 {
    // Wrapping moves NO_LEVEL below 0.
    if a.wrapping_add(1) >= b.wrapping_add(1) { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_what_is_beyond() {
        #[track_caller]
        fn check(ratio: Option<f64>, expected: u8) {
            assert_eq!(level(ratio), expected);
        }
        check(Some(0.0), 0);
        check(Some(0.5), 127);
        check(Some(1.0), 254);
        check(Some(7.0), 254);
        check(Some(-1.0), 0);
        check(Some(f64::NAN), 255);
        check(None, 255);
    }

    #[test]
    fn levels_survive_a_round_trip() {
        for each in 0..=255u8 {
            assert_eq!(level(ratio(each)), each);
        }
    }

    #[test]
    fn any_reading_is_higher_than_none() {
        assert_eq!(higher(0, NO_LEVEL), 0);
        assert_eq!(higher(NO_LEVEL, 0), 0);
        assert_eq!(higher(NO_LEVEL, NO_LEVEL), NO_LEVEL);
        assert_eq!(higher(3, 9), 9);
    }
}
