//! Why a session ends other than asked, in a sentence for the peer.

use cpumonitor_common::host::InvalidHostInfo;
use cpumonitor_common::layout::InvalidLayout;
use cpumonitor_common::wire::{CloseCode, DecodeError};

use crate::fleet::{FleetFull, Replaced};
use crate::socket::SocketError;

/// Why a session ends other than asked. The text is what the peer is told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    /// The socket is of no more use.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// No common version.
    #[error("no common version: this server speaks {ours}; update the older of the two")]
    Version {
        /// What we speak.
        ours: &'static str,
    },
    /// Bytes that are no message.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A host that breaks a bound.
    #[error(transparent)]
    HostInfo(#[from] InvalidHostInfo),
    /// A layout that breaks a bound.
    #[error(transparent)]
    Layout(#[from] InvalidLayout),
    /// A message where another was due.
    #[error("{0}")]
    OutOfOrder(&'static str),
    /// Nothing was heard for too long.
    #[error("nothing was heard for {seconds} s")]
    Silent {
        /// How long.
        seconds: u64,
    },
    /// More messages than allowed.
    #[error("more than {per_second} messages a second")]
    TooMany {
        /// How many are.
        per_second: u16,
    },
    /// No room.
    #[error(transparent)]
    Full(#[from] FleetFull),
    /// The same host connected again.
    #[error(transparent)]
    Replaced(#[from] Replaced),
}

impl SessionError {
    /// The code the peer is told.
    pub(crate) fn close_code(&self) -> CloseCode {
        match self {
            SessionError::Socket(SocketError::NotBinary) => CloseCode::NotBinary,
            SessionError::Socket(SocketError::TooLarge { .. })
            | SessionError::Decode(DecodeError::TooLarge) => CloseCode::TooLarge,
            SessionError::Socket(SocketError::Slow) => CloseCode::Slow,
            SessionError::Socket(SocketError::Protocol(_) | SocketError::Lost(_))
            | SessionError::Decode(_)
            | SessionError::HostInfo(_)
            | SessionError::Layout(_)
            | SessionError::OutOfOrder(_) => CloseCode::Malformed,
            SessionError::Version { .. } => CloseCode::Version,
            SessionError::Silent { .. } => CloseCode::Silent,
            SessionError::TooMany { .. } | SessionError::Full(_) => CloseCode::Limit,
            SessionError::Replaced(_) => CloseCode::Replaced,
        }
    }

    /// Whether the peer broke the protocol or a limit, rather than merely going away.
    pub(crate) fn is_fault(&self) -> bool {
        !matches!(
            self,
            SessionError::Socket(SocketError::Lost(_))
                | SessionError::Replaced(_)
                | SessionError::Silent { .. }
        )
    }
}
