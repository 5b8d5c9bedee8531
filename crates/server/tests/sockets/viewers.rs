//! What viewers see, and what happens when they do something else.

use std::time::Duration;

use cpumonitor_common::wire::{
    AgentToServer, CloseCode, Hello, Notice, Protocol, Subscription, ViewerToServer, encode,
};
use cpumonitor_common::{Code, Cursor, Epoch, HostInfo, HostStatus, Revision, Tag};
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    Agent, Peer, TestServer, Viewer, fleet_from, fleet_scope, hello, host_from, info, samples, within,
};

#[tokio::test]
async fn a_viewer_gets_the_snapshot_and_then_what_changes() {
    let server = TestServer::start().await;
    let mut agent = Agent::ready(server.address, 1).await;
    agent.say(&samples(0..2)).await;
    agent.acked(2).await;
    let mut viewer = Viewer::of_fleet(server.address, Cursor::START).await;
    let snapshot = viewer.fleet().await;
    assert_eq!((snapshot.since.revision, snapshot.until.epoch), (Revision::ZERO, viewer.welcome.epoch));
    viewer
        .fleet_until(|delta| {
            delta.overview.column(0) == [Code(1)] || snapshot.overview.column(0) == [Code(1)]
        })
        .await;

    agent.say(&samples(2..3)).await;
    let delta = viewer.fleet_until(|delta| delta.overview.column(0) == [Code(2)]).await;
    assert_eq!(delta.hosts, []);
    assert!(delta.since.revision > Revision::ZERO);
}

#[tokio::test]
async fn without_news_there_is_a_sign_of_life_now_and_then() {
    let server = TestServer::with(|config| {
        config.limits.pace = Duration::from_millis(10);
        config.limits.life_sign = Duration::from_millis(100);
    })
    .await;
    let mut viewer = Viewer::of_fleet(server.address, Cursor::START).await;
    let mut before = viewer.fleet().await;
    for _ in 0..3 {
        let delta = viewer.fleet().await;
        assert_eq!((delta.since, delta.hosts.len(), delta.overview.hosts().len()), (delta.until, 0, 0));
        assert!(delta.at.ms_since(before.at) >= 99, "{} ms", delta.at.ms_since(before.at));
        before = delta;
    }
}

#[tokio::test]
async fn a_host_nobody_knows_is_told_of_once_and_then_now_and_then() {
    let server = TestServer::with(|config| config.limits.life_sign = Duration::from_millis(200)).await;
    let mut viewer = Viewer::connect(server.address).await;
    viewer.subscribe(host_from(404, Cursor::START)).await;
    let first = viewer.host().await;
    let second = viewer.host().await;
    assert!(!first.known && !second.known);
    assert!(second.at.ms_since(first.at) >= 199, "{} ms", second.at.ms_since(first.at));

    // What happens to others is no news of it.
    let mut agent = Agent::ready(server.address, 1).await;
    let mut viewer = Viewer::connect(server.address).await;
    viewer
        .subscribe(Subscription { fleet: Some(fleet_scope(Cursor::START)), ..host_from(404, Cursor::START) })
        .await;
    assert!(!viewer.host().await.known);
    for seq in 0..3 {
        agent.say(&samples(seq..seq + 1)).await;
        let told = viewer.hosts_until_fleet(|delta| delta.overview.column(0) == [Code(seq as u16)]).await;
        assert_eq!(told, 0);
    }
}

#[tokio::test]
async fn a_viewer_of_one_host_gets_its_rows_and_signs_of_life() {
    let server = TestServer::with(|config| config.limits.life_sign = Duration::from_millis(100)).await;
    let mut agent = Agent::ready(server.address, 1).await;
    agent.say(&samples(0..3)).await;
    agent.acked(3).await;
    let mut viewer = Viewer::connect(server.address).await;
    viewer.subscribe(host_from(1, Cursor::START)).await;
    let mut seqs: Vec<u64> = Vec::new();
    let mut layouts = 0;
    while seqs.len() < 3 {
        let delta = viewer.host().await;
        assert!(delta.known);
        for run in &delta.runs {
            layouts += usize::from(run.series.is_some());
            seqs.extend(run.chunk.decode(2).unwrap().iter().map(|row| row.seq));
        }
    }
    assert_eq!((seqs.as_slice(), layouts), (&[0, 1, 2][..], 1));
    within("an empty delta", async { while !viewer.host().await.runs.is_empty() {} }).await;
}

