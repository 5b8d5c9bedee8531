//! What can go wrong between agent and server, in words a person can act on.

use std::io::{self, ErrorKind};
use std::time::Duration;

use cpumonitor_common::wire::{CloseCode, DecodeError};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, http::StatusCode};

/// Longest wait a server may ask for.
const LONGEST_RETRY: Duration = Duration::from_secs(600);
/// Least wait where trying again soon cannot help.
const SLOW_RETRY: Duration = Duration::from_secs(30);

/// Why there is no link, or no link any more. The text continues "the server at ws://HOST:PORT: ".
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    #[error("{}", connect_text(.0))]
    Connect(io::Error),
    #[error("it does not answer; is the address right, and is there a firewall between?")]
    NoAnswer,
    #[error("it answers HTTP {0} instead of opening a WebSocket; is it a cpuMonitor server?")]
    Http(StatusCode),
    #[error("it does not speak the agents' protocol: {0}")]
    Handshake(tungstenite::Error),
    #[error("it does not answer our hello")]
    NoWelcome,
    #[error("{}", closed_text(*.code, .reason))]
    Closed { code: u16, reason: String },
    #[error("the connection ended without a word")]
    Gone,
    #[error("the connection broke: {0}")]
    Io(io::Error),
    #[error("nothing was heard for too long")]
    Silent,
    #[error("it took nothing of what we sent for too long")]
    Stuck,
    #[error("it broke the protocol: {what}")]
    Breach { code: CloseCode, what: String },
    #[error("it is stopping or busy, and asks us to come back")]
    Retry(Duration),
    #[error("we cannot say this in one frame: {0}")]
    Unsayable(tungstenite::Error),
}

impl LinkError {
    /// The least time to wait before trying again, before jitter.
    pub(super) fn least_wait(&self) -> Duration {
        match self {
            LinkError::Retry(after) => (*after).min(LONGEST_RETRY),
            LinkError::Closed { code, .. }
                if [CloseCode::Replaced, CloseCode::Version].map(CloseCode::number).contains(code) =>
            {
                SLOW_RETRY
            }
            _ => Duration::ZERO,
        }
    }

    /// What to close the socket with, where it is the peer who must be told.
    pub(super) fn close_code(&self) -> Option<CloseCode> {
        match self {
            LinkError::Breach { code, .. } => Some(*code),
            LinkError::Silent | LinkError::NoWelcome => Some(CloseCode::Silent),
            LinkError::Retry(_) => Some(CloseCode::Normal),
            _ => None,
        }
    }

    /// What went wrong while opening the WebSocket.
    pub(super) fn of_handshake(error: tungstenite::Error) -> LinkError {
        match error {
            tungstenite::Error::Http(answer) => LinkError::Http(answer.status()),
            tungstenite::Error::Io(error) => LinkError::Io(error),
            tungstenite::Error::Protocol(ProtocolError::HandshakeIncomplete) => LinkError::Gone,
            other => LinkError::Handshake(other),
        }
    }

    /// What went wrong while listening.
    pub(super) fn of_listening(error: tungstenite::Error) -> LinkError {
        match error {
            tungstenite::Error::ConnectionClosed
            | tungstenite::Error::AlreadyClosed
            | tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => LinkError::Gone,
            tungstenite::Error::Io(error) => LinkError::Io(error),
            tungstenite::Error::Capacity(_) => LinkError::breach(CloseCode::TooLarge, "a frame is too large"),
            tungstenite::Error::Utf8(_) => LinkError::not_binary(),
            other => LinkError::breach(CloseCode::Malformed, other),
        }
    }

    /// What went wrong while talking.
    pub(super) fn of_talking(error: tungstenite::Error) -> LinkError {
        match error {
            error @ (tungstenite::Error::WriteBufferFull(_) | tungstenite::Error::Capacity(_)) => {
                LinkError::Unsayable(error)
            }
            other => LinkError::of_listening(other),
        }
    }

    /// A close frame arrived, or the end of the stream where one belongs.
    pub(super) fn of_close(frame: Option<CloseFrame>) -> LinkError {
        match frame {
            Some(frame) => LinkError::Closed { code: frame.code.into(), reason: frame.reason.to_string() },
            None => LinkError::Gone,
        }
    }

    pub(super) fn not_binary() -> LinkError {
        LinkError::breach(CloseCode::NotBinary, "a text frame")
    }

    pub(super) fn breach(code: CloseCode, what: impl ToString) -> LinkError {
        LinkError::Breach { code, what: what.to_string() }
    }
}

impl From<DecodeError> for LinkError {
    fn from(error: DecodeError) -> LinkError {
        LinkError::breach(CloseCode::Malformed, error)
    }
}

fn connect_text(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused; is it running?".to_owned(),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            format!("{}; is the network up?", error.kind())
        }
        // A name that cannot be resolved, mostly.
        _ => error.to_string(),
    }
}

/// The reason comes from the peer, so it is shown with its control characters escaped.
fn closed_text(number: u16, reason: &str) -> String {
    match CloseCode::from_number(number) {
        Some(CloseCode::Replaced) => {
            "another agent with this host's identity has connected; give every agent a \
                                      --state-dir of its own, or a --name"
                .to_owned()
        }
        Some(CloseCode::Version) => {
            format!("it speaks another version of the protocol, says {reason:?}; update the older of the two")
        }
        Some(CloseCode::GoingAway) => "it is stopping".to_owned(),
        _ => format!("it closed the connection with code {number}, says {reason:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_tell_what_to_do() {
        #[track_caller]
        fn check(error: &LinkError, says: &str) {
            let text = error.to_string();
            assert!(text.contains(says) && !text.contains('\n') && !text.ends_with('.'), "{text}");
        }
        check(&LinkError::Connect(ErrorKind::ConnectionRefused.into()), "is it running?");
        check(&LinkError::Http(StatusCode::NOT_FOUND), "HTTP 404 Not Found");
        let closed = |code: CloseCode| LinkError::Closed { code: code.number(), reason: "x\x1b[2J".into() };
        check(&closed(CloseCode::Replaced), "--state-dir");
        check(&closed(CloseCode::Version), "update the older");
        check(&closed(CloseCode::Limit), r#"code 4429, says "x\u{1b}[2J""#);
    }

    #[test]
    fn what_cannot_help_soon_is_tried_slowly() {
        let closed = |code: CloseCode| LinkError::Closed { code: code.number(), reason: String::new() };
        assert_eq!(closed(CloseCode::Replaced).least_wait(), SLOW_RETRY);
        assert_eq!(closed(CloseCode::Version).least_wait(), SLOW_RETRY);
        assert_eq!(closed(CloseCode::GoingAway).least_wait(), Duration::ZERO);
        assert_eq!(LinkError::Retry(Duration::from_secs(7)).least_wait(), Duration::from_secs(7));
        assert_eq!(LinkError::Retry(Duration::from_secs(u64::from(u32::MAX))).least_wait(), LONGEST_RETRY);
    }
}
