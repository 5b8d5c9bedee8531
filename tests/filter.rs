//! One expression, one answer: the page's own code and the server's agree on every host.

use std::collections::BTreeSet;

use cpumonitor_common::{Filter, Metric};

use crate::support::{TestFleet, get};

/// Hosts with readings around the thresholds below, one without memory, one that was stopped.
async fn a_mixed_fleet() -> (TestFleet, Vec<crate::support::TestAgent>) {
    let fleet = TestFleet::start().await;
    let mut agents = Vec::new();
    for (name, readings) in [
        ("web-1", &[(Metric::CPU, 0.799), (Metric::MEMORY, 0.5)][..]),
        ("web-2", &[(Metric::CPU, 0.8), (Metric::MEMORY, 0.95)]),
        ("web-3", &[(Metric::CPU, 0.801), (Metric::MEMORY, 0.9)]),
        ("db-1", &[(Metric::CPU, 0.05), (Metric::MEMORY, 0.91), (Metric::NETWORK_RECEIVE, 20e6)]),
        ("db-2", &[(Metric::CPU, 1.0), (Metric::NETWORK_RECEIVE, 1e3)]),
        ("Cache-1", &[(Metric::CPU, 0.0), (Metric::MEMORY, 0.1)]),
        ("gone", &[(Metric::CPU, 0.9)]),
    ] {
        let mut agent = fleet.agent(name).await;
        agent.report(readings).await;
        if name == "gone" {
            agent.leave().await;
        } else {
            agents.push(agent);
        }
    }
    fleet.counted("cpumonitor_rows_total", 7).await;
    (fleet, agents)
}

/// The same hosts by `/api/v1/hosts?q=` and by the model of a page that was opened with that filter.
#[tokio::test]
async fn api_and_page_filter_alike() {
    let (fleet, _agents) = a_mixed_fleet().await;
    for (query, expected) in [
        ("cpu > 80%", &["db-2", "gone", "web-3"][..]),
        ("cpu >= 80", &["db-2", "gone", "web-2", "web-3"]),
        ("cpu < 0.1%", &["Cache-1"]),
        ("cpu >= 80% and mem >= 90%", &["web-2", "web-3"]),
        ("not mem > 50%", &["Cache-1", "web-1"]),
        ("mem > 90% or net.rx > 10MiB/s", &["db-1", "web-2"]),
        ("net.rx < 2kB/s", &["db-2"]),
        ("status = stopped", &["gone"]),
        ("not status = stopped and not web", &["Cache-1", "db-1", "db-2"]),
        ("cache", &["Cache-1"]),
        ("", &["Cache-1", "db-1", "db-2", "gone", "web-1", "web-2", "web-3"]),
        ("cpu > 80% and temp > 20", &[]),
    ] {
        let expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
        let encoded = encoded(query);
        let answer = fleet.json(&format!("/api/v1/hosts?q={encoded}")).await;
        let hosts = answer["hosts"].as_array().expect("a list of hosts");
        let by_api: BTreeSet<String> =
            hosts.iter().filter_map(|host| host["name"].as_str()).map(str::to_owned).collect();
        assert_eq!(by_api, expected, "{query} by the API");
        assert_eq!(answer["total"], 7);

        let filter = Filter::parse(query).expect("the API took it");
        let mut viewer = fleet.viewer_at(&format!("/?q={encoded}")).await;
        viewer.until(query, |page| page.names().len() == 7 && page.matching(&filter) == expected).await;
    }
}

/// A filter that makes no sense is refused in words that say where.
#[tokio::test]
async fn a_senseless_filter_is_explained() {
    let fleet = TestFleet::start().await;
    for query in ["cpu >", "cpu > 80 bananas", "(cpu > 80%", "colour > 3"] {
        let answer = get(fleet.address(), &format!("/api/v1/hosts?q={}", encoded(query))).await;
        assert_eq!(answer.status, 400, "{query}");
        let sentence = answer.json()["error"].as_str().expect("a sentence").to_owned();
        assert!(sentence.contains("byte"), "{query}: {sentence}");
    }
}

/// As a browser writes it into a URL.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
