//! What stands behind the question mark.

use axum::extract::{FromRequestParts, Query};
use cpumonitor_common::{Metric, Timestamp};
use http::request::Parts;

use super::ApiError;

/// The parameters of a request, in order.
pub(crate) struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Params, ApiError> {
        let Query(pairs) = Query::try_from_uri(&parts.uri)
            .map_err(|error| ApiError::bad(format!("the parameters make no sense: {error}")))?;
        Ok(Params(pairs))
    }
}

impl Params {
    /// Refuses parameters that are not among `known`: better than an answer to half the question.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => {
                Err(ApiError::bad(format!("there is no parameter {name:?}, only {}", known.join(", "))))
            }
            None => Ok(()),
        }
    }

    /// The first of that name; `None` when it is missing or empty.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All of that name that are not empty, lists taken apart at commas.
    pub(super) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.all(name).flat_map(|value| value.split(',')).map(str::trim).filter(|item| !item.is_empty())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

/// The metric people call `word`, or its OpenTelemetry name.
pub(super) fn metric(word: &str) -> Result<Metric, ApiError> {
    let named =
        || cpumonitor_common::metric::CATALOGUE.iter().find(|def| def.name == word).map(|def| def.metric);
    Metric::by_short(word).or_else(named).ok_or_else(|| {
        ApiError::bad(format!(
            "there is no metric {word:?}; try cpu, mem, load1, fs, disk.read, net.rx or temp"
        ))
    })
}

/// An instant: milliseconds since the Unix epoch, `now`, or `-5m`.
pub(super) fn instant(name: &str, text: &str, now: Timestamp) -> Result<Timestamp, ApiError> {
    let wrong = || {
        ApiError::bad(format!(
            "{name} is milliseconds since the Unix epoch, now, or a time back as in -5m, not {text:?}"
        ))
    };
    if text == "now" {
        return Ok(now);
    }
    if let Some(back) = text.strip_prefix('-') {
        return span_ms(back).map(|ms| now.plus_ms(-ms)).ok_or_else(wrong);
    }
    text.parse().map(Timestamp::from_ms).map_err(|_| wrong())
}

/// A step in milliseconds: `10s`, `500ms`, `1m`; a plain number is seconds.
pub(super) fn step(name: &str, text: &str) -> Result<u32, ApiError> {
    let ms = span_ms(text).and_then(|ms| u32::try_from(ms).ok()).filter(|ms| *ms > 0);
    ms.ok_or_else(|| ApiError::bad(format!("{name} is a time as in 500ms, 10s or 1m, not {text:?}")))
}

/// Milliseconds of `5m`, `10s`, `500ms`, `2h`, or of plain seconds.
fn span_ms(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" | "" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_absolute_or_relative() {
        let now = Timestamp::from_ms(1_000_000);
        let check =
            |text, ms| assert_eq!(instant("from", text, now).ok().map(Timestamp::as_ms), ms, "{text}");
        check("now", Some(1_000_000));
        check("-5m", Some(700_000));
        check("-30", Some(970_000));
        check("123", Some(123));
        for wrong in ["", "-", "-5x", "yesterday", "1.5", "--5m", "-99999999999999999h"] {
            check(wrong, None);
        }
    }

    #[test]
    fn steps_have_units() {
        let check = |text, ms| assert_eq!(step("step", text).ok(), ms, "{text}");
        check("10s", Some(10_000));
        check("2", Some(2_000));
        check("250ms", Some(250));
        for wrong in ["", "0", "0s", "-1s", "s", "1d", "99999999h"] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_metric_goes_by_either_name() {
        assert_eq!(metric("cpu").ok(), Some(Metric::CPU));
        assert_eq!(metric("system.cpu.utilization").ok(), Some(Metric::CPU));
        assert!(metric("cpuu").is_err());
    }
}
