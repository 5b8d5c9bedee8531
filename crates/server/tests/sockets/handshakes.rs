//! Peers that never get to the point.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Agent, TestServer, get_as, samples, within};

/// Waits until the server hangs up.
async fn until_closed(stream: &mut TcpStream) {
    within("the server to hang up", async {
        let mut sink = [0; 1_024];
        while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {}
    })
    .await;
}

#[tokio::test]
async fn a_thousand_slow_handshakes_do_not_keep_an_agent_out() {
    let server = TestServer::with(|config| config.limits.handshakes = 8).await;
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /api/v1/agent HTT").await.unwrap();
        slow.push(stream);
    }
    let mut agent = Agent::ready(server.address, 1).await;
    agent.say(&samples(0..2)).await;
    agent.acked(2).await;
    // The oldest made room.
    until_closed(&mut slow[0]).await;
    assert!(server.counter("cpumonitor_handshakes_dropped_total").await >= 42);
}

#[tokio::test]
async fn who_has_come_to_the_point_is_not_pushed_out() {
    let server = TestServer::with(|config| config.limits.handshakes = 4).await;
    let mut kept = TcpStream::connect(server.address).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut answer = [0; 12];
    kept.write_all(request).await.unwrap();
    kept.read_exact(&mut answer).await.unwrap();
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    server.until_counter("cpumonitor_handshakes_dropped_total", 16).await;
    kept.write_all(request).await.unwrap();
    let mut rest = [0; 1_024];
    let mut read = Vec::new();
    within("a second answer", async {
        while read.windows(12).filter(|window| window == b"HTTP/1.1 200").count() < 1 {
            let count = kept.read(&mut rest).await.unwrap();
            assert!(count > 0, "the connection was closed");
            read.extend_from_slice(&rest[..count]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_head_that_takes_too_long_is_given_up() {
    let server = TestServer::with(|config| config.limits.head = Duration::from_millis(100)).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut half = TcpStream::connect(server.address).await.unwrap();
    half.write_all(b"GET /api/v1/agent HTTP/1.1\r\nhost: local").await.unwrap();
    until_closed(&mut silent).await;
    until_closed(&mut half).await;
    server.until_counter("cpumonitor_handshakes_timed_out_total", 2).await;
}

#[tokio::test]
async fn a_connection_that_is_kept_but_not_used_is_given_up_too() {
    let server = TestServer::with(|config| config.limits.head = Duration::from_millis(100)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    until_closed(&mut stream).await;
}

#[tokio::test]
async fn connections_beyond_the_bound_are_closed_and_counted() {
    let server = TestServer::with(|config| config.limits.connections = 2).await;
    let mut agent = Agent::ready(server.address, 1).await;
    let second = Agent::ready(server.address, 2).await;
    let mut third = TcpStream::connect(server.address).await.unwrap();
    until_closed(&mut third).await;
    agent.say(&samples(0..2)).await;
    agent.acked(2).await;
    drop(second);
    // Its place is free once the server has noticed.
    within("room for the counter", async {
        while get_as(server.address, "/healthz", "host: localhost\r\n").await.status != 200 {}
    })
    .await;
    assert!(server.counter("cpumonitor_connections_refused_total").await >= 1);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = TestServer::start().await;
    let long = format!("host: localhost\r\nx: {}\r\n", "x".repeat(64 * 1024));
    let many = format!("host: localhost\r\n{}", "x: y\r\n".repeat(2_000));
    for headers in [long, many] {
        let status = get_as(server.address, "/healthz", &headers).await.status;
        // 431, or reset before we read that, because we were still talking.
        assert!(status == 431 || status == 0, "{status}");
    }
    assert_eq!(get_as(server.address, "/healthz", "host: localhost\r\n").await.status, 200);
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let server = TestServer::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n").await.unwrap();
    until_closed(&mut stream).await;
}

#[tokio::test]
async fn half_a_handshake_leaves_nothing_behind() {
    let server = TestServer::start().await;
    for _ in 0..20 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = "GET /api/v1/agent HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                    sec-websocket-protocol: cpumonitor.agent.v1\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
    }
    // Only the connection that asks.
    within("connections to be closed", async {
        while server.counter("cpumonitor_connections_open").await > 1 {}
    })
    .await;
    assert_eq!(server.counter("cpumonitor_tasks_panicked_total").await, 0);
}
