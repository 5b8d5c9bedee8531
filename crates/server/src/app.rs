//! What every part of the server shares.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use cpumonitor_common::Epoch;
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
    /// The parts of a server that has not begun, in a server life of its own.
    pub(crate) fn new(config: Config, shutdown: CancellationToken) -> App {
        let counters = Arc::new(Counters::default());
        App {
            guard: Arc::new(Guard::new(&config)),
            config: Arc::new(config),
            relay: Arc::new(Relay::new(Epoch(rand::random()), counters.clone())),
            counters,
            clock: Clock::start(),
            shutdown,
            tracker: TaskTracker::new(),
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_counted_and_the_others_go_on() {
        let config = Config::listening_at("127.0.0.1:0".parse().unwrap());
        let app = App::new(config, CancellationToken::new());
        app.spawn("task", async { panic!("on purpose") });
        app.spawn("task", async {});
        app.tracker.close();
        app.tracker.wait().await;
        assert_eq!(app.counters.tasks_panicked.get(), 1);
    }
}
