//! The one lock: where sessions meet the fleet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use cpumonitor_common::wire::{GapReason, ServerToViewer, encode};
use cpumonitor_common::{Cursor, Epoch, HostId, Layout, Metric, Revision, Rows, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::fleet::{
    Departure, Fleet, FleetFull, HostState, HostView, Joining, Recorded, Replaced, SessionId, SharedLayout,
};
use crate::live::FrameCache;
use crate::telemetry::Counters;

/// Where sessions meet the fleet. The one lock of the server is in here: held for microseconds, never
/// while waiting for anything.
#[derive(Debug)]
pub(crate) struct Relay {
    state: Mutex<State>,
    revisions: watch::Sender<Revision>,
    counters: Arc<Counters>,
}

#[derive(Debug)]
struct State {
    fleet: Fleet,
    frames: FrameCache,
    /// How to tell a session that a newer one has taken over.
    sessions: HashMap<SessionId, CancellationToken>,
}

/// What a host that joined needs to know.
#[derive(Debug)]
pub(crate) struct Joined {
    /// Names the connection in every further call.
    pub(crate) session: SessionId,
    /// The first sequence number of this incarnation that the server lacks.
    pub(crate) next_seq: u64,
    /// Cancelled when a newer connection of the same host takes over.
    pub(crate) replaced: CancellationToken,
}

impl Relay {
    /// A relay for an empty fleet, in a server life of its own.
    pub(crate) fn new(epoch: Epoch, counters: Arc<Counters>) -> Relay {
        let fleet = Fleet::new(epoch);
        let revisions = watch::Sender::new(fleet.newest().revision);
        let state = State { fleet, frames: FrameCache::default(), sessions: HashMap::new() };
        Relay { state: Mutex::new(state), revisions, counters }
    }

    /// A host connects. An older connection of the same host is replaced.
    pub(crate) fn join(&self, joining: Joining, now: Timestamp) -> Result<Joined, FleetFull> {
        let mut state = self.lock();
        let joined = state.fleet.join(joining, now);
        let (session, next_seq, replaced) = joined.inspect_err(|_| self.counters.hosts_refused.count())?;
        if let Some(token) = replaced.and_then(|session| state.sessions.remove(&session)) {
            token.cancel();
        }
        let replaced = CancellationToken::new();
        state.sessions.insert(session, replaced.clone());
        Ok(Joined { session, next_seq, replaced })
    }

    /// The server's copy of `layout`, for [`Relay::record`]. Announce once, not with every row.
    pub(crate) fn announce(&self, layout: Layout) -> Arc<SharedLayout> {
        self.lock().fleet.announce(layout)
    }

    /// Takes rows of a host, times by its own clock. Answers with the first sequence number it lacks now.
    pub(crate) fn record(
        &self,
        session: SessionId,
        layout: &Arc<SharedLayout>,
        rows: &Rows,
        now: Timestamp,
    ) -> Result<u64, Replaced> {
        let recorded = self.lock().fleet.record(session, layout, rows, now)?;
        let Recorded { next_seq, kept, duplicate, too_old, undeclared } = recorded;
        self.counters.rows.add(kept);
        self.counters.rows_duplicate.add(duplicate);
        self.counters.rows_too_old.add(too_old);
        self.counters.rows_undeclared.add(undeclared);
        Ok(next_seq)
    }

    /// Takes the declaration that `count` ticks from `first_seq` on have no row. Answers with the first
    /// sequence number the server lacks now.
    pub(crate) fn declare_gap(
        &self,
        session: SessionId,
        first_seq: u64,
        count: u64,
        reason: GapReason,
        now: Timestamp,
    ) -> Result<u64, Replaced> {
        let declared = self.lock().fleet.declare_gap(session, first_seq, count, reason, now)?;
        match reason {
            GapReason::Missed => self.counters.rows_missed.add(declared.kept),
            GapReason::Dropped => self.counters.rows_lost.add(declared.kept),
        }
        self.counters.rows_undeclared.add(declared.undeclared);
        Ok(declared.next_seq)
    }

    /// A session ends. Does nothing when a newer one has taken over.
    pub(crate) fn leave(&self, session: SessionId, how: Departure, now: Timestamp) {
        let mut state = self.lock();
        state.sessions.remove(&session);
        state.fleet.leave(session, how, now);
    }

    /// Asks something of the fleet. Keep it short: everybody else waits.
    pub(crate) fn read<T>(&self, ask: impl FnOnce(&Fleet) -> T) -> T {
        ask(&self.lock().fleet)
    }

    /// All hosts as they are now, in no particular order.
    pub(crate) fn view(&self) -> Vec<HostView> {
        self.read(|fleet| fleet.hosts().map(HostState::view).collect())
    }

    /// Tells of news: a number, never a queue.
    pub(crate) fn revisions(&self) -> watch::Receiver<Revision> {
        self.revisions.subscribe()
    }

    /// Lets viewers see everything up to now. Called at an even pace, so that viewers step together.
    pub(crate) fn publish(&self) {
        let revision = {
            let mut state = self.lock();
            state.frames.clear();
            state.fleet.publish()
        };
        self.revisions.send_if_modified(|published| std::mem::replace(published, revision) != revision);
    }

    /// Judges every host by its silence and forgets what is too old.
    pub(crate) fn expire(&self, now: Timestamp) {
        self.lock().fleet.expire(now);
    }

    /// The frame that takes a viewer of `metrics` from `cursor` to where it leads.
    pub(crate) fn fleet_frame(&self, metrics: &[Metric], cursor: Cursor, now: Timestamp) -> (Bytes, Cursor) {
        let mut state = self.lock();
        let until = state.fleet.newest();
        if let Some(frame) = state.frames.get(metrics, cursor) {
            self.counters.frames_shared.count();
            return (frame, until);
        }
        let delta = state.fleet.changes_since(cursor, metrics, now);
        let frame = Bytes::from(encode(&ServerToViewer::Fleet(delta)));
        state.frames.keep(metrics, cursor, frame.clone());
        (frame, until)
    }

    /// The same for one host, and whether the server knows it; `None` when there is no news.
    pub(crate) fn host_frame(
        &self,
        id: HostId,
        cursor: Cursor,
        known: Option<bool>,
        life_sign: bool,
        now: Timestamp,
    ) -> Option<(Bytes, Cursor, bool)> {
        let state = self.lock();
        let is_known = state.fleet.host(id).is_some();
        let news = known != Some(is_known) || (is_known && state.fleet.host_has_changed_since(id, cursor));
        (news || life_sign).then(|| {
            let delta = state.fleet.host_changes_since(id, cursor, now);
            (Bytes::from(encode(&ServerToViewer::Host(delta))), state.fleet.newest(), is_known)
        })
    }

    /// A panic of one session while it held the lock must not stop the others: what it left is one host
    /// half updated, and the next row puts that right.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
