//! The agents' door.

mod layouts;
mod session;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use cpumonitor_common::wire::{AgentToServer, Message, Protocol};
use http::StatusCode;
use http::header::ORIGIN;
use tracing::{Instrument, info_span};

use crate::api::ApiError;
use crate::app::App;
use crate::socket::{Bounds, Upgrade};

/// Kernel memory for what goes to an agent: acks.
const SEND_BYTES: usize = 16 * 1024;
/// Kernel memory for what comes from an agent: a chunk after an outage on a long line.
const RECEIVE_BYTES: usize = 128 * 1024;

/// `GET /api/v1/agent`: becomes an agent's session.
pub(crate) async fn door(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, ApiError> {
    // Agents are no browsers. A page that says this has no business here, wherever it is from.
    if request.headers().contains_key(ORIGIN) {
        app.counters.requests_refused.count();
        return Err(ApiError::new(StatusCode::FORBIDDEN, "agents connect here, and no agent is a web page"));
    }
    let (upgrade, response) = Upgrade::answer(request, Protocol::AGENT)?;
    let spawner = app.clone();
    let bounds = Bounds {
        max_message_bytes: AgentToServer::MAX_FRAME_BYTES,
        send_bytes: SEND_BYTES,
        receive_bytes: RECEIVE_BYTES,
        write_deadline: app.config.limits.write,
    };
    let session = async move {
        let protocol = upgrade.protocol();
        if let Some(socket) = upgrade.socket(bounds).await {
            session::run(socket, protocol, app).await;
        }
    };
    spawner.spawn("agent session", session.instrument(info_span!("agent", %peer)));
    Ok(response)
}
