//! Which series a host reports, in which order.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Metric, bounded};

/// Most series of one host.
pub const MAX_SERIES: usize = 2_000;
/// Longest instance name, in bytes.
pub const MAX_INSTANCE_BYTES: usize = 128;

/// Names a layout: within one incarnation between agent and server, within one epoch between server
/// and viewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LayoutId(pub u32);

/// One metric of one host, and of one instance where the metric has several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Series {
    /// What is measured.
    pub metric: Metric,
    /// Of what, as in core `3` or disk `nvme0n1`; empty for the host as a whole.
    pub instance: String,
}

impl Series {
    /// The series of `metric` for the host as a whole.
    #[must_use]
    pub fn whole(metric: Metric) -> Series {
        Series { metric, instance: String::new() }
    }

    /// The series of `metric` for one `instance`.
    #[must_use]
    pub fn of(metric: Metric, instance: impl Into<String>) -> Series {
        Series { metric, instance: instance.into() }
    }

    /// Whether this speaks for the host as a whole.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.instance.is_empty()
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole() {
            write!(f, "{}", self.metric)
        } else {
            write!(f, "{}[{}]", self.metric, self.instance)
        }
    }
}

/// The ordered list of series a host reports; sent once, and again when it changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// How rows refer to this layout.
    pub id: LayoutId,
    /// The series, in row order.
    #[serde(deserialize_with = "bounded::vec::<_, _, MAX_SERIES>")]
    pub series: Vec<Series>,
}

impl Layout {
    /// Where `metric` of the host as a whole stands in a row; `None` when it is not reported.
    #[must_use]
    pub fn whole(&self, metric: Metric) -> Option<usize> {
        self.series.iter().position(|series| series.metric == metric && series.is_whole())
    }

    /// The instances of `metric` with their places in a row, in layout order.
    pub fn instances(&self, metric: Metric) -> impl Iterator<Item = (usize, &str)> {
        self.series
            .iter()
            .enumerate()
            .filter(move |(_, series)| series.metric == metric && !series.is_whole())
            .map(|(place, series)| (place, series.instance.as_str()))
    }

    /// Checks every bound that a peer could exceed.
    ///
    /// # Errors
    /// Says which bound.
    pub fn check(&self) -> Result<(), InvalidLayout> {
        if self.series.len() > MAX_SERIES {
            return Err(InvalidLayout::TooManySeries);
        }
        if self.series.iter().any(|s| s.instance.len() > MAX_INSTANCE_BYTES) {
            return Err(InvalidLayout::InstanceTooLong);
        }
        if self.series.iter().any(|s| s.instance.chars().any(char::is_control)) {
            return Err(InvalidLayout::ControlCharacter);
        }
        Ok(())
    }
}

/// Why a [`Layout`] is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLayout {
    /// More than [`MAX_SERIES`].
    #[error("the layout has more than {MAX_SERIES} series")]
    TooManySeries,
    /// An instance name longer than [`MAX_INSTANCE_BYTES`].
    #[error("an instance name is longer than {MAX_INSTANCE_BYTES} bytes")]
    InstanceTooLong,
    /// An instance name that could change how a terminal or a log line reads.
    #[error("an instance name contains a control character")]
    ControlCharacter,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Layout {
        Layout {
            id: LayoutId(7),
            series: vec![
                Series::whole(Metric::CPU),
                Series::of(Metric::CPU, "0"),
                Series::of(Metric::CPU, "1"),
            ],
        }
    }

    #[test]
    fn the_whole_and_its_instances_are_told_apart() {
        assert_eq!(layout().whole(Metric::CPU), Some(0));
        assert_eq!(layout().whole(Metric::MEMORY), None);
        assert_eq!(layout().instances(Metric::CPU).collect::<Vec<_>>(), [(1, "0"), (2, "1")]);
    }

    #[test]
    fn a_series_is_written_as_people_type_it() {
        assert_eq!(Series::whole(Metric::CPU).to_string(), "cpu");
        assert_eq!(Series::of(Metric::DISK_READ, "sda").to_string(), "disk.read[sda]");
    }

    #[test]
    fn bounds_are_checked() {
        let many = vec![Series::whole(Metric::CPU); MAX_SERIES + 1];
        assert_eq!(Layout { id: LayoutId(0), series: many }.check(), Err(InvalidLayout::TooManySeries));
        let long = vec![Series::of(Metric::CPU, "x".repeat(129))];
        assert_eq!(Layout { id: LayoutId(0), series: long }.check(), Err(InvalidLayout::InstanceTooLong));
        assert_eq!(layout().check(), Ok(()));
    }
}