#[tokio::test]
async fn a_host_that_appears_later_is_told_of() {
    let server = TestServer::start().await;
    let mut viewer = Viewer::connect(server.address).await;
    viewer.subscribe(host_from(1, Cursor::START)).await;
    assert!(!viewer.host().await.known);
    let _agent = Agent::ready(server.address, 1).await;
    within("the host", async { while !viewer.host().await.known {} }).await;
}

#[tokio::test]
async fn a_returning_viewer_resumes_at_its_cursor() {
    let server = TestServer::start().await;
    let mut agent = Agent::ready(server.address, 1).await;
    let mut viewer = Viewer::of_fleet(server.address, Cursor::START).await;
    let seen = viewer.fleet_until(|delta| !delta.hosts.is_empty()).await.until;
    drop(viewer);
    agent.say(&samples(0..2)).await;
    agent.acked(2).await;
    let mut viewer = Viewer::of_fleet(server.address, seen).await;
    let delta = viewer.fleet().await;
    assert_eq!(delta.since, seen);
}

#[tokio::test]
async fn a_cursor_of_a_server_that_restarted_starts_over() {
    let first = TestServer::start().await;
    let mut viewer = Viewer::of_fleet(first.address, Cursor::START).await;
    let seen = viewer.fleet().await.until;
    first.stop().await.unwrap();

    let second = TestServer::start().await;
    let _agent = Agent::ready(second.address, 1).await;
    let mut viewer = Viewer::of_fleet(second.address, seen).await;
    let delta = viewer.fleet().await;
    assert_eq!(delta.since.revision, Revision::ZERO);
    assert_ne!(delta.until.epoch, seen.epoch);
}

#[tokio::test]
async fn a_status_comes_without_anybody_asking() {
    let server = TestServer::start().await;
    let mut agent = Agent::ready(server.address, 1).await;
    let mut viewer = Viewer::of_fleet(server.address, Cursor::START).await;
    viewer.fleet_until(|delta| !delta.hosts.is_empty()).await;
    agent.say(&AgentToServer::Goodbye { next_seq: 0 }).await;
    viewer.fleet_until(|delta| delta.hosts.iter().any(|host| host.status == HostStatus::Stopped)).await;
}

#[tokio::test]
async fn a_slower_pace_is_kept() {
    let server = TestServer::with(|config| config.limits.pace = Duration::from_millis(10)).await;
    let mut agent = Agent::ready(server.address, 1).await;
    let mut viewer = Viewer::connect(server.address).await;
    viewer.subscribe(Subscription { pace_ms: 300, ..fleet_from(Cursor::START) }).await;
    let mut before = viewer.fleet().await;
    for seq in 0..3 {
        agent.say(&samples(seq..seq + 1)).await;
        let after = viewer.fleet().await;
        assert!(after.at.ms_since(before.at) >= 290, "{} ms", after.at.ms_since(before.at));
        before = after;
    }
}

#[tokio::test]
async fn viewers_in_step_share_their_frames() {
    let server = TestServer::start().await;
    let mut agent = Agent::ready(server.address, 1).await;
    let mut viewers = Vec::new();
    for _ in 0..5 {
        let mut viewer = Viewer::of_fleet(server.address, Cursor::START).await;
        viewer.fleet().await;
        viewers.push(viewer);
    }
    for seq in 0..20 {
        agent.say(&samples(seq..seq + 1)).await;
        for viewer in &mut viewers {
            viewer.fleet_until(|delta| delta.overview.column(0) == [Code(seq as u16)]).await;
        }
    }
    // Four of five when all are in step; it may take them a while to get there.
    assert!(server.counter("cpumonitor_frames_shared_total").await >= 20);
}

