//! Bad input: the one connection ends with a reason, everybody else goes on.

use std::time::Duration;

use cpumonitor_common::wire::{AgentToServer, CloseCode, Protocol};
use cpumonitor_common::{Chunk, LayoutId, Metric};
use cpumonitor_swarm::scripted::{self, ScriptedViewer};
use cpumonitor_swarm::{Door, Socket, SocketError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::support::{DEADLINE, TestFleet, get, send_raw};

/// Waits for the end of the connection: the server's code, and its sentence.
async fn end(socket: &mut Socket) -> (Option<CloseCode>, String) {
    let ended = timeout(DEADLINE, async {
        loop {
            if let Err(error) = socket.hear_frame().await {
                return error;
            }
        }
    });
    let error = ended.await.expect("the connection ends");
    let SocketError::Closed(_, sentence) = &error else { panic!("closed without a reason: {error}") };
    let sentence = sentence.clone();
    assert!(!sentence.is_empty() && sentence.len() <= 123, "a sentence: {sentence:?}");
    (error.close_code(), sentence)
}

/// An honest agent that was there before the trouble, and must not notice it.
struct Witness<'f> {
    fleet: &'f TestFleet,
    agent: crate::support::TestAgent,
}

impl Witness<'_> {
    async fn of(fleet: &TestFleet) -> Witness<'_> {
        let mut agent = fleet.agent("witness").await;
        agent.report_cpu(0.1).await;
        Witness { fleet, agent }
    }

    /// The agent is still heard, and a viewer still sees it.
    async fn goes_on(mut self) {
        self.agent.report_cpu(0.9).await;
        let mut viewer = self.fleet.viewer().await;
        viewer.until("90 %", |page| page.cpu("witness") == Some(0.9)).await;
        assert_eq!(self.fleet.counter("cpumonitor_rows_undeclared_total").await, 0);
    }
}

/// Sends `frames` as a welcomed agent, and checks how that ends.
async fn check_agent(fleet: &TestFleet, frames: Vec<Frame>, code: CloseCode) {
    let faults = fleet.counter("cpumonitor_agent_faults_total").await;
    let mut agent = fleet.agent("troublemaker").await;
    for frame in frames {
        // The server may have closed before the last of them.
        let _ = agent.link.socket().send_frame(frame).await;
    }
    let (told, sentence) = end(agent.link.socket()).await;
    assert_eq!(told, Some(code), "{sentence}");
    fleet.counted("cpumonitor_agent_faults_total", faults + 1).await;
}

fn frame(message: &AgentToServer) -> Frame {
    Frame::binary(cpumonitor_common::wire::encode(message))
}

#[tokio::test]
async fn an_agent_that_breaks_the_protocol_is_told_why() {
    let fleet = TestFleet::start().await;
    let witness = Witness::of(&fleet).await;
    let unannounced = AgentToServer::Samples { layout: LayoutId(9), chunk: Chunk(vec![0, 1, 0, 0]) };
    check_agent(&fleet, vec![Frame::binary(vec![0xFF; 40])], CloseCode::Malformed).await;
    check_agent(&fleet, vec![Frame::binary(vec![])], CloseCode::Malformed).await;
    check_agent(&fleet, vec![Frame::text("CPU usages from client2: 12.5%")], CloseCode::NotBinary).await;
    check_agent(&fleet, vec![Frame::binary(vec![0; 300 * 1024])], CloseCode::TooLarge).await;
    check_agent(&fleet, vec![frame(&unannounced)], CloseCode::Malformed).await;
    witness.goes_on().await;
}

#[tokio::test]
async fn a_chunk_that_lies_about_its_size_is_refused() {
    let fleet = TestFleet::start().await;
    let witness = Witness::of(&fleet).await;
    let mut agent = fleet.agent("liar").await;
    agent.report_cpu(0.5).await;
    // A varint that claims 2⁶³ rows.
    let claim = Chunk(vec![0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0, 0]);
    let lie = AgentToServer::Samples { layout: LayoutId(1), chunk: claim };
    agent.link.say(&lie).await.expect("the server still listens");
    let (code, sentence) = end(agent.link.socket()).await;
    assert!(matches!(code, Some(CloseCode::TooLarge | CloseCode::Malformed)), "{code:?} {sentence}");
    witness.goes_on().await;
}

