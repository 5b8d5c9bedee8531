//! A host as readers see it, copied out of the fleet.

use std::sync::Arc;

use cpumonitor_common::{Code, HostStatus, Metric, Subject, Timestamp};

use super::SharedLayout;

/// The newest row of a host.
#[derive(Clone, Debug)]
pub(crate) struct Latest {
    /// What the codes mean.
    pub(crate) layout: Arc<SharedLayout>,
    /// When the readings were taken, by the server's clock.
    pub(crate) at: Timestamp,
    /// One code a series.
    pub(crate) codes: Vec<Code>,
}

/// A host as the terminal shows it.
#[derive(Clone, Debug)]
pub(crate) struct HostView {
    /// What people call it.
    pub(crate) name: String,
    /// How it fares.
    pub(crate) status: HostStatus,
    /// When it was last heard, by the server's clock.
    pub(crate) seen: Timestamp,
    /// The newest row, if there was one yet.
    pub(crate) latest: Option<Latest>,
}

impl Latest {
    /// The code of `metric` for the host as a whole.
    pub(crate) fn code(&self, metric: Metric) -> Code {
        self.layout.code(metric, &self.codes)
    }
}

impl Subject for HostView {
    fn code(&self, metric: Metric) -> Code {
        self.latest.as_ref().map_or(Code::ABSENT, |latest| latest.code(metric))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn status(&self) -> HostStatus {
        self.status
    }
}
