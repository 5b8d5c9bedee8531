//! Many virtual agents and viewers in one process.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cpumonitor_common::{Timestamp, backoff};
use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::socket::SocketError;
use crate::tally::{Summary, Tally};
use crate::target::Target;
use crate::weather::Weather;
use crate::{agent, viewer};

/// Connections that may be under way at the same time.
const DOORS: usize = 64;
/// New connections a second while the swarm starts.
const STARTS_PER_SECOND: u32 = 2_000;
/// Connections from one source address: Linux has 28,232 ephemeral ports an address pair.
const PER_SOURCE: u32 = 20_000;
/// How long agents and viewers get to say goodbye.
const GRACE: Duration = Duration::from_secs(5);
/// Trouble is reported at most this often, however many agents are in it.
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// What to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The server.
    pub target: Target,
    /// Virtual agents.
    pub hosts: u32,
    /// Virtual viewers, each looking at the whole fleet.
    pub viewers: u32,
    /// Milliseconds between the samples of a host.
    pub interval_ms: u32,
    /// Decides who the hosts are and what they go through.
    pub seed: u64,
    /// The index of the first host, so that several swarms can make up one fleet.
    pub start_index: u32,
    /// How long the hosts have been running already when the swarm starts: that much is delivered at
    /// once, as after an outage; at most 300 rows a host.
    pub history: Duration,
    /// How long to run; `None` for until told to stop.
    pub duration: Option<Duration>,
    /// The longest wait before another attempt to connect, unless the server asks for more.
    pub longest_wait: Duration,
}

impl Plan {
    /// `hosts` agents and `viewers` viewers that do what everybody does, once a second, until told to stop.
    #[must_use]
    pub fn of(target: Target, hosts: u32, viewers: u32) -> Plan {
        Plan {
            target,
            hosts,
            viewers,
            interval_ms: 1_000,
            seed: 1,
            start_index: 0,
            history: Duration::ZERO,
            duration: None,
            longest_wait: backoff::LONGEST,
        }
    }
}

/// What all virtual agents and viewers share.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) plan: Plan,
    pub(crate) clock: Clock,
    /// When the run began: the first tick of the first agent, history aside.
    pub(crate) start: Timestamp,
    pub(crate) weather: Weather,
    pub(crate) tally: Tally,
    pub(crate) doors: Semaphore,
    pub(crate) shutdown: CancellationToken,
    /// The newest reason why somebody is not connected, until it is reported.
    trouble: Mutex<Option<String>>,
}

/// Runs `plan` until its duration is over or `shutdown` is cancelled; then every agent says goodbye.
///
/// A server that cannot be reached is tried again and again, as agents do.
pub async fn run(plan: Plan, shutdown: CancellationToken) -> Summary {
    let clock = Clock::start();
    let stage = Arc::new(Stage {
        weather: Weather::new(plan.seed),
        clock,
        start: clock.now(),
        tally: Tally::new(),
        doors: Semaphore::new(DOORS),
        shutdown: shutdown.child_token(),
        trouble: Mutex::new(None),
        plan,
    });
    let tasks = TaskTracker::new();
    for place in 0..stage.plan.hosts {
        tasks.spawn(agent::run(Arc::clone(&stage), place));
    }
    let viewers: Vec<_> =
        (0..stage.plan.viewers).map(|place| tasks.spawn(viewer::run(Arc::clone(&stage), place))).collect();
    tasks.spawn(watch(Arc::clone(&stage)));
    tasks.close();

    stage.pause(stage.plan.duration.unwrap_or(Duration::MAX)).await;
    let elapsed = stage.clock.elapsed();
    stage.shutdown.cancel();
    let mut least_hosts_seen = None;
    let farewell = async {
        for viewer in viewers {
            let seen = viewer.await.unwrap_or(0);
            least_hosts_seen = Some(least_hosts_seen.map_or(seen, |least: u64| least.min(seen)));
        }
        tasks.wait().await;
    };
    if timeout(GRACE, farewell).await.is_err() {
        warn!("some agents got no answer to their goodbye within {GRACE:?} and are left behind");
    }
    stage.tally.summary(elapsed, stage.plan.hosts, stage.plan.viewers, least_hosts_seen.unwrap_or(0))
}

impl Stage {
    /// Waits, but not beyond the end of the run.
    pub(crate) async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = self.shutdown.cancelled() => {}
            () = sleep(wait) => {}
        }
    }

    /// When the agent or viewer at `place` first connects, so that they do not all knock at once.
    pub(crate) fn ramp(&self, place: u32) -> Duration {
        Duration::from_secs_f64(f64::from(place) / f64::from(STARTS_PER_SECOND))
    }

    /// The address that the agent or viewer at `place` connects from; `None` where one is enough.
    pub(crate) fn source(&self, place: u32) -> Option<IpAddr> {
        let crowded = self.plan.hosts.saturating_add(self.plan.viewers) > PER_SOURCE;
        // All of 127.0.0.0/8 is this machine on Linux; elsewhere only the first address is.
        (crowded && cfg!(target_os = "linux") && self.plan.target.is_loopback())
            .then(|| IpAddr::V4(Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + place / PER_SOURCE)))
    }

    /// Notes why somebody is not connected.
    pub(crate) fn note(&self, error: &SocketError) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
    }
}

/// Reports, for all together, when everybody is connected and when somebody is not.
async fn watch(stage: Arc<Stage>) {
    let mut pace = interval(REPORT_EVERY / 5);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut complete, mut reported) = (false, None::<Duration>);
    loop {
        tokio::select! {
            () = stage.shutdown.cancelled() => return,
            _ = pace.tick() => {}
        }
        let agents = stage.tally.agents_connected.load(Relaxed);
        let viewers = stage.tally.viewers_connected.load(Relaxed);
        let all = agents == u64::from(stage.plan.hosts) && viewers == u64::from(stage.plan.viewers);
        let now = stage.clock.elapsed();
        if all && !complete {
            info!("{agents} agents and {viewers} viewers are connected to {}", stage.plan.target);
        } else if !all && reported.is_none_or(|at| now.saturating_sub(at) >= REPORT_EVERY) {
            let trouble = stage.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(reason) = trouble {
                warn!("{agents} of {} agents are connected, trying again: {reason}", stage.plan.hosts);
                reported = Some(now);
            }
        }
        complete = all;
    }
}

#[cfg(test)]
mod tests;
