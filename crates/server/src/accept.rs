//! The accept loop: every bound that holds before a request has said what it wants.

mod handshakes;
mod line;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;
use tracing::{debug, warn};

use crate::app::App;
use handshakes::{Handshake, Handshakes};
pub(crate) use line::Line;

/// Most bytes that a request head, or a part of a body on its way, takes in memory.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Most header lines of a request.
const MAX_HEADERS: usize = 64;
/// How long to wait when the system cannot hand over a connection, mostly for want of file descriptors.
const BACK_OFF: Duration = Duration::from_millis(100);
/// How long an HTTP connection may finish its answers when the server stops.
const HTTP_GRACE: Duration = Duration::from_secs(1);

/// Takes connections until the server stops.
pub(crate) async fn run(listener: TcpListener, router: Router, app: App) {
    let mut handshakes = Handshakes::new(app.config.limits.handshakes);
    let mut failing = false;
    loop {
        let accepted = tokio::select! {
            biased;
            () = app.shutdown.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                failing = false;
                take(stream, peer, &mut handshakes, &router, &app);
            }
            // Somebody hung up while waiting in line: nothing to do with the next one.
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                app.counters.accept_errors.count();
                if !failing {
                    warn!(%error, "cannot take connections at the moment");
                }
                failing = true;
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Serves one connection on a task of its own, if there is room for it.
fn take(stream: TcpStream, peer: SocketAddr, handshakes: &mut Handshakes, router: &Router, app: &App) {
    app.counters.connections.count();
    if app.counters.connections_open.get() >= app.config.limits.connections as u64 {
        app.counters.connections_refused.count();
        return;
    }
    let line = Line::new(stream, app.counters.clone());
    line.tune_for_requests();
    let (handshake, dropped) = handshakes.begin();
    app.counters.handshakes_dropped.add(dropped);
    app.spawn("connection", serve(line, peer, handshake, router.clone(), app.clone()));
}

async fn serve(line: Line, peer: SocketAddr, handshake: Handshake, router: Router, app: App) {
    let evicted = handshake.evicted();
    let service = service_fn(move |mut request: Request<Incoming>| {
        handshake.finish();
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move {
            Ok::<Response, Infallible>(
                router.oneshot(request.map(Body::new)).await.unwrap_or_else(|never| match never {}),
            )
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(app.config.limits.head)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(line), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = evicted.cancelled() => return,
        () = app.shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(HTTP_GRACE, connection).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        if error.is_timeout() {
            app.counters.handshakes_timed_out.count();
        }
        debug!(%peer, %error, "connection ended early");
    }
}
