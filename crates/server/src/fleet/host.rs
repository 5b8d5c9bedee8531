//! One host.

use std::sync::Arc;

use cpumonitor_common::{Code, HostStatus, Metric, Subject, Timestamp};

use super::SharedLayout;

/// One host.
#[derive(Debug)]
pub(crate) struct HostState {}

/// A host as the terminal shows it, copied out of the fleet.
#[derive(Clone, Debug)]
pub(crate) struct HostView {
    /// What people call it.
    pub(crate) name: String,
    /// How it fares.
    pub(crate) status: HostStatus,
    /// When it was last heard, by the server's clock.
    pub(crate) seen: Timestamp,
    /// Milliseconds between its rows.
    pub(crate) interval_ms: u32,
    /// The newest row, if there was one yet.
    pub(crate) latest: Option<Latest>,
}

/// The newest row of a host.
#[derive(Clone, Debug)]
pub(crate) struct Latest {
    /// What the codes mean.
    pub(crate) layout: Arc<SharedLayout>,
    /// When the readings were taken, by the server's clock.
    pub(crate) at: Timestamp,
    /// One code a series.
    pub(crate) codes: Box<[Code]>,
}

impl Subject for HostView {
    fn code(&self, metric: Metric) -> Code {
        self.latest.as_ref().map_or(Code::ABSENT, |latest| latest.layout.code(metric, &latest.codes))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn status(&self) -> HostStatus {
        self.status
    }
}
