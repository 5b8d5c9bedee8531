//! A reading as sixteen bits, and the two ways a number becomes one.
//!
//! Codes compare in value order, so filters, maxima and histograms work on codes and decode only
//! what is shown.

use serde::{Deserialize, Serialize};

/// A reading as `u16`; what it means is told by the metric's [`Encoding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(pub u16);

impl Code {
    /// The host could not measure this at this instant. Never zero, and never a value.
    pub const ABSENT: Code = Code(0xFFFF);

    /// The largest code that is a value.
    pub const MAX: Code = Code(0xFFFE);

    /// Whether this is a value rather than [`Code::ABSENT`].
    #[must_use]
    pub const fn is_present(self) -> bool {
        self.0 != Self::ABSENT.0
    }
}

/// Mantissa bits kept by [`Encoding::Log`]: relative error at most 2⁻¹¹, below 0.05 %.
const MANTISSA_BITS: u32 = 10;
/// Codes below this stand for themselves.
const EXACT: u64 = 1 << MANTISSA_BITS;

/// How a metric's readings become codes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Encoding {
    /// `code = round((value - offset) * scale)`: ratios in per mille, temperatures in tenths.
    Linear {
        /// Codes per unit of value.
        scale: f64,
        /// The value of code 0.
        offset: f64,
    },
    /// `n = round(value * scale)` as a float of 10 mantissa bits: relative error at most 0.05 %,
    /// exact below 2,048, up to 2⁶⁴. Bytes, rates and counts. Negative values are absent.
    Log {
        /// Units of `n` per unit of value.
        scale: f64,
    },
}

impl Encoding {
    /// The code of `value`. Not-a-number and infinities are [`Code::ABSENT`], as is a negative value
    /// under [`Encoding::Log`]; what is out of range otherwise is clamped to the nearest value.
    #[must_use]
    pub fn encode(self, value: f64) -> Code {
        if !value.is_finite() {
            return Code::ABSENT;
        }
        match self {
            Encoding::Linear { scale, offset } => {
                let steps = ((value - offset) * scale).round();
                // `as` saturates, so only the top code needs care.
                Code((steps as u16).min(Code::MAX.0))
            }
            Encoding::Log { scale } => {
                if value < 0.0 {
                    return Code::ABSENT;
                }
                Code(log_encode((value * scale).round() as u64))
            }
        }
    }

    /// The value of `code`; `None` for [`Code::ABSENT`] and for codes no value encodes to.
    #[must_use]
    pub fn decode(self, code: Code) -> Option<f64> {
        if !code.is_present() {
            return None;
        }
        match self {
            Encoding::Linear { scale, offset } => Some(f64::from(code.0) / scale + offset),
            Encoding::Log { scale } => log_decode(code.0).map(|n| n / scale),
        }
    }

