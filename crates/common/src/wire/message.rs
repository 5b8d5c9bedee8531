//! The messages, current version. Variants are only ever added at the end, within a version never.

use serde::{Deserialize, Serialize};

use super::{Cursor, Epoch, Overview};
use crate::bounded;
use crate::{Chunk, HostId, HostInfo, HostStatus, Incarnation, Layout, LayoutId, Metric, Timestamp};

/// What an agent says.
#[cfg_attr(
    not(target_arch = "wasm32"), // where pointers are half as wide, clippy sees nothing large
    expect(
        clippy::large_enum_variant,
        reason = "a message lives for one decode, and one hello a connection is not worth a box"
    )
)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AgentToServer {
    /// First message of every connection.
    Hello(Hello),
    /// From now on rows may refer to this layout.
    Layout(Layout),
    /// Rows: the live one, or many after an outage. Oldest first within an incarnation.
    Samples {
        /// A layout this connection has announced.
        layout: LayoutId,
        /// The rows.
        chunk: Chunk,
    },
    /// These ticks have no row and never will.
    Gap {
        /// The first of them.
        first_seq: u64,
        /// How many.
        count: u64,
        /// Why.
        reason: GapReason,
    },
    /// The agent stops because somebody told it to. Nothing follows.
    Goodbye {
        /// The sequence number the next tick would have had.
        next_seq: u64,
    },
}

/// How an agent introduces itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// The host.
    pub host: HostInfo,
    /// The life of the agent process.
    pub incarnation: Incarnation,
    /// Milliseconds between ticks.
    pub interval_ms: u32,
    /// The oldest row still held.
    pub oldest_seq: u64,
    /// The sequence number of the next tick.
    pub next_seq: u64,
    /// The host's clock as this was sent; the server measures the skew with it.
    pub now: Timestamp,
}

/// Why ticks have no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GapReason {
    /// The agent did not get to run in time.
    Missed,
    /// The backlog was full, and the oldest rows were given up.
    Dropped,
}

/// What the server says to an agent. A closed list: an agent can be told when to come back and what
/// it may forget, never to run anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ServerToAgent {
    /// Answers the hello.
    Welcome {
        /// The server's clock.
        now: Timestamp,
        /// The first sequence number of this incarnation that the server does not have.
        next_seq: u64,
    },
    /// Rows before `next_seq` are the server's now.
    Ack {
        /// The first sequence number that is not.
        next_seq: u64,
    },
    /// The server closes the connection next; come back no sooner than this.
    Retry {
        /// Milliseconds to wait, before jitter.
        after_ms: u32,
    },
}

/// What a viewer says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ViewerToServer {
    /// Replaces what the viewer wants.
    Subscribe(Subscription),
}

/// All that a viewer wants. Stated as a whole each time, so there is nothing to get out of step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The overview of all hosts.
    pub fleet: Option<FleetScope>,
    /// One host in full.
    pub host: Option<HostScope>,
    /// At most one delta in this many milliseconds; the server does not go below its own pace.
    pub pace_ms: u32,
}

/// Most columns of an overview.
pub const MAX_METRICS: usize = 64;

/// The overview of all hosts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetScope {
    /// The columns wanted, ascending.
    #[serde(deserialize_with = "bounded::vec::<_, _, MAX_METRICS>")]
    pub metrics: Vec<Metric>,
    /// What the viewer has seen with these same columns; [`Cursor::START`] after changing them.
    pub from: Cursor,
}

/// One host in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostScope {
    /// Which.
    pub id: HostId,
    /// What the viewer has seen of it.
    pub from: Cursor,
}

/// What the server says to a viewer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ServerToViewer {
    /// First message of every connection.
    Welcome(Welcome),
    /// Changes of the fleet. Comes at least every two seconds, empty if need be, as a sign of life.
    Fleet(FleetDelta),
    /// Changes of the host in the subscription.
    Host(HostDelta),
}

/// How the server introduces itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Version of the server.
    pub server_version: String,
    /// This life of the server.
    pub epoch: Epoch,
    /// The server's clock.
    pub now: Timestamp,
    /// How far back rows are held, in milliseconds.
    pub tail_ms: u32,
    /// What everybody who looks at the page should know.
    pub notices: Vec<Notice>,
}

/// Something about the server that everybody who looks should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// It listens beyond this machine although nobody has to prove who they are (`--insecure-open`).
    InsecureOpen,
    /// It takes the clients of 2018, which prove nothing, either.
    Compat,
}

/// Changes of the fleet after a cursor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetDelta {
    /// What this builds on. From [`Revision::ZERO`](super::Revision::ZERO) it is the snapshot: forget
    /// everything first.
    pub since: Cursor,
    /// Where it leads.
    pub until: Cursor,
    /// The server's clock.
    pub at: Timestamp,
    /// Hosts that are new, or whose name, tags or status changed.
    pub hosts: Vec<HostEntry>,
    /// Places whose host is gone. A place may be given to another host later.
    pub removed: Vec<u32>,
    /// The newest codes of the hosts that sent rows.
    pub overview: Overview,
}

/// A host as the fleet page needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostEntry {
    /// Its place in the columns of the overview.
    pub place: u32,
    /// Names it for good.
    pub id: HostId,
    /// What people call it.
    pub name: String,
    /// Operating system and version.
    pub os: String,
    /// Labels.
    pub tags: Vec<crate::Tag>,
    /// Logical cores.
    pub core_count: u32,
    /// Physical memory.
    pub memory_bytes: u64,
    /// Milliseconds between its samples.
    pub interval_ms: u32,
    /// How it fares.
    pub status: HostStatus,
    /// When it was last heard, by the server's clock; exact in a snapshot, in other deltas as of the
    /// change that brought the entry.
    pub seen: Timestamp,
}

/// Changes of one host after a cursor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostDelta {
    /// What this builds on; from [`Revision::ZERO`](super::Revision::ZERO) forget everything first.
    pub since: Cursor,
    /// Where it leads.
    pub until: Cursor,
    /// The server's clock.
    pub at: Timestamp,
    /// Which host.
    pub id: HostId,
    /// `false` when the server knows no such host (any more).
    pub known: bool,
    /// The facts, when they changed.
    pub info: Option<HostInfo>,
    /// Skew and status, when they changed.
    pub health: Option<HostHealth>,
    /// Rows, oldest first, times by the server's clock.
    pub runs: Vec<Run>,
}

/// How a host fares, and how wrong its clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostHealth {
    /// How it fares.
    pub status: HostStatus,
    /// When it was last heard, by the server's clock.
    pub seen: Timestamp,
    /// The host's clock minus the server's, in milliseconds, as of its last hello.
    pub skew_ms: i64,
    /// Rows lost for good in this incarnation, as its agent declared.
    pub lost: u64,
    /// Ticks the agent did not get to run in time, as it declared.
    pub missed: u64,
}

/// Rows of one layout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Names the layout within the epoch.
    pub layout: LayoutId,
    /// The layout itself, when the viewer has not seen it.
    pub series: Option<Layout>,
    /// The rows.
    pub chunk: Chunk,
}
