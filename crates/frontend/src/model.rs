//! The model: the whole truth of the page. Messages and the passing of time go in, what changed comes
//! out; views read and draw.

mod clock;
pub mod fleet;
pub mod histogram;
pub mod host;
pub mod latency;
pub mod link_state;
pub mod order;

use cpumonitor_common::wire::{DecodeError, Notice, ServerToViewer, Subscription, Trail};
use cpumonitor_common::{Filter, HostId, Metric, Timestamp};

use crate::route::Route;
pub use fleet::Fleet;
pub use histogram::{Axis, Histogram};
pub use host::OpenHost;
pub use latency::Latency;
pub use link_state::{Link, LinkState};
pub use order::{Mode, Order, Sort, SortKey};

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

/// Everything the page knows. All times called `now_ms` are milliseconds since the Unix epoch by the
/// browser's clock (best: `performance.timeOrigin + performance.now()`, which never jumps).
#[derive(Debug)]
pub struct Model {
    fleet: Fleet,
    host: Option<OpenHost>,
    link: Link,
    latency: Latency,
}

impl Model {
    /// Knows nothing yet; the link is [`LinkState::Connecting`].
    #[must_use]
    pub fn new(now_ms: f64) -> Model {
        let _ = now_ms;
        Model { fleet: Fleet::default(), host: None, link: Link::new(now_ms), latency: Latency::default() }
    }

    /// Believes a message.
    pub fn apply(&mut self, message: ServerToViewer, now_ms: f64) -> Dirty {
        let _ = (message, now_ms);
        Dirty::default()
    }

    /// Puts the answer of `/api/v1/trail` under the live sparklines. One of another epoch is ignored.
    pub fn apply_trail(&mut self, trail: &Trail) -> Dirty {
        let _ = trail;
        Dirty::default()
    }

    /// Whether sparklines have holes that `/api/v1/trail?metric=cpu&seconds=120&step=2` would fill:
    /// after the first snapshot, after an outage, after the tab was hidden. Asking once is enough:
    /// reading it as true also forgets it.
    pub fn take_trail_wanted(&mut self) -> bool {
        false
    }

    /// Lets time pass: the link lags, statuses decay while it is down, countdowns run. Call it a few
    /// times a second.
    pub fn tick(&mut self, now_ms: f64) -> Dirty {
        let _ = now_ms;
        Dirty::default()
    }

    /// Tells that what was applied so far is on the screen now; feeds [`Model::latency`].
    pub fn painted(&mut self, now_ms: f64) {
        let _ = now_ms;
    }

    /// What to tell the server now, if anything: `Some` once after every Welcome, after the route, the filter's
    /// metrics or `hidden` changed what is wanted, and after [`Dirty::resubscribe`]; `None` when the server
    /// knows already or is not connected. Cheap enough for every frame. What is returned must be sent.
    ///
    /// Opens and closes [`Model::host`] as the route says. `filter` is the one in force (the last that parsed);
    /// `hidden` tells that nobody can see the tab.
    pub fn subscription(
        &mut self,
        route: &Route,
        filter: &Filter,
        hidden: bool,
        now_ms: f64,
    ) -> Option<Subscription> {
        let _ = (route, filter, hidden, now_ms);
        None
    }

    /// A socket is being opened.
    pub fn connecting(&mut self, now_ms: f64) -> Dirty {
        let _ = now_ms;
        Dirty::default()
    }

    /// The socket closed, or could not be opened (`code` 1006 as browsers say it). `random`, from 0 to 1, spreads the
    /// next attempt; [`Link::retry_due`] tells when it is time.
    pub fn closed(&mut self, code: u16, reason: &str, now_ms: f64, random: f64) -> Dirty {
        let _ = (code, reason, now_ms, random);
        Dirty::default()
    }

    /// A frame made no sense: the page is older or newer than the server. Close the socket.
    pub fn undecodable(&mut self, error: DecodeError) -> Dirty {
        let _ = error;
        Dirty::default()
    }

    /// The person pressed Retry: the next attempt is due at once.
    pub fn retry_now(&mut self, now_ms: f64) -> Dirty {
        let _ = now_ms;
        Dirty::default()
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
        Timestamp::from_ms(now_ms as i64)
    }

    /// What everybody who looks should know about the server.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &[]
    }

    /// Version of the server; `None` before the first Welcome.
    #[must_use]
    pub fn server_version(&self) -> Option<&str> {
        None
    }

    /// Whether the server is another version than this page, so that reloading would help.
    #[must_use]
    pub fn outdated(&self) -> bool {
        false
    }

    /// Whether the server has no hosts and never had any while this page was open: time for the
    /// page that tells how to add the first.
    #[must_use]
    pub fn first_run(&self) -> bool {
        false
    }

    /// Whether a snapshot of the fleet has arrived at all; before it an empty table means nothing.
    #[must_use]
    pub fn has_snapshot(&self) -> bool {
        false
    }

    /// Age of the newest row of the host at `place`, in ms by the server's clock; `None` when it never sent one.
    #[must_use]
    pub fn age_ms(&self, place: u32, now_ms: f64) -> Option<f64> {
        let _ = (place, now_ms);
        None
    }

    /// The sparkline of the host at `place` as of now: as [`Fleet::trail`], ending a moment ago so that the newest
    /// second is complete for every host.
    pub fn trail(&self, place: u32, now_ms: f64, out: &mut [u8; fleet::TRAIL_POINTS]) {
        let _ = (place, now_ms);
        out.fill(fleet::NO_LEVEL);
    }

    /// The name of a host for titles and breadcrumbs, if it is known.
    #[must_use]
    pub fn name_of(&self, id: HostId) -> Option<&str> {
        let _ = id;
        None
    }
}
