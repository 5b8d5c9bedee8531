//! How the server stops.

use cpumonitor_common::Cursor;
use cpumonitor_common::wire::{CloseCode, ServerToAgent};
use tokio::net::TcpStream;

use crate::support::{Agent, TestServer, Viewer};

#[tokio::test]
async fn everybody_is_told_and_the_server_ends_by_itself() {
    let server = TestServer::start().await;
    let mut agent = Agent::ready(server.address, 1).await;
    let mut viewer = Viewer::of_fleet(server.address, Cursor::START).await;
    let _silent = TcpStream::connect(server.address).await.unwrap();
    let greeting = Agent::connect(server.address).await;
    viewer.fleet().await;
    let shutdown = server.shutdown.clone();
    let stopping = server.stop();
    let told = async {
        shutdown.cancelled().await;
        assert!(matches!(agent.hear().await, ServerToAgent::Retry { after_ms: 1.. }));
        assert_eq!(agent.peer.closed().await.0, CloseCode::GoingAway.number());
        assert_eq!(viewer.peer.closed().await.0, CloseCode::GoingAway.number());
        let mut greeting = greeting;
        assert_eq!(greeting.peer.closed().await.0, CloseCode::GoingAway.number());
        drop((agent, viewer, greeting));
    };
    let (stopped, ()) = tokio::join!(stopping, told);
    assert!(stopped.is_ok(), "{stopped:?}");
}

#[tokio::test]
async fn an_address_is_free_again_at_once() {
    let server = TestServer::start().await;
    let address = server.address;
    let mut agent = Agent::ready(address, 1).await;
    let (stopped, closed) = tokio::join!(server.stop(), agent.peer.closed());
    assert!(stopped.is_ok(), "{stopped:?}");
    assert_eq!(closed.0, CloseCode::GoingAway.number());
    let again = TestServer::with(|config| config.listen = address).await;
    assert_eq!(again.address, address);
}
