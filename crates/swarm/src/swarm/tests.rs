use cpumonitor_common::Layout;
use cpumonitor_common::wire::{self, AgentToServer, GapReason, Hello, ServerToAgent};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use super::*;

/// A server of one connection at a time, played by the test.
struct Played {
    listener: TcpListener,
}

/// One agent's connection, with the layout it announced.
struct Connection {
    stream: WebSocketStream<TcpStream>,
    hello: Hello,
    layout: Option<Layout>,
}

impl Played {
    async fn start() -> Played {
        Played { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    /// Runs a swarm of one host that samples a hundred times a second, until the token is cancelled.
    fn swarm(&self, history: Duration) -> (CancellationToken, tokio::task::JoinHandle<Summary>) {
        let target = self.listener.local_addr().unwrap().into();
        let longest_wait = Duration::from_millis(100);
        let plan = Plan { interval_ms: 10, history, longest_wait, ..Plan::of(target, 1, 0) };
        let shutdown = CancellationToken::new();
        (shutdown.clone(), TaskTracker::new().spawn(run(plan, shutdown)))
    }

    /// Takes the next connection, and welcomes the agent with what we claim to lack.
    async fn accept(&self, next_seq: impl FnOnce(&Hello) -> u64) -> Connection {
        let (tcp, _) = self.listener.accept().await.unwrap();
        #[expect(clippy::result_large_err, reason = "the signature is the library's")]
        let echo = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
            let name = http::header::SEC_WEBSOCKET_PROTOCOL;
            let offered = request.headers().get(&name).cloned();
            offered.map(|offered| response.headers_mut().insert(name, offered));
            Ok(response)
        };
        let mut stream = accept_hdr_async(tcp, echo).await.unwrap();
        let Some(Ok(Frame::Binary(frame))) = stream.next().await else { panic!("no hello") };
        let AgentToServer::Hello(hello) = wire::decode(&frame).unwrap() else { panic!("no hello") };
        let welcome = ServerToAgent::Welcome { now: Timestamp::EPOCH, next_seq: next_seq(&hello) };
        stream.send(Frame::binary(wire::encode(&welcome))).await.unwrap();
        Connection { stream, hello, layout: None }
    }
}

impl Connection {
    async fn hear(&mut self) -> AgentToServer {
        loop {
            match self.stream.next().await.unwrap().unwrap() {
                Frame::Binary(frame) => match wire::decode(&frame).unwrap() {
                    AgentToServer::Layout(layout) => self.layout = Some(layout),
                    message => return message,
                },
                frame => panic!("{frame:?}"),
            }
        }
    }

    /// The sequence numbers of the next message, which must be samples.
    async fn seqs(&mut self) -> Vec<u64> {
        let AgentToServer::Samples { layout, chunk } = self.hear().await else { panic!("no samples") };
        let known = self.layout.as_ref().expect("a layout comes first");
        assert_eq!(known.id, layout);
        chunk.decode(known.series.len()).unwrap().iter().map(|row| row.seq).collect()
    }

    async fn seqs_until(&mut self, count: usize) -> Vec<u64> {
        let mut seqs = Vec::new();
        while seqs.len() < count {
            seqs.extend(self.seqs().await);
        }
        seqs
    }
}

fn is_without_holes(seqs: &[u64]) -> bool {
    seqs.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

#[tokio::test]
async fn after_a_cut_the_agent_goes_on_where_the_server_left_off() {
    let server = Played::start().await;
    let (shutdown, swarm) = server.swarm(Duration::ZERO);
    let mut first = server.accept(|_| 0).await;
    let taken = first.seqs_until(5).await;
    assert_eq!(taken[0], 0);
    assert!(is_without_holes(&taken), "{taken:?}");
    let lacking = taken[2];
    drop(first);

    let mut second = server.accept(|_| lacking).await;
    assert_eq!(second.hello.host.name, "web-001");
    let again = second.seqs_until(5).await;
    assert_eq!(again[0], lacking, "rows that were lost with the connection come again");
    assert!(is_without_holes(&again), "{again:?}");

    shutdown.cancel();
    let goodbye = loop {
        if let AgentToServer::Goodbye { next_seq } = second.hear().await {
            break next_seq;
        }
    };
    drop(second);
    assert!(goodbye > again[4]);
    let summary = swarm.await.unwrap();
    assert_eq!((summary.reconnects, summary.rows_dropped), (1, 0));
}

#[tokio::test]
async fn a_restarted_server_gets_the_tail_and_no_false_alarm() {
    let server = Played::start().await;
    let (shutdown, swarm) = server.swarm(Duration::from_secs(2));
    // 200 rows are already the old server's, and the agent knows.
    let mut first = server.accept(|hello| hello.next_seq).await;
    let newest = *first.seqs().await.last().unwrap();
    let ack = ServerToAgent::Ack { next_seq: newest + 1 };
    first.stream.send(Frame::binary(wire::encode(&ack))).await.unwrap();
    first.seqs_until(2).await;
    drop(first);

    let mut second = server.accept(|_| 0).await;
    let tail = second.seqs_until(200).await;
    assert!(tail[0] <= 5, "the tail begins at {}, five minutes are held", tail[0]);
    assert!(is_without_holes(&tail));
    shutdown.cancel();
    drop(second);
    assert_eq!(swarm.await.unwrap().rows_dropped, 0);
}

#[tokio::test]
async fn what_is_older_than_the_backlog_is_declared() {
    let server = Played::start().await;
    let (shutdown, swarm) = server.swarm(Duration::from_secs(3));
    // The agent has 330 rows; wait until it has given some up.
    let mut hello = server.accept(|_| 0).await.hello;
    while hello.oldest_seq < 10 {
        hello = server.accept(|_| 0).await.hello;
    }
    let mut connection = server.accept(|_| 7).await;
    let Hello { oldest_seq, next_seq, .. } = connection.hello;
    assert_eq!(oldest_seq, next_seq - 330);
    let gap = AgentToServer::Gap { first_seq: 7, count: oldest_seq - 7, reason: GapReason::Dropped };
    assert_eq!(connection.hear().await, gap);
    assert_eq!(connection.seqs().await[0], oldest_seq);
    shutdown.cancel();
    drop(connection);
    assert!(swarm.await.unwrap().rows_dropped >= oldest_seq - 7);
}

#[tokio::test]
async fn a_past_that_is_asked_for_is_delivered_whole() {
    let server = Played::start().await;
    let (shutdown, swarm) = server.swarm(Duration::from_secs(3_600));
    let mut connection = server.accept(|_| 0).await;
    let past = connection.seqs().await;
    assert_eq!(past[0], 0);
    assert!(past.len() >= 300, "{}", past.len());
    shutdown.cancel();
    drop(connection);
    assert_eq!(swarm.await.unwrap().rows_dropped, 0);
}
