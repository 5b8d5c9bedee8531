//! A viewer that says exactly what it is told.

use std::net::SocketAddr;

use cpumonitor_common::wire::{
    FleetDelta, FleetScope, HostDelta, HostScope, Protocol, ServerToViewer, Subscription, ViewerToServer,
    Welcome, decode, encode,
};
use cpumonitor_common::{Cursor, HostId, Metric};
use tokio_tungstenite::tungstenite::Message;

use super::Peer;

pub(crate) struct Viewer {
    pub(crate) peer: Peer,
    pub(crate) welcome: Welcome,
}

impl Viewer {
    pub(crate) async fn connect(address: SocketAddr) -> Viewer {
        let headers = [("sec-websocket-protocol", Protocol::ViewerV1.name())];
        let (mut peer, _) = Peer::open(address, "/api/v1/viewer", &headers).await.unwrap();
        match hear(&mut peer).await {
            ServerToViewer::Welcome(welcome) => Viewer { peer, welcome },
            other => panic!("a welcome expected, not {other:?}"),
        }
    }

    /// Connects and asks for the fleet's CPU from `from` on.
    pub(crate) async fn of_fleet(address: SocketAddr, from: Cursor) -> Viewer {
        let mut viewer = Viewer::connect(address).await;
        viewer.subscribe(fleet_from(from)).await;
        viewer
    }

    pub(crate) async fn subscribe(&mut self, subscription: Subscription) {
        self.peer.binary(encode(&ViewerToServer::Subscribe(subscription))).await;
    }

    /// The next delta of the fleet.
    pub(crate) async fn fleet(&mut self) -> FleetDelta {
        loop {
            if let ServerToViewer::Fleet(delta) = hear(&mut self.peer).await {
                return delta;
            }
        }
    }

    /// Reads on until a delta of the fleet is as wished for.
    pub(crate) async fn fleet_until(&mut self, wish: impl Fn(&FleetDelta) -> bool) -> FleetDelta {
        super::within("a delta as wished for", async {
            loop {
                let delta = self.fleet().await;
                if wish(&delta) {
                    return delta;
                }
            }
        })
        .await
    }

    /// Reads on until a delta of the fleet is as wished for; counts the deltas of the host on the way.
    pub(crate) async fn hosts_until_fleet(&mut self, wish: impl Fn(&FleetDelta) -> bool) -> usize {
        let mut count = 0;
        loop {
            match hear(&mut self.peer).await {
                ServerToViewer::Fleet(delta) if wish(&delta) => return count,
                ServerToViewer::Host(_) => count += 1,
                _ => {}
            }
        }
    }

    /// The next delta of the host.
    pub(crate) async fn host(&mut self) -> HostDelta {
        loop {
            if let ServerToViewer::Host(delta) = hear(&mut self.peer).await {
                return delta;
            }
        }
    }
}

async fn hear(peer: &mut Peer) -> ServerToViewer {
    match peer.next().await {
        Message::Binary(frame) => decode(&frame).unwrap(),
        other => panic!("a binary message expected, not {other:?}"),
    }
}

/// The fleet's CPU.
pub(crate) fn fleet_scope(from: Cursor) -> FleetScope {
    FleetScope { metrics: vec![Metric::CPU], from }
}

/// Nothing but the fleet's CPU.
pub(crate) fn fleet_from(from: Cursor) -> Subscription {
    Subscription { fleet: Some(fleet_scope(from)), host: None, pace_ms: 0 }
}

/// Nothing but one host.
pub(crate) fn host_from(id: u128, from: Cursor) -> Subscription {
    Subscription { fleet: None, host: Some(HostScope { id: HostId(id), from }), pace_ms: 0 }
}
