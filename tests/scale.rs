//! Many at once.

use std::time::Duration;

use cpumonitor_swarm::{Plan, run};
use tokio_util::sync::CancellationToken;

use crate::support::TestFleet;

/// 200 virtual agents and 20 viewers: every viewer knows every host, and nothing goes wrong anywhere.
#[tokio::test]
async fn two_hundred_agents_and_twenty_viewers() {
    let fleet = TestFleet::start().await;
    let shutdown = CancellationToken::new();
    let plan = Plan { history: Duration::from_secs(30), ..Plan::of(fleet.target(), 200, 20) };
    let watched = async {
        // The past of all, and two more rows of each.
        fleet.counted("cpumonitor_rows_total", 200 * (30 + 2)).await;
        fleet.counted("cpumonitor_viewers", 20).await;
        let mut viewer = fleet.viewer().await;
        viewer.until("all hosts", |page| page.names().len() == 200).await;
        let live = fleet.json("/api/v1/hosts?q=status%20%3D%20live").await;
        assert_eq!(live["hosts"].as_array().map(Vec::len), Some(200));
        shutdown.cancel();
    };
    let (summary, ()) = tokio::join!(run(plan, shutdown.clone()), watched);

    assert_eq!(summary.least_hosts_seen, 200, "{summary}");
    assert_eq!((summary.reconnects, summary.rows_dropped, summary.viewer_restarts), (0, 0, 0), "{summary}");
    assert!(summary.deltas >= 20 && summary.viewer_rows >= 20 * 200, "{summary}");
    for name in [
        "cpumonitor_agent_faults_total",
        "cpumonitor_viewer_faults_total",
        "cpumonitor_viewers_slow_total",
        "cpumonitor_rows_undeclared_total",
        "cpumonitor_rows_lost_total",
        "cpumonitor_rows_duplicate_total",
        "cpumonitor_connections_refused_total",
    ] {
        assert_eq!(fleet.counter(name).await, 0, "{name}");
    }
    let stopped = fleet.json("/api/v1/hosts?q=status%20%3D%20stopped").await;
    assert_eq!(stopped["hosts"].as_array().map(Vec::len), Some(200), "every agent said goodbye");
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
        fleet.counted("cpumonitor_rows_total", u64::from(HOSTS) * 60).await;
        fleet.counted("cpumonitor_viewers", u64::from(VIEWERS)).await;
        fleet.stop().await.expect("everybody leaves within the grace");
        fleet.start_again().await;
        fleet.counted("cpumonitor_rows_total", u64::from(HOSTS) * 60).await;
        fleet.counted("cpumonitor_viewers", u64::from(VIEWERS)).await;
        let live = fleet.json("/api/v1/hosts?q=status%20%3D%20live").await;
        assert_eq!(live["hosts"].as_array().map(Vec::len), Some(HOSTS as usize));
        for name in [
            "cpumonitor_rows_undeclared_total",
            "cpumonitor_rows_lost_total",
            "cpumonitor_agent_faults_total",
        ] {
            assert_eq!(fleet.counter(name).await, 0, "{name}");
        }
        shutdown.cancel();
    };
    let (summary, ()) = tokio::join!(run(plan, shutdown.clone()), restarted);
    assert_eq!(summary.reconnects, u64::from(HOSTS + VIEWERS), "everybody lost one connection: {summary}");
    assert_eq!(summary.rows_dropped, 0, "{summary}");
    assert_eq!(summary.least_hosts_seen, u64::from(HOSTS), "{summary}");
}
