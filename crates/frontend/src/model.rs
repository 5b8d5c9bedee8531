//! The model: the whole truth of the page. Messages and the passing of time go in, what changed comes
//! out; views read and draw.

mod clock;
pub mod fleet;
pub mod histogram;
pub mod host;
pub mod latency;
pub mod level;
pub mod link_state;
pub mod order;
mod trails;
mod wanted;

use cpumonitor_common::wire::{
    DecodeError, FleetDelta, HostDelta, Notice, ServerToViewer, Subscription, Trail, Welcome,
};
use cpumonitor_common::{Filter, HostId, Metric, Timestamp};

use self::clock::ServerClock;
use self::wanted::Wanted;
use crate::route::{Page, Route};
pub use fleet::Fleet;
pub use histogram::{Axis, Histogram};
pub use host::OpenHost;
pub use latency::Latency;
pub use link_state::{Link, LinkState};
pub use order::{Mode, Order, Sort, SortKey, Wish};

/// The metric columns of the fleet table, in the order they are shown.
pub const TABLE: [Metric; 7] = [
    Metric::CPU,
    Metric::MEMORY,
    Metric::LOAD_1,
    Metric::FILESYSTEM,
    Metric::NETWORK_RECEIVE,
    Metric::NETWORK_TRANSMIT,
    Metric::TEMPERATURE,
];

/// What changed, so that views touch nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dirty {
    /// Hosts came, went, were renamed, or changed status: order and counts are to be refreshed.
    pub membership: bool,
    /// Numbers of the fleet changed, or sparklines grew.
    pub readings: bool,
    /// The open host changed.
    pub host: bool,
    /// The state of the link changed, or its text did (a countdown runs).
    pub health: bool,
    /// Notices or the server's version changed.
    pub notices: bool,
    /// The server and we are out of step: send [`Model::subscription`] again.
    pub resubscribe: bool,
}

impl Dirty {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Dirty) -> Dirty {
        Dirty {
            membership: self.membership || other.membership,
            readings: self.readings || other.readings,
            host: self.host || other.host,
            health: self.health || other.health,
            notices: self.notices || other.notices,
            resubscribe: self.resubscribe || other.resubscribe,
        }
    }

    /// Whether anything changed.
    #[must_use]
    pub fn any(self) -> bool {
        self != Dirty::default()
    }
}

/// Sparklines end this long before now: by then the second that ended has arrived from every host.
const TRAIL_DELAY_MS: f64 = 1_250.0;
/// The server is silent for two seconds at most; a longer silence leaves a hole in the sparklines.
const HOLE_MS: f64 = 2_500.0;
/// Out of step, we ask again at most this often: the answer may be on its way.
const ASK_AGAIN_MS: f64 = 1_000.0;

/// Everything the page knows. All times called `now_ms` are milliseconds since the Unix epoch by the
/// browser's clock (best: `performance.timeOrigin + performance.now()`, which never jumps).
#[derive(Debug)]
pub struct Model {
    fleet: Fleet,
    host: Option<OpenHost>,
    link: Link,
    clock: ServerClock,
    latency: Latency,
    server: Option<Welcome>,
    /// What was asked of this connection; `None` before its Welcome.
    asked: Option<Wanted>,
    asked_at_ms: f64,
    /// What was asked is to be asked again, since we are out of step.
    ask_again: bool,
    has_snapshot: bool,
    had_hosts: bool,
    /// Whether anything of the fleet came since the link broke.
    fleet_is_current: bool,
    fleet_heard_ms: Option<f64>,
    /// Whether the sparklines miss something that the server may still have.
    has_hole: bool,
    trail_wanted: bool,
}

impl Model {
    /// Knows nothing yet; the link is [`LinkState::Connecting`].
    #[must_use]
    pub fn new(now_ms: f64) -> Model {
        Model {
            fleet: Fleet::default(),
            host: None,
            link: Link::new(now_ms),
            clock: ServerClock::default(),
            latency: Latency::default(),
            server: None,
            asked: None,
            asked_at_ms: now_ms,
            ask_again: false,
            has_snapshot: false,
            had_hosts: false,
            fleet_is_current: false,
            fleet_heard_ms: None,
            has_hole: true,
            trail_wanted: false,
        }
    }

    /// Believes a message.
    pub fn apply(&mut self, message: ServerToViewer, now_ms: f64) -> Dirty {
        self.link.heard(now_ms);
        let dirty = match message {
            ServerToViewer::Welcome(welcome) => self.greet(welcome, now_ms),
            ServerToViewer::Fleet(delta) => self.apply_fleet(delta, now_ms),
            ServerToViewer::Host(delta) => self.apply_host(delta, now_ms),
        };
        self.ask_again |= dirty.resubscribe;
        let health = self.link.tick(now_ms);
        Dirty { health: dirty.health || health, ..dirty }
    }

