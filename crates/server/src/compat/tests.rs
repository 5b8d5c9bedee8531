//! The wire of 2018, byte for byte, against the real accept loop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cpumonitor_common::wire::CloseCode;
use cpumonitor_common::{Epoch, HostInfo, HostStatus, Metric, Subject as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::roster::MAX_CONNECTIONS;
use crate::app::App;
use crate::clock::Clock;
use crate::fleet::{Fleet, HostState, HostView};
use crate::guard::Guard;
use crate::relay::Relay;
use crate::telemetry::Counters;
use crate::{Config, accept, router};

/// What `client.py` (autobahn 18.6.1, Python 2.7.18) sends first, captured from its socket. Only the
/// port is ours.
const HANDSHAKE: &str = "GET /webservices/cpu/ HTTP/1.1\r\n\
    User-Agent: AutobahnPython/18.6.1\r\n\
    Host: 127.0.0.1:8080\r\n\
    Upgrade: WebSocket\r\n\
    Connection: Upgrade\r\n\
    Pragma: no-cache\r\n\
    Cache-Control: no-cache\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\
    \r\n";

/// A server that nobody but this test talks to. It stops when this is dropped.
struct TestServer {
    app: App,
    address: SocketAddr,
    _stop: DropGuard,
}

impl TestServer {
    async fn start() -> TestServer {
        TestServer::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> TestServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config::listening_at(address);
        change(&mut config);
        let counters = Arc::new(Counters::default());
        let shutdown = CancellationToken::new();
        let app = App {
            guard: Arc::new(Guard::new(&config)),
            config: Arc::new(config),
            relay: Arc::new(Relay::new(Epoch(1), counters.clone())),
            counters,
            clock: Clock::start(),
            shutdown: shutdown.clone(),
            tracker: TaskTracker::new(),
        };
        app.spawn("accept loop", accept::run(listener, router::router(app.clone()), app.clone()));
        TestServer { app, address, _stop: shutdown.drop_guard() }
    }

    /// Says `head` on a new connection. Answers with the connection and the head of the answer.
    async fn request(&self, head: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(soon(stream.read_u8()).await.unwrap());
        }
        (stream, String::from_utf8(answer).unwrap())
    }

    async fn client(&self) -> Client {
        let (stream, answer) = self.request(HANDSHAKE).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        Client(stream)
    }

    /// The status of the answer to `head`.
    async fn status(&self, head: &str) -> u16 {
        let (_, answer) = self.request(head).await;
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// All hosts, by name.
    fn hosts(&self) -> Vec<HostView> {
        let mut hosts = self.app.relay.view();
        hosts.sort_by(|a, b| a.name.cmp(&b.name));
        hosts
    }

    fn names(&self) -> Vec<String> {
        self.hosts().into_iter().map(|host| host.name).collect()
    }

    fn info(&self, name: &str) -> HostInfo {
        let find = |fleet: &Fleet| fleet.hosts().map(HostState::info).find(|info| info.name == name).cloned();
        self.app.relay.read(find).unwrap()
    }

    /// Waits for the server to be as `condition` says.
    async fn until(&self, what: &str, condition: impl Fn(&TestServer) -> bool) {
        let met = tokio::time::timeout(Duration::from_secs(10), async {
            while !condition(self) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
        assert!(met.await.is_ok(), "waited ten seconds for: {what}");
    }
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future).await.expect("nothing for ten seconds")
}

/// One client of 2018, as bytes.
struct Client(TcpStream);

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;

/// A final frame, masked as a client's must be. Long payloads get the two-byte length.
fn frame(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x3d, 0x0c, 0x9a, 0x51];
    let mut frame = vec![first_byte];
    match u8::try_from(payload.len()).ok().filter(|length| *length < 126) {
        Some(length) => frame.push(0x80 | length),
        None => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
        }
    }
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

impl Client {
    async fn send(&mut self, first_byte: u8, payload: &[u8]) {
        self.0.write_all(&frame(first_byte, payload)).await.unwrap();
    }

    async fn say(&mut self, text: &str) {
        self.send(TEXT, text.as_bytes()).await;
    }

    /// The next frame: its first byte and its payload.
    async fn hear(&mut self) -> (u8, Vec<u8>) {
        let first_byte = soon(self.0.read_u8()).await.unwrap();
        let length = match soon(self.0.read_u8()).await.unwrap() {
            126 => soon(self.0.read_u16()).await.unwrap(),
            short => u16::from(short),
        };
        let mut payload = vec![0; usize::from(length)];
        soon(self.0.read_exact(&mut payload)).await.unwrap();
        (first_byte, payload)
    }

    async fn hear_text(&mut self) -> String {
        let (first_byte, payload) = self.hear().await;
        assert_eq!(first_byte, TEXT);
        String::from_utf8(payload).unwrap()
    }

    /// Waits for the close frame, over whatever comes before. Answers with code and reason.
    async fn hear_close(&mut self) -> (Option<CloseCode>, String) {
        loop {
            let (first_byte, payload) = self.hear().await;
            if first_byte == CLOSE {
                let code = u16::from_be_bytes([payload[0], payload[1]]);
                return (CloseCode::from_number(code), String::from_utf8(payload[2..].to_vec()).unwrap());
            }
        }
    }
}

#[tokio::test]
async fn the_capture_of_2018_plays_as_it_did_then() {
    let server = TestServer::start().await;
    let (stream, answer) = server.request(HANDSHAKE).await;
    let answer = answer.to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 101 "), "{answer}");
    // RFC 6455 §1.3 has the same key.
    assert!(answer.contains("\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{answer}");
    assert!(!answer.contains("sec-websocket-protocol"), "{answer}");
    assert!(server.hosts().is_empty(), "who has said nothing is no host");

    let mut client = Client(stream);
    client.say("CPU usages from client2: 100.0%").await;
    let (first_byte, payload) = client.hear().await;
    assert_eq!((first_byte, payload.len()), (0x81, 53));
    assert_eq!(payload, b"Current CPU usage is CPU usages from client2: 100.0% ");

    let hosts = server.hosts();
    assert_eq!(server.names(), ["client2@127.0.0.1"]);
    assert_eq!((hosts[0].status, hosts[0].code(Metric::CPU)), (HostStatus::Live, Metric::CPU.encode(1.0)));
    let info = server.info("client2@127.0.0.1");
    assert_eq!(info.check(), Ok(()));
    assert_eq!(format!("{}={}", info.tags[0].key, info.tags[0].value), "source=2018");

    // The page of 2018 says this on the same path.
    client.say("hello").await;
    client.say("CPU usages from client2: 12.5").await;
    assert_eq!(client.hear_text().await, "Current CPU usage is CPU usages from client2: 12.5 ");
    assert_eq!(server.hosts()[0].code(Metric::CPU), Metric::CPU.encode(0.125));
    assert_eq!((server.app.counters.compat_messages.get(), server.app.counters.compat_ignored.get()), (2, 1));

    client.send(CLOSE, &1_000u16.to_be_bytes()).await;
    assert_eq!(client.hear_close().await.0, Some(CloseCode::Normal));
    server.until("the host to have stopped", |server| server.hosts()[0].status == HostStatus::Stopped).await;
}

#[tokio::test]
async fn two_with_one_label_are_two_hosts_and_who_comes_back_is_the_same() {
    let server = TestServer::start().await;
    let (mut one, mut two) = (server.client().await, server.client().await);
    for client in [&mut one, &mut two] {
        client.say("CPU usages from client2: 1%").await;
        client.hear_text().await;
    }
    assert_eq!(server.names(), ["client2@127.0.0.1", "client2@127.0.0.1 #2"]);
    let before = server.info("client2@127.0.0.1").id;

    one.send(CLOSE, &[]).await;
    server.until("the first to have stopped", |server| server.hosts()[0].status == HostStatus::Stopped).await;
    let mut again = server.client().await;
    again.say("CPU usages from client2: 2%").await;
    again.hear_text().await;
    assert_eq!(server.names(), ["client2@127.0.0.1", "client2@127.0.0.1 #2"]);
    assert_eq!(server.info("client2@127.0.0.1").id, before);
    assert_eq!(server.hosts()[0].status, HostStatus::Live);
}

#[tokio::test]
async fn who_connects_and_hangs_up_leaves_nothing() {
    // What the script does under Python 3: the handshake, and then an assertion fails.
    let server = TestServer::start().await;
    drop(server.client().await);
    server.until("the connection to end", |server| server.app.counters.connections_open.get() == 0).await;
    assert_eq!(server.app.counters.compat_sessions.get(), 1);
    assert!(server.hosts().is_empty());
    assert_eq!(server.app.counters.compat_limited.get(), 0);
}

#[tokio::test]
async fn one_connection_speaks_for_four_hosts_at_most() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    for label in ["a", "b", "c", "d", "e"] {
        client.say(&format!("CPU usages from {label}: 1%")).await;
    }
    client.say("CPU usages from a: 2%").await;
    for label in ["a", "b", "c", "d", "a"] {
        assert!(
            client.hear_text().await.starts_with(&format!("Current CPU usage is CPU usages from {label}: "))
        );
    }
    assert_eq!(server.names(), ["a@127.0.0.1", "b@127.0.0.1", "c@127.0.0.1", "d@127.0.0.1"]);
}

#[tokio::test]
async fn a_long_message_closes_its_connection_and_no_other() {
    let server = TestServer::start().await;
    let (mut long, mut good) = (server.client().await, server.client().await);
    long.say(&format!("CPU usages from a: 1%{}", " ".repeat(256 - 21))).await;
    long.hear().await;
    long.say(&"x".repeat(257)).await;
    let (code, reason) = long.hear_close().await;
    assert_eq!((code, reason.as_str()), (Some(CloseCode::TooLarge), "a message of more than 256 bytes"));
    good.say("CPU usages from b: 1%").await;
    good.hear_text().await;
    assert_eq!(server.app.counters.compat_limited.get(), 1);
}

#[tokio::test]
async fn who_talks_too_much_is_told_so() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    // Far more than can be saved up in the time this takes, and on the way before anybody hangs up.
    client.0.write_all(&frame(TEXT, b"hello").repeat(100)).await.unwrap();
    let (code, reason) = client.hear_close().await;
    assert_eq!((code, reason.as_str()), (Some(CloseCode::Limit), "more than 8 messages a second"));
}

