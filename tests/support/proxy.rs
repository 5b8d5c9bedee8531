//! A network that fails on demand: a TCP proxy that cuts, stalls and slices.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use cpumonitor_swarm::Target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// What the network does to every connection, old and new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Passes bytes on.
    Open,
    /// Ends connections, and new ones at once.
    Cut,
    /// Passes nothing on, and does not say so.
    Stalled,
    /// Passes on this many bytes at a time.
    Sliced(usize),
}

/// A proxy in front of one server.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    allowances: Allowances,
    _stop: DropGuard,
}

impl Proxy {
    /// A proxy that passes everything on to `server`.
    pub(crate) async fn before(server: SocketAddr) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (mode, modes) = watch::channel(Mode::Open);
        let allowances = Allowances::default();
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let (connections, budget, stopped) = (tasks.clone(), allowances.clone(), stop.clone());
        tasks.spawn(async move {
            let accept = async {
                while let Ok((client, _)) = listener.accept().await {
                    let line = Line { modes: modes.clone(), allowances: budget.clone() };
                    let stopped = stopped.clone();
                    connections.spawn(async move {
                        tokio::select! {
                            () = stopped.cancelled() => {}
                            _ = line.connect(client, server) => {}
                        }
                    });
                }
            };
            tokio::select! {
                () = stopped.cancelled() => {}
                () = accept => {}
            }
        });
        Proxy { address, mode, allowances, _stop: stop.drop_guard() }
    }

    /// Where to connect instead of the server.
    pub(crate) fn target(&self) -> Target {
        self.address.into()
    }

    /// Ends every connection and lets none live.
    pub(crate) fn cut(&self) {
        self.mode.send_replace(Mode::Cut);
    }

    /// Ends one connection after another, each when so many more bytes have passed towards the server,
    /// wherever in a frame that is; then lets the next one live.
    pub(crate) fn cut_after(&self, bytes: &[usize]) {
        self.allowances.lock().extend(bytes);
    }

    /// Whether all those cuts have been made.
    pub(crate) fn is_whole(&self) -> bool {
        self.allowances.lock().is_empty()
    }

    /// Passes nothing on; the connections stay.
    pub(crate) fn stall(&self) {
        self.mode.send_replace(Mode::Stalled);
    }

    /// Passes on `bytes` at a time.
    pub(crate) fn slice(&self, bytes: usize) {
        self.mode.send_replace(Mode::Sliced(bytes));
    }

    /// Passes everything on again.
    pub(crate) fn mend(&self) {
        self.allowances.lock().clear();
        self.mode.send_replace(Mode::Open);
    }
}

/// How many bytes may pass towards the server until the next cut, and the one after that; no more
/// entries, no more cuts.
#[derive(Clone, Debug, Default)]
struct Allowances(Arc<Mutex<VecDeque<usize>>>);

impl Allowances {
    fn lock(&self) -> MutexGuard<'_, VecDeque<usize>> {
        self.0.lock().expect("nobody panics while holding this")
    }

    /// How many of `bytes` may pass; fewer than all means that this connection is cut.
    fn take(&self, bytes: usize) -> usize {
        let mut allowances = self.lock();
        let Some(next) = allowances.front_mut() else { return bytes };
        let allowed = bytes.min(*next);
        *next -= allowed;
        if allowed < bytes {
            allowances.pop_front();
        }
        allowed
    }
}

/// What one connection knows of the network's mode.
#[derive(Clone)]
struct Line {
    modes: watch::Receiver<Mode>,
    allowances: Allowances,
}

impl Line {
    /// Passes bytes both ways until one end closes or the network cuts.
    async fn connect(self, client: TcpStream, server: SocketAddr) -> io::Result<()> {
        if *self.modes.borrow() == Mode::Cut {
            return Ok(());
        }
        let server = TcpStream::connect(server).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        let mut modes = self.modes.clone();
        tokio::select! {
            _ = modes.wait_for(|mode| *mode == Mode::Cut) => Ok(()),
            ended = self.clone().pump(from_client, to_server, true) => ended,
            ended = self.pump(from_server, to_client, false) => ended,
        }
    }

    async fn pump(
        mut self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        counted: bool,
    ) -> io::Result<()> {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            self.open().await?;
            let read = from.read(&mut buffer).await?;
            if read == 0 {
                return to.shutdown().await;
            }
            let mut rest = &buffer[..read];
            while !rest.is_empty() {
                let mode = self.open().await?;
                let most = if let Mode::Sliced(bytes) = mode { bytes } else { rest.len() };
                let (now, later) = rest.split_at(most.min(rest.len()));
                let allowed = if counted { self.allowances.take(now.len()) } else { now.len() };
                to.write_all(&now[..allowed]).await?;
                if allowed < now.len() {
                    return Ok(());
                }
                rest = later;
            }
        }
    }

    /// Waits until bytes may pass, and says how.
    async fn open(&mut self) -> io::Result<Mode> {
        let mode = self.modes.wait_for(|mode| *mode != Mode::Stalled).await;
        mode.map(|mode| *mode).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
