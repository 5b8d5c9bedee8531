//! The backlog between sampler and link: one short lock, and a bell.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::backlog::Backlog;

/// What the sampler fills and the link empties. Neither ever waits for the other.
#[derive(Debug)]
pub(crate) struct Outbox {
    backlog: Mutex<Backlog>,
    bell: Notify,
}

impl Outbox {
    pub(crate) fn new(backlog: Backlog) -> Outbox {
        Outbox { backlog: Mutex::new(backlog), bell: Notify::new() }
    }

    /// The backlog, for a moment: never hold it over an await.
    pub(crate) fn backlog(&self) -> MutexGuard<'_, Backlog> {
        // Every method of the backlog leaves it whole, so a panic elsewhere does not spoil it.
        self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the link that there is a new row.
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Waits until there is a new row; returns at once when one came since the last wait.
    pub(crate) async fn news(&self) {
        self.bell.notified().await;
    }
}