#[tokio::test]
async fn a_viewer_that_does_not_read_is_let_go_and_nobody_else_notices() {
    let server = TestServer::with(|config| config.limits.write = Duration::from_millis(200)).await;
    // A snapshot of half a megabyte.
    let mut agents = Vec::new();
    for id in 0..60 {
        let tags = vec![Tag { key: "k".repeat(128), value: "v".repeat(128) }; 32];
        let large = Hello { host: HostInfo { tags, ..info(id) }, ..hello(id) };
        agents.push(Agent::join(server.address, large).await.0);
    }
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(server.address).await.unwrap();
    let headers = [("sec-websocket-protocol", Protocol::ViewerV1.name())];
    let (mut stuck, _) = Peer::open_on(stream, server.address, "/api/v1/viewer", &headers).await.unwrap();
    stuck.binary(encode(&ViewerToServer::Subscribe(fleet_from(Cursor::START)))).await;

    let mut viewer = Viewer::of_fleet(server.address, Cursor::START).await;
    assert_eq!(viewer.fleet_until(|delta| !delta.hosts.is_empty()).await.hosts.len(), 60);
    server.until_counter("cpumonitor_viewers_slow_total", 1).await;
    viewer.fleet().await;
}

#[tokio::test]
async fn a_viewer_that_says_nothing_is_asked_and_then_given_up() {
    let server = TestServer::with(|config| {
        config.limits.beat = Duration::from_millis(20);
        config.limits.viewer_silence = Duration::from_millis(60);
    })
    .await;
    let mut viewer = Viewer::connect(server.address).await;
    assert_eq!(viewer.peer.closed().await.0, CloseCode::Silent.number());
}

#[tokio::test]
async fn everybody_is_told_of_clients_that_prove_nothing() {
    let server = TestServer::start().await;
    assert_eq!(Viewer::connect(server.address).await.welcome.notices, [Notice::Compat]);
    let strict = TestServer::with(|config| config.compat = false).await;
    assert_eq!(Viewer::connect(strict.address).await.welcome.notices, []);
}

async fn check_closed(code: CloseCode, part: &str, send: impl AsyncFnOnce(&mut Viewer)) {
    let server = TestServer::start().await;
    let mut other = Viewer::of_fleet(server.address, Cursor::START).await;
    let mut viewer = Viewer::connect(server.address).await;
    send(&mut viewer).await;
    let (number, reason) = viewer.peer.closed().await;
    assert_eq!(CloseCode::from_number(number), Some(code), "{reason}");
    assert!(reason.contains(part), "{reason}");
    other.fleet().await;
    assert_eq!(server.counter("cpumonitor_viewer_faults_total").await, 1);
}

#[tokio::test]
async fn text_is_not_binary() {
    check_closed(CloseCode::NotBinary, "text", async |viewer| viewer.peer.send(Message::text("{}")).await)
        .await;
}

#[tokio::test]
async fn garbage_is_no_message() {
    check_closed(CloseCode::Malformed, "not a message", async |viewer| viewer.peer.binary([0xFF; 40]).await)
        .await;
}

#[tokio::test]
async fn a_message_above_the_limit_is_too_large() {
    check_closed(CloseCode::TooLarge, "16 KiB", async |viewer| viewer.peer.binary([0; 16 * 1024 + 1]).await)
        .await;
}

#[tokio::test]
async fn too_many_messages_are_too_many() {
    check_closed(CloseCode::Limit, "20 messages a second", async |viewer| {
        for _ in 0..60 {
            viewer.subscribe(fleet_from(Cursor::START)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_from_nowhere_does_no_harm() {
    let server = TestServer::start().await;
    let nowhere = Cursor { epoch: Epoch(u64::MAX), revision: Revision(u64::MAX) };
    let mut viewer = Viewer::connect(server.address).await;
    viewer
        .subscribe(Subscription {
            fleet: Some(fleet_scope(nowhere)),
            pace_ms: u32::MAX,
            ..host_from(9, nowhere)
        })
        .await;
    assert_eq!(viewer.fleet().await.since.revision, Revision::ZERO);
    assert!(!viewer.host().await.known);
}

#[tokio::test]
async fn without_a_common_version_both_sides_are_told() {
    let server = TestServer::start().await;
    let headers = [("sec-websocket-protocol", "cpumonitor.viewer.v9")];
    let (mut peer, response) = Peer::open(server.address, "/api/v1/viewer", &headers).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "cpumonitor.viewer.v9");
    assert_eq!(peer.closed().await.0, CloseCode::Version.number());
}
