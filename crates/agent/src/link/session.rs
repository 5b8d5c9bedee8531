//! One connection: hello, welcome, then rows one way and acks the other.

use std::sync::Arc;
use std::time::Duration;

use cpumonitor_common::wire::{AgentToServer, CloseCode, Hello, ServerToAgent, decode, encode};
use cpumonitor_common::{HostInfo, Incarnation, LayoutId};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as FrameCode;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_util::sync::CancellationToken;

use super::Patience;
use super::dial::Socket;
use super::error::LinkError;
use crate::backlog::Piece;
use crate::clock::{Clock, Moment};
use crate::outbox::Outbox;

/// How long a close frame may take to leave.
const CLOSING: Duration = Duration::from_secs(1);

/// What the agent says of itself, but for what changes from hello to hello.
#[derive(Clone, Debug)]
pub(crate) struct Greeting {
    pub(crate) host: HostInfo,
    pub(crate) incarnation: Incarnation,
    pub(crate) interval_ms: u32,
}

/// A connection whose server has welcomed us.
pub(super) struct Session {
    socket: Socket,
    outbox: Arc<Outbox>,
    clock: Clock,
    patience: Patience,
    /// The server has, or was sent, everything before this.
    position: u64,
    announced: Option<LayoutId>,
    heard_at: Moment,
}

impl Session {
    /// Says hello and waits for the welcome.
    pub(super) async fn open(
        mut socket: Socket,
        greeting: &Greeting,
        outbox: Arc<Outbox>,
        clock: Clock,
        patience: Patience,
    ) -> Result<Session, LinkError> {
        let now = clock.now();
        let hello = {
            let backlog = outbox.backlog();
            AgentToServer::Hello(Hello {
                host: greeting.host.clone(),
                incarnation: greeting.incarnation,
                interval_ms: greeting.interval_ms,
                oldest_seq: backlog.oldest_seq(),
                next_seq: backlog.next_seq(),
                now: clock.wall(now),
            })
        };
        let welcomed = timeout(patience.welcome, async {
            send(&mut socket, &hello).await?;
            await_welcome(&mut socket).await
        });
        let welcomed = welcomed.await.unwrap_or(Err(LinkError::NoWelcome));
        let next_seq = match welcomed {
            Ok(next_seq) => next_seq,
            Err(error) => {
                close_for(&mut socket, &error).await;
                return Err(error);
            }
        };
        let position = {
            let mut backlog = outbox.backlog();
            backlog.resume(next_seq);
            next_seq.min(backlog.next_seq())
        };
        let heard_at = clock.now();
        Ok(Session { socket, outbox, clock, patience, position, announced: None, heard_at })
    }

    /// Rows held that the server lacks.
    pub(super) fn lacking(&self) -> usize {
        self.outbox.backlog().lacking(self.position)
    }

    /// Says what there is to say until the link breaks, or `stop`, after which everything held is sent and
    /// the server is told that this end is on purpose.
    pub(super) async fn run(mut self, stop: &CancellationToken) -> Result<(), LinkError> {
        let talked = tokio::select! {
            biased;
            () = stop.cancelled() => Ok(()),
            error = self.talk() => Err(error),
        };
        match talked {
            Ok(()) => timeout(self.patience.farewell, self.farewell()).await.map_err(|_| LinkError::Stuck)?,
            Err(error) => {
                close_for(&mut self.socket, &error).await;
                Err(error)
            }
        }
    }

    /// Talks and listens until something goes wrong. May be dropped at any await: what was handed to the
    /// socket is counted in the same step.
    async fn talk(&mut self) -> LinkError {
        loop {
            // An outage leaves much to say; what the server says meanwhile is heard between two pieces.
            while let Some(heard) = self.socket.next().now_or_never() {
                if let Err(error) = self.hear(heard) {
                    return error;
                }
            }
            let piece = self.outbox.backlog().next_piece(self.position);
            let step = match piece {
                Some(piece) => {
                    timeout(self.patience.silence, self.say(&piece)).await.unwrap_or(Err(LinkError::Stuck))
                }
                None => self.listen().await,
            };
            if let Err(error) = step {
                return error;
            }
        }
    }

    /// Waits for the server to say something, or for a row to say.
    async fn listen(&mut self) -> Result<(), LinkError> {
        let deadline = self.heard_at.plus(self.patience.silence);
        let left = self.clock.now().until(deadline);
        tokio::select! {
            biased;
            heard = self.socket.next() => self.hear(heard),
            () = self.outbox.news() => Ok(()),
            () = tokio::time::sleep(left) => Err(LinkError::Silent),
        }
    }

