//! What a viewer has not seen: the whole fan-out in two functions.

use cpumonitor_common::wire::{FleetDelta, HostDelta, HostEntry, Overview, Run};
use cpumonitor_common::{Chunk, Cursor, HostId, LayoutId, Metric, Revision, Row, Subject, Timestamp};

use super::{Fleet, HostState};

impl Fleet {
    /// What has changed in the fleet for a viewer at `cursor`, up to what is published.
    ///
    /// A cursor from another epoch, or from before the oldest removal we remember, is answered from
    /// [`Revision::ZERO`], which tells the viewer to start over. First, next, slow and returning viewers
    /// all come through here. States newer than published may be in it and then come again: a state
    /// twice is the same state.
    pub(crate) fn changes_since(&self, cursor: Cursor, metrics: &[Metric], now: Timestamp) -> FleetDelta {
        let since = self.resume(cursor);
        let (since, removed) = match self.removals.since(since) {
            Some(removed) if since > Revision::ZERO => (since, removed),
            _ => (Revision::ZERO, Vec::new()),
        };
        let moved: Vec<&HostState> = self.hosts().filter(|host| host.rows_changed_since(since)).collect();
        FleetDelta {
            since: self.cursor(since),
            until: self.cursor(self.published),
            at: now,
            hosts: self
                .hosts()
                .filter(|host| host.entry_changed_since(since))
                .map(HostState::entry)
                .collect(),
            removed,
            overview: Overview::new(metrics.to_vec()).fill(
                &moved,
                |host| host.place(),
                |host| host.latest().map_or(i64::MAX, |latest| now.ms_since(latest.at)),
                |host, metric| host.code(metric),
            ),
        }
    }

    /// What has changed of one host for a viewer at `cursor`, up to what is published.
    ///
    /// Rows are events, so none comes twice. A viewer that was away for longer than the tail gets what
    /// is left of it, and sees the gap.
    pub(crate) fn host_changes_since(&self, id: HostId, cursor: Cursor, now: Timestamp) -> HostDelta {
        let since = self.resume(cursor);
        let host = self.host(id);
        HostDelta {
            since: self.cursor(since),
            until: self.cursor(self.published),
            at: now,
            id,
            known: host.is_some(),
            info: host.filter(|host| host.info_changed_since(since)).map(|host| host.info().clone()),
            health: host.filter(|host| host.changed_since(since)).map(HostState::health),
            runs: host.map_or_else(Vec::new, |host| host.runs(since, self.published)),
        }
    }

    /// Whether [`Fleet::host_changes_since`] has something to say.
    pub(crate) fn host_has_changed_since(&self, id: HostId, cursor: Cursor) -> bool {
        let since = self.resume(cursor);
        since == Revision::ZERO || self.host(id).is_some_and(|host| host.changed_since(since))
    }

    /// Where a viewer that has seen `cursor` goes on.
    fn resume(&self, cursor: Cursor) -> Revision {
        let ours = cursor.epoch == self.epoch && cursor.revision <= self.published;
        if ours { cursor.revision } else { Revision::ZERO }
    }

    fn cursor(&self, revision: Revision) -> Cursor {
        Cursor { epoch: self.epoch, revision }
    }

    /// Where every viewer that has seen all comes to stand.
    pub(crate) fn newest(&self) -> Cursor {
        self.cursor(self.published)
    }
}

impl HostState {
    fn entry(&self) -> HostEntry {
        let info = self.info();
        HostEntry {
            place: self.place(),
            id: info.id,
            name: info.name.clone(),
            os: info.os.clone(),
            tags: info.tags.clone(),
            core_count: info.core_count,
            memory_bytes: info.memory_bytes,
            interval_ms: self.interval_ms(),
            status: self.status(),
            seen: self.seen(),
        }
    }

    /// A run for every segment that has rows after `since` and up to `until`; two where a chunk cannot
    /// hold them.
    fn runs(&self, since: Revision, until: Revision) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut told: Option<LayoutId> = None;
        for segment in self.tail().segments().filter(|segment| segment.newest() > since) {
            let layout = segment.layout().layout();
            let rows: Vec<Row<'_>> = segment.rows_between(since, until).collect();
            for rows in rows.chunks(Chunk::capacity(layout.series.len()).max(1)) {
                let new = segment.announced() > since && told != Some(layout.id);
                told = Some(layout.id);
                runs.push(Run {
                    layout: layout.id,
                    series: new.then(|| layout.clone()),
                    chunk: Chunk::encode_iter(layout.series.len(), rows.iter().copied()),
                });
            }
        }
        runs
    }
}
