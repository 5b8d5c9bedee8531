//! What hosts do: join, send rows, declare gaps, leave.

use std::sync::Arc;

use cpumonitor_common::wire::GapReason;
use cpumonitor_common::{HostInfo, Incarnation, Rows, Timestamp};

use super::{Fleet, HostState, MAX_HOSTS, MAX_TEXT_BYTES, SharedLayout};

/// Names one connection of one host, for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SessionId {
    place: u32,
    serial: u64,
}

/// How a host introduces itself.
#[derive(Clone, Debug)]
pub(crate) struct Joining {
    /// The host.
    pub(crate) info: HostInfo,
    /// The life of its agent.
    pub(crate) incarnation: Incarnation,
    /// Milliseconds between its rows.
    pub(crate) interval_ms: u32,
    /// Its clock minus ours, in milliseconds.
    pub(crate) skew_ms: i64,
    /// What sends its rows.
    pub(crate) source: Source,
}

/// What sends a host's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// An agent: the host stays listed when it is gone.
    Agent,
    /// A client of 2018: the host is forgotten five minutes after its connection closed.
    Compat,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Departure {
    /// Somebody stopped the agent on purpose.
    Goodbye,
    /// Any other way; silence tells the rest.
    Broken,
}

/// What became of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recorded {
    /// The first sequence number the server lacks now.
    pub(crate) next_seq: u64,
    /// Rows kept, or ticks declared that were not known.
    pub(crate) kept: u64,
    /// Rows ignored because they were known.
    pub(crate) duplicate: u64,
    /// Rows not kept because they are older than the tail.
    pub(crate) too_old: u64,
    /// Sequence numbers skipped without a declaration.
    pub(crate) undeclared: u64,
}

/// There is no room for another host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server has no room for another host")]
pub(crate) struct FleetFull;

/// A newer session of the same host has taken over, or the host is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the same host connected again, and the newest connection wins")]
pub(crate) struct Replaced;

impl Fleet {
    /// A host connects; the newest connection wins. Answers with its name in further calls, the first
    /// sequence number the server lacks, and the session that is replaced.
    pub(crate) fn join(
        &mut self,
        joining: Joining,
        now: Timestamp,
    ) -> Result<(SessionId, u64, Option<SessionId>), FleetFull> {
        let place = match self.places.get(&joining.info.id) {
            Some(place) => *place,
            None => self.make_room()?,
        };
        let replaced_bytes =
            self.hosts.get(place as usize).and_then(Option::as_ref).map_or(0, HostState::text_bytes);
        let text_bytes = self.text_bytes - replaced_bytes + text_bytes(&joining.info);
        if text_bytes > MAX_TEXT_BYTES {
            return Err(FleetFull);
        }
        self.text_bytes = text_bytes;

        let serial = self.next_serial;
        self.next_serial += 1;
        let revision = self.step();
        self.places.insert(joining.info.id, place);
        self.free.remove(&place);
        if self.hosts.len() <= place as usize {
            self.hosts.resize_with(place as usize + 1, || None);
        }
        let Some(slot) = self.hosts.get_mut(place as usize) else { return Err(FleetFull) };
        let host = slot.get_or_insert_with(|| HostState::new(place, &joining, now, revision));
        let replaced = host.join(joining, serial, now, revision);
        let next_seq = host.next_seq();
        Ok((SessionId { place, serial }, next_seq, replaced.map(|serial| SessionId { place, serial })))
    }

    /// Takes rows of a host, times by its own clock.
    pub(crate) fn record(
        &mut self,
        session: SessionId,
        layout: &Arc<SharedLayout>,
        rows: &Rows,
        now: Timestamp,
    ) -> Result<Recorded, Replaced> {
        let revision = self.step();
        let host = self.of_session(session)?;
        let (recorded, over_bound) = host.record(layout, rows, now, revision);
        self.over_bound += over_bound;
        Ok(recorded)
    }

    /// Takes the declaration that `count` ticks from `first_seq` on have no row. Answers with the first
    /// sequence number the server lacks now.
    pub(crate) fn declare_gap(
        &mut self,
        session: SessionId,
        first_seq: u64,
        count: u64,
        reason: GapReason,
        now: Timestamp,
    ) -> Result<Recorded, Replaced> {
        let revision = self.step();
        Ok(self.of_session(session)?.declare_gap(first_seq, count, reason, now, revision))
    }

    /// A session ends. Does nothing when a newer one has taken over.
    pub(crate) fn leave(&mut self, session: SessionId, how: Departure, now: Timestamp) {
        let revision = self.step();
        if let Ok(host) = self.of_session(session) {
            host.leave(how, now, revision);
        }
    }

    fn of_session(&mut self, session: SessionId) -> Result<&mut HostState, Replaced> {
        let host = self.hosts.get_mut(session.place as usize).and_then(Option::as_mut);
        host.filter(|host| host.session() == Some(session.serial)).ok_or(Replaced)
    }

    /// A free place, made by forgetting the host that has been gone longest if need be.
    fn make_room(&mut self) -> Result<u32, FleetFull> {
        if self.len() >= MAX_HOSTS {
            let gone = self.hosts().filter_map(|host| Some((host.left()?, host.place())));
            let (_, place) = gone.min().ok_or(FleetFull)?;
            self.remove(place);
            self.forgotten += 1;
        }
        let end = u32::try_from(self.hosts.len()).map_err(|_| FleetFull)?;
        Ok(self.free.first().copied().unwrap_or(end))
    }
}

/// Bytes of the texts in `info`.
pub(super) fn text_bytes(info: &HostInfo) -> usize {
    let HostInfo { name, os, kernel, arch, cpu_model, agent_version, tags, .. } = info;
    let texts = [name, os, kernel, arch, cpu_model, agent_version];
    let tags = tags.iter().flat_map(|tag| [&tag.key, &tag.value]);
    texts.into_iter().chain(tags).map(String::len).sum()
}
