//! The link against a scripted server.

use cpumonitor_common::wire::{AgentToServer, CloseCode, GapReason, Hello, ServerToAgent, decode, encode};
use cpumonitor_common::{
    Code, HostId, HostInfo, Incarnation, Layout, LayoutId, Metric, Row, Series, Timestamp,
};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_util::task::TaskTracker;

use super::*;
use crate::backlog::Backlog;

const PROTOCOL: &str = "sec-websocket-protocol";
const DEADLINE: Duration = Duration::from_secs(10);

/// Waits for what has to happen.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(DEADLINE, what).await.expect("it happens within ten seconds")
}

/// An agent's link and outbox, with a server that does what the test says.
struct Stage {
    listener: TcpListener,
    outbox: Arc<Outbox>,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Stage {
    async fn set() -> Stage {
        Stage::with(Patience::USUAL).await
    }

    async fn with(patience: Patience) -> Stage {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = ServerUrl::parse(&format!("ws://{}", listener.local_addr().unwrap())).unwrap();
        let outbox = Arc::new(Outbox::new(Backlog::new(10_000, 300)));
        let stop = CancellationToken::new();
        let link = Link {
            server,
            greeting: greeting(),
            outbox: Arc::clone(&outbox),
            clock: Clock::start(),
            patience,
        };
        let running = TaskTracker::new().spawn(link.run(stop.clone()));
        Stage { listener, outbox, stop, running }
    }

    fn push(&self, seqs: impl IntoIterator<Item = u64>) {
        for seq in seqs {
            let row = Row { seq, at: Timestamp::from_ms(seq as i64), codes: &[Code(seq as u16)] };
            self.outbox.backlog().push(&layout(), row);
        }
        self.outbox.ring();
    }

    async fn until_unacked(&self, count: usize) {
        soon(async {
            while self.outbox.backlog().unacked() != count {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    async fn accept(&self) -> Peer {
        let (stream, _) = soon(self.listener.accept()).await.unwrap();
        #[expect(clippy::result_large_err, reason = "the library's signature")]
        let agree = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
            assert_eq!(request.uri(), "/api/v1/agent");
            response.headers_mut().insert(PROTOCOL, request.headers()[PROTOCOL].clone());
            Ok(response)
        };
        Peer(soon(tokio_tungstenite::accept_hdr_async(stream, agree)).await.unwrap())
    }

    /// A connection whose hello was answered with a welcome.
    async fn welcome(&self, next_seq: u64) -> Peer {
        let mut peer = self.accept().await;
        peer.hello().await;
        peer.say(&ServerToAgent::Welcome { now: Timestamp::EPOCH, next_seq }).await;
        peer
    }
}

/// The server's end of one connection.
struct Peer(WebSocketStream<TcpStream>);

impl Peer {
    async fn say(&mut self, message: &ServerToAgent) {
        soon(self.0.send(Message::Binary(encode(message).into()))).await.unwrap();
    }

    async fn hear(&mut self) -> AgentToServer {
        match soon(self.0.next()).await {
            Some(Ok(Message::Binary(frame))) => decode(&frame).unwrap(),
            other => panic!("no message but {other:?}"),
        }
    }

    async fn hello(&mut self) -> Hello {
        match self.hear().await {
            AgentToServer::Hello(hello) => hello,
            other => panic!("no hello but {other:?}"),
        }
    }

    async fn rows(&mut self) -> Vec<u64> {
        match self.hear().await {
            AgentToServer::Samples { layout: LayoutId(1), chunk } => {
                chunk.decode(1).unwrap().iter().map(|row| row.seq).collect()
            }
            other => panic!("no rows but {other:?}"),
        }
    }

    async fn close_code(&mut self) -> u16 {
        loop {
            match soon(self.0.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_))) => {}
                other => panic!("no close but {other:?}"),
            }
        }
    }
}

fn layout() -> Layout {
    Layout { id: LayoutId(1), series: vec![Series::whole(Metric::CPU)] }
}

fn greeting() -> Greeting {
    let host = HostInfo {
        id: HostId(7),
        name: "web-1".into(),
        os: String::new(),
        kernel: String::new(),
        arch: String::new(),
        cpu_model: String::new(),
        core_count: 1,
        memory_bytes: 0,
        swap_bytes: 0,
        boot_at: Timestamp::EPOCH,
        agent_version: String::new(),
        tags: vec![],
    };
    Greeting { host, incarnation: Incarnation(3), interval_ms: 1_000 }
}

#[tokio::test]
async fn hello_then_layout_then_rows() {
    let stage = Stage::set().await;
    stage.push(0..2);
    let mut peer = stage.accept().await;
    let hello = peer.hello().await;
    assert_eq!((hello.host.id, hello.incarnation, hello.interval_ms), (HostId(7), Incarnation(3), 1_000));
    assert_eq!((hello.oldest_seq, hello.next_seq), (0, 2));
    peer.say(&ServerToAgent::Welcome { now: Timestamp::EPOCH, next_seq: 0 }).await;
    assert_eq!(peer.hear().await, AgentToServer::Layout(layout()));
    assert_eq!(peer.rows().await, [0, 1]);
    stage.push([2]);
    assert_eq!(peer.rows().await, [2], "a layout is announced once a connection");
    stage.push([5]);
    assert_eq!(peer.hear().await, AgentToServer::Gap { first_seq: 3, count: 2, reason: GapReason::Missed });
    assert_eq!(peer.rows().await, [5]);
}

#[tokio::test]
async fn a_lost_connection_loses_nothing() {
    let stage = Stage::set().await;
    let mut peer = stage.welcome(0).await;
    stage.push(0..3);
    peer.hear().await;
    assert_eq!(peer.rows().await, [0, 1, 2]);
    peer.say(&ServerToAgent::Ack { next_seq: 2 }).await;
    drop(peer);
    stage.push(3..5);
    let mut peer = stage.welcome(2).await;
    assert_eq!(peer.hear().await, AgentToServer::Layout(layout()));
    assert_eq!(peer.rows().await, [2, 3, 4]);
}

#[tokio::test]
async fn a_server_that_restarted_gets_back_what_is_held() {
    let stage = Stage::set().await;
    stage.push(0..1_000);
    let mut peer = stage.welcome(0).await;
    peer.hear().await;
    assert_eq!(peer.rows().await.len(), 1_000, "an outage is sent in few frames");
    peer.say(&ServerToAgent::Ack { next_seq: 1_000 }).await;
    stage.until_unacked(0).await;
    drop(peer);
    let mut peer = stage.accept().await;
    assert_eq!(peer.hello().await.oldest_seq, 700);
    peer.say(&ServerToAgent::Welcome { now: Timestamp::EPOCH, next_seq: 0 }).await;
    peer.hear().await;
    assert_eq!(peer.rows().await, (700..1_000).collect::<Vec<_>>());
    assert_eq!(stage.outbox.backlog().unacked(), 300, "this server has not acknowledged them");
}

#[tokio::test]
async fn a_clean_stop_sends_everything_and_says_goodbye() {
    let stage = Stage::set().await;
    let mut peer = stage.welcome(0).await;
    stage.push(0..3);
    stage.stop.cancel();
    peer.hear().await;
    assert_eq!(peer.rows().await, [0, 1, 2]);
    assert_eq!(peer.hear().await, AgentToServer::Goodbye { next_seq: 3 });
    assert_eq!(peer.close_code().await, CloseCode::Normal.number());
    assert!(soon(peer.0.next()).await.is_none());
    soon(stage.running).await.unwrap();
    assert_eq!(stage.outbox.backlog().unacked(), 0, "the answer to the close stands for an ack");
}

#[tokio::test]
async fn a_stop_without_an_answer_is_bounded_and_leaves_rows_unconfirmed() {
    let stage = Stage::with(Patience { farewell: Duration::from_millis(50), ..Patience::USUAL }).await;
    let _peer = stage.welcome(0).await;
    stage.push(0..3);
    stage.stop.cancel();
    soon(stage.running).await.unwrap();
    assert_eq!(stage.outbox.backlog().unacked(), 3);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_server_that_is_away() {
    let stage = Stage::set().await;
    let (running, stop) = (stage.running, stage.stop);
    drop(stage.listener);
    stop.cancel();
    soon(running).await.unwrap();
}

async fn check_breach(said: Message, code: CloseCode) {
    let stage = Stage::set().await;
    stage.push(0..2);
    let mut peer = stage.welcome(0).await;
    soon(peer.0.send(said)).await.unwrap();
    assert_eq!(peer.close_code().await, code.number());
    drop(peer);
    let mut peer = stage.welcome(0).await;
    peer.hear().await;
    assert_eq!(peer.rows().await, [0, 1], "nothing is lost");
}

fn frame(message: &ServerToAgent) -> Message {
    Message::Binary(encode(message).into())
}

#[tokio::test]
async fn a_text_frame_is_answered_with_its_code() {
    check_breach(Message::text("hello"), CloseCode::NotBinary).await;
}

#[tokio::test]
async fn garbage_is_answered_with_its_code() {
    check_breach(Message::binary(vec![0xFF; 9]), CloseCode::Malformed).await;
}

#[tokio::test]
async fn an_oversized_frame_is_answered_with_its_code() {
    check_breach(Message::binary(vec![0; 5_000]), CloseCode::TooLarge).await;
}

#[tokio::test]
async fn a_second_welcome_is_out_of_order() {
    let welcome = ServerToAgent::Welcome { now: Timestamp::EPOCH, next_seq: 0 };
    check_breach(frame(&welcome), CloseCode::Malformed).await;
}

#[tokio::test]
async fn an_ack_of_what_was_not_sent_is_out_of_order() {
    check_breach(frame(&ServerToAgent::Ack { next_seq: 3 }), CloseCode::Malformed).await;
}

#[tokio::test]
async fn an_ack_that_comes_twice_does_no_harm() {
    let stage = Stage::set().await;
    let mut peer = stage.welcome(0).await;
    stage.push(0..2);
    peer.hear().await;
    peer.rows().await;
    for next_seq in [2, 2, 1, 0] {
        peer.say(&ServerToAgent::Ack { next_seq }).await;
    }
    stage.until_unacked(0).await;
    stage.push([2]);
    assert_eq!(peer.rows().await, [2]);
    assert_eq!(stage.outbox.backlog().unacked(), 1);
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left() {
    let stage = Stage::with(Patience { silence: Duration::from_millis(50), ..Patience::USUAL }).await;
    let mut peer = stage.welcome(0).await;
    assert_eq!(peer.close_code().await, CloseCode::Silent.number());
    stage.accept().await;
}

#[tokio::test]
async fn pings_keep_the_link_and_are_answered() {
    let stage = Stage::set().await;
    let mut peer = stage.welcome(0).await;
    soon(peer.0.send(Message::Ping("now".into()))).await.unwrap();
    match soon(peer.0.next()).await {
        Some(Ok(Message::Pong(payload))) => assert_eq!(payload, "now"),
        other => panic!("no pong but {other:?}"),
    }
}

#[tokio::test]
async fn a_server_without_a_welcome_is_left() {
    let stage = Stage::with(Patience { welcome: Duration::from_millis(50), ..Patience::USUAL }).await;
    let mut peer = stage.accept().await;
    peer.hello().await;
    assert_eq!(peer.close_code().await, CloseCode::Silent.number());
    stage.accept().await;
}

#[tokio::test]
async fn a_server_that_asks_for_time_gets_it() {
    let stage = Stage::set().await;
    let clock = Clock::start();
    let mut peer = stage.welcome(0).await;
    let asked_at = clock.now();
    peer.say(&ServerToAgent::Retry { after_ms: 300 }).await;
    assert_eq!(peer.close_code().await, CloseCode::Normal.number());
    stage.accept().await;
    assert!(clock.now().since(asked_at).unwrap() >= Duration::from_millis(300));
}

#[tokio::test]
async fn another_kind_of_server_is_tried_again() {
    let stage = Stage::set().await;
    let (mut stream, _) = soon(stage.listener.accept()).await.unwrap();
    let mut request = vec![0; 4_096];
    let read = soon(stream.read(&mut request)).await.unwrap();
    let request = String::from_utf8_lossy(&request[..read]).to_lowercase();
    assert!(request.contains("sec-websocket-protocol: cpumonitor.agent.v1"));
    soon(stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")).await.unwrap();
    drop(stream);
    stage.welcome(0).await;
}

#[tokio::test]
async fn half_a_handshake_is_given_up() {
    let stage = Stage::with(Patience { welcome: Duration::from_millis(50), ..Patience::USUAL }).await;
    let (stream, _) = soon(stage.listener.accept()).await.unwrap();
    stage.accept().await;
    drop(stream);
}
