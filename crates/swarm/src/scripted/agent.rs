//! An agent that says what it is told to.

use std::time::Duration;

use cpumonitor_common::wire::{AgentToServer, CloseCode, Hello, ServerToAgent};
use cpumonitor_common::{Chunk, HostInfo, Incarnation, Metric, Row, RowWriter, Rows, Timestamp};

use crate::socket::{Door, Socket, SocketError};
use crate::target::Target;

/// Longest wait for anything the server should say.
const DEADLINE: Duration = Duration::from_secs(10);

/// An agent that says what it is told to. It keeps nothing: what it said and lost is lost.
#[derive(Debug)]
pub struct ScriptedAgent {
    socket: Socket,
    /// What the server lacked of this incarnation, as it said in its welcome.
    pub wanted_seq: u64,
    /// The sequence number of the next row.
    pub next_seq: u64,
    writer: RowWriter,
}

impl ScriptedAgent {
    /// Connects as a new incarnation of `host`, and waits for the welcome.
    ///
    /// # Errors
    /// When there is no welcome.
    pub async fn connect(
        target: &Target,
        host: HostInfo,
        now: Timestamp,
    ) -> Result<ScriptedAgent, SocketError> {
        let incarnation = Incarnation(rand::random());
        let hello = Hello { host, incarnation, interval_ms: 1_000, oldest_seq: 0, next_seq: 0, now };
        ScriptedAgent::introduce(target, Door::agent(), hello).await
    }

    /// Connects through `door` with exactly this hello, and waits for the welcome.
    ///
    /// # Errors
    /// When there is no welcome.
    pub async fn introduce(
        target: &Target,
        door: Door<'_>,
        hello: Hello,
    ) -> Result<ScriptedAgent, SocketError> {
        let mut socket = Socket::connect(target, door).await?;
        let next_seq = hello.next_seq;
        socket.send(&AgentToServer::Hello(hello)).await?;
        match socket.hear_within(DEADLINE).await? {
            ServerToAgent::Welcome { next_seq: wanted_seq, .. } => {
                Ok(ScriptedAgent { socket, wanted_seq, next_seq, writer: RowWriter::default() })
            }
            ServerToAgent::Ack { .. } | ServerToAgent::Retry { .. } => Err(SocketError::Unexpected),
        }
    }

    /// Says anything at all.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn say(&mut self, message: &AgentToServer) -> Result<(), SocketError> {
        self.socket.send(message).await.map(drop)
    }

    /// Reports one row of whole-host readings, taken at `at`; announces its layout first if it is new.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn report(&mut self, at: Timestamp, readings: &[(Metric, f64)]) -> Result<(), SocketError> {
        self.report_many(&[at], readings).await
    }

    /// Reports the same readings for every one of `ats`, as one chunk.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn report_many(
        &mut self,
        ats: &[Timestamp],
        readings: &[(Metric, f64)],
    ) -> Result<(), SocketError> {
        self.writer.start();
        for (metric, value) in readings {
            self.writer.put(*metric, "", Some(*value));
        }
        let (layout, is_new, codes) = self.writer.finish();
        let mut rows = Rows::new(codes.len());
        for at in ats {
            rows.push(Row { seq: self.next_seq, at: *at, codes });
            self.next_seq += 1;
        }
        let id = layout.id;
        if is_new {
            self.socket.send(&AgentToServer::Layout(layout.clone())).await?;
        }
        self.say(&AgentToServer::Samples { layout: id, chunk: Chunk::encode(&rows) }).await
    }

    /// What the server says next.
    ///
    /// # Errors
    /// When it says nothing within ten seconds, or the connection ended: then why.
    pub async fn hear(&mut self) -> Result<ServerToAgent, SocketError> {
        self.socket.hear_within(DEADLINE).await
    }

    /// Waits until the server has taken every row.
    ///
    /// # Errors
    /// When it does not within ten seconds of its last word.
    pub async fn acked(&mut self) -> Result<(), SocketError> {
        loop {
            if let ServerToAgent::Ack { next_seq } = self.hear().await?
                && next_seq >= self.next_seq
            {
                return Ok(());
            }
        }
    }

    /// Stops as an agent does that was told to.
    ///
    /// # Errors
    /// When the connection broke before.
    pub async fn leave(mut self) -> Result<(), SocketError> {
        let next_seq = self.next_seq;
        self.say(&AgentToServer::Goodbye { next_seq }).await?;
        self.socket.close(CloseCode::Normal, "told to stop").await;
        Ok(())
    }

    /// The bare socket, for saying what no agent would.
    pub fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}