#[tokio::test]
async fn silence_is_asked_about_and_then_ends_the_session() {
    let server = TestServer::with(|config| {
        config.limits.beat = Duration::from_millis(5);
        config.limits.ping = Duration::from_millis(5);
        config.limits.agent_silence = Duration::from_millis(50);
    })
    .await;
    let mut client = server.client().await;
    assert_eq!(client.hear().await.0, PING);
    assert_eq!(client.hear_close().await.0, Some(CloseCode::Silent));
}

#[tokio::test]
async fn a_page_of_another_site_is_refused() {
    let server = TestServer::start().await;
    let with = |line: &str| HANDSHAKE.replacen("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"), 1);
    assert_eq!(server.status(&with("Origin: http://evil.example")).await, 403);
    assert_eq!(server.status(&with("Origin: http://127.0.0.1:8080")).await, 101);
    let rebound = with("Origin: http://evil.example:8080").replace("Host: 127.0.0.1", "Host: evil.example");
    assert_eq!(server.status(&rebound).await, 403);
    assert_eq!(server.app.counters.requests_refused.get(), 2);
}

#[tokio::test]
async fn one_address_has_room_for_so_many() {
    let server = TestServer::start().await;
    let mut clients = Vec::new();
    for _ in 0..MAX_CONNECTIONS {
        clients.push(server.client().await);
    }
    assert_eq!(server.status(HANDSHAKE).await, 429);
    clients.pop();
    let open = MAX_CONNECTIONS as u64 - 1;
    server.until("one to be gone", |server| server.app.counters.connections_open.get() == open).await;
    assert_eq!(server.status(HANDSHAKE).await, 101);
}

#[tokio::test]
async fn where_people_looked_in_2018_they_find_the_page() {
    let server = TestServer::start().await;
    let head = "GET /webservices/gui/ HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
    let (_, answer) = server.request(head).await;
    assert!(answer.starts_with("HTTP/1.1 303 ") && answer.contains("\r\nlocation: /\r\n"), "{answer}");
    assert_eq!(server.status(&HANDSHAKE.replace("Upgrade: WebSocket", "Upgrade: h2c")).await, 400);
}

#[tokio::test]
async fn without_compat_there_is_no_such_address() {
    let server = TestServer::with(|config| config.compat = false).await;
    assert_eq!(server.status(HANDSHAKE).await, 404);
}