#[tokio::test]
async fn an_agent_that_does_not_say_hello_first_is_refused() {
    let fleet = TestFleet::start().await;
    let mut socket = Socket::connect(&fleet.target(), Door::agent()).await.expect("the server takes agents");
    socket.send(&AgentToServer::Goodbye { next_seq: 0 }).await.expect("the server listens");
    assert_eq!(end(&mut socket).await.0, Some(CloseCode::Malformed));

    let nameless = cpumonitor_common::HostInfo { name: " ".to_owned(), ..scripted::host("x") };
    let refused = scripted::ScriptedAgent::connect(&fleet.target(), nameless, fleet.now()).await;
    assert_eq!(refused.err().and_then(|error| error.close_code()), Some(CloseCode::Malformed));
    assert_eq!(fleet.json("/api/v1/hosts").await["total"], 0);
}

/// Half a hello, and then nothing: the server does not wait for ever, and says so.
#[tokio::test]
async fn an_agent_that_never_says_hello_is_let_go() {
    let fleet = TestFleet::with(|config| config.limits.hello = Duration::from_millis(300)).await;
    let mut socket = Socket::connect(&fleet.target(), Door::agent()).await.expect("the server takes agents");
    assert_eq!(end(&mut socket).await.0, Some(CloseCode::Silent));
}

/// Of another time: the socket opens, so that both sides can say why it closes.
#[tokio::test]
async fn an_older_or_newer_peer_is_told_to_update() {
    let fleet = TestFleet::start().await;
    let witness = Witness::of(&fleet).await;
    for (door, ours) in [(Door::agent(), Protocol::AgentV1), (Door::viewer(), Protocol::ViewerV1)] {
        for offered in ["cpumonitor.agent.v0", "cpumonitor.agent.v999, cpumonitor.agent.v1000"] {
            let door = Door { protocol: Some(offered), ..door };
            let mut socket = Socket::connect(&fleet.target(), door).await.expect("it opens");
            let (code, sentence) = end(&mut socket).await;
            assert_eq!(code, Some(CloseCode::Version), "{offered}");
            assert!(sentence.contains(ours.name()), "{sentence:?} says what is spoken here");
        }
    }
    // A newer peer that speaks ours as well is welcome.
    let door = Door { protocol: Some("cpumonitor.viewer.v9, cpumonitor.viewer.v1"), ..Door::viewer() };
    ScriptedViewer::knock(&fleet.target(), door).await.expect("v1 is common");
    witness.goes_on().await;
}

#[tokio::test]
async fn a_viewer_that_breaks_the_protocol_is_told_why() {
    let fleet = TestFleet::start().await;
    let witness = Witness::of(&fleet).await;
    for (nonsense, code) in [
        (Frame::binary(vec![0xFF; 40]), CloseCode::Malformed),
        (Frame::text("hello"), CloseCode::NotBinary),
        (Frame::binary(vec![0; 20 * 1024]), CloseCode::TooLarge),
    ] {
        let mut viewer = ScriptedViewer::connect(&fleet.target()).await.expect("the server takes viewers");
        viewer.socket().send_frame(nonsense).await.expect("the server listens");
        assert_eq!(end(viewer.socket()).await.0, Some(code));
    }
    witness.goes_on().await;
}

/// A page from elsewhere can neither open the viewer socket nor pretend that its name is ours.
#[tokio::test]
async fn pages_from_elsewhere_see_nothing() {
    let fleet = TestFleet::start().await;
    let _witness = Witness::of(&fleet).await;
    let own = format!("http://{}", fleet.address());
    let knock = async |door: Door<'_>| match ScriptedViewer::knock(&fleet.target(), door).await {
        Ok(_) => 101,
        Err(SocketError::Refused(status)) => status.as_u16(),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(knock(Door { origin: Some(&own), ..Door::viewer() }).await, 101);
    assert_eq!(knock(Door { origin: Some("http://evil.example"), ..Door::viewer() }).await, 403);
    assert_eq!(knock(Door { origin: Some("null"), ..Door::viewer() }).await, 403);
    assert_eq!(knock(Door { host: Some("evil.example:8080"), ..Door::viewer() }).await, 403);

    let rebound = b"GET /api/v1/hosts HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let answer = send_raw(fleet.address(), rebound).await;
    assert_eq!(answer.status, 403, "{}", answer.head);
    assert!(!answer.text().contains("witness"), "{}", answer.text());
    fleet.counted("cpumonitor_requests_refused_total", 3).await;
}

