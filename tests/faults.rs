//! Networks that fail: nothing is missing, nothing comes twice, and one peer's trouble is nobody else's.

use std::time::Duration;

use cpumonitor_common::wire::{AgentToServer, GapReason, Hello};
use cpumonitor_common::{HostStatus, Incarnation, Metric};
use cpumonitor_swarm::scripted::{self, ScriptedAgent};
use cpumonitor_swarm::{Door, Plan, run};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::support::{AgentProgram, Proxy, TestFleet, TestViewer, until, within};

/// The instants of a host's rows.
async fn times(fleet: &TestFleet, host: &str) -> Vec<i64> {
    fleet.series(host, "cpu").await.into_iter().map(|(at, _)| at).collect()
}

/// Checks that every tick of a host that samples once a second is there: as a row, once, or declared as missed
/// because the machine had no time for the agent.
async fn check_whole(fleet: &TestFleet, host: &str) {
    let rows = times(fleet, host).await;
    let id = fleet.id_of(host).await;
    let missed = fleet.json(&format!("/api/v1/hosts/{id}")).await["rows_missed"].as_u64().expect("a count");
    assert!(rows.is_sorted_by(|a, b| a < b), "{rows:?}");
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { panic!("no rows") };
    let ticks = (last - first + 500) / 1_000 + 1;
    assert_eq!(rows.len() as u64 + missed, ticks as u64, "{missed} missed, and {rows:?}");
}

/// What the real agent measures while the network is down is delivered when it is back: once, and all.
#[tokio::test]
async fn samples_are_kept_through_a_disconnect() {
    let fleet = TestFleet::start().await;
    let network = Proxy::before(fleet.address()).await;
    let _agent = AgentProgram::start(&network.target(), "here").await;
    until("two rows", async || (times(&fleet, "here").await.len() >= 2).then_some(())).await;

    network.cut();
    let last = *times(&fleet, "here").await.last().expect("there are two");
    until("three seconds without the network", async || (fleet.now().as_ms() - last > 3_000).then_some(()))
        .await;
    assert_eq!(times(&fleet, "here").await.last(), Some(&last), "nothing gets through a cut");
    network.mend();

    within(Duration::from_secs(20), "a row from after the outage", async || {
        (times(&fleet, "here").await.last()? - last > 4_000).then_some(())
    })
    .await;
    check_whole(&fleet, "here").await;
    assert_eq!(fleet.counter("cpumonitor_rows_undeclared_total").await, 0);
    assert_eq!(fleet.counter("cpumonitor_rows_lost_total").await, 0);
}

/// Wherever in a frame the connection is cut, and however often: next_seq = stored + declared + held.
#[tokio::test]
async fn whatever_is_cut_nothing_is_missing_and_nothing_twice() {
    const INTERVAL_MS: u32 = 100;
    let fleet = TestFleet::start().await;
    let network = Proxy::before(fleet.address()).await;
    // The handshake is about 250 bytes, the hello about as many, the layout a few hundred, a row about a
    // hundred: there are cuts within each of them.
    network.cut_after(&[1_700, 90, 249, 251, 300, 420, 510, 640, 800, 37, 900, 1_300, 1_100]);
    let longest_wait = Duration::from_millis(200);
    let plan = Plan { interval_ms: INTERVAL_MS, seed: 3, longest_wait, ..Plan::of(network.target(), 1, 0) };
    let shutdown = CancellationToken::new();
    let swarm = TaskTracker::new().spawn(run(plan, shutdown.clone()));
    within(Duration::from_secs(20), "the last cut", async || network.is_whole().then_some(())).await;
    let rows = times(&fleet, "web-001").await.len();
    until("rows after the last cut", async || {
        (times(&fleet, "web-001").await.len() > rows + 5).then_some(())
    })
    .await;
    shutdown.cancel();
    let summary = swarm.await.expect("the swarm does not panic");

    let rows = times(&fleet, "web-001").await;
    let stored = rows.len() as u64;
    let in_step = rows.windows(2).all(|pair| pair[1] - pair[0] == i64::from(INTERVAL_MS));
    assert!(in_step, "every tick is there, and once: {rows:?}");
    assert_eq!(fleet.counter("cpumonitor_rows_total").await, stored);
    assert_eq!(fleet.counter("cpumonitor_rows_undeclared_total").await, 0);
    assert_eq!(fleet.counter("cpumonitor_rows_lost_total").await + summary.rows_dropped, 0);
    let duplicates = fleet.counter("cpumonitor_rows_duplicate_total").await;
    assert!(
        summary.rows_sent >= stored + duplicates,
        "{summary}: {stored} stored, {duplicates} known already"
    );
    let host = &fleet.json("/api/v1/hosts").await["hosts"][0];
    assert_eq!(host["status"], "stopped", "the goodbye arrived, too");
}

