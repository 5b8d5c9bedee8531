//! What every part of the server shares.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::config::Config;
use crate::relay::Relay;
use crate::telemetry::Counters;

/// What every part of the server shares. Cloning is cheap: everything is behind a count.
#[derive(Clone, Debug)]
pub(crate) struct App {
    /// The flags, as they were at the start.
    pub(crate) config: Arc<Config>,
    /// The state of all hosts.
    pub(crate) relay: Arc<Relay>,
    /// What the server counts about itself.
    pub(crate) counters: Arc<Counters>,
    /// The only way to ask for the time.
    pub(crate) clock: Clock,
    /// Cancelled when the server is to stop.
    pub(crate) shutdown: CancellationToken,
    /// Every task is spawned here, so that stopping can wait for all of them.
    pub(crate) tracker: TaskTracker,
}
