//! What agents may do, and what happens when they do something else.

use cpumonitor_common::wire::{AgentToServer, CloseCode, GapReason, Hello, Message as _, ServerToAgent};
use cpumonitor_common::{Chunk, HostInfo, Layout, LayoutId, Metric, Series};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Agent, Peer, TestServer, get, hello, info, layout, refusal, samples};

#[tokio::test]
async fn rows_are_taken_acked_and_shown() {
    let server = TestServer::start().await;
    let mut agent = Agent::ready(server.address, 1).await;
    agent.say(&samples(0..20)).await;
    agent.acked(20).await;
    let host = get(server.address, &format!("/api/v1/hosts/{}", info(1).id)).await;
    assert!(
        host.body.contains("\"status\":\"live\"") && host.body.contains("\"cpu\":0.019"),
        "{}",
        host.body
    );
}

#[tokio::test]
async fn a_single_row_is_acked_in_its_time() {
    let server = TestServer::with(|config| {
        config.limits.beat = std::time::Duration::from_millis(20);
        config.limits.ack = std::time::Duration::from_millis(20);
    })
    .await;
    let mut agent = Agent::ready(server.address, 1).await;
    agent.say(&samples(0..1)).await;
    agent.acked(1).await;
}

#[tokio::test]
async fn a_returning_agent_is_told_what_is_missing() {
    let server = TestServer::start().await;
    let mut agent = Agent::ready(server.address, 1).await;
    agent.say(&samples(0..20)).await;
    agent.say(&AgentToServer::Gap { first_seq: 20, count: 5, reason: GapReason::Missed }).await;
    agent.acked(20).await;
    drop(agent);
    let (_again, next_seq) = Agent::join(server.address, hello(1)).await;
    assert_eq!(next_seq, 25);
    assert_eq!(server.counter("cpumonitor_rows_missed_total").await, 5);
    assert_eq!(server.counter("cpumonitor_rows_undeclared_total").await, 0);
}

#[tokio::test]
async fn the_newest_connection_of_a_host_wins() {
    let server = TestServer::start().await;
    let mut old = Agent::ready(server.address, 1).await;
    let mut new = Agent::ready(server.address, 1).await;
    assert_eq!(old.peer.closed().await.0, CloseCode::Replaced.number());
    new.say(&samples(0..2)).await;
    new.acked(2).await;
    assert_eq!(server.counter("cpumonitor_agents").await, 1);
}

#[tokio::test]
async fn goodbye_is_told_apart_from_a_broken_line() {
    let server = TestServer::start().await;
    let mut polite = Agent::ready(server.address, 1).await;
    let rude = Agent::ready(server.address, 2).await;
    polite.say(&AgentToServer::Goodbye { next_seq: 0 }).await;
    assert_eq!(polite.peer.closed().await.0, CloseCode::Normal.number());
    drop(rude);
    crate::support::within("both to be gone", async {
        while server.counter("cpumonitor_agents").await > 0 {}
    })
    .await;
    let hosts = get(server.address, "/api/v1/hosts?q=status%20=%20stopped").await.body;
    assert!(hosts.contains("host-1") && !hosts.contains("host-2"), "{hosts}");
}

#[tokio::test]
async fn an_agent_that_says_nothing_is_asked_and_then_given_up() {
    let server = TestServer::with(|config| {
        config.limits.beat = std::time::Duration::from_millis(20);
        config.limits.agent_silence = std::time::Duration::from_millis(60);
    })
    .await;
    let mut agent = Agent::ready(server.address, 1).await;
    assert_eq!(agent.peer.closed().await.0, CloseCode::Silent.number());
}

#[tokio::test]
async fn without_a_hello_the_connection_is_given_up() {
    let server = TestServer::with(|config| config.limits.hello = std::time::Duration::from_millis(50)).await;
    let mut agent = Agent::connect(server.address).await;
    assert_eq!(agent.peer.closed().await.0, CloseCode::Silent.number());
}

#[tokio::test]
async fn without_a_common_version_both_sides_are_told() {
    let server = TestServer::start().await;
    let headers = [("sec-websocket-protocol", "cpumonitor.agent.v9, cpumonitor.agent.v8")];
    let (mut peer, response) = Peer::open(server.address, "/api/v1/agent", &headers).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "cpumonitor.agent.v9");
    let (code, reason) = peer.closed().await;
    assert_eq!(code, CloseCode::Version.number());
    assert!(reason.contains("cpumonitor.agent.v1"), "{reason}");
}

#[tokio::test]
async fn a_page_is_no_agent() {
    let server = TestServer::start().await;
    let origin = format!("http://{}", server.address);
    let headers = [("sec-websocket-protocol", "cpumonitor.agent.v1"), ("origin", origin.as_str())];
    let (status, sentence) = refusal(Peer::open(server.address, "/api/v1/agent", &headers).await);
    assert_eq!(status, 403);
    assert!(sentence.contains("no agent is a web page"), "{sentence}");
}

#[tokio::test]
async fn what_is_no_handshake_is_told_what_it_should_be() {
    let server = TestServer::start().await;
    let answer = get(server.address, "/api/v1/agent").await;
    assert_eq!(answer.status, 426);
    assert!(answer.body.contains("speaks WebSocket"), "{}", answer.body);
}

/// Sends what `send` sends on a connection that has joined, and expects it closed with `code` and a
/// sentence that contains `part`; another agent must not notice.
async fn check_closed(code: CloseCode, part: &str, send: impl AsyncFnOnce(&mut Agent)) {
    let server = TestServer::start().await;
    let mut other = Agent::ready(server.address, 2).await;
    let mut agent = Agent::ready(server.address, 1).await;
    send(&mut agent).await;
    let (number, reason) = agent.peer.closed().await;
    assert_eq!(CloseCode::from_number(number), Some(code), "{reason}");
    assert!(reason.contains(part) && reason.len() <= 123, "{reason}");
    other.say(&samples(0..3)).await;
    other.acked(3).await;
    assert_eq!(server.counter("cpumonitor_agent_faults_total").await, 1);
    assert_eq!(server.counter("cpumonitor_tasks_panicked_total").await, 0);
}