/// A server that forgot everything gets the tail again, and whoever watched starts over by itself.
#[tokio::test]
async fn a_restarted_server_is_refilled() {
    // Acks come soon, so that what is refilled was the server's already.
    let mut fleet = TestFleet::with(|config| {
        config.limits.beat = Duration::from_millis(100);
        config.limits.ack = Duration::from_millis(100);
    })
    .await;
    let network = Proxy::before(fleet.address()).await;
    let _agent = AgentProgram::start(&network.target(), "here").await;
    let mut viewer = fleet.viewer().await;
    viewer.until("the host", |page| page.cpu("here").is_some()).await;
    let before = until("three rows", async || {
        let rows = times(&fleet, "here").await;
        (rows.len() >= 3).then_some(rows)
    })
    .await;

    fleet.stop().await.expect("everybody says goodbye in time");
    viewer.drop_link();
    fleet.start_again().await;

    let first = viewer.reconnect().await;
    assert_eq!(first.since.revision.0, 0, "another epoch: the viewer starts over");
    viewer.within(Duration::from_secs(20), "the host again", |page| page.cpu("here").is_some()).await;
    let after = within(Duration::from_secs(20), "a row from after the restart", async || {
        let rows = times(&fleet, "here").await;
        (rows.last()? - before.last()? > 2_000).then_some(rows)
    })
    .await;
    // Times are by the server's clock: the new server may read a few milliseconds differently.
    assert!((after[0] - before[0]).abs() < 500, "the tail begins where it began: {before:?} {after:?}");
    check_whole(&fleet, "here").await;
}

/// A network that passes nothing on, and does not say so: the host goes stale, and recovers without loss.
#[tokio::test]
async fn a_stall_makes_a_host_stale_and_loses_nothing() {
    let fleet = TestFleet::start().await;
    let network = Proxy::before(fleet.address()).await;
    let _agent = AgentProgram::start(&network.target(), "here").await;
    let mut viewer = fleet.viewer().await;
    viewer.until("a live host", |page| page.status("here") == Some(HostStatus::Live)).await;
    until("two rows", async || (times(&fleet, "here").await.len() >= 2).then_some(())).await;

    network.stall();
    viewer.until("a stale host", |page| page.status("here") == Some(HostStatus::Stale)).await;
    network.mend();
    viewer.until("a live host again", |page| page.status("here") == Some(HostStatus::Live)).await;

    let stalled = times(&fleet, "here").await.len();
    until("rows after the stall", async || (times(&fleet, "here").await.len() > stalled + 1).then_some(()))
        .await;
    check_whole(&fleet, "here").await;
}

/// Killed without a word a host is stale, then down; told to stop it is stopped, at once.
#[cfg(unix)]
#[tokio::test]
async fn death_is_told_apart_from_a_clean_stop() {
    let fleet = TestFleet::start().await;
    let mut killed = AgentProgram::start(&fleet.target(), "killed").await;
    let mut stopped = AgentProgram::start(&fleet.target(), "stopped").await;
    let mut viewer = fleet.viewer().await;
    viewer
        .until("two live hosts", |page| {
            ["killed", "stopped"].iter().all(|name| page.status(name) == Some(HostStatus::Live))
        })
        .await;

    killed.program.kill().await;
    stopped.program.terminate();
    viewer.until("a stopped host", |page| page.status("stopped") == Some(HostStatus::Stopped)).await;
    assert_eq!(viewer.page().status("killed"), Some(HostStatus::Live), "silence of a moment proves nothing");
    assert_eq!(stopped.program.end().await.0, Some(0), "{}", stopped.program.output());

    let mut seen = Vec::new();
    viewer
        .within(Duration::from_secs(20), "a host that is down", |page| {
            let status = page.status("killed");
            if seen.last() != Some(&status) {
                seen.push(status);
            }
            status == Some(HostStatus::Down)
        })
        .await;
    assert_eq!(seen, [Some(HostStatus::Live), Some(HostStatus::Stale), Some(HostStatus::Down)]);
    assert_eq!(viewer.page().status("stopped"), Some(HostStatus::Stopped), "a stopped host stays stopped");
}

