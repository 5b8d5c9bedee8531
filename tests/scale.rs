//! Many at once.

use std::time::Duration;

use cpumonitor_common::Cursor;
use cpumonitor_common::metric::CATALOGUE;
use cpumonitor_common::wire::{FleetScope, Subscription};
use cpumonitor_swarm::scripted::ScriptedViewer;
use cpumonitor_swarm::{Plan, run};
use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::support::{TestFleet, TestViewer, until, within};

/// Counters that stay at zero as long as nobody does anything wrong.
const TROUBLE: [&str; 6] = [
    "cpumonitor_agent_faults_total",
    "cpumonitor_viewer_faults_total",
    "cpumonitor_viewers_slow_total",
    "cpumonitor_rows_undeclared_total",
    "cpumonitor_rows_lost_total",
    "cpumonitor_connections_refused_total",
];

async fn check_no_trouble(fleet: &TestFleet) {
    for name in TROUBLE {
        assert_eq!(fleet.counter(name).await, 0, "{name}");
    }
}

/// How many hosts have this status, by the API.
async fn count(fleet: &TestFleet, status: &str) -> usize {
    let answer = fleet.json(&format!("/api/v1/hosts?q=status%20%3D%20{status}")).await;
    answer["hosts"].as_array().map_or(0, Vec::len)
}

/// 200 virtual agents and 20 viewers: every viewer sees every host, and nothing goes wrong anywhere.
#[tokio::test]
async fn two_hundred_agents_and_twenty_viewers() {
    let fleet = TestFleet::start().await;
    let shutdown = CancellationToken::new();
    let plan = Plan { history: Duration::from_secs(30), ..Plan::of(fleet.target(), 200, 0) };
    let watched = async {
        let mut viewers = Vec::new();
        for _ in 0..20 {
            viewers.push(fleet.viewer().await);
        }
        let see_all = |viewer: &mut TestViewer| {
            let all_live = viewer.model.fleet().counts() == [200, 0, 0, 0];
            all_live && viewer.page().names().iter().all(|name| viewer.page().cpu(name).is_some())
        };
        join_all(viewers.iter_mut().map(async |viewer| {
            while !see_all(viewer) {
                viewer.hear().await.expect("the server goes on");
            }
        }))
        .await;
        // Everybody's past, and two more rows of each.
        fleet.counted("cpumonitor_rows_total", 200 * (30 + 2)).await;
        shutdown.cancel();
    };
    let (summary, ()) = tokio::join!(run(plan, shutdown.clone()), watched);

    assert_eq!((summary.reconnects, summary.rows_dropped), (0, 0), "{summary}");
    assert_eq!(fleet.counter("cpumonitor_rows_total").await, summary.rows_sent);
    assert_eq!(fleet.counter("cpumonitor_rows_duplicate_total").await, 0);
    check_no_trouble(&fleet).await;
    assert_eq!(count(&fleet, "stopped").await, 200, "every agent said goodbye");
}

/// A server that restarts gets its whole fleet back, past included, and viewers start over by themselves.
#[tokio::test]
async fn a_whole_fleet_comes_back() {
    const HOSTS: u32 = 100;
    const VIEWERS: u32 = 5;
    let mut fleet = TestFleet::start().await;
    let shutdown = CancellationToken::new();
    let plan = Plan {
        history: Duration::from_secs(60),
        longest_wait: Duration::from_secs(1),
        ..Plan::of(fleet.target(), HOSTS, VIEWERS)
    };
    let restarted = async {
        let everybody = async |fleet: &TestFleet| {
            fleet.counted("cpumonitor_agents", u64::from(HOSTS)).await;
            fleet.counted("cpumonitor_viewers", u64::from(VIEWERS)).await;
            fleet.counted("cpumonitor_rows_total", u64::from(HOSTS) * 60).await;
        };
        everybody(&fleet).await;
        fleet.stop().await.expect("everybody leaves within the grace");
        fleet.start_again().await;
        everybody(&fleet).await;
        until("a fleet that lives", async || (count(&fleet, "live").await == HOSTS as usize).then_some(()))
            .await;
        check_no_trouble(&fleet).await;
        shutdown.cancel();
    };
    let (summary, ()) = tokio::join!(run(plan, shutdown.clone()), restarted);
    assert_eq!(summary.reconnects, u64::from(HOSTS + VIEWERS), "everybody lost one connection: {summary}");
    assert_eq!(summary.rows_dropped, 0, "{summary}");
}

/// A viewer that does not read at all is let go when it holds up too much; the others never notice.
#[tokio::test]
async fn a_viewer_that_never_reads_is_let_go() {
    let fleet = TestFleet::with(|config| config.limits.write = Duration::from_millis(300)).await;
    let shutdown = CancellationToken::new();
    let plan = Plan { interval_ms: 100, ..Plan::of(fleet.target(), 300, 0) };
    let watched = async {
        let mut deaf = ScriptedViewer::connect(&fleet.target()).await.expect("the server takes viewers");
        let everything = CATALOGUE.iter().map(|def| def.metric).collect();
        let scope = FleetScope { metrics: everything, from: Cursor::START };
        let subscription = Subscription { fleet: Some(scope), host: None, pace_ms: 0 };
        deaf.subscribe(subscription).await.expect("the server listens");
        let mut quick = fleet.viewer().await;
        let let_go = within(Duration::from_secs(20), "the end of the deaf viewer", async || {
            (fleet.counter("cpumonitor_viewers_slow_total").await == 1).then_some(())
        });
        let keeps_up = async {
            loop {
                quick.hear().await.expect("the quick viewer is not let go");
            }
        };
        tokio::select! {
            () = let_go => {}
            () = keeps_up => {}
        }
        quick.until("all hosts, live", |page| page.0.fleet().counts() == [300, 0, 0, 0]).await;
        until("one viewer", async || (fleet.counter("cpumonitor_viewers").await == 1).then_some(())).await;
        assert_eq!(fleet.counter("cpumonitor_viewer_faults_total").await, 0, "slow is no fault");
        shutdown.cancel();
    };
    let (summary, ()) = tokio::join!(run(plan, shutdown.clone()), watched);
    assert_eq!((summary.reconnects, summary.rows_dropped), (0, 0), "{summary}");
}
