//! All hosts as a struct of arrays by place: what the fleet page shows.

use cpumonitor_common::wire::{Cursor, HostEntry};
use cpumonitor_common::{Code, HostId, HostStatus, Metric, Subject};

/// Points of a sparkline: one a second, two minutes.
pub const TRAIL_POINTS: usize = 120;
/// The level of a sparkline or heat cell without a reading. Levels 0 to 254 are shares 0 to 1.
pub const NO_LEVEL: u8 = 255;

/// All hosts.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    places: Vec<u32>,
}

impl Fleet {
    /// How many hosts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The places that hosts have now, ascending. A place is meant for looking things up, not for remembering: after a
    /// server restart the same host may have another. Remember [`HostId`]s.
    #[must_use]
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// What is known of the host at `place`, its status as the server said it; `None` when there is none.
    #[must_use]
    pub fn entry(&self, place: u32) -> Option<&HostEntry> {
        let _ = place;
        None
    }

    /// The place of a host; `None` when it is not in the fleet.
    #[must_use]
    pub fn place_of(&self, id: HostId) -> Option<u32> {
        let _ = id;
        None
    }

    /// The place of the first host called `name`.
    #[must_use]
    pub fn place_named(&self, name: &str) -> Option<u32> {
        let _ = name;
        None
    }

    /// How the host at `place` fares, as it is to be shown: what the server said, or stale when the link has been
    /// down for so long that nobody can know. [`HostStatus::Down`] where there is no host.
    #[must_use]
    pub fn status(&self, place: u32) -> HostStatus {
        let _ = place;
        HostStatus::Down
    }

    /// The newest code of `metric`; absent when it is not subscribed, not reported, or there is no host.
    #[must_use]
    pub fn code(&self, place: u32, metric: Metric) -> Code {
        let _ = (place, metric);
        Code::ABSENT
    }

    /// The newest value of `metric` in its unit; `None` when absent.
    #[must_use]
    pub fn value(&self, place: u32, metric: Metric) -> Option<f64> {
        metric.decode(self.code(place, metric))
    }

    /// The metrics there are columns for, ascending.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &[]
    }

    /// The column of `metric`, a code a place (absent where there is no host); empty when there is no such column.
    #[must_use]
    pub fn column(&self, metric: Metric) -> &[Code] {
        let _ = metric;
        &[]
    }

    /// How many hosts are shown with each status, in the order of [`HostStatus::ALL`].
    #[must_use]
    pub fn counts(&self) -> [usize; 4] {
        [0; 4]
    }

    /// The last two minutes of [`Metric::CPU`] of the host at `place` up to `end_ms` by the server's clock, a level a second,
    /// oldest first: [`NO_LEVEL`] where there is a gap.
    pub fn trail(&self, place: u32, end_ms: i64, out: &mut [u8; TRAIL_POINTS]) {
        let _ = (place, end_ms);
        out.fill(NO_LEVEL);
    }

    /// What has been seen.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor::START
    }

    /// The host at `place` as a filter asks it; `None` when there is none.
    #[must_use]
    pub fn subject(&self, place: u32) -> Option<FleetHost<'_>> {
        let _ = place;
        None
    }
}

/// A host of the fleet as a filter asks it.
#[derive(Clone, Copy, Debug)]
pub struct FleetHost<'a> {
    fleet: &'a Fleet,
    entry: &'a HostEntry,
}

impl Subject for FleetHost<'_> {
    fn code(&self, metric: Metric) -> Code {
        self.fleet.code(self.entry.place, metric)
    }

    fn name(&self) -> &str {
        &self.entry.name
    }

    fn status(&self) -> HostStatus {
        self.fleet.status(self.entry.place)
    }
}
