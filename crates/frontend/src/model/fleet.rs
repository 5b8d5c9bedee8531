//! All hosts as a struct of arrays by place: what the fleet page shows.

use std::collections::BTreeMap;

use cpumonitor_common::wire::{Cursor, FleetDelta, HostEntry, Overview, Revision, Trail};
use cpumonitor_common::{Code, HostId, HostStatus, Metric, Subject};

use super::Dirty;
use super::level::level;
use super::trails::Trails;

pub use super::level::NO_LEVEL;
pub use super::trails::TRAIL_POINTS;

/// Places at or above this are refused (and counted): no server holds so many hosts, and memory goes by
/// the largest place.
pub const MAX_PLACES: u32 = 65_536;

/// An age that an overview cannot tell exactly: this or more.
pub(super) const AT_LEAST: u16 = u16::MAX;
/// Before the first row.
const NEVER: i64 = i64::MIN;

/// All hosts.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    cursor: Cursor,
    /// The columns that `cursor` speaks for, ascending.
    metrics: Vec<Metric>,
    /// A column a metric, a code a place.
    codes: Vec<Vec<Code>>,
    entries: Vec<Option<HostEntry>>,
    /// As shown, a place.
    statuses: Vec<HostStatus>,
    /// When the newest row was taken, by the server's clock in ms, a place.
    row_at: Vec<i64>,
    trails: Trails,
    /// The places that have hosts, ascending.
    places: Vec<u32>,
    by_id: BTreeMap<HostId, u32>,
    /// Grows when hosts come, go or change names.
    names_version: u64,
    /// Whether some statuses are ours rather than the server's.
    doubted: bool,
    refused: u64,
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

    /// The places that hosts have now, ascending. A place is for looking things up, not for
    /// remembering: after a server restart the same host may have another. Remember [`HostId`]s.
    #[must_use]
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// What is known of the host at `place`, its status as the server said it; `None` when there is none.
    #[must_use]
    pub fn entry(&self, place: u32) -> Option<&HostEntry> {
        self.entries.get(place as usize)?.as_ref()
    }

    /// The place of a host; `None` when it is not in the fleet.
    #[must_use]
    pub fn place_of(&self, id: HostId) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// The place of the first host called `name`.
    #[must_use]
    pub fn place_named(&self, name: &str) -> Option<u32> {
        self.places.iter().copied().find(|place| self.entry(*place).is_some_and(|entry| entry.name == name))
    }

    /// How the host at `place` fares, as it is to be shown: what the server said, or stale when nothing
    /// was heard from the server for so long that nobody can know. [`HostStatus::Down`] where there is
    /// no host.
    #[must_use]
    pub fn status(&self, place: u32) -> HostStatus {
        self.statuses.get(place as usize).copied().unwrap_or(HostStatus::Down)
    }

    /// The newest code of `metric`; absent when it is not subscribed, not reported, or there is no host.
    #[must_use]
    pub fn code(&self, place: u32, metric: Metric) -> Code {
        self.column(metric).get(place as usize).copied().unwrap_or(Code::ABSENT)
    }

    /// The newest value of `metric` in its unit; `None` when absent.
    #[must_use]
    pub fn value(&self, place: u32, metric: Metric) -> Option<f64> {
        metric.decode(self.code(place, metric))
    }

    /// The metrics there are columns for, ascending.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// The column of `metric`, a code a place (absent where there is no host); empty when there is
    /// no such column.
    #[must_use]
    pub fn column(&self, metric: Metric) -> &[Code] {
        self.metrics.iter().position(|known| *known == metric).map_or(&[], |column| &self.codes[column])
    }

    /// When the newest row of the host at `place` was taken, in ms by the server's clock; `None` before
    /// its first.
    #[must_use]
    pub fn row_at_ms(&self, place: u32) -> Option<i64> {
        self.row_at.get(place as usize).copied().filter(|at| *at != NEVER)
    }

    /// How many hosts are shown with each status, in the order of [`HostStatus::ALL`].
    #[must_use]
    pub fn counts(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for place in &self.places {
            counts[self.status(*place) as usize] += 1;
        }
        counts
    }

    /// The last two minutes of [`Metric::CPU`] of the host at `place` up to `end_ms` by the server's
    /// clock, a level a second, oldest first: [`NO_LEVEL`] where there is a gap.
    pub fn trail(&self, place: u32, end_ms: i64, out: &mut [u8; TRAIL_POINTS]) {
        self.trails.read(place as usize, end_ms, out);
    }

    /// What has been seen of the columns in [`Fleet::metrics`].
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// The host at `place` as a filter asks it; `None` when there is none.
    #[must_use]
    pub fn subject(&self, place: u32) -> Option<FleetHost<'_>> {
        self.entry(place).map(|entry| FleetHost { fleet: self, entry })
    }

    /// Hosts refused because their place was [`MAX_PLACES`] or more.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Grows when hosts come, go or change names: an order by name is good until then.
    pub(super) fn names_version(&self) -> u64 {
        self.names_version
    }

    /// Believes a delta. [`Dirty::resubscribe`] means that it does not build on what we have.
    pub(super) fn apply(&mut self, delta: FleetDelta) -> Dirty {
        let snapshot = delta.since.revision == Revision::ZERO;
        let builds_on_ours =
            delta.since.epoch == self.cursor.epoch && delta.since.revision <= self.cursor.revision;
        // Places mean nothing in another epoch.
        if !snapshot && delta.since.epoch != self.cursor.epoch {
            return Dirty { resubscribe: true, ..Dirty::default() };
        }
        let mut dirty = Dirty {
            membership: snapshot || !delta.hosts.is_empty() || !delta.removed.is_empty(),
            readings: snapshot || !delta.overview.hosts().is_empty(),
            ..Dirty::default()
        };
        let before = if snapshot { Some(self.start_over(&delta.overview)) } else { None };
        for place in delta.removed {
            self.remove(place);
        }
        for entry in delta.hosts {
            let (id, place) = (entry.id, entry.place);
            let new = self.admit(entry);
            if let (true, Some(before)) = (new, &before) {
                self.carry(place, before, id);
            }
        }
        self.take_overview(&delta.overview, delta.at.as_ms());

        let same_columns = delta.overview.hosts().is_empty() || delta.overview.metrics() == self.metrics;
        if snapshot || (builds_on_ours && same_columns) {
            self.cursor = delta.until;
        } else {
            dirty.resubscribe = true;
        }
        dirty
    }

    /// Puts the recent past under the sparklines; the answer tells whether it was of this epoch.
    pub(super) fn apply_trail(&mut self, trail: &Trail) -> bool {
        let columns = trail.overview.metrics();
        if trail.epoch != self.cursor.epoch || columns.iter().any(|metric| *metric != Metric::CPU) {
            return false;
        }
        let end_ms = trail.at.as_ms();
        let step_ms = i64::from(trail.step_ms.max(1));
        let oldest_slot = end_ms.div_euclid(1_000) - TRAIL_POINTS as i64;
        let codes: Vec<&[Code]> = (0..columns.len()).map(|column| trail.overview.column(column)).collect();
        for (nth, place) in trail.overview.hosts().iter().enumerate() {
            let Some(entry) = self.entry(*place) else { continue };
            let holds = step_ms * 2 <= i64::from(entry.interval_ms) * 3;
            let of = |column: usize| codes.get(column).map_or(Code::ABSENT, |codes| codes[nth]);
            for column in 0..codes.len() {
                let mut code = of(column);
                // A slow sampler may skip a step that is about as long as its interval.
                if !code.is_present() && holds && column > 0 && of(column - 1).is_present() {
                    code = of(column + 1);
                }
                let level = level(Metric::CPU.decode(code));
                let from_end = (codes.len() - column) as i64;
                let first_slot = |steps_ago: i64| {
                    let start_ms = end_ms.saturating_sub(steps_ago.saturating_mul(step_ms));
                    start_ms.saturating_add(999).div_euclid(1_000).max(oldest_slot)
                };
                for slot in first_slot(from_end)..first_slot(from_end - 1) {
                    self.trails.put_under(*place as usize, slot, level);
                }
            }
        }
        true
    }

    /// Shows the statuses the server said, or, from `unheard_ms` (the server's clock now) on, what
    /// silence makes of them. A host we hear nothing of is at most stale: that it is down only the
    /// server can know. The answer tells whether any status changed.
    pub(super) fn judge(&mut self, unheard_ms: Option<i64>) -> bool {
        if unheard_ms.is_none() && !self.doubted {
            return false;
        }
        self.doubted = unheard_ms.is_some();
        let mut changed = false;
        for place in self.places.iter().map(|place| *place as usize) {
            let Some(entry) = &self.entries[place] else { continue };
            let heard_ms = entry.seen.as_ms().max(self.row_at[place]);
            let silent_ms = unheard_ms.map_or(0, |now_ms| now_ms.saturating_sub(heard_ms));
            let status = match HostStatus::of_silence(silent_ms, entry.interval_ms) {
                HostStatus::Live => entry.status,
                _ => entry.status.max(HostStatus::Stale),
            };
            changed |= std::mem::replace(&mut self.statuses[place], status) != status;
        }
        changed
    }

    /// Forgets everything but what must survive; returns what was there.
    fn start_over(&mut self, overview: &Overview) -> Fleet {
        let before = std::mem::take(self);
        self.refused = before.refused;
        self.names_version = before.names_version + 1;
        self.metrics = overview.metrics().to_vec();
        self.metrics.sort_unstable();
        self.metrics.dedup();
        self.codes = vec![Vec::new(); self.metrics.len()];
        before
    }

    /// Sparkline and last row of a host survive a snapshot: they are by the server's clock, and as true
    /// as before.
    fn carry(&mut self, place: u32, before: &Fleet, id: HostId) {
        if let Some(old) = before.place_of(id) {
            self.trails.carry(place as usize, &before.trails, old as usize);
            self.row_at[place as usize] = before.row_at[old as usize];
        }
    }

    /// Takes in a new or changed host; the answer tells whether it is new at its place.
    fn admit(&mut self, entry: HostEntry) -> bool {
        if entry.place >= MAX_PLACES {
            self.refused += 1;
            return false;
        }
        self.make_room(entry.place as usize + 1);
        let place = entry.place as usize;
        let old = self.entries[place].as_ref().map(|old| (old.id == entry.id, old.name == entry.name));
        if let Some((true, same_name)) = old {
            self.names_version += u64::from(!same_name);
            self.statuses[place] = entry.status;
            self.entries[place] = Some(entry);
            return false;
        }
        // Both only if a removal was lost; a host has one place, and a place has one host.
        self.remove(entry.place);
        if let Some(elsewhere) = self.place_of(entry.id) {
            self.remove(elsewhere);
        }
        if let Err(position) = self.places.binary_search(&entry.place) {
            self.places.insert(position, entry.place);
        }
        self.by_id.insert(entry.id, entry.place);
        self.names_version += 1;
        self.statuses[place] = entry.status;
        self.entries[place] = Some(entry);
        true
    }

    fn remove(&mut self, place: u32) {
        let at = place as usize;
        let Some(entry) = self.entries.get_mut(at).and_then(Option::take) else { return };
        self.by_id.remove(&entry.id);
        if let Ok(position) = self.places.binary_search(&place) {
            self.places.remove(position);
        }
        self.codes.iter_mut().for_each(|column| column[at] = Code::ABSENT);
        self.row_at[at] = NEVER;
        self.trails.clear(at);
        self.names_version += 1;
    }

    fn make_room(&mut self, count: usize) {
        if count > self.entries.len() {
            self.entries.resize_with(count, || None);
            self.statuses.resize(count, HostStatus::Down);
            self.row_at.resize(count, NEVER);
            self.codes.iter_mut().for_each(|column| column.resize(count, Code::ABSENT));
            self.trails.grow(count);
        }
    }

    fn take_overview(&mut self, overview: &Overview, at_ms: i64) {
        for (column, metric) in overview.metrics().iter().enumerate() {
            let Some(own) = self.metrics.iter().position(|known| known == metric) else { continue };
            for (place, code) in overview.hosts().iter().zip(overview.column(column)) {
                let taken = self.entries.get(*place as usize).is_some_and(Option::is_some);
                if taken {
                    self.codes[own][*place as usize] = *code;
                }
            }
        }
        for (place, age_ms) in overview.hosts().iter().zip(overview.ages_ms()) {
            let at = *place as usize;
            let Some(Some(entry)) = self.entries.get(at) else { continue };
            let row_at = at_ms.saturating_sub(i64::from(*age_ms));
            if *age_ms == AT_LEAST {
                self.row_at[at] = oldest_known(row_at, self.row_at[at], entry.seen.as_ms());
                continue;
            }
            let since_ms = row_at.saturating_sub(self.row_at[at]);
            if overview.metrics().contains(&Metric::CPU) {
                let level = level(Metric::CPU.decode(self.code(*place, Metric::CPU)));
                let held = since_ms <= i64::from(entry.interval_ms) * 3 / 2;
                self.trails.put(at, row_at, level, held);
            }
            self.row_at[at] = row_at;
        }
    }
}

/// When a row was taken that is no younger than `latest`: as was known before, else about when the host was
/// heard last.
fn oldest_known(latest: i64, known: i64, seen: i64) -> i64 {
    if known != NEVER && known <= latest {
        known
    } else if seen > 0 {
        latest.min(seen)
    } else {
        latest
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

#[cfg(test)]
pub(crate) mod tests;