/// A viewer that does not read costs nobody else anything, and catches up in one step.
#[tokio::test]
async fn a_slow_viewer_costs_only_its_own_freshness() {
    let fleet = TestFleet::start().await;
    let network = Proxy::before(fleet.address()).await;
    let mut slow = TestViewer::open(network.target(), "/").await;
    let mut quick = fleet.viewer().await;
    let mut web_1 = fleet.agent("web-1").await;
    web_1.report_cpu(0.1).await;
    slow.until("10 %", |page| page.cpu("web-1") == Some(0.1)).await;

    network.stall();
    for step in 2..=9 {
        let busy = f64::from(step) / 10.0;
        web_1.report_cpu(busy).await;
        quick.until("the newest share", |page| page.cpu("web-1") == Some(busy)).await;
    }
    assert_eq!(slow.page().cpu("web-1"), Some(0.1));
    network.mend();
    slow.until("90 %", |page| page.cpu("web-1") == Some(0.9)).await;
    assert_eq!(fleet.counter("cpumonitor_viewer_faults_total").await, 0);
}

/// Rows that come late, as a chunk, are as good as rows that came in time.
#[tokio::test]
async fn a_chunk_from_the_past_fills_the_past() {
    let fleet = TestFleet::start().await;
    let mut web_1 = fleet.agent("web-1").await;
    web_1.report_past(30, &[(Metric::CPU, 0.5)]).await;
    web_1.link.acked().await.expect("a chunk is acked at once");
    let rows = times(&fleet, "web-1").await;
    assert_eq!(rows.len(), 30);
    assert!(rows.windows(2).all(|pair| pair[1] - pair[0] == 1_000), "{rows:?}");
}

/// An agent that comes back is told where to go on; what it says again all the same is counted and ignored.
#[tokio::test]
async fn rows_that_are_known_are_not_taken_twice() {
    let fleet = TestFleet::start().await;
    let hello = |next_seq: u64| Hello {
        host: scripted::host("web-1"),
        incarnation: Incarnation(7),
        interval_ms: 1_000,
        oldest_seq: 0,
        next_seq,
        now: fleet.now(),
    };
    let start = fleet.now();
    let at = |seq: i64| start.plus_ms(seq - 10);
    let busy = &[(Metric::CPU, 0.5)];
    let mut first =
        ScriptedAgent::introduce(&fleet.target(), Door::agent(), hello(0)).await.expect("a welcome");
    first.report_many(&[0, 1, 2].map(at), busy).await.expect("the server listens");
    first.acked().await.expect("a chunk is acked at once");
    drop(first);

    let mut second =
        ScriptedAgent::introduce(&fleet.target(), Door::agent(), hello(5)).await.expect("a welcome");
    assert_eq!(second.wanted_seq, 3);
    second.next_seq = 1;
    second.report_many(&[1, 2, 3, 4].map(at), busy).await.expect("the server listens");
    second.acked().await.expect("a chunk is acked at once");
    let expected: Vec<i64> = (0..5).map(|seq| at(seq).as_ms()).collect();
    assert_eq!(times(&fleet, "web-1").await, expected);
    assert_eq!(fleet.counter("cpumonitor_rows_duplicate_total").await, 2);

    // Another life of the same agent counts from 0 again.
    let third = Hello { incarnation: Incarnation(8), ..hello(0) };
    let third = ScriptedAgent::introduce(&fleet.target(), Door::agent(), third).await.expect("a welcome");
    assert_eq!(third.wanted_seq, 0);
}

/// What is lost is told apart by why: given up, missed, or never explained.
#[tokio::test]
async fn loss_is_counted_by_its_reason() {
    let fleet = TestFleet::start().await;
    let mut web_1 = fleet.agent("web-1").await;
    for (first_seq, count, reason) in [(0, 5, GapReason::Dropped), (5, 2, GapReason::Missed)] {
        web_1.link.say(&AgentToServer::Gap { first_seq, count, reason }).await.expect("the server listens");
    }
    // Three ticks are skipped without a word.
    web_1.link.next_seq = 10;
    web_1.report_cpu(0.5).await;
    fleet.counted("cpumonitor_rows_total", 1).await;
    let host = fleet.json(&format!("/api/v1/hosts/{}", fleet.id_of("web-1").await)).await;
    assert_eq!((host["rows_lost"].as_u64(), host["rows_missed"].as_u64()), (Some(5), Some(2)), "{host}");
    assert_eq!(fleet.counter("cpumonitor_rows_lost_total").await, 5);
    assert_eq!(fleet.counter("cpumonitor_rows_missed_total").await, 2);
    assert_eq!(fleet.counter("cpumonitor_rows_undeclared_total").await, 3);
}
