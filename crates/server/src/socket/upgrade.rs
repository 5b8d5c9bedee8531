//! From an HTTP request to a socket.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use cpumonitor_common::wire::Protocol;
use http::header::{HeaderMap, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderValue, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use super::Socket;
use super::inbox::Inbox;
use crate::accept::Line;
use crate::api::ApiError;

/// A connection that is about to become a socket.
#[derive(Debug)]
pub(crate) struct Upgrade {
    on_upgrade: OnUpgrade,
    protocol: Option<Protocol>,
}

/// What a socket may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Largest message the peer may send.
    pub(crate) max_message_bytes: usize,
    /// What the kernel may hold on the way to the peer.
    pub(crate) send_bytes: usize,
    /// What the kernel may hold of the peer's.
    pub(crate) receive_bytes: usize,
    /// Time for the peer to take a part of a message.
    pub(crate) write_deadline: Duration,
}

impl Upgrade {
    /// Answers a WebSocket handshake, choosing the newest of `ours` that the peer offers.
    ///
    /// Without a common version the handshake succeeds all the same, with the first name the peer
    /// offered: only on an open socket can both sides be told why it is closed.
    pub(crate) fn answer(mut request: Request, ours: &[Protocol]) -> Result<(Upgrade, Response), ApiError> {
        let offered = offered(request.headers());
        let protocol = Protocol::choose(ours, &offered);
        let mut response = create_response_with_body(&request, Body::empty).map_err(|error| {
            ApiError::new(
                StatusCode::UPGRADE_REQUIRED,
                format!("this address speaks WebSocket, and the request does not: {error}"),
            )
        })?;
        let echoed = protocol.map(Protocol::name).or_else(|| offered.split(',').map(str::trim).next());
        if let Some(name) =
            echoed.and_then(|name| HeaderValue::from_str(name).ok()).filter(|name| !name.is_empty())
        {
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, name);
        }
        Ok((Upgrade { on_upgrade: hyper::upgrade::on(&mut request), protocol }, response))
    }

    /// The version both speak; `None` when there is none.
    pub(crate) fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    /// Waits for the answer to be sent. `None` when the peer did not wait for it.
    pub(crate) async fn socket(self, bounds: Bounds) -> Option<Socket> {
        let parts = self.on_upgrade.await.ok()?.downcast::<TokioIo<Line>>().ok()?;
        let line = parts.io.into_inner();
        line.bound_buffers(bounds.send_bytes, bounds.receive_bytes);
        let inbox = Inbox::new(bounds.max_message_bytes, &parts.read_buf);
        Some(Socket::new(line, inbox, bounds.write_deadline))
    }
}

/// All names the peer offers, as one list. It may come in several header lines.
fn offered(headers: &HeaderMap) -> String {
    let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    lines.filter_map(|line| line.to_str().ok()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(protocols: &[&'static str]) -> Request {
        let mut request = Request::builder()
            .uri("/api/v1/agent")
            .header("connection", "keep-alive, Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        for protocol in protocols {
            request = request.header(SEC_WEBSOCKET_PROTOCOL, *protocol);
        }
        request.body(Body::empty()).unwrap()
    }

    #[track_caller]
    fn check(protocols: &[&'static str], chosen: Option<Protocol>, echoed: Option<&str>) {
        let (upgrade, response) = Upgrade::answer(request(protocols), Protocol::AGENT).unwrap();
        assert_eq!(upgrade.protocol(), chosen);
        let header = response.headers().get(SEC_WEBSOCKET_PROTOCOL).map(|name| name.to_str().unwrap());
        assert_eq!(header, echoed);
        // RFC 6455 §1.3.
        assert_eq!(response.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn the_newest_common_version_is_chosen_and_any_other_echoed() {
        check(&["cpumonitor.agent.v1"], Some(Protocol::AgentV1), Some("cpumonitor.agent.v1"));
        check(&["x, cpumonitor.agent.v1"], Some(Protocol::AgentV1), Some("cpumonitor.agent.v1"));
        check(&["x", "cpumonitor.agent.v1"], Some(Protocol::AgentV1), Some("cpumonitor.agent.v1"));
        check(&["cpumonitor.agent.v9, other"], None, Some("cpumonitor.agent.v9"));
        check(&[], None, None);
    }

    #[test]
    fn a_request_that_is_no_handshake_is_told_so() {
        let plain = Request::builder().uri("/api/v1/agent").body(Body::empty()).unwrap();
        let refused = Upgrade::answer(plain, Protocol::AGENT).unwrap_err();
        assert_eq!(refused.status(), StatusCode::UPGRADE_REQUIRED);
    }
}
