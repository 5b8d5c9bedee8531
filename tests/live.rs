//! What is reported is shown, at once and as it was.

use cpumonitor_common::wire::{CloseCode, Trail, decode};
use cpumonitor_common::{HostInfo, HostStatus, Metric, Revision};
use cpumonitor_swarm::scripted;

use tokio::time::timeout;

use crate::support::{AgentProgram, DEADLINE, Proxy, TestFleet, TestViewer, get, until};

/// A viewer that comes back is told only what it missed.
#[tokio::test]
async fn a_returning_viewer_resumes_at_its_cursor() {
    let fleet = TestFleet::start().await;
    let mut web_1 = fleet.agent("web-1").await;
    let mut viewer = fleet.viewer().await;

    web_1.report_cpu(0.25).await;
    viewer.until("25 %", |page| page.cpu("web-1") == Some(0.25)).await;

    viewer.drop_link();
    web_1.report_cpu(0.75).await;
    let first = viewer.reconnect().await;

    assert_ne!(first.since.revision, Revision::ZERO, "it should resume, not start over");
    viewer.until("75 %", |page| page.cpu("web-1") == Some(0.75)).await;
}

/// The real agent measures this machine; page and API agree on it.
#[tokio::test]
async fn a_real_agent_is_shown_with_the_numbers_of_the_api() {
    let fleet = TestFleet::start().await;
    let _agent = AgentProgram::start(&fleet.target(), "here").await;
    let mut viewer = fleet.viewer().await;
    viewer.until("a busy share", |page| page.cpu("here").is_some()).await;

    let id = viewer.id_of("here");
    let same_row = timeout(DEADLINE, async {
        loop {
            let api = fleet.json(&format!("/api/v1/hosts/{id}")).await;
            if api["row_ms"].as_i64() == viewer.model.fleet().row_at_ms(viewer.place_of("here")) {
                return api;
            }
            viewer.hear().await.expect("the server goes on");
        }
    });
    let api = same_row.await.expect("sooner or later both show the same row");
    let page = viewer.page();
    for metric in [Metric::CPU, Metric::MEMORY, Metric::LOAD_1, Metric::NETWORK_RECEIVE] {
        assert_eq!(page.value("here", metric), api["readings"][metric.to_string()].as_f64(), "{metric}");
    }

    let reading = |name: &str| api["readings"][name].as_f64().unwrap_or_else(|| panic!("{name} in {api}"));
    assert!((0.0..=1.0).contains(&reading("cpu")));
    assert!((0.001..1.0).contains(&reading("mem")), "memory is neither empty nor full: {}", reading("mem"));
    assert!(reading("uptime") > 1.0);
    let cores = std::thread::available_parallelism().expect("a machine has cores").get();
    assert!(api["core_count"].as_u64() >= Some(cores as u64), "{api}");
    let series = api["series"].as_array().expect("a list of series");
    let shares = series.iter().filter(|series| series["unit"] == "ratio");
    assert!(
        shares.filter_map(|series| series["value"].as_f64()).all(|share| (0.0..=1.0).contains(&share)),
        "{api}"
    );
    let per_core =
        series.iter().filter(|series| series["series"].as_str().is_some_and(|s| s.starts_with("cpu[")));
    assert_eq!(per_core.count() as u64, api["core_count"].as_u64().unwrap_or_default());
}

/// Second after second arrives at the open host page, without holes.
#[tokio::test]
async fn the_graph_of_a_real_agent_moves() {
    let fleet = TestFleet::start().await;
    let _agent = AgentProgram::start(&fleet.target(), "here").await;
    let mut viewer = fleet.viewer().await;
    viewer.until("the host", |page| page.status("here") == Some(HostStatus::Live)).await;

    let id = viewer.id_of("here");
    viewer.go(&format!("/host/{id}"));
    viewer.until("four rows of the open host", |page| page.cpu_chart().len() >= 4).await;
    let host = viewer.model.host().expect("the host page is open");
    assert_eq!(host.known(), Some(true));
    assert_eq!(host.info().map(|info| info.name.as_str()), Some("here"));
    assert!(host.latest_of(Metric::CPU, "0").is_some(), "cores are reported one by one");

    let told = fleet.series("here", "cpu").await;
    let drawn = viewer.page().cpu_chart();
    let only_drawn: Vec<_> =
        drawn.iter().filter(|point| point.1.is_some() && !told.contains(point)).collect();
    assert!(only_drawn.is_empty(), "{only_drawn:?} are in the chart, but not in {told:?}");
}

