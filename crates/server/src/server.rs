//! The server as a whole: bind, run, stop.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::app::App;
use crate::router::router;
use crate::{Config, Print, RunError, StartError, accept, live, terminal};

/// Connections the system may keep waiting in line.
const BACKLOG: i32 = 4_096;

/// A server that has its address and waits to run.
#[derive(Debug)]
pub struct Server {
    config: Config,
    listener: TcpListener,
    local_addr: SocketAddr,
}

impl Server {
    /// Takes the address in `config`.
    ///
    /// # Errors
    /// When it is taken, refused by the system, or beyond this machine without `insecure_open`.
    pub async fn bind(config: Config) -> Result<Server, StartError> {
        if config.is_open() && !config.insecure_open {
            return Err(StartError::Open(config.listen));
        }
        let bound = listen(config.listen).and_then(|listener| Ok((listener.local_addr()?, listener)));
        match bound {
            Ok((local_addr, listener)) => Ok(Server { config, listener, local_addr }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(StartError::Busy(config.listen)),
            Err(error) => Err(StartError::Listen(config.listen, error)),
        }
    }

    /// The address it has, with the port the system chose when it was asked for port 0.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Serves until `shutdown`, then lets every session say goodbye.
    ///
    /// # Errors
    /// When sessions do not end within the grace; they are dropped with the runtime.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), RunError> {
        let Server { mut config, listener, local_addr } = self;
        config.listen = local_addr;
        if config.is_open() {
            warn!(
                listen = %local_addr,
                "ANYONE who reaches this address can read everything and send anything: --insecure-open is set"
            );
        }
        let app = App::new(config, shutdown);
        app.spawn("publisher", live::publish(app.clone()));
        if app.config.print != Print::None {
            app.spawn("terminal", terminal::run(app.clone(), app.config.print, app.shutdown.clone()));
        }
        accept::run(listener, router(app.clone()), app.clone()).await;

        info!("stopping");
        let grace = app.config.limits.grace;
        app.tracker.close();
        match timeout(grace, app.tracker.wait()).await {
            Ok(()) => Ok(()),
            Err(_) => Err(RunError::Grace { tasks: app.tracker.len(), grace_ms: grace.as_millis() }),
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // On Unix this is what lets a restarted server have its address back at once.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}
