//! Which web pages may talk to the server.

use cpumonitor_common::wire::Protocol;
use cpumonitor_server::{Config, Server};

use crate::support::{Peer, TestServer, get_as, refusal};

async fn open(server: &TestServer, host: &str, origin: Option<&str>) -> Result<(), (u16, String)> {
    let mut headers = vec![("sec-websocket-protocol", Protocol::ViewerV1.name()), ("host", host)];
    headers.extend(origin.map(|origin| ("origin", origin)));
    match Peer::open(server.address, "/api/v1/viewer", &headers).await {
        Ok(_) => Ok(()),
        refused => Err(refusal(refused)),
    }
}

#[tokio::test]
async fn our_own_page_may_watch_and_others_may_not() {
    let server =
        TestServer::with(|config| config.allow_origins = vec!["https://friend.example".into()]).await;
    let host = format!("localhost:{}", server.address.port());
    let own = format!("http://{host}");
    assert_eq!(open(&server, &host, Some(&own)).await, Ok(()));
    assert_eq!(open(&server, &host, Some("https://friend.example")).await, Ok(()));
    assert_eq!(open(&server, &host, None).await, Ok(()));
    for origin in ["http://evil.example", "http://localhost:1", "null"] {
        let (status, sentence) = open(&server, &host, Some(origin)).await.unwrap_err();
        assert_eq!(status, 403);
        assert!(sentence.contains("--allow-origin"), "{sentence}");
    }
    assert_eq!(server.counter("cpumonitor_requests_refused_total").await, 3);
}

#[tokio::test]
async fn a_page_that_calls_us_by_its_own_name_gets_nothing() {
    let server = TestServer::with(|config| config.allow_hosts = vec!["friend.example".into()]).await;
    let rebound = open(&server, "evil.example", Some("http://evil.example")).await;
    assert_eq!(rebound.unwrap_err().0, 403);
    for path in ["/", "/healthz", "/metrics", "/api/v1/hosts", "/api/v1/trail", "/api/nothing"] {
        let answer = get_as(server.address, path, "host: evil.example\r\n").await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.body.contains("--allow-host evil.example"), "{}", answer.body);
        assert_eq!(get_as(server.address, path, "").await.status, 403, "{path} without a name");
    }
    assert_eq!(get_as(server.address, "/healthz", "host: friend.example\r\n").await.status, 200);
}

#[tokio::test]
async fn every_answer_is_hardened() {
    let server = TestServer::start().await;
    for path in ["/", "/healthz", "/api/nothing", "/nowhere.js"] {
        let answer = get_as(server.address, path, "host: localhost\r\n").await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
    }
}

#[tokio::test]
async fn an_open_address_needs_a_word() {
    let open = Config::listening_at("0.0.0.0:0".parse().unwrap());
    let refused = Server::bind(open).await.unwrap_err();
    assert_eq!(refused.exit_code(), 64);
    assert!(refused.to_string().contains("--insecure-open"), "{refused}");
    assert!(!refused.to_string().contains('\n'));
}

#[tokio::test]
async fn a_busy_port_is_told_in_a_sentence() {
    let server = TestServer::start().await;
    let refused = Server::bind(Config::listening_at(server.address)).await.unwrap_err();
    assert_eq!(refused.exit_code(), 1);
    assert!(refused.to_string().contains("--listen"), "{refused}");
}
