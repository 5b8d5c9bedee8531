//! The clients of 2018: the first real clients of this system, written by somebody else.
//!
//! Their wire: a WebSocket without sub-protocol or origin, text frames such as
//! `CPU usages from client2: 12.5%` every two seconds, each answered with
//! `Current CPU usage is CPU usages from client2: 12.5% `. They prove nothing, so they get a name of
//! their own making only behind a label and an address, and little room.

mod roster;
mod session;
mod socket;
#[cfg(test)]
mod tests;
mod usage;

use std::net::SocketAddr;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, State};
use axum::response::{Redirect, Response};
use axum::routing::get;
use http::header::ORIGIN;
use http::{HeaderMap, StatusCode};
use tokio::sync::oneshot;

use crate::api::ApiError;
use crate::app::App;
use roster::{MAX_CONNECTIONS, Roster};
use socket::{MAX_MESSAGE_BYTES, TextSocket};

/// Bytes read from the connection at a time, and held for it while it is idle.
const READ_BUFFER_BYTES: usize = 1_024;

/// `/webservices/cpu/`, where the clients of 2018 connect, and `/webservices/gui/`, where people looked.
pub(crate) fn router() -> Router<App> {
    let roster = Roster::default();
    let door =
        async move |State(app): State<App>,
                    ConnectInfo(peer): ConnectInfo<SocketAddr>,
                    headers: HeaderMap,
                    upgrade: WebSocketUpgrade| { admit(&roster, app, peer, &headers, upgrade) };
    Router::new()
        .route("/webservices/cpu/", get(door))
        .route("/webservices/gui/", get(async || Redirect::to("/")))
}

fn admit(
    roster: &Roster,
    app: App,
    peer: SocketAddr,
    headers: &HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    // The clients have no origin. A page has, and only one of ours may speak for its user.
    if headers.contains_key(ORIGIN) {
        let ours = app.guard.check_host(headers).and_then(|()| app.guard.check_origin(headers, peer));
        ours.inspect_err(|_| app.counters.requests_refused.count())?;
    }
    let Some(seat) = roster.admit(peer.ip()) else {
        app.counters.compat_limited.count();
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            format!("more than {MAX_CONNECTIONS} clients of 2018 at one address"),
        ));
    };
    let (give, take) = oneshot::channel();
    // axum waits for the upgrade on a task of its own; the session belongs on ours.
    let response = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .on_upgrade(async |socket| drop(give.send(socket)));
    app.clone().spawn("2018 session", async move {
        if let Ok(socket) = take.await {
            session::run(TextSocket::new(socket, app.config.limits.write), seat, app).await;
        }
    });
    Ok(response)
}
