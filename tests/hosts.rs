//! One host in full: its page, and what a host may look like.

use cpumonitor_common::wire::{AgentToServer, HostScope, ServerToViewer, Subscription};
use cpumonitor_common::{Chunk, Code, Cursor, Layout, LayoutId, Metric, Row, Rows, Series};
use cpumonitor_swarm::scripted::{self, ScriptedViewer};

use crate::support::TestFleet;

/// A bookmark of a host that is not there says so, and fills when the host comes.
#[tokio::test]
async fn a_host_that_is_not_known_yet_can_be_waited_for() {
    let fleet = TestFleet::start().await;
    let id = scripted::host("late").id;
    let mut viewer = fleet.viewer_at(&format!("/host/{id}")).await;
    viewer.until("no such host", |page| page.0.host().and_then(|host| host.known()) == Some(false)).await;

    let mut late = fleet.agent("late").await;
    late.report_cpu(0.5).await;
    viewer.until("50 %", |page| page.open_host_reads(Metric::CPU) == Some(0.5)).await;
    assert_eq!(viewer.model.host().and_then(|host| host.known()), Some(true));
}

/// Disks and interfaces come and go: the page follows, and what was drawn stays.
#[tokio::test]
async fn series_come_and_go_while_the_page_is_open() {
    let fleet = TestFleet::start().await;
    let mut web_1 = fleet.agent("web-1").await;
    web_1.report(&[(Metric::CPU, 0.1)]).await;
    let mut viewer = fleet.viewer_at(&format!("/host/{}", scripted::host("web-1").id)).await;
    viewer.until("10 %", |page| page.open_host_reads(Metric::CPU) == Some(0.1)).await;

    web_1.report(&[(Metric::CPU, 0.2), (Metric::MEMORY, 0.5)]).await;
    viewer.until("memory, too", |page| page.open_host_reads(Metric::MEMORY) == Some(0.5)).await;
    assert_eq!(viewer.page().open_host_reads(Metric::CPU), Some(0.2));
    web_1.report(&[(Metric::MEMORY, 0.6)]).await;
    viewer.until("memory alone", |page| page.open_host_reads(Metric::MEMORY) == Some(0.6)).await;
    assert_eq!(viewer.page().open_host_reads(Metric::CPU), None, "what is not reported is absent, not old");

    let cpu: Vec<Option<f64>> = viewer.page().cpu_chart().into_iter().map(|(_, share)| share).collect();
    assert_eq!(cpu, [Some(0.1), Some(0.2), None]);
    let told: Vec<Option<f64>> =
        fleet.series("web-1", "cpu").await.into_iter().map(|(_, share)| share).collect();
    assert_eq!(told, [Some(0.1), Some(0.2)], "a series that is not reported has no points");
}

/// The largest host there may be: two thousand series, five minutes at once.
#[tokio::test]
async fn the_largest_host_is_taken_and_shown() {
    const CORES: usize = cpumonitor_common::layout::MAX_SERIES - 1;
    let fleet = TestFleet::start().await;
    let mut large = fleet.agent("large").await;
    let cores = (0..CORES).map(|core| Series::of(Metric::CPU, core.to_string()));
    let series: Vec<Series> = std::iter::once(Series::whole(Metric::CPU)).chain(cores).collect();
    let width = series.len();
    let layout = Layout { id: LayoutId(1), series };
    large.link.say(&AgentToServer::Layout(layout)).await.expect("the layout fits");

    let codes = vec![Code(500); width];
    let now = fleet.now();
    let mut seq = 0;
    while seq < 300 {
        let mut rows = Rows::new(width);
        while rows.len() < Chunk::capacity(width) && seq < 300 {
            rows.push(Row { seq, at: now.plus_ms((seq as i64 - 299) * 1_000), codes: &codes });
            seq += 1;
        }
        let samples = AgentToServer::Samples { layout: LayoutId(1), chunk: Chunk::encode(&rows) };
        large.link.say(&samples).await.expect("a full chunk fits");
    }
    fleet.counted("cpumonitor_rows_total", 300).await;

    let mut viewer = fleet.viewer_at(&format!("/host/{}", scripted::host("large").id)).await;
    viewer.until("five minutes", |page| page.cpu_chart().len() >= 295).await;
    let host = viewer.model.host().expect("its page is open");
    assert_eq!(host.latest_of(Metric::CPU, &(CORES - 1).to_string()), Some(0.5));
    assert_eq!(fleet.counter("cpumonitor_agent_faults_total").await, 0);
}

/// The sequence numbers of the rows in the next deltas of a host that reports one series, until `count` of them
/// have come.
async fn rows_told(viewer: &mut ScriptedViewer, count: usize) -> (Vec<u64>, Cursor) {
    let (mut seqs, mut until) = (Vec::new(), Cursor::START);
    while seqs.len() < count {
        let ServerToViewer::Host(delta) = viewer.hear().await.expect("the server goes on") else { continue };
        until = delta.until;
        for run in delta.runs {
            seqs.extend(run.chunk.decode(1).expect("a sound chunk").iter().map(|row| row.seq));
        }
    }
    (seqs, until)
}

/// Rows are events: a viewer is told every one of them, once, also over a lost connection.
#[tokio::test]
async fn every_row_is_told_once() {
    let fleet = TestFleet::start().await;
    let mut web_1 = fleet.agent("web-1").await;
    let wanted = |from: Cursor| Subscription {
        host: Some(HostScope { id: scripted::host("web-1").id, from }),
        ..Subscription::default()
    };
    web_1.report_past(20, &[(Metric::CPU, 0.5)]).await;
    let mut viewer = ScriptedViewer::connect(&fleet.target()).await.expect("the server takes viewers");
    viewer.subscribe(wanted(Cursor::START)).await.expect("the server listens");
    assert_eq!(rows_told(&mut viewer, 20).await.0, (0..20).collect::<Vec<u64>>());

    let mut seen = Cursor::START;
    for seq in 20..25 {
        web_1.report_cpu(0.5).await;
        let (told, until) = rows_told(&mut viewer, 1).await;
        assert_eq!(told, [seq]);
        seen = until;
    }
    drop(viewer);
    web_1.report_cpu(0.5).await;
    web_1.report_cpu(0.5).await;

    let mut again = ScriptedViewer::connect(&fleet.target()).await.expect("the server takes viewers");
    again.subscribe(wanted(seen)).await.expect("the server listens");
    assert_eq!(rows_told(&mut again, 2).await.0, [25, 26]);
}
