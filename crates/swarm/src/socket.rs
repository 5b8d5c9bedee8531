//! One WebSocket to the server, with small buffers and a deadline for everything.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use cpumonitor_common::wire::{self, CloseCode, DecodeError, Message, Protocol};
use futures_util::{SinkExt, StreamExt};
use http::{HeaderValue, header};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message as Frame};

use crate::target::Target;

/// Longest wait for the connection and the upgrade.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
/// Longest wait for the server to take a frame.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);
/// Longest wait for the server to answer our close.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// How to knock at the server.
#[derive(Clone, Copy, Debug)]
pub struct Door<'a> {
    /// Path of the socket.
    pub path: &'a str,
    /// The value of `Sec-WebSocket-Protocol`; `None` offers nothing, as the clients of 2018.
    pub protocol: Option<&'a str>,
    /// The value of `Origin`; `None` for clients that are no browser.
    pub origin: Option<&'a str>,
    /// The value of `Host` where it is not the server's own.
    pub host: Option<&'a str>,
    /// The local address to connect from; `None` leaves it to the system.
    pub source: Option<IpAddr>,
    /// Bytes read at a time. Frames may be larger.
    pub read_buffer_bytes: usize,
    /// Largest frame that is taken.
    pub max_frame_bytes: usize,
}

impl Door<'static> {
    /// The agents' door.
    #[must_use]
    pub fn agent() -> Door<'static> {
        Door {
            path: "/api/v1/agent",
            protocol: Some(Protocol::AgentV1.name()),
            origin: None,
            host: None,
            source: None,
            read_buffer_bytes: 1024,
            max_frame_bytes: wire::ServerToAgent::MAX_FRAME_BYTES,
        }
    }

    /// The viewers' door.
    #[must_use]
    pub fn viewer() -> Door<'static> {
        Door {
            path: "/api/v1/viewer",
            protocol: Some(Protocol::ViewerV1.name()),
            read_buffer_bytes: 4 * 1024,
            max_frame_bytes: wire::ServerToViewer::MAX_FRAME_BYTES,
            ..Door::agent()
        }
    }
}