/// A thousand connections that never finish their request: an honest agent gets in all the same.
#[tokio::test]
async fn a_thousand_slow_handshakes_keep_nobody_out() {
    // Time alone would not let them go before this test ends.
    let fleet = TestFleet::with(|config| {
        config.limits.handshakes = 64;
        config.limits.head = Duration::from_secs(60);
    })
    .await;
    let witness = Witness::of(&fleet).await;
    let mut slow = Vec::new();
    for _ in 0..1_000 {
        let mut stream = TcpStream::connect(fleet.address()).await.expect("the server listens");
        stream
            .write_all(b"GET /api/v1/agent HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")
            .await
            .expect("there is room for it");
        slow.push(stream);
    }
    let mut honest = fleet.agent("honest").await;
    honest.report_cpu(0.5).await;
    fleet.counted("cpumonitor_rows_total", 2).await;
    fleet.counted("cpumonitor_handshakes_dropped_total", 900).await;
    let mut first = slow.swap_remove(0);
    let read = timeout(DEADLINE, first.read(&mut [0; 64])).await.expect("the longest waiting is let go");
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    witness.goes_on().await;
}

/// Half a handshake does not last.
#[tokio::test]
async fn half_a_handshake_is_let_go() {
    let fleet = TestFleet::with(|config| config.limits.head = Duration::from_millis(300)).await;
    let mut stream = TcpStream::connect(fleet.address()).await.expect("the server listens");
    stream
        .write_all(b"GET /api/v1/agent HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgr")
        .await
        .expect("there is room for it");
    let mut answer = Vec::new();
    let read = timeout(DEADLINE, stream.read_to_end(&mut answer)).await;
    read.expect("the server closes").expect("and properly so");
}

#[tokio::test]
async fn what_is_no_request_is_answered_as_such() {
    let fleet = TestFleet::start().await;
    let witness = Witness::of(&fleet).await;
    let huge = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: {}\r\n\r\n", "x".repeat(64 * 1024));
    let many = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\n", "X-Many: y\r\n".repeat(2_000));
    for request in [huge.as_bytes(), many.as_bytes(), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"]
    {
        let answer = send_raw(fleet.address(), request).await;
        assert!(answer.status == 0 || (400..500).contains(&answer.status), "{}", answer.head);
    }
    assert_eq!(get(fleet.address(), "/api/v1/agent").await.status, 426);
    assert_eq!(get(fleet.address(), "/api/v1/nothing").await.status, 404);
    assert_eq!(get(fleet.address(), "/api/v1/hosts/zzz").await.status, 400);
    assert_eq!(get(fleet.address(), &format!("/api/v1/hosts/{:032x}", 5)).await.status, 404);
    assert_eq!(get(fleet.address(), "/api/v1/series?host=witness&metric=nothing").await.status, 400);
    witness.goes_on().await;
}

/// A host can report metrics this build does not know: they are carried, and disturb nobody.
#[tokio::test]
async fn a_metric_of_the_future_is_carried() {
    let fleet = TestFleet::start().await;
    let mut agent = fleet.agent("future").await;
    agent.report(&[(Metric(60_000), 5.0), (Metric::CPU, 0.5)]).await;
    let mut viewer = fleet.viewer().await;
    viewer.until("50 %", |page| page.cpu("future") == Some(0.5)).await;
    let host = fleet.json(&format!("/api/v1/hosts/{}", viewer.id_of("future"))).await;
    assert_eq!(host["series"][0]["series"], "metric#60000", "{host}");
}