    /// Puts the answer of `/api/v1/trail` under the live sparklines. One of another epoch is ignored.
    pub fn apply_trail(&mut self, trail: &Trail) -> Dirty {
        Dirty { readings: self.fleet.apply_trail(trail), ..Dirty::default() }
    }

    /// Whether sparklines have holes that `/api/v1/trail?metric=cpu&seconds=120&step=2` would fill:
    /// after the first snapshot, after an outage, after the tab was hidden. Asking once is enough:
    /// reading it as true also forgets it.
    pub fn take_trail_wanted(&mut self) -> bool {
        std::mem::take(&mut self.trail_wanted)
    }

    /// Lets time pass: the link lags, statuses decay while it is down, countdowns run. Call it a few
    /// times a second.
    pub fn tick(&mut self, now_ms: f64) -> Dirty {
        let health = self.link.tick(now_ms);
        let current = self.fleet_is_current && self.link.is_live();
        let unheard_ms = (!current).then(|| self.server_now(now_ms).as_ms());
        let resubscribe = self.ask_again && now_ms - self.asked_at_ms >= ASK_AGAIN_MS;
        Dirty { membership: self.fleet.judge(unheard_ms), health, resubscribe, ..Dirty::default() }
    }

    /// Tells that what was applied so far is on the screen now; feeds [`Model::latency`].
    pub fn painted(&mut self, now_ms: f64) {
        self.latency.paint(self.clock.server_ms(now_ms));
    }

    /// What to tell the server now, if anything: `Some` once after every Welcome, after the route, the
    /// filter's metrics or `hidden` changed what is wanted, and when we are out of step; `None` when
    /// the server knows already or is not connected. Cheap enough for every frame. What is returned
    /// must be sent.
    ///
    /// Opens and closes [`Model::host`] as the route says. `filter` is the one in force (the last that
    /// parsed); `hidden` tells that nobody can see the tab.
    pub fn subscription(
        &mut self,
        route: &Route,
        filter: &Filter,
        hidden: bool,
        now_ms: f64,
    ) -> Option<Subscription> {
        let open = if let Page::Host(id) = route.page { Some(id) } else { None };
        if self.host.as_ref().map(OpenHost::id) != open {
            self.host = open.map(OpenHost::new);
        }
        let wanted = Wanted::by(route, filter, hidden);
        let asked = self.asked.as_ref()?;
        let again = self.ask_again && now_ms - self.asked_at_ms >= ASK_AGAIN_MS;
        if *asked == wanted && !again {
            return None;
        }
        self.ask_again = false;
        self.asked_at_ms = now_ms;
        if hidden {
            self.latency.forget_waiting();
        }
        self.link.expect(f64::from(wanted.pace_ms), now_ms);
        let subscription = wanted.subscription(&self.fleet, self.host.as_ref());
        self.asked = Some(wanted);
        Some(subscription)
    }

    /// A socket is being opened.
    pub fn connecting(&mut self, now_ms: f64) -> Dirty {
        self.asked = None;
        self.link.connecting(now_ms);
        Dirty { health: true, ..Dirty::default() }
    }

    /// The socket closed, or could not be opened (`code` 1006, as browsers say it). `random`, from 0 to
    /// 1, spreads the next attempt; [`Link::retry_due`] tells when it is time.
    pub fn closed(&mut self, code: u16, reason: &str, now_ms: f64, random: f64) -> Dirty {
        self.asked = None;
        self.fleet_is_current = false;
        self.link.closed(code, reason, now_ms, random);
        Dirty { health: true, ..self.tick(now_ms) }
    }

    /// A frame made no sense: the page is older or newer than the server. Close the socket.
    pub fn undecodable(&mut self, error: DecodeError) -> Dirty {
        self.asked = None;
        self.fleet_is_current = false;
        self.link.undecodable(error);
        Dirty { health: true, ..Dirty::default() }
    }

    /// The person pressed Retry: the next attempt is due at once.
    pub fn retry_now(&mut self, now_ms: f64) -> Dirty {
        self.link.retry_now(now_ms);
        Dirty { health: true, ..Dirty::default() }
    }

    /// All hosts.
    #[must_use]
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// The host whose page is open.
    #[must_use]
    pub fn host(&self) -> Option<&OpenHost> {
        self.host.as_ref()
    }

    /// The link to the server.
    #[must_use]
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// From sample to screen, in milliseconds.
    #[must_use]
    pub fn latency(&self) -> &Latency {
        &self.latency
    }

    /// The server's clock, as well as it can be told from here. Ages count from here.
    #[must_use]
    pub fn server_now(&self, now_ms: f64) -> Timestamp {
        Timestamp::from_ms(self.clock.server_ms(now_ms) as i64)
    }

