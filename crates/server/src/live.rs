//! The viewers' door.

mod frame_cache;
mod publisher;
mod session;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use cpumonitor_common::wire::{Message, Protocol, ViewerToServer};
use tracing::{Instrument, info_span};

use crate::api::ApiError;
use crate::app::App;
use crate::socket::{Bounds, Upgrade};

pub(crate) use frame_cache::FrameCache;
pub(crate) use publisher::publish;

/// Kernel memory for what goes to a viewer: what a slow one is behind with before the server notices
/// and merges. Enough for a megabyte a second at 60 ms.
const SEND_BYTES: usize = 64 * 1024;
/// Kernel memory for what comes from a viewer: subscriptions.
const RECEIVE_BYTES: usize = 16 * 1024;

/// `GET /api/v1/viewer`: becomes a viewer's session.
pub(crate) async fn door(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, ApiError> {
    app.guard.check_origin(request.headers(), peer).inspect_err(|_| app.counters.requests_refused.count())?;
    let (upgrade, response) = Upgrade::answer(request, Protocol::VIEWER)?;
    let spawner = app.clone();
    let bounds = Bounds {
        max_message_bytes: ViewerToServer::MAX_FRAME_BYTES,
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
    spawner.spawn("viewer session", session.instrument(info_span!("viewer", %peer)));
    Ok(response)
}
