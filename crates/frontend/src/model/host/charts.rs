//! The lines of the host page's charts.

use cpumonitor_common::{Metric, Timestamp, Unit};

use super::OpenHost;
use super::tail::Track;
use crate::model::order::compare_naturally;

/// A chart of the host page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Total, user, system, I/O wait, steal.
    Cpu,
    /// Used and cached.
    Memory,
    /// Swap used.
    Swap,
    /// In and out: of the host as a whole.
    Network,
    /// In and out of every interface.
    Interfaces,
    /// Read and written: of the host as a whole.
    Disk,
    /// Read and written of every disk.
    Disks,
    /// Over 1, 5 and 15 minutes, with the core count as reference.
    Load,
    /// Every sensor.
    Temperature,
}

impl Panel {
    /// Its lines for the host as a whole, with their labels.
    const fn wholes(self) -> &'static [(Metric, &'static str)] {
        match self {
            Panel::Cpu => &[
                (Metric::CPU, "total"),
                (Metric::CPU_USER, "user"),
                (Metric::CPU_SYSTEM, "system"),
                (Metric::CPU_IOWAIT, "I/O wait"),
                (Metric::CPU_STEAL, "steal"),
            ],
            Panel::Memory => &[(Metric::MEMORY_USED, "used"), (Metric::MEMORY_CACHED, "cached")],
            Panel::Swap => &[(Metric::SWAP_USED, "used")],
            Panel::Network => &[(Metric::NETWORK_RECEIVE, "in"), (Metric::NETWORK_TRANSMIT, "out")],
            Panel::Disk => &[(Metric::DISK_READ, "read"), (Metric::DISK_WRITE, "write")],
            Panel::Load => {
                &[(Metric::LOAD_1, "1 min"), (Metric::LOAD_5, "5 min"), (Metric::LOAD_15, "15 min")]
            }
            Panel::Interfaces | Panel::Disks | Panel::Temperature => &[],
        }
    }

    /// Its lines for every instance, with what follows the instance's name in their labels.
    const fn instances(self) -> &'static [(Metric, &'static str)] {
        match self {
            Panel::Interfaces => &[(Metric::NETWORK_RECEIVE, " in"), (Metric::NETWORK_TRANSMIT, " out")],
            Panel::Disks => &[(Metric::DISK_READ, " read"), (Metric::DISK_WRITE, " write")],
            Panel::Temperature => &[(Metric::TEMPERATURE, "")],
            _ => &[],
        }
    }
}

/// The part of the past a chart shows, by the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its left edge.
    pub from: Timestamp,
    /// Its right edge.
    pub to: Timestamp,
}

impl Window {
    /// The last `length_ms` up to `end`.
    #[must_use]
    pub fn ending(end: Timestamp, length_ms: i64) -> Window {
        Window { from: end.plus_ms(length_ms.saturating_neg()), to: end }
    }
}

/// What a chart draws. Keep it between frames: filling it again reuses its memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Seconds since the Unix epoch by the server's clock, strictly ascending.
    pub x: Vec<f64>,
    /// One column a line, each as long as `x`; not-a-number is a gap (hand it to uPlot as null).
    pub ys: Vec<Vec<f64>>,
    /// What each line is called.
    pub labels: Vec<String>,
    /// What the values are counted in; `None` when there is no line.
    pub unit: Option<Unit>,
    /// The natural top of the y axis: 1 for shares, the memory there is; `None` to fit what is drawn.
    pub ceiling: Option<f64>,
    /// A value worth a dashed line: the core count in the load chart.
    pub reference: Option<f64>,
}

impl OpenHost {
    /// Whether a panel has a line with a reading in it.
    #[must_use]
    pub fn has(&self, panel: Panel) -> bool {
        self.lines(panel).iter().any(|(track, _)| track.codes.iter().any(|code| code.is_present()))
    }

    /// The lines of `panel` within `window`, and one row beyond its left edge, so that lines reach it.
    /// Where rows are missing for longer than one and a half intervals, a point without values makes
    /// the gap.
    pub fn fill(&self, panel: Panel, window: Window, out: &mut Columns) {
        let lines = self.lines(panel);
        out.unit = lines.first().map(|(track, _)| track.series.metric.unit());
        (out.ceiling, out.reference) = self.marks(panel);
        if !out.labels.iter().eq(lines.iter().map(|(_, label)| label)) {
            out.labels = lines.iter().map(|(_, label)| label.clone()).collect();
        }
        out.x.clear();
        out.ys.resize_with(lines.len(), Vec::new);
        out.ys.iter_mut().for_each(Vec::clear);

        let ats = self.tail.ats();
        let first = ats.partition_point(|at| *at < window.from.as_ms()).saturating_sub(1);
        let end = ats.partition_point(|at| *at <= window.to.as_ms()).max(first);
        let interval_ms = self.interval_ms();
        let mut before: Option<i64> = None;
        for (row, at) in ats.iter().enumerate().take(end).skip(first) {
            if let Some(before) = before.filter(|before| is_gap(*before, *at, interval_ms)) {
                out.x.push((before.saturating_add(interval_ms)) as f64 / 1_000.0);
                out.ys.iter_mut().for_each(|ys| ys.push(f64::NAN));
            }
            before = Some(*at);
            out.x.push(*at as f64 / 1_000.0);
            for (ys, (track, _)) in out.ys.iter_mut().zip(&lines) {
                ys.push(track.series.metric.decode(track.codes[row]).unwrap_or(f64::NAN));
            }
        }
    }

    fn lines(&self, panel: Panel) -> Vec<(&Track, String)> {
        let mut lines: Vec<(&Track, String)> = Vec::new();
        for (metric, label) in panel.wholes() {
            lines.extend(self.tail.track(*metric, "").map(|track| (track, (*label).to_owned())));
        }
        let mut names: Vec<&str> = panel
            .instances()
            .iter()
            .flat_map(|(metric, _)| self.tail.instances(*metric))
            .map(|track| track.series.instance.as_str())
            .collect();
        names.sort_by(|a, b| compare_naturally(a, b));
        names.dedup();
        for name in names {
            for (metric, suffix) in panel.instances() {
                lines.extend(self.tail.track(*metric, name).map(|track| (track, format!("{name}{suffix}"))));
            }
        }
        // Hosts with one sensor may report it for the whole only.
        if lines.is_empty() && panel == Panel::Temperature {
            lines.extend(self.tail.track(Metric::TEMPERATURE, "").map(|track| (track, "hottest".to_owned())));
        }
        lines
    }

    /// Ceiling and reference.
    fn marks(&self, panel: Panel) -> (Option<f64>, Option<f64>) {
        let known = |number: f64| (number > 0.0).then_some(number);
        let info = self.info();
        match panel {
            Panel::Cpu => (Some(1.0), None),
            Panel::Memory => (info.and_then(|info| known(info.memory_bytes as f64)), None),
            Panel::Swap => (info.and_then(|info| known(info.swap_bytes as f64)), None),
            Panel::Load => (None, info.and_then(|info| known(f64::from(info.core_count)))),
            _ => (None, None),
        }
    }
}

/// Whether rows are missing between two that follow each other.
pub(super) fn is_gap(before_ms: i64, at_ms: i64, interval_ms: i64) -> bool {
    at_ms.saturating_sub(before_ms) > interval_ms.saturating_mul(3) / 2
}
