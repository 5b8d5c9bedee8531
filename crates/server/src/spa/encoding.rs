//! Which encodings a browser takes (RFC 9110 §12.5.3).

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// How the bytes of an answer are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Brotli, `br`.
    Brotli,
    /// `gzip`.
    Gzip,
    /// As they are.
    Identity,
}

impl Encoding {
    /// The name in `Content-Encoding`; `None` for [`Encoding::Identity`], which has no header.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Encoding::Brotli => Some("br"),
            Encoding::Gzip => Some("gzip"),
            Encoding::Identity => None,
        }
    }

    /// The best of `offered` that the browser takes, by its weights; brotli before gzip where they are equal.
    ///
    /// A browser that refuses everything still gets the plain bytes: a page that it may not be able to
    /// read is better than an error that it cannot read either.
    pub(super) fn choose(headers: &HeaderMap, offered: &[Encoding]) -> Encoding {
        let mut chosen = (Encoding::Identity, 0);
        for encoding in offered.iter().copied() {
            let weight = encoding.name().map_or(0, |name| weight(headers, name));
            let better =
                weight > chosen.1 || (weight == chosen.1 && weight > 0 && encoding == Encoding::Brotli);
            if better {
                chosen = (encoding, weight);
            }
        }
        chosen.0
    }
}

/// How much the browser wants `name`, in thousandths; 0 when it does not take it.
fn weight(headers: &HeaderMap, name: &str) -> u16 {
    let mut of_any = 0;
    for header in headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()) {
        for item in header.split(',') {
            let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
            let weight = match parameters.trim().strip_prefix("q=") {
                Some(q) => q.trim().parse().map_or(0, |q: f32| (q.clamp(0.0, 1.0) * 1000.0) as u16),
                None => 1000,
            };
            match coding.trim() {
                coding if coding.eq_ignore_ascii_case(name) => return weight,
                "*" => of_any = weight,
                _ => {}
            }
        }
    }
    of_any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_decide_and_brotli_wins_a_tie() {
        #[track_caller]
        fn check(accept: &str, chosen: Encoding) {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, accept.parse().unwrap())]);
            assert_eq!(Encoding::choose(&headers, &[Encoding::Brotli, Encoding::Gzip]), chosen, "{accept}");
            assert_eq!(Encoding::choose(&headers, &[Encoding::Gzip, Encoding::Brotli]), chosen, "{accept}");
        }
        check("gzip, deflate, br, zstd", Encoding::Brotli);
        check("gzip", Encoding::Gzip);
        check("br;q=0.5, gzip;q=0.8", Encoding::Gzip);
        check("br; q=0, gzip", Encoding::Gzip);
        check("GZIP", Encoding::Gzip);
        check("*", Encoding::Brotli);
        check("*;q=0.3, br;q=0", Encoding::Gzip);
        check("identity", Encoding::Identity);
        check("gzip;q=nonsense", Encoding::Identity);
        check("", Encoding::Identity);
    }

    #[test]
    fn without_the_header_the_bytes_are_plain() {
        assert_eq!(Encoding::choose(&HeaderMap::new(), &[Encoding::Brotli]), Encoding::Identity);
    }
}