    /// What everybody who looks should know about the server.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        self.server.as_ref().map_or(&[], |server| &server.notices)
    }

    /// Version of the server; `None` before the first Welcome.
    #[must_use]
    pub fn server_version(&self) -> Option<&str> {
        self.server.as_ref().map(|server| server.server_version.as_str())
    }

    /// Whether the server is another version than this page, so that reloading would help.
    #[must_use]
    pub fn outdated(&self) -> bool {
        self.server_version().is_some_and(|version| version != env!("CARGO_PKG_VERSION"))
    }

    /// Whether the server has no hosts and never had any while this page was open: time for the
    /// page that tells how to add the first.
    #[must_use]
    pub fn first_run(&self) -> bool {
        self.has_snapshot && !self.had_hosts
    }

    /// Whether a snapshot of the fleet has arrived at all; before it an empty table means nothing.
    #[must_use]
    pub fn has_snapshot(&self) -> bool {
        self.has_snapshot
    }

    /// Age of the newest row of the host at `place`, in ms by the server's clock; `None` when it never
    /// sent one.
    #[must_use]
    pub fn age_ms(&self, place: u32, now_ms: f64) -> Option<f64> {
        self.fleet.row_at_ms(place).map(|at| (self.clock.server_ms(now_ms) - at as f64).max(0.0))
    }

    /// The sparkline of the host at `place` as of now: as [`Fleet::trail`], ending a moment ago so that
    /// the newest second is complete for every host.
    pub fn trail(&self, place: u32, now_ms: f64, out: &mut [u8; fleet::TRAIL_POINTS]) {
        self.fleet.trail(place, (self.clock.server_ms(now_ms) - TRAIL_DELAY_MS) as i64, out);
    }

    /// The name of a host for titles and breadcrumbs, if it is known.
    #[must_use]
    pub fn name_of(&self, id: HostId) -> Option<&str> {
        let listed = self.fleet.place_of(id).and_then(|place| self.fleet.entry(place));
        let open = self.host.as_ref().filter(|host| host.id() == id).and_then(OpenHost::info);
        listed.map(|entry| entry.name.as_str()).or(open.map(|info| info.name.as_str()))
    }

    fn greet(&mut self, welcome: Welcome, now_ms: f64) -> Dirty {
        if self.server.as_ref().is_some_and(|server| server.epoch != welcome.epoch) {
            self.clock.reset();
        }
        self.clock.observe(welcome.now, now_ms);
        self.server = Some(welcome);
        // Nothing is asked of this connection yet, so anything is wanted.
        self.asked = Some(Wanted::default());
        Dirty { notices: true, ..Dirty::default() }
    }

    fn apply_fleet(&mut self, delta: FleetDelta, now_ms: f64) -> Dirty {
        self.clock.observe(delta.at, now_ms);
        let at_ms = delta.at.as_ms() as f64;
        let snapshot = delta.since.revision.0 == 0;
        let paced = self.asked.as_ref().is_some_and(|asked| !asked.hidden);
        if !snapshot && self.fleet_is_current && paced {
            let now_ms = self.clock.server_ms(now_ms);
            let ages = delta.overview.hosts().iter().zip(delta.overview.ages_ms());
            for (place, age_ms) in ages.filter(|(_, age_ms)| **age_ms != fleet::AT_LEAST) {
                let taken_ms = at_ms - f64::from(*age_ms);
                // A row may come twice; only the first time it is news.
                if self.fleet.row_at_ms(*place).is_none_or(|known| taken_ms > known as f64) {
                    self.latency.apply(taken_ms, now_ms);
                }
            }
        }
        self.has_hole |= self.fleet_heard_ms.is_some_and(|heard| now_ms - heard > HOLE_MS)
            || self.fleet.cursor().epoch != delta.until.epoch;
        let mut dirty = self.fleet.apply(delta);
        self.fleet_heard_ms = Some(now_ms);
        if dirty.resubscribe {
            return dirty;
        }
        self.has_snapshot |= snapshot;
        self.had_hosts |= !self.fleet.is_empty();
        self.fleet_is_current = true;
        // A hidden tab only makes more holes.
        if self.has_hole && self.has_snapshot && paced {
            (self.has_hole, self.trail_wanted) = (false, true);
        }
        dirty.membership |= self.fleet.judge(None);
        dirty
    }

    fn apply_host(&mut self, delta: HostDelta, now_ms: f64) -> Dirty {
        self.clock.observe(delta.at, now_ms);
        // The host that was open a moment ago.
        let Some(host) = self.host.as_mut().filter(|host| host.id() == delta.id) else {
            return Dirty::default();
        };
        let place = self.fleet.place_of(delta.id);
        if let Some(entry) = place.and_then(|place| self.fleet.entry(place)) {
            host.set_interval_ms(entry.interval_ms);
        }
        let in_step = host.apply(delta);
        Dirty { host: true, resubscribe: !in_step, ..Dirty::default() }
    }
}

#[cfg(test)]
mod tests;