#[tokio::test]
async fn text_is_not_binary() {
    check_closed(CloseCode::NotBinary, "text", async |agent| agent.peer.send(Message::text("hello")).await)
        .await;
}

#[tokio::test]
async fn garbage_is_no_message() {
    check_closed(CloseCode::Malformed, "not a message", async |agent| agent.peer.binary([0xFF; 40]).await)
        .await;
}

#[tokio::test]
async fn a_message_cut_short_is_no_message() {
    check_closed(CloseCode::Malformed, "cut short", async |agent| agent.peer.binary([2]).await).await;
}

#[tokio::test]
async fn a_message_above_the_limit_is_too_large() {
    check_closed(CloseCode::TooLarge, "256 KiB", async |agent| {
        agent.peer.binary(vec![0; AgentToServer::MAX_FRAME_BYTES + 1]).await;
    })
    .await;
}

#[tokio::test]
async fn hello_is_said_once() {
    check_closed(CloseCode::Malformed, "second hello", async |agent| {
        agent.say(&AgentToServer::Hello(hello(1))).await;
    })
    .await;
}

#[tokio::test]
async fn samples_need_their_layout_first() {
    check_closed(CloseCode::Malformed, "not announced", async |agent| {
        agent.say(&AgentToServer::Samples { layout: LayoutId(9), chunk: Chunk(vec![0]) }).await;
    })
    .await;
}

#[tokio::test]
async fn a_chunk_that_claims_too_much_is_too_large() {
    check_closed(CloseCode::TooLarge, "larger than the protocol allows", async |agent| {
        let chunk = Chunk(vec![0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]);
        agent.say(&AgentToServer::Samples { layout: LayoutId(1), chunk }).await;
    })
    .await;
}

#[tokio::test]
async fn a_layout_is_checked() {
    check_closed(CloseCode::Malformed, "control character", async |agent| {
        let series = vec![Series::of(Metric::CPU, "\u{1b}[2J")];
        agent.say(&AgentToServer::Layout(Layout { id: LayoutId(2), series })).await;
    })
    .await;
}

#[tokio::test]
async fn too_many_messages_are_too_many() {
    check_closed(CloseCode::Limit, "messages a second", async |agent| {
        for _ in 0..300 {
            // The server may hang up before we have said it all.
            let said = agent.peer.0.feed_layout().await;
            if said.is_err() {
                break;
            }
        }
    })
    .await;
}

trait FeedLayout {
    async fn feed_layout(&mut self) -> Result<(), tokio_tungstenite::tungstenite::Error>;
}

impl FeedLayout for tokio_tungstenite::WebSocketStream<tokio::net::TcpStream> {
    async fn feed_layout(&mut self) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        use futures_util::SinkExt;
        self.send(Message::Binary(cpumonitor_common::wire::encode(&AgentToServer::Layout(layout())).into()))
            .await
    }
}

/// Says hello with `hello`, and expects a close.
async fn check_hello(code: CloseCode, part: &str, first: AgentToServer) {
    let server = TestServer::start().await;
    let mut agent = Agent::connect(server.address).await;
    agent.say(&first).await;
    let (number, reason) = agent.peer.closed().await;
    assert_eq!(CloseCode::from_number(number), Some(code), "{reason}");
    assert!(reason.contains(part), "{reason}");
    assert!(get(server.address, "/api/v1/hosts").await.body.contains("\"total\":0"));
}

#[tokio::test]
async fn the_first_message_is_the_hello() {
    check_hello(CloseCode::Malformed, "hello", AgentToServer::Layout(layout())).await;
    check_hello(CloseCode::Malformed, "hello", AgentToServer::Goodbye { next_seq: 0 }).await;
}

#[tokio::test]
async fn a_hello_is_checked() {
    let with = |host| AgentToServer::Hello(Hello { host, ..hello(1) });
    check_hello(CloseCode::Malformed, "no name", with(HostInfo { name: " ".into(), ..info(1) })).await;
    check_hello(CloseCode::Malformed, "control character", with(HostInfo { os: "\u{7}".into(), ..info(1) }))
        .await;
    check_hello(CloseCode::Malformed, "128 bytes", with(HostInfo { name: "x".repeat(129), ..info(1) })).await;
    let hasty = AgentToServer::Hello(Hello { interval_ms: 1, ..hello(1) });
    check_hello(CloseCode::Malformed, "interval", hasty).await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_measured() {
    let server = TestServer::start().await;
    let ahead = Hello { now: hello(1).now.plus_ms(3_600_000), ..hello(1) };
    let (_agent, _) = Agent::join(server.address, ahead).await;
    let host = get(server.address, &format!("/api/v1/hosts/{}", info(1).id)).await.body;
    let skew = host.split("\"skew_ms\":").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
    let skew: i64 = skew.parse().unwrap();
    assert!((3_590_000..=3_600_100).contains(&skew), "{skew}");
}

#[tokio::test]
async fn a_welcome_tells_the_time() {
    let server = TestServer::start().await;
    let mut agent = Agent::connect(server.address).await;
    let hello = hello(1);
    agent.say(&AgentToServer::Hello(hello.clone())).await;
    let ServerToAgent::Welcome { now, next_seq: 0 } = agent.hear().await else { panic!("no welcome") };
    assert!(now.ms_since(hello.now).abs() < 10_000);
}