/// A host whose clock is an hour off is shown in the server's time, and the page can tell how wrong it is.
#[tokio::test]
async fn a_wrong_clock_is_measured_and_put_right() {
    const HOUR_MS: i64 = 3_600_000;
    let fleet = TestFleet::start().await;
    for (name, wrong_ms) in [("fast", HOUR_MS), ("slow", -HOUR_MS)] {
        let mut agent = fleet.agent_at(scripted::host(name), fleet.now().plus_ms(wrong_ms)).await;
        let ats = [-3_000, -2_000, -1_000].map(|ago| fleet.now().plus_ms(wrong_ms + ago));
        agent.link.report_many(&ats, &[(Metric::CPU, 0.5)]).await.expect("the server listens");
        let mut viewer = fleet.viewer().await;
        viewer.until("50 %", |page| page.cpu(name) == Some(0.5)).await;

        let told: Vec<i64> = fleet.series(name, "cpu").await.into_iter().map(|(at, _)| at).collect();
        assert_eq!(told.len(), 3);
        for (told_ms, at) in told.iter().zip(ats) {
            let off_ms = told_ms - at.plus_ms(-wrong_ms).as_ms();
            assert!(off_ms.abs() < 1_000, "{name}: {off_ms} ms off, by the server's clock");
        }
        let id = viewer.id_of(name);
        let skew_ms = fleet.json(&format!("/api/v1/hosts/{id}")).await["skew_ms"].as_i64().expect("a skew");
        assert!((skew_ms - wrong_ms).abs() < 1_000, "{name}: {skew_ms}");
    }
}

/// A host that was renamed or moved is the same host; its newest connection speaks for it.
#[tokio::test]
async fn the_newest_connection_of_a_host_wins() {
    let fleet = TestFleet::start().await;
    let mut before = fleet.agent("web-1").await;
    before.report_cpu(0.1).await;
    let mut viewer = fleet.viewer().await;
    viewer.until("10 %", |page| page.cpu("web-1") == Some(0.1)).await;

    let renamed = HostInfo { name: "web-01".to_owned(), ..scripted::host("web-1") };
    let mut after = fleet.agent_of(renamed).await;
    let refusal = before.refusal().await;
    assert_eq!(refusal.close_code(), Some(CloseCode::Replaced), "{refusal}");
    after.report_cpu(0.9).await;
    viewer.until("90 % under the new name", |page| page.cpu("web-01") == Some(0.9)).await;
    assert_eq!(viewer.model.fleet().len(), 1, "it is one host");
}

/// Bytes may arrive one by one: no end relies on how the network cuts them.
#[tokio::test]
async fn a_network_that_slices_changes_nothing() {
    let fleet = TestFleet::start().await;
    let network = Proxy::before(fleet.address()).await;
    network.slice(1);
    let mut web_1 = fleet.agent_through(&network, "web-1").await;
    let mut viewer = TestViewer::open(network.target(), "/").await;
    for busy in [0.25, 0.5, 0.75] {
        web_1.report_cpu(busy).await;
        viewer.until("the newest share", |page| page.cpu("web-1") == Some(busy)).await;
    }
}

/// The graph has a past at once: five minutes that an agent kept are there for whoever opens the page later.
#[tokio::test]
async fn who_opens_a_host_later_sees_its_past() {
    let fleet = TestFleet::start().await;
    let mut web_1 = fleet.agent("web-1").await;
    web_1.report_past(120, &[(Metric::CPU, 0.5)]).await;
    until("the past in the API", async || (fleet.series("web-1", "cpu").await.len() == 120).then_some(()))
        .await;

    let mut viewer = fleet.viewer().await;
    viewer.until("the host", |page| page.cpu("web-1").is_some()).await;
    viewer.go(&format!("/host/{}", viewer.id_of("web-1")));
    viewer.until("its past", |page| page.cpu_chart().len() == 120).await;
    let steps = fleet.json("/api/v1/series?host=web-1&metric=cpu&step=10s").await;
    let counts =
        steps["series"][0]["points"].as_array().expect("steps").iter().filter_map(|point| point[4].as_u64());
    assert_eq!(counts.sum::<u64>(), 120, "rolled up, every row counts once");
}

/// A page that was just opened has sparklines: the trail fills in what was before it came.
#[tokio::test]
async fn a_trail_is_drawn_before_the_first_live_second() {
    let fleet = TestFleet::start().await;
    let mut web_1 = fleet.agent("web-1").await;
    web_1.report_past(90, &[(Metric::CPU, 0.5)]).await;
    web_1.link.acked().await.expect("a chunk is acked at once");
    let mut viewer = fleet.viewer().await;
    viewer.until("the host", |page| page.cpu("web-1").is_some()).await;
    assert!(viewer.model.take_trail_wanted(), "a first snapshot has no past");
    assert!(viewer.sparkline("web-1") <= 2);

    let answer = get(fleet.address(), "/api/v1/trail?metric=cpu&seconds=120&step=2").await;
    let trail: Trail = decode(&answer.body).expect("a trail");
    viewer.model.apply_trail(&trail);
    assert!(viewer.sparkline("web-1") >= 80, "{} of 120 seconds are drawn", viewer.sparkline("web-1"));
}
