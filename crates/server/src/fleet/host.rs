//! One host: who it is, how it fares, and its newest rows.

use std::sync::Arc;

use cpumonitor_common::wire::{GapReason, HostHealth};
use cpumonitor_common::{Code, HostInfo, HostStatus, Metric, Revision, Row, Rows, Subject, Timestamp};

use super::lives::Lives;
use super::session::text_bytes;
use super::tail::{TAIL_MS, Tail};
use super::{Departure, HostView, Joining, Latest, Recorded, SharedLayout, Source};

/// A host's clock that is wrong by no more than this is taken as right.
const TOLERATED_SKEW_MS: i64 = 250;
/// One host.
#[derive(Debug)]
pub(crate) struct HostState {
    place: u32,
    source: Source,
    info: HostInfo,
    lives: Lives,
    interval_ms: u32,
    skew_ms: i64,
    /// What is taken off the times of its rows.
    correction_ms: i64,
    /// Serial number of the connection; `None` while there is none.
    session: Option<u64>,
    /// When its last connection ended, while there is none.
    left: Option<Timestamp>,
    stopped: bool,
    status: HostStatus,
    seen: Timestamp,
    latest: Option<Latest>,
    tail: Tail,
    changed: Changed,
}

/// The revision of the newest change, by what changed.
#[derive(Clone, Copy, Debug)]
struct Changed {
    anything: Revision,
    entry: Revision,
    info: Revision,
    rows: Revision,
}

impl HostState {
    /// A host that joins for the first time.
    pub(super) fn new(place: u32, joining: &Joining, now: Timestamp, revision: Revision) -> HostState {
        HostState {
            place,
            source: joining.source,
            info: joining.info.clone(),
            lives: Lives::new(joining.incarnation),
            interval_ms: joining.interval_ms,
            skew_ms: 0,
            correction_ms: 0,
            session: None,
            left: None,
            stopped: false,
            status: HostStatus::Live,
            seen: now,
            latest: None,
            tail: Tail::default(),
            changed: Changed { anything: revision, entry: revision, info: revision, rows: Revision::ZERO },
        }
    }

    /// Takes a connection over. Answers with the serial number of the one it replaces.
    pub(super) fn join(
        &mut self,
        joining: Joining,
        serial: u64,
        now: Timestamp,
        revision: Revision,
    ) -> Option<u64> {
        self.lives.change(joining.incarnation);
        if joining.info != self.info {
            self.info = joining.info;
            self.changed.info = revision;
        }
        self.source = joining.source;
        self.interval_ms = joining.interval_ms;
        self.measure_skew(joining.skew_ms);
        self.stopped = false;
        self.left = None;
        self.hear(now, revision);
        self.changed.entry = revision;
        self.session.replace(serial)
    }

    /// Takes rows, and tells how many of the tail went early for them.
    pub(super) fn record(
        &mut self,
        layout: &Arc<SharedLayout>,
        rows: &Rows,
        now: Timestamp,
        revision: Revision,
    ) -> (Recorded, u64) {
        let mut recorded = Recorded::default();
        let mut over_bound = 0;
        for row in rows.iter() {
            if row.seq < self.lives.now.next_seq {
                recorded.duplicate += 1;
                continue;
            }
            recorded.undeclared += self.lives.now.take_row(row.seq);
            let at = self.server_time(row.at, now);
            if now.ms_since(at) > TAIL_MS {
                recorded.too_old += 1;
                continue;
            }
            // Charts rely on time that does not go back, whatever two measurements of skew say.
            let at = self.tail.newest_at().map_or(at, |newest| at.max(newest));
            let row = Row { at, ..row };
            over_bound += self.tail.push(row, layout, self.lives.incarnation, revision);
            self.remember(layout, row);
            self.changed.rows = revision;
            recorded.kept += 1;
        }
        recorded.next_seq = self.lives.now.next_seq;
        self.hear(now, revision);
        (recorded, over_bound)
    }

    pub(super) fn declare_gap(
        &mut self,
        first_seq: u64,
        count: u64,
        reason: GapReason,
        now: Timestamp,
        revision: Revision,
    ) -> Recorded {
        let (kept, undeclared) = self.lives.now.take_gap(first_seq, count, reason);
        let recorded =
            Recorded { next_seq: self.lives.now.next_seq, kept, undeclared, ..Recorded::default() };
        self.hear(now, revision);
        recorded
    }

    pub(super) fn leave(&mut self, how: Departure, now: Timestamp, revision: Revision) {
        self.session = None;
        self.left = Some(now);
        self.stopped = how == Departure::Goodbye;
        if self.stopped {
            self.seen = now;
        }
        self.changed.anything = revision;
        self.judge(now, revision);
    }

