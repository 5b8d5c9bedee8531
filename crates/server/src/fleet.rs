//! The live state of all hosts. Pure: time is an argument, and nothing in here waits or fails for
//! reasons outside.

mod delta;
mod host;
mod layouts;
mod lives;
mod removals;
mod segment;
mod session;
mod shared_layout;
mod tail;
#[cfg(test)]
mod tests;
mod trail;
mod view;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use cpumonitor_common::{Epoch, HostId, HostStatus, Layout, Revision, Subject as _, Timestamp};

pub(crate) use host::HostState;
pub(crate) use session::{Departure, FleetFull, Joining, Recorded, Replaced, SessionId, Source};
pub(crate) use shared_layout::SharedLayout;
pub(crate) use tail::{TAIL_MS, Tail};
pub(crate) use view::{HostView, Latest};

use layouts::Layouts;
use removals::Removals;

/// Most hosts; for one more the host that has been gone longest is forgotten.
pub(crate) const MAX_HOSTS: usize = 20_000;
/// Most bytes of names, labels and other texts of all hosts together: keeps a snapshot of the fleet
/// within one frame.
const MAX_TEXT_BYTES: usize = 8 * 1024 * 1024;
/// A 2018 client is forgotten this long after its connection closed.
const COMPAT_KEPT_MS: i64 = 5 * 60 * 1_000;

/// The live state of all hosts.
///
/// Every change takes the next [`Revision`]; what changed after a cursor is found by comparing
/// revisions, so there is no queue that could overflow. Viewers see revisions only up to the last one
/// [published](Fleet::publish), so that all of them step together and share frames.
#[derive(Debug)]
pub(crate) struct Fleet {
    epoch: Epoch,
    revision: Revision,
    published: Revision,
    /// By place.
    hosts: Vec<Option<HostState>>,
    places: HashMap<HostId, u32>,
    /// Places whose host is gone; the lowest is given away first, which keeps the columns dense.
    free: BTreeSet<u32>,
    removals: Removals,
    layouts: Layouts,
    /// Serial number of the next session.
    next_serial: u64,
    text_bytes: usize,
    /// Rows forgotten early because a host sent more than its share.
    over_bound: u64,
    forgotten: u64,
}

/// What the fleet is, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    /// Hosts by status, in the order of [`HostStatus::ALL`].
    pub(crate) by_status: [usize; 4],
    /// Bytes held by the tails of all hosts.
    pub(crate) tail_bytes: usize,
    /// Rows forgotten early because a host sent more than its share.
    pub(crate) over_bound: u64,
    /// Hosts forgotten to make room.
    pub(crate) forgotten: u64,
}

impl Fleet {
    /// A fleet without hosts, in a server life of its own.
    pub(crate) fn new(epoch: Epoch) -> Fleet {
        Fleet {
            epoch,
            // Zero is what a viewer has seen that has seen nothing, and an empty fleet is something.
            revision: Revision(1),
            published: Revision(1),
            hosts: Vec::new(),
            places: HashMap::new(),
            free: BTreeSet::new(),
            removals: Removals::default(),
            layouts: Layouts::default(),
            next_serial: 1,
            text_bytes: 0,
            over_bound: 0,
            forgotten: 0,
        }
    }

    /// The server life this is.
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// All hosts, by place.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &HostState> {
        self.hosts.iter().flatten()
    }

    /// How many hosts there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// One host; `None` when there is none of that id.
    pub(crate) fn host(&self, id: HostId) -> Option<&HostState> {
        self.hosts.get(*self.places.get(&id)? as usize)?.as_ref()
    }

    /// The server's copy of `layout`, under an id that is unique within the epoch. Hosts that report
    /// the same series share one.
    pub(crate) fn announce(&mut self, layout: Layout) -> Arc<SharedLayout> {
        self.layouts.share(layout)
    }

    /// Lets viewers see everything up to here. Answers with the revision they see now.
    pub(crate) fn publish(&mut self) -> Revision {
        self.published = self.revision;
        self.published
    }

    /// Judges every host by its silence, forgets rows older than the tail and 2018 clients long gone.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        let next = Revision(self.revision.0 + 1);
        let mut gone = Vec::new();
        let mut changed = false;
        for host in self.hosts.iter_mut().flatten() {
            host.expire(now);
            if host.is_forgotten(now, COMPAT_KEPT_MS) {
                gone.push(host.place());
            } else {
                changed |= host.judge(now, next);
            }
        }
        if changed {
            self.revision = next;
        }
        for place in gone {
            self.remove(place);
        }
        self.layouts.sweep();
    }

    /// The fleet in numbers.
    pub(crate) fn census(&self) -> Census {
        let mut census =
            Census { over_bound: self.over_bound, forgotten: self.forgotten, ..Census::default() };
        for host in self.hosts() {
            let status = HostStatus::ALL.iter().position(|status| *status == host.status());
            if let Some(count) = status.and_then(|place| census.by_status.get_mut(place)) {
                *count += 1;
            }
            census.tail_bytes += host.tail().bytes();
        }
        census
    }

    /// The next revision, taken.
    fn step(&mut self) -> Revision {
        self.revision.0 += 1;
        self.revision
    }

    fn remove(&mut self, place: u32) {
        let Some(host) = self.hosts.get_mut(place as usize).and_then(Option::take) else { return };
        self.places.remove(&host.info().id);
        self.free.insert(place);
        self.text_bytes -= host.text_bytes();
        let at = self.step();
        self.removals.push(at, place);
    }
}
