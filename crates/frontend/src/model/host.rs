//! The host whose page is open: five minutes of all its series.

mod charts;
mod cores;
mod tail;

use std::collections::BTreeMap;

use cpumonitor_common::wire::{Cursor, HostDelta, HostHealth, Revision, Run};
use cpumonitor_common::{HostId, HostInfo, LayoutId, Metric, Series, Timestamp};

pub use self::charts::{Columns, Panel, Window};
pub use self::cores::HeatMatrix;
pub use self::tail::KEEP_MS;
use self::tail::Tail;
use super::order::compare_naturally;

/// Layouts remembered; of more, the oldest goes, and a run that needs it is asked for again.
const MAX_LAYOUTS: usize = 32;
/// Taken for the interval before two rows have told it, in ms.
const USUAL_INTERVAL_MS: i64 = 1_000;

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
    cursor: Cursor,
    known: Option<bool>,
    info: Option<HostInfo>,
    health: Option<HostHealth>,
    interval_ms: Option<i64>,
    layouts: BTreeMap<LayoutId, Vec<Series>>,
    /// Where the codes of the newest layout go in the tail.
    current: Option<(LayoutId, Vec<Option<usize>>)>,
    tail: Tail,
    /// The rows in the tail are from before the last snapshot: shown until the first row after it.
    outlived: bool,
    undecodable: u64,
}

impl OpenHost {
    /// Nothing is known of it yet.
    #[must_use]
    pub fn new(id: HostId) -> OpenHost {
        OpenHost {
            id,
            cursor: Cursor::START,
            known: None,
            info: None,
            health: None,
            interval_ms: None,
            layouts: BTreeMap::new(),
            current: None,
            tail: Tail::default(),
            outlived: false,
            undecodable: 0,
        }
    }

    /// Which host.
    #[must_use]
    pub fn id(&self) -> HostId {
        self.id
    }

    /// Whether the server knows it; `None` before its answer.
    #[must_use]
    pub fn known(&self) -> Option<bool> {
        self.known
    }

    /// What does not change while it runs.
    #[must_use]
    pub fn info(&self) -> Option<&HostInfo> {
        self.info.as_ref()
    }

    /// How it fares, as the server said it.
    #[must_use]
    pub fn health(&self) -> Option<HostHealth> {
        self.health
    }

    /// When its newest row was taken, by the server's clock.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        self.tail.ats().last().copied().map(Timestamp::from_ms)
    }

    /// The newest value of `metric` for the host as a whole; `None` when it is absent from the newest
    /// row.
    #[must_use]
    pub fn latest(&self, metric: Metric) -> Option<f64> {
        self.latest_of(metric, "")
    }

    /// The newest value of one instance.
    #[must_use]
    pub fn latest_of(&self, metric: Metric, instance: &str) -> Option<f64> {
        metric.decode(*self.tail.track(metric, instance)?.codes.last()?)
    }

    /// The file systems, fullest first.
    #[must_use]
    pub fn file_systems(&self) -> Vec<FileSystem> {
        let mut file_systems: Vec<FileSystem> = self
            .tail
            .instances(Metric::FILESYSTEM)
            .filter_map(|track| {
                let mount = &track.series.instance;
                Some(FileSystem {
                    mount: mount.clone(),
                    used_ratio: self.latest_of(Metric::FILESYSTEM, mount)?,
                    available_bytes: self.latest_of(Metric::FILESYSTEM_AVAILABLE, mount),
                })
            })
            .collect();
        file_systems.sort_by(|a, b| {
            b.used_ratio.total_cmp(&a.used_ratio).then_with(|| compare_naturally(&a.mount, &b.mount))
        });
        file_systems
    }

    /// Milliseconds between its rows: as the server says, else as the rows do.
    #[must_use]
    pub fn interval_ms(&self) -> i64 {
        self.interval_ms.unwrap_or_else(|| {
            let newest = self.tail.ats().len().saturating_sub(32);
            let mut steps: Vec<i64> =
                self.tail.ats()[newest..].windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
            let middle = steps.len() / 2;
            if steps.is_empty() { USUAL_INTERVAL_MS } else { *steps.select_nth_unstable(middle).1 }
        })
    }

    /// Chunks that could not be read, and series beyond what is kept of one host.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.undecodable + self.tail.refused()
    }

    pub(super) fn set_interval_ms(&mut self, interval_ms: u32) {
        self.interval_ms = Some(i64::from(interval_ms.max(1)));
    }

    pub(super) fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Believes a delta of this host; the answer tells whether it builds on what we have. If not, the
    /// cursor says what to ask for.
    pub(super) fn apply(&mut self, delta: HostDelta) -> bool {
        let snapshot = delta.since.revision == Revision::ZERO;
        let builds_on_ours =
            delta.since.epoch == self.cursor.epoch && delta.since.revision <= self.cursor.revision;
        if !snapshot && !builds_on_ours {
            return false;
        }
        if snapshot {
            // Layout ids start over. The rows stay on the screen until there are new ones: after a
            // restart the server has none, and gets them back from the agent a moment later.
            self.layouts.clear();
            self.current = None;
            self.outlived = true;
        }
        self.known = Some(delta.known);
        self.info = delta.info.or(self.info.take());
        self.health = delta.health.or(self.health);
        let mut complete = true;
        for run in delta.runs {
            complete &= self.take_run(run);
        }
        self.cursor = if complete { delta.until } else { Cursor::START };
        complete
    }

    /// Takes in a run; `false` when its layout is not known.
    fn take_run(&mut self, run: Run) -> bool {
        if let Some(layout) = run.series {
            self.layouts.insert(run.layout, layout.series);
            self.current = None;
            while self.layouts.len() > MAX_LAYOUTS {
                self.layouts.pop_first();
            }
        }
        let Some(series) = self.layouts.get(&run.layout) else { return false };
        let Ok(rows) = run.chunk.decode(series.len()) else {
            self.undecodable += 1;
            return true; // asking again would bring the same bytes
        };
        let places = match self.current.take() {
            Some((layout, places)) if layout == run.layout => places,
            _ => self.tail.places_of(series),
        };
        for row in rows.iter() {
            if std::mem::take(&mut self.outlived) {
                // Nearly the same instant is the same row, its time mapped anew.
                self.tail.cut(row.at.as_ms().saturating_sub(self.interval_ms() / 2));
            }
            self.tail.insert(row, &places);
        }
        self.current = Some((run.layout, places));
        true
    }
}

#[cfg(test)]
mod tests;
