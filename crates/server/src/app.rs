//! What every part of the server shares.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::error;

use crate::clock::Clock;
use crate::config::Config;
use crate::guard::Guard;
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
    /// Which names and origins the server answers to.
    pub(crate) guard: Arc<Guard>,
    /// The only way to ask for the time.
    pub(crate) clock: Clock,
    /// Cancelled when the server is to stop.
    pub(crate) shutdown: CancellationToken,
    /// Every task is spawned here, so that stopping can wait for all of them.
    pub(crate) tracker: TaskTracker,
}

impl App {
    /// Runs `task` beside the others. If it panics, that is counted and logged, and nobody else notices.
    pub(crate) fn spawn(&self, what: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let counters = self.counters.clone();
        let guarded = AssertUnwindSafe(task).catch_unwind().map(move |ended| {
            if ended.is_err() {
                counters.tasks_panicked.count();
                error!("a {what} ended by a fault of the server; the others go on");
            }
        });
        self.tracker.spawn(guarded);
    }
}
