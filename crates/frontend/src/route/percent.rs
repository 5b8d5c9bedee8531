//! Text in the query of a URL (application/x-www-form-urlencoded): a plus is a space, `%XX` is a byte.

use std::fmt;

/// A text as it stands in a query.
pub(super) struct Encoded<'a>(pub(super) &'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.bytes().try_for_each(|byte| match byte {
            b' ' => f.write_str("+"),
            byte if byte.is_ascii_alphanumeric() || b"-_.~*!(),:/@".contains(&byte) => {
                write!(f, "{}", char::from(byte))
            }
            byte => write!(f, "%{byte:02X}"),
        })
    }
}

/// The text that stands in a query. A percent sign without two digits stands for itself, and bytes
/// that are no UTF-8 become replacement characters.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                match tail.first_chunk().and_then(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)) {
                    Some(byte) => {
                        rest = &tail[2..];
                        byte
                    }
                    None => b'%',
                }
            }
            byte => *byte,
        });
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_browsers_and_people_write_is_read() {
        #[track_caller]
        fn check(encoded: &str, text: &str) {
            assert_eq!(decode(encoded), text);
        }
        check("cpu%20%3e+80%25", "cpu > 80%");
        check("80%", "80%");
        check("%4", "%4");
        check("%+1%zz", "% 1%zz");
        check("70%C2%B0C", "70°C");
        check("%FF", "\u{FFFD}");
    }

    proptest! {
        #[test]
        fn every_text_survives_a_round_trip(text in "(?s).{0,40}") {
            prop_assert_eq!(decode(&Encoded(&text).to_string()), text);
        }
    }
}
