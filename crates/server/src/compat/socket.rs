//! A WebSocket that speaks text, as the clients of 2018 do.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use cpumonitor_common::wire::CloseCode;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};

use crate::socket::SocketError;

/// Largest message. The longest that can be accepted has 64 bytes of label and some thirty others.
pub(super) const MAX_MESSAGE_BYTES: usize = 256;
/// Time for a peer to take the reason, and again to answer it. Theirs come late, since measuring blocks
/// them for up to a second; then the connection is ended without.
const FAREWELL: Duration = Duration::from_secs(1);

/// One end of a WebSocket that speaks text.
#[derive(Debug)]
pub(super) struct TextSocket {
    socket: WebSocket,
    write_deadline: Duration,
}

/// What was heard.
#[derive(Debug)]
pub(super) enum Heard {
    /// A message.
    Text(Utf8Bytes),
    /// A message that is not text.
    Binary,
    /// A ping or a pong: the peer is alive, and says nothing.
    Alive,
    /// The peer says that it is done.
    Closed,
    /// The connection is gone without a word.
    Gone,
}

impl TextSocket {
    /// Each message that is sent has `write_deadline` to be taken.
    pub(super) fn new(socket: WebSocket, write_deadline: Duration) -> TextSocket {
        TextSocket { socket, write_deadline }
    }

    /// Waits for the peer to say something. Safe to give up on and to call again.
    pub(super) async fn hear(&mut self) -> Result<Heard, SocketError> {
        match self.socket.recv().await {
            Some(Ok(Message::Text(text))) => Ok(Heard::Text(text)),
            Some(Ok(Message::Binary(_))) => Ok(Heard::Binary),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Heard::Alive),
            Some(Ok(Message::Close(_))) => Ok(Heard::Closed),
            Some(Err(error)) => heard_error(error),
            None => Ok(Heard::Gone),
        }
    }

    /// Says `text`.
    pub(super) async fn say(&mut self, text: String) -> Result<(), SocketError> {
        self.send(Message::Text(text.into())).await
    }

    /// Asks for a sign of life.
    pub(super) async fn ping(&mut self) -> Result<(), SocketError> {
        self.send(Message::Ping(Bytes::new())).await
    }

    /// Tells the peer why, unless it has closed itself, and waits a moment for it to hang up, so that the
    /// reason is not overtaken by the end of the connection.
    pub(super) async fn close(mut self, code: CloseCode, reason: &str) {
        let frame = CloseFrame { code: code.number(), reason: reason.into() };
        let told = timeout(FAREWELL, self.socket.send(Message::Close(Some(frame)))).await;
        if told.is_ok() {
            // Also when it was refused because the peer was first: reading is what sends our half of that.
            let _ = timeout(FAREWELL, async { while let Some(Ok(_)) = self.socket.recv().await {} }).await;
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), SocketError> {
        match timeout(self.write_deadline, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(SocketError::Lost(cause(error))),
            Err(_) => Err(SocketError::Slow),
        }
    }
}

fn heard_error(error: axum::Error) -> Result<Heard, SocketError> {
    let error = cause(error);
    match *error {
        Error::ConnectionClosed | Error::AlreadyClosed => Ok(Heard::Gone),
        Error::Io(_) | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Ok(Heard::Gone),
        Error::Capacity(_) => Err(SocketError::TooLarge { max_bytes: MAX_MESSAGE_BYTES }),
        _ => Err(SocketError::Protocol(error)),
    }
}

/// What axum wrapped.
fn cause(error: axum::Error) -> Box<Error> {
    error.into_inner().downcast().unwrap_or_else(|other| Box::new(Error::Io(std::io::Error::other(other))))
}
