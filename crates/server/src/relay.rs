//! The one lock: where sessions meet the fleet.

use std::sync::Arc;

use cpumonitor_common::{Layout, Revision, Rows, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::fleet::{Departure, FleetFull, HostView, Joining, Replaced, SessionId, SharedLayout};

/// Where sessions meet the fleet. The one lock of the server is in here: held for microseconds, never
/// while waiting for anything.
#[derive(Debug)]
pub(crate) struct Relay {}

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
    /// A host connects. An older connection of the same host is replaced.
    pub(crate) fn join(&self, joining: Joining, now: Timestamp) -> Result<Joined, FleetFull> {
        let _ = (joining, now);
        Err(FleetFull)
    }

    /// The server's copy of `layout`, for [`Relay::record`]. Announce once, not with every row.
    pub(crate) fn announce(&self, layout: Layout) -> Arc<SharedLayout> {
        Arc::new(SharedLayout::new(layout))
    }

    /// Takes rows of a host, times by its own clock. Answers with the first sequence number it lacks now.
    pub(crate) fn record(
        &self,
        session: SessionId,
        layout: &Arc<SharedLayout>,
        rows: &Rows,
        now: Timestamp,
    ) -> Result<u64, Replaced> {
        let _ = (session, layout, rows, now);
        Err(Replaced)
    }

    /// A session ends. Does nothing when a newer one has taken over.
    pub(crate) fn leave(&self, session: SessionId, how: Departure, now: Timestamp) {
        let _ = (session, how, now);
    }

    /// All hosts as they are now, in no particular order.
    pub(crate) fn view(&self) -> Vec<HostView> {
        Vec::new()
    }

    /// Tells of news: a number, never a queue.
    pub(crate) fn revisions(&self) -> watch::Receiver<Revision> {
        watch::channel(Revision::ZERO).1
    }
}
