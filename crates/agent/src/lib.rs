//! The agent of cpuMonitor: reads its host once a second and sends the rows to a server.
//!
//! ```text
//!  clock ─▶ sampler ── row ──▶ outbox (backlog) ──▶ link ══▶ server
//!              │ collect                    ▲ acks ◀───┘
//! ```
//! The sampler never waits for the network: rows go to the [backlog](Config::backlog_rows), and the link
//! takes them from there when it can. What is lost on the way is counted and declared.

mod backlog;
pub mod clock;
pub mod collect;
pub mod config;
mod grid;
pub mod identity;
mod link;
mod outbox;
mod sampler;

use std::sync::Arc;

use cpumonitor_common::host::InvalidHostInfo;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

pub use config::Config;

use self::backlog::{Backlog, RECALL_ROWS};
use self::clock::Clock;
use self::collect::Collector;
use self::grid::Grid;
use self::identity::IdentityError;
use self::link::{Greeting, Link, Patience};
use self::outbox::Outbox;
use self::sampler::Sampler;

/// Why the agent cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The host has no identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The host's facts are not what a server takes.
    #[error("cannot introduce this host to a server: {0}; give it a name with --name")]
    Facts(#[from] InvalidHostInfo),
    /// A task ended although nobody asked it to: a bug.
    #[error("the {0} ended unexpectedly; please report this")]
    Task(&'static str),
}

/// Runs the agent until `shutdown`. Then the sampler stops, what is held is sent for up to two seconds, and
/// the server is told that this end is on purpose.
///
/// # Errors
/// When the host has no identity or no name, that is before the first sample. An unreachable server is no
/// error: it is tried again for as long as it takes.
pub async fn run(config: Config, shutdown: CancellationToken) -> Result<(), RunError> {
    let id = identity::load_or_create(&config.state_dir, config.name.as_deref())?;
    let host = collect::host_info(id, config.name.as_deref(), &config.tags);
    host.check()?;
    let clock = Clock::start();
    let now = clock.now();
    info!(
        "host {} ({id}), a sample every {}, to {}, up to {} rows held while it is away",
        host.name,
        config::span::display(config.interval),
        config.server,
        config.backlog_rows,
    );

    let outbox = Arc::new(Outbox::new(Backlog::new(config.backlog_rows, RECALL_ROWS)));
    let sampler = Sampler {
        collector: Collector::of_this_host(),
        clock,
        grid: Grid::new(now, clock.wall(now), config.interval, id),
        outbox: Arc::clone(&outbox),
    };
    let greeting = Greeting {
        host,
        incarnation: identity::new_incarnation(),
        interval_ms: u32::try_from(config.interval.as_millis()).unwrap_or(u32::MAX),
    };
    let link = Link {
        server: config.server,
        greeting,
        outbox: Arc::clone(&outbox),
        clock,
        patience: Patience::USUAL,
    };

    let (tasks, stop_sampling, stop_link) =
        (TaskTracker::new(), CancellationToken::new(), CancellationToken::new());
    let mut sampling = tasks.spawn(sampler.run(stop_sampling.clone()));
    let mut linking = tasks.spawn(link.run(stop_link.clone()));
    tasks.close();
    tokio::select! {
        () = shutdown.cancelled() => {}
        _ = &mut sampling => return Err(RunError::Task("sampler")),
        _ = &mut linking => return Err(RunError::Task("link")),
    }
    // In this order, so that the link says goodbye after the last row.
    stop_sampling.cancel();
    sampling.await.map_err(|_| RunError::Task("sampler"))?;
    stop_link.cancel();
    linking.await.map_err(|_| RunError::Task("link"))?;
    tasks.wait().await;

    match outbox.backlog().unacked() {
        0 => info!("stopped"),
        rows => warn!("stopped; the server has not confirmed the last {rows} rows"),
    }
    Ok(())
}
