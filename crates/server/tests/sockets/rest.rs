//! The state and the last minutes over HTTP.

use cpumonitor_common::wire::{Trail, decode};
use cpumonitor_common::{Code, Metric};
use serde_json::Value;

use crate::support::{Agent, TestServer, get, info, samples};

async fn with_twenty_rows() -> (TestServer, Agent) {
    let server = TestServer::start().await;
    let mut agent = Agent::ready(server.address, 1).await;
    agent.say(&samples(0..20)).await;
    agent.acked(20).await;
    (server, agent)
}

async fn json(server: &TestServer, path: &str) -> (u16, Value) {
    let answer = get(server.address, path).await;
    assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

#[tokio::test]
async fn health_is_told() {
    let (server, _agent) = with_twenty_rows().await;
    let (status, health) = json(&server, "/healthz").await;
    assert_eq!((status, &health["status"], &health["hosts"]), (200, &"ok".into(), &1.into()));
}

#[tokio::test]
async fn hosts_are_filtered_by_the_same_expressions_as_everywhere() {
    let (server, _agent) = with_twenty_rows().await;
    let (_, all) = json(&server, "/api/v1/hosts").await;
    assert_eq!((&all["total"], &all["hosts"][0]["name"]), (&1.into(), &"host-1".into()));
    assert_eq!(all["hosts"][0]["readings"]["cpu"], 0.019);
    let (_, none) = json(&server, "/api/v1/hosts?q=cpu%20%3E%2080%25").await;
    assert_eq!((&none["total"], none["hosts"].as_array().unwrap().len()), (&1.into(), 0));
    let (status, refused) = json(&server, "/api/v1/hosts?q=cpuu%20%3E%201").await;
    assert_eq!(status, 400);
    assert_eq!(refused["error"], "at byte 0 of q: there is no metric `cpuu`; did you mean `cpu`?");
}

#[tokio::test]
async fn one_host_is_told_in_full() {
    let (server, _agent) = with_twenty_rows().await;
    let id = info(1).id;
    let (_, host) = json(&server, &format!("/api/v1/hosts/{id}")).await;
    assert_eq!((&host["id"], &host["kernel"]), (&id.to_string().into(), &"6.1.0".into()));
    assert_eq!(host["series"][1], serde_json::json!({"series": "cpu[0]", "unit": "ratio", "value": null}));
    assert_eq!(json(&server, &format!("/api/v1/hosts/{}", info(2).id)).await.0, 404);
    assert_eq!(json(&server, "/api/v1/hosts/me").await.0, 400);
}

#[tokio::test]
async fn a_series_has_a_point_a_row() {
    let (server, _agent) = with_twenty_rows().await;
    let (_, answer) = json(&server, "/api/v1/series?host=host-1&metric=cpu,cpu[*]").await;
    assert_eq!(answer["columns"], serde_json::json!(["at_ms", "value"]));
    let points = |place: usize| answer["series"][place]["points"].as_array().unwrap().clone();
    assert_eq!((points(0).len(), points(1).len()), (20, 20));
    assert_eq!((&points(0)[19][1], &points(1)[19][1]), (&Value::from(0.019), &Value::Null));
    assert_eq!(answer["series"][1]["series"], "cpu[0]");

    let (_, last) = json(&server, "/api/v1/series?host=host-1&metric=cpu&from=-10s").await;
    let points = last["series"][0]["points"].as_array().unwrap();
    assert!((1..=11).contains(&points.len()), "{points:?}");
    let (_, none) = json(&server, "/api/v1/series?host=host-1&metric=cpu&from=-2m&to=-1m").await;
    assert_eq!(none["series"][0]["points"], serde_json::json!([]));
}

#[tokio::test]
async fn a_step_rolls_up() {
    let (server, _agent) = with_twenty_rows().await;
    let (_, answer) = json(&server, "/api/v1/series?host=host-1&metric=cpu&from=-1m&step=10s").await;
    assert_eq!(answer["columns"], serde_json::json!(["at_ms", "min", "max", "mean", "count"]));
    let points = answer["series"][0]["points"].as_array().unwrap();
    let count: u64 = points.iter().map(|point| point[4].as_u64().unwrap()).sum();
    assert_eq!(count, 20);
    assert!(
        points.iter().any(|point| point[4] == 0 && point[1].is_null()),
        "a step without readings is a gap"
    );
    let largest = points.iter().filter_map(|point| point[2].as_f64()).fold(0.0, f64::max);
    assert_eq!(largest, 0.019);
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_told_so() {
    let (server, _agent) = with_twenty_rows().await;
    for (query, status, part) in [
        ("metric=cpu", 400, "which host"),
        ("host=host-1", 400, "1 to 64 metrics"),
        ("host=host-9&metric=cpu", 404, "host-9"),
        ("host=host-1&metric=cpuu", 400, "cpuu"),
        ("host=host-1&metric=cpu&from=yesterday", 400, "from is"),
        ("host=host-1&metric=cpu&from=now&to=-5m", 400, "before"),
        ("host=host-1&metric=cpu&step=0", 400, "step is"),
        ("host=host-1&metric=cpu&from=0&step=2s", 400, "more than"),
        ("host=host-1&metric=cpu&colour=red", 400, "colour"),
    ] {
        let (found, answer) = json(&server, &format!("/api/v1/series?{query}")).await;
        assert_eq!(found, status, "{query}");
        let sentence = answer["error"].as_str().unwrap();
        assert!(sentence.contains(part), "{query}: {sentence}");
    }
}

#[tokio::test]
async fn a_trail_is_a_message() {
    let (server, _agent) = with_twenty_rows().await;
    let answer = get(server.address, "/api/v1/trail?metric=cpu&seconds=10&step=5").await;
    let trail: Trail = decode(&answer.bytes).unwrap();
    assert_eq!((trail.step_ms, trail.overview.metrics()), (5_000, &[Metric::CPU, Metric::CPU][..]));
    assert_eq!((trail.overview.hosts(), trail.overview.column(1)), (&[0][..], &[Code(19)][..]));
    assert_eq!(json(&server, "/api/v1/trail?seconds=400").await.0, 400);
    assert_eq!(json(&server, "/api/v1/trail?seconds=300&step=500ms").await.0, 400);
}

#[tokio::test]
async fn what_is_not_there_is_not_the_page() {
    let server = TestServer::start().await;
    for path in ["/api", "/api/", "/api/v2/hosts", "/api/v1/nothing"] {
        let (status, answer) = json(&server, path).await;
        assert_eq!((status, &answer["error"]), (404, &format!("there is nothing at {path}").into()));
    }
}

#[tokio::test]
async fn metrics_are_for_prometheus() {
    let (server, _agent) = with_twenty_rows().await;
    let answer = get(server.address, "/metrics").await;
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert!(answer.body.contains("cpumonitor_hosts{status=\"live\"} 1\n"), "{}", answer.body);
    assert_eq!(server.counter("cpumonitor_rows_total").await, 20);
}
