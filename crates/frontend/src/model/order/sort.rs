//! What rows are sorted by, and how that is written.

use std::fmt;

use cpumonitor_common::{Metric, Unit};

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// By name, numbers in it by value: `web-2` before `web-10`.
    Name,
    /// By status, most alive first when ascending.
    Status,
    /// By age of the newest row, youngest first when ascending.
    Age,
    /// By the newest reading; hosts without one come last either way.
    Metric(Metric),
}

impl SortKey {
    fn parse(text: &str) -> Option<SortKey> {
        match text {
            "name" => Some(SortKey::Name),
            "status" => Some(SortKey::Status),
            "age" => Some(SortKey::Age),
            _ => Metric::by_short(text).map(SortKey::Metric),
        }
    }

    /// Which end people look for first.
    fn descending_first(self) -> bool {
        match self {
            SortKey::Name => false,
            SortKey::Status | SortKey::Age => true,
            // Little space left is what matters, not much.
            SortKey::Metric(metric) => {
                !matches!(metric, Metric::MEMORY_AVAILABLE | Metric::FILESYSTEM_AVAILABLE)
                    && metric.unit() != Unit::Seconds
            }
        }
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SortKey::Name => f.write_str("name"),
            SortKey::Status => f.write_str("status"),
            SortKey::Age => f.write_str("age"),
            SortKey::Metric(metric) => metric.fmt(f),
        }
    }
}

/// A key and a direction; written as in `-cpu`, the minus meaning largest first. Hosts that are equal
/// are in ascending order of name either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Largest first.
    pub descending: bool,
}

impl Default for Sort {
    /// The hottest hosts first.
    fn default() -> Sort {
        Sort { key: SortKey::Metric(Metric::CPU), descending: true }
    }
}

impl Sort {
    /// Reads `-cpu`, `name`, `status`, `age`; `None` when it is none of these.
    #[must_use]
    pub fn parse(text: &str) -> Option<Sort> {
        let (descending, key) = match text.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, text),
        };
        SortKey::parse(key).map(|key| Sort { key, descending })
    }

    /// The sort after a click on the heading of `key`: the other direction if it was sorted by it,
    /// else that key with the interesting end first.
    #[must_use]
    pub fn clicked(self, key: SortKey) -> Sort {
        let descending = if self.key == key { !self.descending } else { key.descending_first() };
        Sort { key, descending }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpumonitor_common::metric::CATALOGUE;

    #[test]
    fn every_sort_reads_back_as_written() {
        let metrics = CATALOGUE.iter().map(|def| SortKey::Metric(def.metric));
        for key in [SortKey::Name, SortKey::Status, SortKey::Age].into_iter().chain(metrics) {
            for descending in [false, true] {
                let sort = Sort { key, descending };
                assert_eq!(Sort::parse(&sort.to_string()), Some(sort));
            }
        }
    }

    #[test]
    fn what_is_no_sort_is_none() {
        for text in ["", "-", "--cpu", "cpuu", "CPU", "cpu "] {
            assert_eq!(Sort::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_click_turns_round_or_starts_at_the_interesting_end() {
        let by = |key| Sort::default().clicked(key).to_string();
        assert_eq!(by(SortKey::Metric(Metric::CPU)), "cpu");
        assert_eq!(by(SortKey::Metric(Metric::MEMORY)), "-mem");
        assert_eq!(by(SortKey::Metric(Metric::FILESYSTEM_AVAILABLE)), "fs.available");
        assert_eq!(by(SortKey::Name), "name");
        assert_eq!(Sort::default().clicked(SortKey::Name).clicked(SortKey::Name).to_string(), "-name");
    }
}
