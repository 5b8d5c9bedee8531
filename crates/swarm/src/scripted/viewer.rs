//! A viewer that asks what it is told to.

use std::time::Duration;

use cpumonitor_common::wire::{ServerToViewer, Subscription, ViewerToServer, Welcome};

use crate::socket::{Door, Socket, SocketError};
use crate::target::Target;

/// Longest wait for anything the server should say.
const DEADLINE: Duration = Duration::from_secs(10);

/// A viewer that asks what it is told to, and hands over what it hears.
#[derive(Debug)]
pub struct ScriptedViewer {
    socket: Socket,
    /// How the server introduced itself.
    pub welcome: Welcome,
}

impl ScriptedViewer {
    /// Connects as a program, without an origin, and waits for the welcome.
    ///
    /// # Errors
    /// When there is no welcome.
    pub async fn connect(target: &Target) -> Result<ScriptedViewer, SocketError> {
        ScriptedViewer::knock(target, Door::viewer()).await
    }

    /// Connects through `door`, and waits for the welcome.
    ///
    /// # Errors
    /// When there is no welcome.
    pub async fn knock(target: &Target, door: Door<'_>) -> Result<ScriptedViewer, SocketError> {
        let mut socket = Socket::connect(target, door).await?;
        match socket.hear_within(DEADLINE).await? {
            ServerToViewer::Welcome(welcome) => Ok(ScriptedViewer { socket, welcome }),
            ServerToViewer::Fleet(_) | ServerToViewer::Host(_) => Err(SocketError::Unexpected),
        }
    }

    /// Says what it wants from now on.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn subscribe(&mut self, subscription: Subscription) -> Result<(), SocketError> {
        self.socket.send(&ViewerToServer::Subscribe(subscription)).await.map(drop)
    }

    /// What the server says next. Safe to abandon.
    ///
    /// # Errors
    /// When it says nothing within ten seconds, or the connection ended: then why.
    pub async fn hear(&mut self) -> Result<ServerToViewer, SocketError> {
        self.socket.hear_within(DEADLINE).await
    }

    /// The bare socket, for saying what no viewer would.
    pub fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}