/// Why a socket could not be had or is of no more use.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Nobody answers there.
    #[error("cannot connect to {0}: {1}")]
    Unreachable(Target, std::io::Error),
    /// Somebody answers, but with an HTTP status instead of an upgrade.
    #[error("the server refused the socket with status {0}")]
    Refused(http::StatusCode),
    /// The server closed, and said why: a code (1005 for none) and a sentence.
    #[error("the server closed the socket ({0}: {1})")]
    Closed(u16, String),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(Box<tungstenite::Error>),
    /// The server sent a text frame, or a message that is out of order here.
    #[error("the server sent what does not belong here")]
    Unexpected,
    /// The server sent bytes that are no message.
    #[error("the server sent a frame that cannot be read: {0}")]
    Unreadable(#[from] DecodeError),
    /// A deadline passed.
    #[error("the server did not {0} within {1:?}")]
    Silent(&'static str, Duration),
}

impl SocketError {
    /// The code the server closed with, where it did and the code is one of ours.
    #[must_use]
    pub fn close_code(&self) -> Option<CloseCode> {
        match self {
            SocketError::Closed(number, _) => CloseCode::from_number(*number),
            _ => None,
        }
    }
}

impl From<tungstenite::Error> for SocketError {
    fn from(error: tungstenite::Error) -> SocketError {
        match error {
            tungstenite::Error::Http(response) => SocketError::Refused(response.status()),
            error => SocketError::Broken(Box::new(error)),
        }
    }
}

/// One WebSocket to the server.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Connects and upgrades.
    ///
    /// # Errors
    /// When nobody answers in time, or the answer is no upgrade.
    pub async fn connect(target: &Target, door: Door<'_>) -> Result<Socket, SocketError> {
        let upgraded = timeout(CONNECT_DEADLINE, async {
            let tcp =
                reach(target, door.source).await.map_err(|e| SocketError::Unreachable(target.clone(), e))?;
            Socket::upgrade(tcp, target, door).await
        });
        upgraded.await.unwrap_or(Err(SocketError::Silent("answer the upgrade", CONNECT_DEADLINE)))
    }

    async fn upgrade(tcp: TcpStream, target: &Target, door: Door<'_>) -> Result<Socket, SocketError> {
        let mut request = format!("{target}{}", door.path).into_client_request()?;
        let wanted = [
            (header::SEC_WEBSOCKET_PROTOCOL, door.protocol),
            (header::ORIGIN, door.origin),
            (header::HOST, door.host),
        ];
        for (name, value) in wanted {
            let value = value.and_then(|value| HeaderValue::from_str(value).ok());
            value.map(|value| request.headers_mut().insert(name, value));
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(door.read_buffer_bytes)
            // Nothing waits in here: a frame is written as soon as it is sent.
            .write_buffer_size(0)
            .max_write_buffer_size(wire::AgentToServer::MAX_FRAME_BYTES * 2)
            .max_message_size(Some(door.max_frame_bytes))
            .max_frame_size(Some(door.max_frame_bytes));
        let (stream, _) = tokio_tungstenite::client_async_with_config(request, tcp, Some(config)).await?;
        Ok(Socket { stream })
    }

    /// Sends `message`, and says how many bytes its frame took, framing left out.
    ///
    /// # Errors
    /// When the connection broke or the server does not read.
    pub async fn send<M: Message>(&mut self, message: &M) -> Result<usize, SocketError> {
        let bytes = wire::encode(message);
        let size = bytes.len();
        self.send_frame(Frame::binary(bytes)).await?;
        Ok(size)
    }

    /// Sends any frame, sound or not.
    ///
    /// # Errors
    /// When the connection broke or the server does not read.
    pub async fn send_frame(&mut self, frame: Frame) -> Result<(), SocketError> {
        let sent = timeout(WRITE_DEADLINE, self.stream.send(frame)).await;
        Ok(sent.map_err(|_| SocketError::Silent("read", WRITE_DEADLINE))??)
    }

    /// The next frame of any kind but ping and pong; pings are answered. Safe to abandon.
    ///
    /// # Errors
    /// When the connection broke or was closed.
    pub async fn hear_frame(&mut self) -> Result<Frame, SocketError> {
        loop {
            match self.stream.next().await.transpose()? {
                Some(Frame::Ping(_) | Frame::Pong(_)) => {}
                Some(Frame::Close(reason)) => {
                    // The answer to it is queued; without it the server would wait for us.
                    let _ = timeout(CLOSE_DEADLINE, self.stream.flush()).await;
                    let (code, reason) = reason.map_or((1005, String::new()), |frame| {
                        (u16::from(frame.code), frame.reason.as_str().to_owned())
                    });
                    return Err(SocketError::Closed(code, reason));
                }
                Some(frame) => return Ok(frame),
                None => return Err(tungstenite::Error::ConnectionClosed.into()),
            }
        }
    }

    /// The next message, and the size of its frame in bytes. Safe to abandon.
    ///
    /// # Errors
    /// When the connection broke or was closed, or when what came is no such message.
    pub async fn hear<M: Message>(&mut self) -> Result<(M, usize), SocketError> {
        match self.hear_frame().await? {
            Frame::Binary(bytes) => Ok((wire::decode(&bytes)?, bytes.len())),
            _ => Err(SocketError::Unexpected),
        }
    }

    /// The next message, when it comes within `deadline`.
    ///
    /// # Errors
    /// As [`Socket::hear`], and when nothing comes.
    pub async fn hear_within<M: Message>(&mut self, deadline: Duration) -> Result<M, SocketError> {
        let heard = timeout(deadline, self.hear()).await;
        heard.map_err(|_| SocketError::Silent("speak", deadline))?.map(|(message, _)| message)
    }

    /// Says goodbye as WebSockets do and waits a moment for the answer. Errors no longer matter here.
    pub async fn close(mut self, code: CloseCode, reason: &str) {
        let frame = CloseFrame { code: code.number().into(), reason: reason.into() };
        let farewell = async {
            if self.stream.close(Some(frame)).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        // A server that does not answer is left behind.
        let _ = timeout(CLOSE_DEADLINE, farewell).await;
    }
}

/// The first of the target's addresses that answers.
async fn reach(target: &Target, source: Option<IpAddr>) -> std::io::Result<TcpStream> {
    let mut outcome = Err(std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address"));
    for address in target.addresses().await? {
        outcome = dial(address, source).await;
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

async fn dial(address: SocketAddr, source: Option<IpAddr>) -> std::io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(source) = source.filter(|source| source.is_ipv4() == address.is_ipv4()) {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
