//! An agent that says exactly what it is told.

use std::net::SocketAddr;

use cpumonitor_common::wire::{AgentToServer, Hello, Protocol, ServerToAgent, decode, encode};
use cpumonitor_common::{
    Chunk, Code, HostId, HostInfo, Incarnation, Layout, LayoutId, Metric, Row, Rows, Series, Timestamp,
};
use tokio_tungstenite::tungstenite::Message;

use super::Peer;

pub(crate) struct Agent {
    pub(crate) peer: Peer,
}

impl Agent {
    /// Connects, and says nothing.
    pub(crate) async fn connect(address: SocketAddr) -> Agent {
        let headers = [("sec-websocket-protocol", Protocol::AgentV1.name())];
        let (peer, _) = Peer::open(address, "/api/v1/agent", &headers).await.unwrap();
        Agent { peer }
    }

    /// Connects and says hello. Answers with the first row the server lacks, too.
    pub(crate) async fn join(address: SocketAddr, hello: Hello) -> (Agent, u64) {
        let mut agent = Agent::connect(address).await;
        agent.say(&AgentToServer::Hello(hello)).await;
        match agent.hear().await {
            ServerToAgent::Welcome { next_seq, .. } => (agent, next_seq),
            other => panic!("a welcome expected, not {other:?}"),
        }
    }

    /// Connects and announces the layout of [`samples`].
    pub(crate) async fn ready(address: SocketAddr, id: u128) -> Agent {
        let (mut agent, _) = Agent::join(address, hello(id)).await;
        agent.say(&AgentToServer::Layout(layout())).await;
        agent
    }

    pub(crate) async fn say(&mut self, message: &AgentToServer) {
        self.peer.binary(encode(message)).await;
    }

    pub(crate) async fn hear(&mut self) -> ServerToAgent {
        match self.peer.next().await {
            Message::Binary(frame) => decode(&frame).unwrap(),
            other => panic!("a binary message expected, not {other:?}"),
        }
    }

    /// Waits for the ack of everything before `next_seq`.
    pub(crate) async fn acked(&mut self, next_seq: u64) {
        loop {
            if self.hear().await == (ServerToAgent::Ack { next_seq }) {
                return;
            }
        }
    }
}

/// Some host.
pub(crate) fn info(id: u128) -> HostInfo {
    HostInfo {
        id: HostId(id),
        name: format!("host-{id}"),
        os: "Debian GNU/Linux 12".into(),
        kernel: "6.1.0".into(),
        arch: "x86_64".into(),
        cpu_model: "Xeon".into(),
        core_count: 2,
        memory_bytes: 1 << 30,
        swap_bytes: 0,
        boot_at: Timestamp::EPOCH,
        agent_version: "0.1.0".into(),
        tags: vec![],
    }
}

/// Its hello.
pub(crate) fn hello(id: u128) -> Hello {
    Hello {
        host: info(id),
        incarnation: Incarnation(1),
        interval_ms: 1_000,
        oldest_seq: 0,
        next_seq: 0,
        now: now(),
    }
}

/// CPU and one core.
pub(crate) fn layout() -> Layout {
    Layout { id: LayoutId(1), series: vec![Series::whole(Metric::CPU), Series::of(Metric::CPU, "0")] }
}

/// Rows of [`layout`], a second apart, the last one just now; the CPU's code is the sequence number.
pub(crate) fn samples(seqs: std::ops::Range<u64>) -> AgentToServer {
    let end = seqs.end as i64;
    let mut rows = Rows::new(2);
    for seq in seqs {
        let at = now().plus_ms((seq as i64 + 1 - end) * 1_000);
        rows.push(Row { seq, at, codes: &[Code(seq as u16), Code::ABSENT] });
    }
    AgentToServer::Samples { layout: LayoutId(1), chunk: Chunk::encode(&rows) }
}

#[expect(clippy::disallowed_methods, reason = "an agent has a clock of its own")]
fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_ms(since_epoch.as_millis() as i64)
}
