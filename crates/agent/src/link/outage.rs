//! What is logged while the server is away: each trouble once, and its end. Pure: time is an argument.

use std::time::Duration;

use super::error::LinkError;
use crate::clock::Moment;

/// Most different troubles of one outage that are told.
const MAX_TOLD: usize = 8;

/// One stretch of time without a server, or none.
#[derive(Debug, Default)]
pub(super) struct Outage {
    since: Option<Moment>,
    told: Vec<String>,
}

impl Outage {
    /// Notes a failure at `now`; whether a person should be told. Each kind of trouble is told once per
    /// outage, so a night without a server is one line, not a thousand.
    pub(super) fn failed(&mut self, now: Moment, error: &LinkError) -> bool {
        self.since.get_or_insert(now);
        let kind = error.to_string();
        if self.told.len() >= MAX_TOLD || self.told.contains(&kind) {
            return false;
        }
        self.told.push(kind);
        true
    }

    /// Notes that the server is back at `now`; how long it was away, `None` when it was not.
    pub(super) fn over(&mut self, now: Moment) -> Option<Duration> {
        self.told.clear();
        now.since(self.since.take()?)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn each_trouble_is_told_once_per_outage() {
        let at = |second| Moment::after_start(Duration::from_secs(second));
        let refused = || LinkError::Connect(Error::from(ErrorKind::ConnectionRefused));
        let mut outage = Outage::default();
        assert!(outage.failed(at(1), &refused()));
        assert!(!outage.failed(at(2), &refused()));
        assert!(outage.failed(at(3), &LinkError::NoAnswer));
        assert!(!outage.failed(at(4), &refused()));
        assert_eq!(outage.over(at(13)), Some(Duration::from_secs(12)));
        assert_eq!(outage.over(at(14)), None);
        assert!(outage.failed(at(15), &refused()));
    }
}
