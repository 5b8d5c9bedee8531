//! The page's end of the viewer socket: connects, listens, asks, and connects again.

mod nudge;
mod traffic;
mod trail;

use std::pin::pin;

use cpumonitor_common::wire::{self, CloseCode, DecodeError, Protocol, ServerToViewer, ViewerToServer};
use futures_util::future::{Either, select};
use futures_util::{SinkExt, StreamExt};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use leptos::prelude::window;
use wasm_bindgen_futures::spawn_local;

use crate::app::{Screen, clock};
pub(crate) use nudge::Nudge;
pub(crate) use traffic::Traffic;

/// What a browser reports when a socket broke without a word.
const ABNORMAL: u16 = 1006;

/// Keeps the page connected until it is closed.
pub(crate) fn start(screen: Screen) {
    spawn_local(keep_connected(screen));
}

async fn keep_connected(screen: Screen) {
    let nudge = screen.nudge();
    loop {
        screen.mark(screen.write(|state| state.model.connecting(clock::now_ms())));
        let end = match WebSocket::open_with_protocol(&url(), Protocol::ViewerV1.name()) {
            Ok(socket) => converse(screen, socket).await,
            Err(error) => End::Closed { code: ABNORMAL, reason: error.to_string() },
        };
        let now_ms = clock::now_ms();
        screen.mark(screen.write(|state| match end {
            End::Closed { code, reason } => state.model.closed(code, &reason, now_ms, clock::random()),
            End::Nonsense(error) => state.model.undecodable(error),
        }));
        // The tick of the page looks at the clock and wakes us; so does the Retry button.
        while !screen.read(|state| state.model.link().retry_due(clock::now_ms())) {
            nudge.woken().await;
        }
    }
}

/// Where the viewer socket of the server that sent this page is.
fn url() -> String {
    format!("{}/api/v1/viewer", origin())
}

/// The server that sent this page, as agents and sockets call it: `ws://127.0.0.1:8080`.
pub(crate) fn origin() -> String {
    let location = window().location();
    let secure = location.protocol().is_ok_and(|protocol| protocol == "https:");
    format!("{}://{}", if secure { "wss" } else { "ws" }, location.host().unwrap_or_default())
}

/// Why a conversation is over.
enum End {
    /// The socket closed or fell silent.
    Closed {
        /// As browsers number it.
        code: u16,
        /// As the server put it; may be empty.
        reason: String,
    },
    /// The server said something that is no message.
    Nonsense(DecodeError),
}

async fn converse(screen: Screen, socket: WebSocket) -> End {
    let nudge = screen.nudge();
    let (mut sink, mut frames) = socket.split();
    screen.write(|state| state.wanted = None); // what was meant for the connection before
    loop {
        match select(frames.next(), pin!(nudge.woken())).await {
            Either::Left((Some(Ok(Message::Bytes(frame))), _)) => {
                let message = match wire::decode::<ServerToViewer>(&frame) {
                    Ok(message) => message,
                    Err(error) => return End::Nonsense(error),
                };
                hear(screen, message, frame.len());
                screen.want();
            }
            Either::Left((Some(Ok(Message::Text(_))), _)) => return End::Nonsense(DecodeError::Malformed),
            Either::Left((Some(Err(WebSocketError::ConnectionClose(close))), _)) => {
                return End::Closed { code: close.code, reason: close.reason };
            }
            // A close event with the code follows.
            Either::Left((Some(Err(_)), _)) => {}
            Either::Left((None, _)) => return End::Closed { code: ABNORMAL, reason: String::new() },
            Either::Right(_) => {
                if screen.read(|state| state.model.link().is_silent(clock::now_ms())) {
                    return End::Closed { code: CloseCode::Silent.number(), reason: String::new() };
                }
            }
        }
        if let Some(wanted) = screen.write(|state| state.wanted.take()) {
            let subscribe = wire::encode(&ViewerToServer::Subscribe(wanted));
            if sink.send(Message::Bytes(subscribe)).await.is_err() {
                return End::Closed { code: ABNORMAL, reason: String::new() };
            }
        }
    }
}

/// Believes one message at once; what it changed is drawn in the next frame.
fn hear(screen: Screen, message: ServerToViewer, size_bytes: usize) {
    let (dirty, trail_wanted) = screen.write(|state| {
        state.traffic.heard(size_bytes);
        let dirty = state.model.apply(message, clock::now_ms());
        (dirty, state.model.take_trail_wanted())
    });
    screen.mark(dirty);
    if trail_wanted {
        spawn_local(trail::fetch(screen));
    }
}
