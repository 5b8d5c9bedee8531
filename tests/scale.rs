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
