//! The live state of all hosts. Pure: time is an argument, and nothing here can fail for outside reasons.

mod host;
mod shared_layout;

pub(crate) use host::{HostState, HostView};
pub(crate) use shared_layout::SharedLayout;

use cpumonitor_common::{HostInfo, Incarnation};

/// Names one connection of one host, for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// What it is.
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

/// There is no room for another host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fleet is full")]
pub(crate) struct FleetFull;

/// A newer session of the same host has taken over, or the host is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a newer connection of the same host has taken over")]
pub(crate) struct Replaced;

/// The live state of all hosts.
#[derive(Debug, Default)]
pub(crate) struct Fleet {}
