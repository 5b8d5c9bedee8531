//! A series as points: every row, or rollups over a step.

use std::collections::BTreeMap;

use cpumonitor_common::{Rollup, Series, Timestamp};
use serde::Serialize;

use crate::fleet::Tail;

/// Which points are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Points {
    /// The first instant.
    pub(super) from: Timestamp,
    /// The last instant.
    pub(super) to: Timestamp,
    /// What is rolled up; `None` for every row as it is.
    pub(super) step_ms: Option<u32>,
}

/// A point, as an array to keep it short.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Point {
    /// Time and value; without a value the host could not measure.
    Row(i64, Option<f64>),
    /// Start of the step; smallest, largest, mean and number of readings. A step without readings is a gap.
    Step(i64, Option<f64>, Option<f64>, Option<f64>, u64),
}

impl Points {
    /// What the numbers of a point are.
    pub(super) fn columns(self) -> &'static [&'static str] {
        match self.step_ms {
            None => &["at_ms", "value"],
            Some(_) => &["at_ms", "min", "max", "mean", "count"],
        }
    }

    /// At most so many points has a series.
    pub(super) fn most(self, tail: &Tail) -> usize {
        match self.step_ms {
            None => tail.len(),
            Some(step_ms) => {
                let steps = self.to.ms_since(self.from) / i64::from(step_ms.max(1));
                usize::try_from(steps).unwrap_or(usize::MAX).saturating_add(2)
            }
        }
    }

    /// The points of `series`, oldest first. Where its host did not report it, there is none.
    pub(super) fn of(self, tail: &Tail, series: &Series) -> Vec<Point> {
        let readings = tail.segments().flat_map(|segment| {
            let place = segment.layout().layout().series.iter().position(|known| known == series);
            let rows = place
                .map(|place| segment.rows().filter_map(move |row| Some((row.at, *row.codes.get(place)?))));
            rows.into_iter().flatten()
        });
        let readings = readings
            .filter(|(at, _)| (self.from..=self.to).contains(at))
            .map(|(at, code)| (at, series.metric.decode(code)));
        match self.step_ms {
            None => readings.map(|(at, value)| Point::Row(at.as_ms(), value)).collect(),
            Some(step_ms) => self.rolled_up(readings, i64::from(step_ms.max(1))),
        }
    }

    fn rolled_up(self, readings: impl Iterator<Item = (Timestamp, Option<f64>)>, step_ms: i64) -> Vec<Point> {
        let step_of = |at: Timestamp| at.as_ms().div_euclid(step_ms);
        let mut steps: BTreeMap<i64, Rollup> = BTreeMap::new();
        for (at, value) in readings {
            let Some(reading) = value.map(Rollup::of) else { continue };
            steps.entry(step_of(at)).and_modify(|rollup| *rollup = rollup.merge(reading)).or_insert(reading);
        }
        (step_of(self.from)..=step_of(self.to))
            .map(|step| {
                let start_ms = step.saturating_mul(step_ms);
                match steps.get(&step) {
                    Some(rollup) => Point::Step(
                        start_ms,
                        Some(rollup.min),
                        Some(rollup.max),
                        Some(rollup.mean()),
                        rollup.count,
                    ),
                    None => Point::Step(start_ms, None, None, None, 0),
                }
            })
            .collect()
    }
}