    /// Judges the status anew; tells whether it changed.
    pub(super) fn judge(&mut self, now: Timestamp, revision: Revision) -> bool {
        let status = if self.stopped {
            HostStatus::Stopped
        } else {
            HostStatus::of_silence(now.ms_since(self.seen), self.interval_ms)
        };
        let changed = status != self.status;
        if changed {
            self.status = status;
            self.changed.entry = revision;
            self.changed.anything = revision;
        }
        changed
    }

    pub(super) fn expire(&mut self, now: Timestamp) {
        self.tail.expire(now);
    }

    pub(super) fn is_forgotten(&self, now: Timestamp, kept_ms: i64) -> bool {
        self.source == Source::Compat && self.left.is_some_and(|left| now.ms_since(left) >= kept_ms)
    }

    fn hear(&mut self, now: Timestamp, revision: Revision) {
        self.seen = now;
        self.changed.anything = revision;
        self.judge(now, revision);
    }

    fn measure_skew(&mut self, skew_ms: i64) {
        self.skew_ms = skew_ms;
        self.correction_ms = if skew_ms.saturating_abs() > TOLERATED_SKEW_MS { skew_ms } else { 0 };
    }

    /// The server's time of what the host says happened `at`.
    fn server_time(&mut self, at: Timestamp, now: Timestamp) -> Timestamp {
        let corrected = at.ms_since(Timestamp::from_ms(self.correction_ms));
        let ahead_ms = corrected.saturating_sub(now.as_ms());
        if ahead_ms <= TOLERATED_SKEW_MS {
            return Timestamp::from_ms(corrected);
        }
        // Nothing comes from the future: the host's clock has been set since we measured it.
        self.measure_skew(self.correction_ms.saturating_add(ahead_ms));
        now
    }

    fn remember(&mut self, layout: &Arc<SharedLayout>, row: Row<'_>) {
        match &mut self.latest {
            Some(latest) if Arc::ptr_eq(&latest.layout, layout) && latest.codes.len() == row.codes.len() => {
                latest.at = row.at;
                latest.codes.copy_from_slice(row.codes);
            }
            latest => {
                *latest = Some(Latest { layout: layout.clone(), at: row.at, codes: row.codes.to_vec() })
            }
        }
    }
}

/// What it is and how it fares.
impl HostState {
    /// Its place in the columns of the overview.
    pub(crate) fn place(&self) -> u32 {
        self.place
    }

    /// Who it is.
    pub(crate) fn info(&self) -> &HostInfo {
        &self.info
    }

    /// When it was last heard, by the server's clock.
    pub(crate) fn seen(&self) -> Timestamp {
        self.seen
    }

    /// Milliseconds between its rows.
    pub(crate) fn interval_ms(&self) -> u32 {
        self.interval_ms
    }

    /// The newest row; `None` before the first.
    pub(crate) fn latest(&self) -> Option<&Latest> {
        self.latest.as_ref()
    }

    /// The rows of the last minutes.
    pub(crate) fn tail(&self) -> &Tail {
        &self.tail
    }

    /// How it fares, and how wrong its clock is.
    pub(crate) fn health(&self) -> HostHealth {
        HostHealth {
            status: self.status,
            seen: self.seen,
            skew_ms: self.skew_ms,
            lost: self.lives.now.lost,
            missed: self.lives.now.missed,
        }
    }

    /// A copy for the terminal.
    pub(crate) fn view(&self) -> HostView {
        HostView {
            name: self.info.name.clone(),
            status: self.status,
            seen: self.seen,
            latest: self.latest.clone(),
        }
    }

    /// When its last connection ended; `None` while it has one.
    pub(super) fn left(&self) -> Option<Timestamp> {
        self.left
    }

    pub(super) fn session(&self) -> Option<u64> {
        self.session
    }

    pub(super) fn next_seq(&self) -> u64 {
        self.lives.now.next_seq
    }

    pub(super) fn text_bytes(&self) -> usize {
        text_bytes(&self.info)
    }

    pub(super) fn changed_since(&self, since: Revision) -> bool {
        self.changed.anything > since
    }

    pub(super) fn entry_changed_since(&self, since: Revision) -> bool {
        self.changed.entry > since
    }

    pub(super) fn info_changed_since(&self, since: Revision) -> bool {
        self.changed.info > since
    }

    pub(super) fn rows_changed_since(&self, since: Revision) -> bool {
        self.changed.rows > since
    }
}

impl Subject for HostState {
    fn code(&self, metric: Metric) -> Code {
        self.latest.as_ref().map_or(Code::ABSENT, |latest| latest.code(metric))
    }

    fn name(&self) -> &str {
        &self.info.name
    }

    fn status(&self) -> HostStatus {
        self.status
    }
}