    /// The smallest code whose value is at least `value`, or greater than it when `strictly`;
    /// [`Code::ABSENT`] when no code's value is.
    ///
    /// This turns a threshold into a code once, so that testing a host is one integer comparison
    /// that agrees exactly with comparing decoded values.
    #[must_use]
    pub fn first_code(self, value: f64, strictly: bool) -> Code {
        let reaches = |code: u16| match self.decode(Code(code)) {
            Some(decoded) if strictly => decoded > value,
            Some(decoded) => decoded >= value,
            None => true, // above the last value of a log encoding
        };
        let (mut low, mut high) = (0u16, Code::ABSENT.0);
        while low < high {
            let middle = low + (high - low) / 2;
            if reaches(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if self.decode(Code(low)).is_some() { Code(low) } else { Code::ABSENT }
    }
}

fn log_encode(n: u64) -> u16 {
    if n < EXACT {
        return n as u16;
    }
    let shift = n.ilog2() - MANTISSA_BITS;
    // Round to nearest; a carry out of the mantissa lands on the next exponent's first code.
    let rounded = if shift == 0 { n } else { ((n >> (shift - 1)) + 1) >> 1 };
    let code = EXACT + u64::from(shift) * EXACT + (rounded - EXACT);
    code.min(LOG_MAX) as u16
}

/// The code of the largest `u64` whose mantissa fits.
const LOG_MAX: u64 = EXACT + (63 - MANTISSA_BITS as u64) * EXACT + (EXACT - 1);

fn log_decode(code: u16) -> Option<f64> {
    let code = u64::from(code);
    if code < EXACT {
        return Some(code as f64);
    }
    if code > LOG_MAX {
        return None;
    }
    let shift = (code - EXACT) / EXACT;
    let mantissa = EXACT + (code - EXACT) % EXACT;
    Some(mantissa as f64 * (1u64 << shift) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATIO: Encoding = Encoding::Linear { scale: 1000.0, offset: 0.0 };
    const TENTHS: Encoding = Encoding::Linear { scale: 10.0, offset: -273.1 };
    const BYTES: Encoding = Encoding::Log { scale: 1.0 };

    #[track_caller]
    fn check(encoding: Encoding, value: f64, code: u16) {
        assert_eq!(encoding.encode(value), Code(code));
    }

    #[test]
    fn ratios_are_per_mille() {
        check(RATIO, 0.0, 0);
        check(RATIO, 0.125, 125);
        check(RATIO, 1.0, 1000);
        check(RATIO, -0.1, 0);
        check(RATIO, 1e9, 0xFFFE);
    }

    #[test]
    fn temperatures_may_be_below_zero() {
        let code = TENTHS.encode(-40.0);
        assert!((TENTHS.decode(code).unwrap() + 40.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_number_is_absent() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            check(RATIO, value, 0xFFFF);
            check(BYTES, value, 0xFFFF);
        }
        check(BYTES, -1.0, 0xFFFF);
        assert_eq!(BYTES.decode(Code::ABSENT), None);
    }

    #[test]
    fn small_counts_are_exact() {
        for n in 0..2048u32 {
            assert_eq!(BYTES.decode(BYTES.encode(f64::from(n))), Some(f64::from(n)));
        }
    }

    #[test]
    fn the_largest_count_still_has_a_code() {
        let code = BYTES.encode(u64::MAX as f64);
        assert!(code.is_present());
        assert!(BYTES.decode(code).is_some());
        assert_eq!(BYTES.decode(Code(LOG_MAX as u16 + 1)), None);
    }

    #[test]
    fn a_threshold_above_every_value_has_no_code() {
        assert_eq!(BYTES.first_code(1e30, false), Code::ABSENT);
        assert_eq!(RATIO.first_code(0.8, false), Code(800));
        assert_eq!(RATIO.first_code(0.8, true), Code(801));
    }

    proptest! {
        #[test]
        fn log_error_is_below_a_twentieth_of_a_percent(n in 0u64..=u64::MAX / 2) {
            let back = BYTES.decode(BYTES.encode(n as f64)).unwrap();
            prop_assert!((back - n as f64).abs() <= n as f64 * 0.0005);
        }

        #[test]
        fn codes_compare_in_value_order(a in 0f64..1e18, b in 0f64..1e18) {
            if a <= b {
                prop_assert!(BYTES.encode(a) <= BYTES.encode(b));
            }
        }

        #[test]
        fn every_value_code_survives_a_round_trip(code in 0u16..=LOG_MAX as u16) {
            prop_assert_eq!(BYTES.encode(BYTES.decode(Code(code)).unwrap()), Code(code));
            prop_assert_eq!(RATIO.encode(RATIO.decode(Code(code)).unwrap()), Code(code));
        }

        #[test]
        fn the_first_code_agrees_with_decoded_values(value in 0f64..2e12, code in 0u16..=LOG_MAX as u16, strictly: bool) {
            for encoding in [RATIO, TENTHS, BYTES] {
                let decoded = encoding.decode(Code(code)).unwrap();
                let expected = if strictly { decoded > value } else { decoded >= value };
                let first = encoding.first_code(value, strictly);
                prop_assert_eq!(first.is_present() && Code(code) >= first, expected);
            }
        }
    }
}
