//! The page without a browser: the real model, on a real socket.

use std::collections::BTreeSet;
use std::time::Duration;

use cpumonitor_common::wire::{FleetDelta, ServerToViewer, ViewerToServer};
use cpumonitor_common::{Filter, HostId, HostStatus, Metric};
use cpumonitor_frontend::model::Model;
use cpumonitor_frontend::model::fleet::{NO_LEVEL, TRAIL_POINTS};
use cpumonitor_frontend::model::host::{Columns, Panel, Window};
use cpumonitor_frontend::route::Route;
use cpumonitor_swarm::{Clock, Door, Socket, SocketError, Target};
use tokio::time::timeout;

use super::DEADLINE;

/// A viewer with its page open.
pub(crate) struct TestViewer {
    pub(crate) model: Model,
    socket: Option<Socket>,
    target: Target,
    route: Route,
    filter: Filter,
    clock: Clock,
}

impl TestViewer {
    /// Opens the page at `url`, as in `/?q=cpu > 80%`, and connects.
    pub(crate) async fn open(target: Target, url: &str) -> TestViewer {
        let clock = Clock::start();
        let model = Model::new(clock.now().as_ms() as f64);
        let mut viewer = TestViewer {
            model,
            socket: None,
            target,
            route: Route::default(),
            filter: Filter::default(),
            clock,
        };
        viewer.go(url);
        viewer.connect().await;
        viewer
    }

    /// Follows a link within the page.
    pub(crate) fn go(&mut self, url: &str) {
        let (path, search) = url.split_once('?').unwrap_or((url, ""));
        self.route = Route::parse(path, search);
        self.filter = Filter::parse(&self.route.query).expect("tests type sound filters");
    }

    async fn connect(&mut self) {
        let now_ms = self.now_ms();
        self.model.connecting(now_ms);
        let origin = self.target.to_string().replacen("ws://", "http://", 1);
        let door = Door { origin: Some(&origin), ..Door::viewer() };
        self.socket = Some(Socket::connect(&self.target, door).await.expect("the server takes viewers"));
    }

    /// Loses the connection; the page stays open.
    pub(crate) fn drop_link(&mut self) {
        self.socket = None;
        let now_ms = self.now_ms();
        self.model.closed(1006, "", now_ms, 0.0);
    }

    /// Connects again, and returns the first delta of the fleet.
    pub(crate) async fn reconnect(&mut self) -> FleetDelta {
        self.connect().await;
        loop {
            if let ServerToViewer::Fleet(delta) = self.hear().await.expect("the server goes on") {
                return delta;
            }
        }
    }

    /// Takes the next message in, telling the server first what is wanted if it does not know.
    pub(crate) async fn hear(&mut self) -> Result<ServerToViewer, SocketError> {
        let now_ms = self.now_ms();
        let socket = self.socket.as_mut().expect("connected");
        if let Some(subscription) = self.model.subscription(&self.route, &self.filter, false, now_ms) {
            socket.send(&ViewerToServer::Subscribe(subscription)).await?;
        }
        let message: ServerToViewer = socket.hear_within(DEADLINE).await?;
        let now_ms = self.now_ms();
        self.model.apply(message.clone(), now_ms);
        self.model.tick(now_ms);
        Ok(message)
    }

    /// Listens until the page shows `what`.
    #[track_caller]
    pub(crate) fn until(
        &mut self,
        what: &str,
        shown: impl FnMut(&Page<'_>) -> bool,
    ) -> impl Future<Output = ()> {
        self.within(DEADLINE, what, shown)
    }

    /// The same with a deadline of its own, for what takes its time by design.
    #[track_caller]
    pub(crate) fn within(
        &mut self,
        deadline: Duration,
        what: &str,
        mut shown: impl FnMut(&Page<'_>) -> bool,
    ) -> impl Future<Output = ()> {
        let asked_at = std::panic::Location::caller();
        async move {
            let listen = async {
                while !shown(&Page(&self.model)) {
                    self.hear()
                        .await
                        .unwrap_or_else(|error| panic!("{asked_at}: waiting for {what}: {error}"));
                }
            };
            if timeout(deadline, listen).await.is_err() {
                panic!(
                    "{asked_at}: the page did not show {what} within {deadline:?}: {:?}",
                    Page(&self.model).names()
                );
            }
        }
    }

    /// What it shows now.
    pub(crate) fn page(&self) -> Page<'_> {
        Page(&self.model)
    }

    /// The id of the host called `name`.
    #[track_caller]
    pub(crate) fn id_of(&self, name: &str) -> HostId {
        self.model.fleet().entry(self.place_of(name)).expect("a place that was just found").id
    }

    /// Where the host called `name` stands in the columns.
    #[track_caller]
    pub(crate) fn place_of(&self, name: &str) -> u32 {
        self.model.fleet().place_named(name).unwrap_or_else(|| panic!("{name} is not on the page"))
    }

    /// How many of the 120 seconds of a host's sparkline are drawn.
    pub(crate) fn sparkline(&self, name: &str) -> usize {
        let mut levels = [NO_LEVEL; TRAIL_POINTS];
        self.model.trail(self.place_of(name), self.now_ms(), &mut levels);
        levels.iter().filter(|level| **level != NO_LEVEL).count()
    }

    pub(crate) fn now_ms(&self) -> f64 {
        self.clock.now().as_ms() as f64
    }
}

/// What a person reads off the page.
pub(crate) struct Page<'a>(pub(crate) &'a Model);

impl Page<'_> {
    /// The names of all hosts.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let fleet = self.0.fleet();
        fleet
            .places()
            .iter()
            .filter_map(|place| fleet.entry(*place))
            .map(|entry| entry.name.clone())
            .collect()
    }

    /// The names of the hosts that `filter` lets through.
    pub(crate) fn matching(&self, filter: &Filter) -> BTreeSet<String> {
        let fleet = self.0.fleet();
        let shown = |place: &&u32| fleet.subject(**place).is_some_and(|host| filter.matches(&host));
        fleet
            .places()
            .iter()
            .filter(shown)
            .filter_map(|place| fleet.entry(*place))
            .map(|e| e.name.clone())
            .collect()
    }

    /// The newest value of `metric` of the host called `name`.
    pub(crate) fn value(&self, name: &str, metric: Metric) -> Option<f64> {
        self.0.fleet().value(self.0.fleet().place_named(name)?, metric)
    }

    /// How busy the host called `name` is, 0 to 1.
    pub(crate) fn cpu(&self, name: &str) -> Option<f64> {
        self.value(name, Metric::CPU)
    }

    /// How the host called `name` fares; `None` when it is not listed.
    pub(crate) fn status(&self, name: &str) -> Option<HostStatus> {
        Some(self.0.fleet().status(self.0.fleet().place_named(name)?))
    }

    /// The newest value of `metric` on the page of the open host.
    pub(crate) fn open_host_reads(&self, metric: Metric) -> Option<f64> {
        self.0.host()?.latest(metric)
    }

    /// The CPU chart of the open host: times in milliseconds, and shares; `None` is a gap.
    pub(crate) fn cpu_chart(&self) -> Vec<(i64, Option<f64>)> {
        let (Some(host), mut columns) = (self.0.host(), Columns::default()) else { return Vec::new() };
        let Some(newest) = host.newest() else { return Vec::new() };
        host.fill(Panel::Cpu, Window::ending(newest, 300_000), &mut columns);
        let total = columns.ys.first().into_iter().flatten().map(|share| share.is_finite().then_some(*share));
        columns.x.iter().map(|seconds| (seconds * 1_000.0).round() as i64).zip(total).collect()
    }
}
