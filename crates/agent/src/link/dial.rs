//! From an address to an open WebSocket.

use cpumonitor_common::wire::{Message as _, Protocol, ServerToAgent};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::Patience;
use super::error::LinkError;
use crate::config::ServerUrl;

/// A socket to the server.
pub(super) type Socket = WebSocketStream<TcpStream>;

/// What the library sets aside for reading and writing; by default it would be 128 KiB each.
const BUFFER_BYTES: usize = 4 * 1024;
/// Most that waits to be written: one chunk and the largest layout.
const MAX_WRITE_BYTES: usize = 256 * 1024;

/// Connects and opens the WebSocket, each within its time.
pub(super) async fn dial(server: &ServerUrl, patience: &Patience) -> Result<Socket, LinkError> {
    let stream = timeout(patience.connect, TcpStream::connect((server.host(), server.port())))
        .await
        .map_err(|_| LinkError::NoAnswer)?
        .map_err(LinkError::Connect)?;
    // A row a second is to be seen at once, not when the next fills the segment.
    stream.set_nodelay(true).map_err(LinkError::Io)?;
    let opening = tokio_tungstenite::client_async_with_config(request(server)?, stream, Some(limits()));
    let (socket, _) = timeout(patience.welcome, opening)
        .await
        .map_err(|_| LinkError::NoAnswer)?
        .map_err(LinkError::of_handshake)?;
    Ok(socket)
}

fn request(server: &ServerUrl) -> Result<Request, LinkError> {
    let mut request = server.uri().into_client_request().map_err(LinkError::of_handshake)?;
    let names = Protocol::AGENT.iter().map(|protocol| protocol.name()).collect::<Vec<_>>().join(", ");
    let names = HeaderValue::try_from(names).map_err(|error| LinkError::of_handshake(error.into()))?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, names);
    Ok(request)
}

fn limits() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_write_buffer_size(MAX_WRITE_BYTES)
        .max_message_size(Some(ServerToAgent::MAX_FRAME_BYTES))
        .max_frame_size(Some(ServerToAgent::MAX_FRAME_BYTES))
}
