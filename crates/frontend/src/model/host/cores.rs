//! Every core over time, as cells of a heat strip.

use cpumonitor_common::Metric;

use super::charts::is_gap;
use super::tail::Track;
use super::{OpenHost, Window};
use crate::model::level::{NO_LEVEL, higher, level};
use crate::model::order::compare_naturally;

/// Many series as levels over time: one row an instance, one column a step. Keep it between frames:
/// filling it again reuses its memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeatMatrix {
    /// Cells a row.
    pub columns: usize,
    /// Row by row, oldest first: levels 0 to 254 for shares 0 to 1, 255 without a reading.
    pub levels: Vec<u8>,
    /// What each row is called.
    pub labels: Vec<String>,
}

impl OpenHost {
    /// Every core over time: the busiest moment of each of `columns` equal steps of the window. A row
    /// speaks for the time since the row before, so steps shorter than the interval leave no holes.
    pub fn fill_cores(&self, window: Window, columns: usize, out: &mut HeatMatrix) {
        let mut cores: Vec<&Track> = self.tail.instances(Metric::CPU).collect();
        cores.sort_by(|a, b| compare_naturally(&a.series.instance, &b.series.instance));
        if !out.labels.iter().eq(cores.iter().map(|track| &track.series.instance)) {
            out.labels = cores.iter().map(|track| track.series.instance.clone()).collect();
        }
        out.columns = columns;
        out.levels.clear();
        out.levels.resize(columns * cores.len(), NO_LEVEL);
        let (from, to) = (window.from.as_ms(), window.to.as_ms());
        if columns == 0 || to <= from {
            return;
        }
        let ats = self.tail.ats();
        let first = ats.partition_point(|at| *at <= from);
        let end = ats.partition_point(|at| *at <= to).max(first);
        let interval_ms = self.interval_ms();
        for row in first..end {
            let at = ats[row];
            let before = row.checked_sub(1).map(|before| ats[before]);
            let since = before.filter(|before| !is_gap(*before, at, interval_ms));
            let since = since.unwrap_or(at.saturating_sub(interval_ms));
            // The instants (since, at] lie in these steps; the window's steps are (from, to], too.
            let step = |instant: i64| {
                let passed = i128::from(instant) - i128::from(from);
                (passed * columns as i128).div_euclid(i128::from(to) - i128::from(from)).max(0) as usize
            };
            let last = step(at.saturating_sub(1)).min(columns - 1);
            for (core, track) in cores.iter().enumerate() {
                let reading = level(Metric::CPU.decode(track.codes[row]));
                for cell in &mut out.levels[core * columns + step(since).min(last)..=core * columns + last] {
                    *cell = higher(*cell, reading);
                }
            }
        }
    }
}
