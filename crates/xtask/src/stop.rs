//! Ctrl-C, SIGTERM and SIGHUP: noted here, obeyed by whoever is waiting.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

static REQUESTS: AtomicU32 = AtomicU32::new(0);

/// How often a waiting loop looks up. Short, so that a step of a few milliseconds stays one.
const GLANCE: Duration = Duration::from_millis(10);

/// Somebody asked us to stop; every child has been stopped by the time this reaches `main`.
#[derive(Debug)]
pub(crate) struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("stopped on request")
    }
}

impl std::error::Error for Stopped {}

/// From here on a request to stop no longer ends the process at once.
pub(crate) fn listen() -> Result<()> {
    ctrlc::set_handler(|| {
        REQUESTS.fetch_add(1, Ordering::Relaxed);
    })
    .context("cannot listen for Ctrl-C")
}

/// Whether somebody wants us to stop.
pub(crate) fn requested() -> bool {
    REQUESTS.load(Ordering::Relaxed) > 0
}

/// Whether somebody has asked twice, and no longer wants to wait.
pub(crate) fn insisted() -> bool {
    REQUESTS.load(Ordering::Relaxed) > 1
}

/// Lets a moment pass inside a waiting loop.
pub(crate) fn glance() {
    thread::sleep(GLANCE);
}
