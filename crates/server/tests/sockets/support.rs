//! A server of one's own, and peers that say exactly what they are told.

mod agent;
mod http;
mod viewer;

use std::net::SocketAddr;
use std::time::Duration;

use cpumonitor_server::{Config, RunError, Server};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use agent::{Agent, hello, info, layout, samples};
pub(crate) use http::{get, get_as};
pub(crate) use viewer::{Viewer, fleet_from, fleet_scope, host_from};

/// No wait of a test takes longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// `wait`, or a failure that says what for.
#[track_caller]
pub(crate) fn within<F: Future>(what: &str, wait: F) -> impl Future<Output = F::Output> {
    let what = what.to_owned();
    async move {
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(output) => output,
            Err(_) => panic!("waited too long for {what}"),
        }
    }
}

/// A running server. Stops when dropped.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    ended: JoinHandle<Result<(), RunError>>,
}

impl TestServer {
    pub(crate) async fn start() -> TestServer {
        TestServer::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> TestServer {
        let mut config = Config::listening_at("127.0.0.1:0".parse().unwrap());
        change(&mut config);
        let server = Server::bind(config).await.unwrap();
        let (address, shutdown) = (server.local_addr(), CancellationToken::new());
        let ended = TaskTracker::new().spawn(server.run(shutdown.clone()));
        TestServer { address, shutdown, ended }
    }

    /// Tells it to stop and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<(), RunError> {
        self.shutdown.cancel();
        within("the server to stop", &mut self.ended).await.unwrap()
    }

    /// One of its own counters.
    pub(crate) async fn counter(&self, name: &str) -> u64 {
        let text = get(self.address, "/metrics").await.body;
        let line = text.lines().find(|line| line.split(' ').next() == Some(name));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).rsplit(' ').next().unwrap().parse().unwrap()
    }

    /// Waits until one of its counters reaches `value`.
    pub(crate) async fn until_counter(&self, name: &str, value: u64) {
        within(&format!("{name} to be {value}"), async {
            while self.counter(name).await < value {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// One end of a WebSocket, without manners.
pub(crate) struct Peer(pub(crate) WebSocketStream<TcpStream>);

impl Peer {
    /// Opens a socket with these headers.
    pub(crate) async fn open(
        address: SocketAddr,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<(Peer, Response), Error> {
        let stream = within("a connection", TcpStream::connect(address)).await.unwrap();
        Peer::open_on(stream, address, path, headers).await
    }

    pub(crate) async fn open_on(
        stream: TcpStream,
        address: SocketAddr,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<(Peer, Response), Error> {
        let mut request: Request = format!("ws://{address}{path}").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let opened = tokio_tungstenite::client_async(request, stream);
        let (socket, response) = within("a handshake", opened).await?;
        Ok((Peer(socket), response))
    }

    pub(crate) async fn send(&mut self, message: Message) {
        within("a message to be sent", self.0.send(message)).await.unwrap();
    }

    pub(crate) async fn binary(&mut self, bytes: impl Into<Vec<u8>>) {
        self.send(Message::Binary(bytes.into().into())).await;
    }

    /// The next message that says something.
    pub(crate) async fn next(&mut self) -> Message {
        within("a message", async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(message)) => return message,
                    other => panic!("a message expected, not {other:?}"),
                }
            }
        })
        .await
    }

    /// Waits for the server to close, whatever it says before. Answers code and reason.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        within("the server to close", async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                        return (code.into(), reason.to_string());
                    }
                    Some(Ok(_)) => {}
                    other => panic!("a close frame expected, not {other:?}"),
                }
            }
        })
        .await
    }
}

/// The status a refused handshake was answered with, and the sentence.
#[track_caller]
pub(crate) fn refusal(opened: Result<(Peer, Response), Error>) -> (u16, String) {
    match opened {
        Err(Error::Http(response)) => {
            let body = response.body().clone().unwrap_or_default();
            (response.status().as_u16(), String::from_utf8(body).unwrap())
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the handshake was accepted"),
    }
}
