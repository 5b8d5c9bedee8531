//! Why the server does not start, and why it stops other than asked.

use std::net::SocketAddr;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process listens there.
    #[error(
        "cannot listen on {0}, another process does already: stop it, or choose another address with --listen"
    )]
    Busy(SocketAddr),
    /// The system refuses the address for another reason.
    #[error("cannot listen on {0}, choose another address with --listen: {1}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// The address is beyond this machine, and nobody said that this is fine.
    #[error(
        "refusing to listen on {0}: nobody has to prove who they are yet, so everyone who reaches it could read and \
         write; listen on a loopback address, or allow it with --insecure-open"
    )]
    Open(SocketAddr),
}

impl StartError {
    /// The exit code: 64 for bad configuration, otherwise 1.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            StartError::Open(_) => 64,
            StartError::Busy(_) | StartError::Listen(..) => 1,
        }
    }
}

/// Why the server stopped other than asked.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Sessions did not end within the grace.
    #[error("{tasks} tasks were still running {grace_ms} ms after the server was told to stop")]
    Grace {
        /// How many.
        tasks: usize,
        /// How long they had.
        grace_ms: u128,
    },
}
