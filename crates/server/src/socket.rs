//! A WebSocket as sessions use it: whole messages, deadlines, and a reason at the end.

mod inbox;
mod outbox;
mod pulse;
mod upgrade;

use std::io;
use std::time::Duration;

use axum::body::Bytes;
use cpumonitor_common::wire::CloseCode;
use tokio::io::{AsyncWriteExt, Interest};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::error::Error;

use crate::accept::Line;
use inbox::{Event, Inbox};
use outbox::Outbox;
pub(crate) use pulse::{Beat, Pulse};
pub(crate) use upgrade::{Bounds, Upgrade};

/// Larger messages go out in parts of this size: no session ever holds more than one part, and a
/// deadline a part asks for progress rather than for a fast line.
const PART_BYTES: usize = 32 * 1024;
/// Longest reason in a close frame (RFC 6455 §5.5), in bytes.
const MAX_REASON_BYTES: usize = 123;
/// Time for a peer to take the reason, and again to hang up.
const FAREWELL: Duration = Duration::from_secs(1);
/// Most bytes of a peer that goes on talking after it was told to stop.
const MAX_LINGER_BYTES: usize = 1024 * 1024;

/// One end of a WebSocket.
#[derive(Debug)]
pub(crate) struct Socket {
    line: Line,
    inbox: Inbox,
    outbox: Outbox,
    write_deadline: Duration,
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
    fn new(line: Line, inbox: Inbox, write_deadline: Duration) -> Socket {
        Socket { line, inbox, outbox: Outbox::default(), write_deadline }
    }

    /// Waits for the peer to say something. Safe to give up on and to call again.
    pub(crate) async fn hear(&mut self) -> Result<Heard, SocketError> {
        loop {
            match self.inbox.next()? {
                Some(Event::Message(frame)) => return Ok(Heard::Frame(frame)),
                Some(Event::Ping(payload)) => {
                    self.outbox.pong(&payload);
                    self.try_write()?;
                    return Ok(Heard::Alive);
                }
                Some(Event::Pong) => return Ok(Heard::Alive),
                Some(Event::Close) => return Ok(Heard::Closed),
                None => self.read().await?,
            }
        }
    }

    /// Says `frame`, which is not empty, in parts if it is large. Each part has the write deadline.
    pub(crate) async fn say(&mut self, frame: Bytes) -> Result<(), SocketError> {
        let count = frame.len().div_ceil(PART_BYTES);
        for (place, part) in frame.chunks(PART_BYTES).enumerate() {
            self.outbox.part(part, place == 0, place + 1 == count);
            self.flush().await?;
        }
        Ok(())
    }

    /// Asks for a sign of life.
    pub(crate) async fn ping(&mut self) -> Result<(), SocketError> {
        self.outbox.ping();
        self.flush().await
    }

    /// Tells the peer why, waits a moment for it to hang up, and hangs up.
    pub(crate) async fn close(mut self, code: CloseCode, reason: &str) {
        self.outbox.close(code.number(), &reason[..reason.floor_char_boundary(MAX_REASON_BYTES)]);
        self.write_deadline = FAREWELL;
        if self.flush().await.is_err() {
            return;
        }
        // A connection dropped with bytes unread is reset, and the reset may overtake the reason. So
        // end our side, and read until the peer ends its own.
        if self.line.shutdown().await.is_ok() {
            let _ = timeout(FAREWELL, self.outlast()).await;
        }
    }

    /// Reads, and forgets, what the peer still has to say.
    async fn outlast(&self) -> io::Result<()> {
        let mut left_bytes = MAX_LINGER_BYTES;
        while left_bytes > 0 {
            self.line.stream().readable().await?;
            match self.line.stream().try_read(&mut [0; 1_024]) {
                Ok(0) => break,
                Ok(count) => left_bytes = left_bytes.saturating_sub(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what there is. While there is nothing, no memory waits for it.
    async fn read(&mut self) -> Result<(), SocketError> {
        let unsent = !self.outbox.bytes().is_empty();
        let interest = if unsent { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        let ready = self.line.stream().ready(interest).await.map_err(lost)?;
        if ready.is_writable() {
            self.try_write()?;
        }
        match self.line.stream().try_read_buf(self.inbox.room()) {
            Ok(0) => Err(lost(io::ErrorKind::UnexpectedEof.into())),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.inbox.rest();
                Ok(())
            }
            Err(error) => Err(lost(error)),
        }
    }

    async fn flush(&mut self) -> Result<(), SocketError> {
        let deadline = self.write_deadline;
        let write = async {
            loop {
                self.try_write()?;
                if self.outbox.bytes().is_empty() {
                    return Ok(());
                }
                self.line.stream().writable().await.map_err(lost)?;
            }
        };
        timeout(deadline, write).await.unwrap_or(Err(SocketError::Slow))
    }

    /// Writes as much as the peer takes now.
    fn try_write(&mut self) -> Result<(), SocketError> {
        while !self.outbox.bytes().is_empty() {
            match self.line.stream().try_write(self.outbox.bytes()) {
                Ok(count) => self.outbox.wrote(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(lost(error)),
            }
        }
        Ok(())
    }
}

fn lost(error: io::Error) -> SocketError {
    SocketError::Lost(Box::new(Error::Io(error)))
}
