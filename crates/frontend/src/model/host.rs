//! The host whose page is open: five minutes of all its series.

use cpumonitor_common::wire::HostHealth;
use cpumonitor_common::{HostId, HostInfo, Metric, Timestamp, Unit};

/// How far back rows are kept, in milliseconds.
pub const KEEP_MS: i64 = 300_000;

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
        Window { from: end.plus_ms(-length_ms), to: end }
    }
}

/// What a chart draws. Kept between frames: filling it again reuses its memory.
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

/// Many series as levels over time: one row an instance, one column a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeatMatrix {
    /// Cells a row.
    pub columns: usize,
    /// Row by row, oldest first: levels 0 to 254 for shares 0 to 1, 255 without a reading.
    pub levels: Vec<u8>,
    /// What each row is called.
    pub labels: Vec<String>,
}

/// How full a file system is.
#[derive(Clone, Debug, PartialEq)]
pub struct FileSystem {
    /// Where it is mounted.
    pub mount: String,
    /// Share taken, 0 to 1.
    pub used_ratio: f64,
    /// Bytes left for ordinary users; `None` when not reported.
    pub available_bytes: Option<f64>,
}

/// The open host.
#[derive(Clone, Debug)]
pub struct OpenHost {
    id: HostId,
}

impl OpenHost {
    /// Nothing is known of it yet.
    #[must_use]
    pub fn new(id: HostId) -> OpenHost {
        OpenHost { id }
    }

    /// Which host.
    #[must_use]
    pub fn id(&self) -> HostId {
        self.id
    }

    /// Whether the server knows it; `None` before its answer.
    #[must_use]
    pub fn known(&self) -> Option<bool> {
        None
    }

    /// What does not change while it runs.
    #[must_use]
    pub fn info(&self) -> Option<&HostInfo> {
        None
    }

    /// How it fares, as the server said it.
    #[must_use]
    pub fn health(&self) -> Option<HostHealth> {
        None
    }

    /// When its newest row was taken, by the server's clock.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        None
    }

    /// The newest value of `metric` for the host as a whole; `None` when it is absent from the newest row.
    #[must_use]
    pub fn latest(&self, metric: Metric) -> Option<f64> {
        self.latest_of(metric, "")
    }

    /// The newest value of one instance.
    #[must_use]
    pub fn latest_of(&self, metric: Metric, instance: &str) -> Option<f64> {
        let _ = (metric, instance);
        None
    }

    /// Whether a panel has anything to draw.
    #[must_use]
    pub fn has(&self, panel: Panel) -> bool {
        let _ = panel;
        false
    }

    /// The lines of `panel` within `window`.
    pub fn fill(&self, panel: Panel, window: Window, out: &mut Columns) {
        let _ = (panel, window, out);
    }

    /// Every core over time: the busiest moment of each of `columns` equal steps of the window.
    pub fn fill_cores(&self, window: Window, columns: usize, out: &mut HeatMatrix) {
        let _ = (window, columns, out);
    }

    /// The file systems, fullest first.
    #[must_use]
    pub fn file_systems(&self) -> Vec<FileSystem> {
        Vec::new()
    }
}
