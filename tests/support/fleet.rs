//! A real server in this process, and what connects to it.

use std::net::SocketAddr;
use std::time::Duration;

use cpumonitor_common::{HostInfo, Metric, Timestamp};
use cpumonitor_server::{Config, Server};
use cpumonitor_swarm::scripted::{self, ScriptedAgent};
use cpumonitor_swarm::{Clock, SocketError, Target};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{DEADLINE, Proxy, TestViewer, get, until};

/// A server on a port of its own, without hosts yet.
pub(crate) struct TestFleet {
    server: SocketAddr,
    config: Config,
    shutdown: CancellationToken,
    running: Option<JoinHandle<Result<(), cpumonitor_server::RunError>>>,
    pub(crate) clock: Clock,
}

impl TestFleet {
    /// A server as everybody runs it.
    pub(crate) async fn start() -> TestFleet {
        TestFleet::with(|_| {}).await
    }

    /// A server with something changed.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> TestFleet {
        let mut config = Config::listening_at(([127, 0, 0, 1], 0).into());
        change(&mut config);
        let mut fleet = TestFleet {
            server: config.listen,
            config,
            shutdown: CancellationToken::new(),
            running: None,
            clock: Clock::start(),
        };
        fleet.run().await;
        fleet
    }

    async fn run(&mut self) {
        let server = Server::bind(self.config.clone()).await.expect("the address is free");
        self.server = server.local_addr();
        self.config.listen = self.server;
        self.shutdown = CancellationToken::new();
        self.running = Some(TaskTracker::new().spawn(server.run(self.shutdown.clone())));
    }

    /// Stops the server, as SIGTERM does, and waits for its end.
    pub(crate) async fn stop(&mut self) -> Result<(), cpumonitor_server::RunError> {
        self.shutdown.cancel();
        let running = self.running.take().expect("the server runs");
        timeout(DEADLINE, running)
            .await
            .expect("the server ends within its grace")
            .expect("the server does not panic")
    }

    /// Starts a new server at the old address: another epoch, an empty memory.
    pub(crate) async fn start_again(&mut self) {
        self.run().await;
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server
    }

    /// The same for our own clients.
    pub(crate) fn target(&self) -> Target {
        self.server.into()
    }

    /// Now, by the clock that rows are stamped with.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A scripted agent of a host called `name`.
    pub(crate) async fn agent(&self, name: &str) -> TestAgent {
        self.agent_of(scripted::host(name)).await
    }

    /// A scripted agent of this very host.
    pub(crate) async fn agent_of(&self, host: HostInfo) -> TestAgent {
        self.agent_at(host, self.now()).await
    }

    /// A scripted agent whose clock says it is `now`.
    pub(crate) async fn agent_at(&self, host: HostInfo, now: Timestamp) -> TestAgent {
        TestAgent::connect(&self.target(), host, now, self.clock).await
    }

    /// A scripted agent at the other end of `network`.
    pub(crate) async fn agent_through(&self, network: &Proxy, name: &str) -> TestAgent {
        TestAgent::connect(&network.target(), scripted::host(name), self.now(), self.clock).await
    }

    /// A viewer with the fleet page open.
    pub(crate) async fn viewer(&self) -> TestViewer {
        self.viewer_at("/").await
    }

    /// A viewer with the page at `url` open.
    pub(crate) async fn viewer_at(&self, url: &str) -> TestViewer {
        TestViewer::open(self.target(), url).await
    }

    /// The JSON at `path`.
    pub(crate) async fn json(&self, path: &str) -> serde_json::Value {
        let answer = get(self.server, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// The id of the host called `name`.
    pub(crate) async fn id_of(&self, name: &str) -> String {
        let hosts = self.json(&format!("/api/v1/hosts?q={name}")).await;
        hosts["hosts"][0]["id"].as_str().unwrap_or_else(|| panic!("{name} is not in {hosts}")).to_owned()
    }

    /// What the server counts under `name`, from `/metrics`.
    pub(crate) async fn counter(&self, name: &str) -> u64 {
        let text = get(self.server, "/metrics").await.text();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.unwrap_or_else(|| panic!("{name} is not in /metrics: {text}"))
    }

    /// Waits until the server counted at least `least` under `name`.
    pub(crate) async fn counted(&self, name: &str, least: u64) {
        until(&format!("{name} >= {least}"), async || (self.counter(name).await >= least).then_some(()))
            .await;
    }

    /// The points of a series of the last five minutes, as the API tells them.
    pub(crate) async fn series(&self, host: &str, metric: &str) -> Vec<(i64, Option<f64>)> {
        let answer = self.json(&format!("/api/v1/series?host={host}&metric={metric}")).await;
        let points = answer["series"][0]["points"].as_array().cloned().unwrap_or_default();
        points.iter().map(|point| (point[0].as_i64().expect("a time"), point[1].as_f64())).collect()
    }
}

/// A scripted agent, on the clock of its fleet.
pub(crate) struct TestAgent {
    pub(crate) link: ScriptedAgent,
    clock: Clock,
}

impl TestAgent {
    async fn connect(target: &Target, host: HostInfo, now: Timestamp, clock: Clock) -> TestAgent {
        let link = ScriptedAgent::connect(target, host, now).await.expect("the server takes agents");
        TestAgent { link, clock }
    }

    /// Reports one row, taken now.
    pub(crate) async fn report(&mut self, readings: &[(Metric, f64)]) {
        let now = self.clock.now();
        self.link.report(now, readings).await.expect("the server listens");
    }

    /// Reports how busy the CPU is, 0 to 1.
    pub(crate) async fn report_cpu(&mut self, busy: f64) {
        self.report(&[(Metric::CPU, busy)]).await;
    }

    /// Reports the same row once a second for the last `seconds`, as after an outage.
    pub(crate) async fn report_past(&mut self, seconds: i64, readings: &[(Metric, f64)]) {
        let now = self.clock.now();
        let ats: Vec<Timestamp> = (0..seconds).rev().map(|ago| now.plus_ms(-1_000 * ago)).collect();
        self.link.report_many(&ats, readings).await.expect("the server listens");
    }

    /// Says goodbye.
    pub(crate) async fn leave(self) {
        self.link.leave().await.expect("the server listens");
    }

    /// Waits for the end of the connection, and says why.
    pub(crate) async fn refusal(&mut self) -> SocketError {
        let ended = timeout(Duration::from_secs(10), async {
            loop {
                if let Err(error) = self.link.hear().await {
                    return error;
                }
            }
        });
        ended.await.expect("the connection ends")
    }
}