    fn hear(&mut self, heard: Option<Result<Message, tungstenite::Error>>) -> Result<(), LinkError> {
        self.heard_at = self.clock.now();
        let Some(message) = server_said(heard)? else { return Ok(()) };
        match message {
            ServerToAgent::Ack { next_seq } if next_seq <= self.position => {
                self.outbox.backlog().ack(next_seq);
                Ok(())
            }
            ServerToAgent::Ack { .. } => {
                Err(LinkError::breach(CloseCode::Malformed, "an ack of rows it was not sent"))
            }
            ServerToAgent::Welcome { .. } => Err(LinkError::breach(CloseCode::Malformed, "a second welcome")),
            ServerToAgent::Retry { after_ms } => {
                Err(LinkError::Retry(Duration::from_millis(after_ms.into())))
            }
        }
    }

    async fn say(&mut self, piece: &Piece) -> Result<(), LinkError> {
        let message = match piece {
            Piece::Gap { first_seq, count, reason } => {
                AgentToServer::Gap { first_seq: *first_seq, count: *count, reason: *reason }
            }
            Piece::Rows { layout, chunk, .. } => {
                if self.announced != Some(layout.id) {
                    feed(&mut self.socket, &AgentToServer::Layout(layout.as_ref().clone())).await?;
                    self.announced = Some(layout.id);
                }
                AgentToServer::Samples { layout: layout.id, chunk: chunk.clone() }
            }
        };
        feed(&mut self.socket, &message).await?;
        self.position = piece.next_seq();
        self.socket.flush().await.map_err(LinkError::of_talking)
    }

    async fn farewell(&mut self) -> Result<(), LinkError> {
        loop {
            let piece = self.outbox.backlog().next_piece(self.position);
            let Some(piece) = piece else { break };
            self.say(&piece).await?;
        }
        let next_seq = self.outbox.backlog().next_seq();
        feed(&mut self.socket, &AgentToServer::Goodbye { next_seq }).await?;
        let frame = close_frame(CloseCode::Normal, "the agent was told to stop");
        self.socket.close(Some(frame)).await.map_err(LinkError::of_talking)?;
        loop {
            let heard = self.socket.next().await;
            match server_said(heard) {
                Ok(Some(ServerToAgent::Ack { next_seq })) => self.outbox.backlog().ack(next_seq),
                Ok(_) => {}
                // It answers our close after it has taken all that came before: better than any ack.
                Err(LinkError::Closed { code, .. }) if code == CloseCode::Normal.number() => {
                    self.outbox.backlog().ack(self.position);
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }
}

async fn await_welcome(socket: &mut Socket) -> Result<u64, LinkError> {
    loop {
        let heard = socket.next().await;
        match server_said(heard)? {
            Some(ServerToAgent::Welcome { next_seq, .. }) => return Ok(next_seq),
            Some(ServerToAgent::Retry { after_ms }) => {
                return Err(LinkError::Retry(Duration::from_millis(after_ms.into())));
            }
            Some(ServerToAgent::Ack { .. }) => {
                return Err(LinkError::breach(CloseCode::Malformed, "an ack before the welcome"));
            }
            None => {}
        }
    }
}

/// The message in what was heard; `None` for pings and pongs, which the library answers.
fn server_said(
    heard: Option<Result<Message, tungstenite::Error>>,
) -> Result<Option<ServerToAgent>, LinkError> {
    match heard.transpose().map_err(LinkError::of_listening)? {
        Some(Message::Binary(frame)) => Ok(Some(decode(&frame)?)),
        Some(Message::Text(_)) => Err(LinkError::not_binary()),
        Some(Message::Close(frame)) => Err(LinkError::of_close(frame)),
        Some(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => Ok(None),
        None => Err(LinkError::Gone),
    }
}

/// Hands `message` to the socket; whole or, when dropped before, not at all.
async fn feed(socket: &mut Socket, message: &AgentToServer) -> Result<(), LinkError> {
    socket.feed(Message::Binary(encode(message).into())).await.map_err(LinkError::of_talking)
}

async fn send(socket: &mut Socket, message: &AgentToServer) -> Result<(), LinkError> {
    feed(socket, message).await?;
    socket.flush().await.map_err(LinkError::of_talking)
}

/// Tells the server why we leave, where it has to know. Best effort: the link is lost either way.
async fn close_for(socket: &mut Socket, error: &LinkError) {
    if let Some(code) = error.close_code() {
        let _ = timeout(CLOSING, socket.close(Some(close_frame(code, &error.to_string())))).await;
    }
}

fn close_frame(code: CloseCode, reason: &str) -> CloseFrame {
    // RFC 6455 leaves 123 bytes for the reason.
    let reason = &reason[..reason.floor_char_boundary(123)];
    CloseFrame { code: FrameCode::from(code.number()), reason: reason.into() }
}
