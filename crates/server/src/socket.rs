//! A WebSocket as sessions use it: whole messages, deadlines, and a reason at the end.

mod pulse;
mod upgrade;

use std::time::Duration;

use axum::body::Bytes;
use cpumonitor_common::wire::CloseCode;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::accept::Line;
pub(crate) use pulse::{Beat, Pulse};
pub(crate) use upgrade::{Bounds, Upgrade};

/// Bytes read from the connection at a time, and held for it while it is idle.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// Larger messages go out in parts of this size: no session ever holds more than one part, and a
/// deadline a part asks for progress rather than for a fast line.
const PART_BYTES: usize = 32 * 1024;
/// Longest reason in a close frame (RFC 6455 §5.5), in bytes.
const MAX_REASON_BYTES: usize = 123;
/// Time for a peer to take the reason, and again to hang up.
const FAREWELL: Duration = Duration::from_secs(1);
/// Most bytes of a peer that goes on talking after it was told to stop.
const MAX_LINGER_BYTES: u64 = 1024 * 1024;

/// One end of a WebSocket.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<Line>,
    write_deadline: Duration,
    large: Option<Large>,
}

/// A large message just heard, held so that its memory goes back.
///
/// tungstenite reads each message into its read buffer, and takes the same memory again for the next
/// one, however large, for as long as the connection lives: a thousand agents that deliver what a
/// restarted server lacks would cost 30 MB for ever. While somebody else holds a part of that memory it
/// takes new memory of the usual size instead.
#[derive(Debug)]
struct Large {
    _held: Bytes,
    /// Bytes heard since. What is left behind the message is used up first, less than a read buffer.
    heard_since: usize,
}

/// What was heard.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A binary message.
    Frame(Bytes),
    /// A ping or a pong: the peer is alive, and says nothing.
    Alive,
    /// The peer is done.
    Closed,
}

/// Why a socket is of no more use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SocketError {
    /// A text message.
    #[error("text where this protocol is binary")]
    NotBinary,
    /// A message above the limit.
    #[error("a message of more than {} KiB", .max_bytes / 1024)]
    TooLarge {
        /// The limit.
        max_bytes: usize,
    },
    /// Bytes that are not WebSocket.
    #[error("not WebSocket: {0}")]
    Protocol(Box<Error>),
    /// The peer did not take a message in time.
    #[error("what was sent was not read in time")]
    Slow,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Lost(Box<Error>),
}

impl Socket {
    fn new(stream: WebSocketStream<Line>, write_deadline: Duration) -> Socket {
        Socket { stream, write_deadline, large: None }
    }

    /// Waits for the peer to say something. Safe to give up on and to call again.
    pub(crate) async fn hear(&mut self) -> Result<Heard, SocketError> {
        match self.stream.next().await {
            Some(Ok(Message::Binary(frame))) => {
                self.hold_if_large(&frame);
                Ok(Heard::Frame(frame))
            }
            Some(Ok(Message::Text(_))) => Err(SocketError::NotBinary),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(Heard::Alive),
            Some(Ok(Message::Close(_))) | None => Ok(Heard::Closed),
            Some(Err(error)) => self.heard_error(error),
        }
    }

    fn hold_if_large(&mut self, frame: &Bytes) {
        if frame.len() > READ_BUFFER_BYTES {
            self.large = Some(Large { _held: frame.clone(), heard_since: 0 });
        } else if let Some(large) = &mut self.large {
            large.heard_since += frame.len();
            if large.heard_since > READ_BUFFER_BYTES {
                self.large = None;
            }
        }
    }

    fn heard_error(&self, error: Error) -> Result<Heard, SocketError> {
        match error {
            Error::ConnectionClosed | Error::AlreadyClosed => Ok(Heard::Closed),
            Error::Capacity(_) => {
                let max_bytes = self.stream.get_config().max_message_size.unwrap_or(usize::MAX);
                Err(SocketError::TooLarge { max_bytes })
            }
            Error::Io(_) | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                Err(SocketError::Lost(Box::new(error)))
            }
            error => Err(SocketError::Protocol(Box::new(error))),
        }
    }

    /// Says `frame`, in parts if it is large. Each part has the write deadline.
    pub(crate) async fn say(&mut self, frame: Bytes) -> Result<(), SocketError> {
        if frame.len() <= PART_BYTES {
            return self.send(Message::Binary(frame)).await;
        }
        let count = frame.len().div_ceil(PART_BYTES);
        for part in 0..count {
            let bytes = frame.slice(part * PART_BYTES..frame.len().min((part + 1) * PART_BYTES));
            let kind = if part == 0 { Data::Binary } else { Data::Continue };
            let part = Frame::message(bytes, OpCode::Data(kind), part + 1 == count);
            self.send(Message::Frame(part)).await?;
        }
        Ok(())
    }

    /// Asks for a sign of life.
    pub(crate) async fn ping(&mut self) -> Result<(), SocketError> {
        self.send(Message::Ping(Bytes::new())).await
    }

    /// Tells the peer why, waits a moment for it to hang up, and hangs up.
    pub(crate) async fn close(mut self, code: CloseCode, reason: &str) {
        let reason = &reason[..reason.floor_char_boundary(MAX_REASON_BYTES)];
        let frame = CloseFrame { code: code.number().into(), reason: Utf8Bytes::from(reason) };
        let told = timeout(FAREWELL, async {
            // Fails when the peer has closed first. Its close still wants our answer, which is on its way.
            let _ = self.stream.send(Message::Close(Some(frame))).await;
            let _ = self.stream.flush().await;
        });
        if told.await.is_err() {
            return;
        }
        // A connection dropped with bytes unread is reset, and the reset may overtake the reason. So
        // end our side, and read until the peer ends its own.
        let line = self.stream.get_mut();
        let _ = timeout(FAREWELL, async {
            line.shutdown().await?;
            tokio::io::copy(&mut line.take(MAX_LINGER_BYTES), &mut tokio::io::sink()).await
        })
        .await;
    }

    async fn send(&mut self, message: Message) -> Result<(), SocketError> {
        match timeout(self.write_deadline, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(SocketError::Lost(Box::new(error))),
            Err(_) => Err(SocketError::Slow),
        }
    }
}
