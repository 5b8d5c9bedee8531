//! The last two minutes of one share for every host: what sparklines are drawn from.

use super::level::{NO_LEVEL, higher};

/// Points of a sparkline: one a second, two minutes.
pub const TRAIL_POINTS: usize = 120;
const POINTS: i64 = TRAIL_POINTS as i64;
/// Before the first row.
const NEVER: i64 = i64::MIN;

/// A ring of levels for every place, all in one piece of memory. A slot is a second of the server's
/// clock; slot `s` lies at `s mod 120` of its ring.
#[derive(Clone, Debug, Default)]
pub(super) struct Trails {
    levels: Vec<u8>,
    /// The newest slot written, a place.
    last: Vec<i64>,
}

impl Trails {
    /// Makes room for places below `count`.
    pub(super) fn grow(&mut self, count: usize) {
        if count > self.last.len() {
            self.last.resize(count, NEVER);
            self.levels.resize(count * TRAIL_POINTS, NO_LEVEL);
        }
    }

    /// Forgets the host at `place`.
    pub(super) fn clear(&mut self, place: usize) {
        if let Some(last) = self.last.get_mut(place) {
            *last = NEVER;
            self.ring_mut(place).fill(NO_LEVEL);
        }
    }

    /// Takes over what `other` has of a host, at another place perhaps.
    pub(super) fn carry(&mut self, place: usize, other: &Trails, other_place: usize) {
        if let (Some(last), Some(other_last)) = (self.last.get_mut(place), other.last.get(other_place)) {
            *last = *other_last;
            self.ring_mut(place).copy_from_slice(other.ring(other_place));
        }
    }

    /// A row taken at `at_ms` has `level`. Slots since the row before are `held`: the row speaks for
    /// them, too (a host that samples every two seconds); otherwise they are a gap. Two rows in one
    /// slot leave the higher one.
    pub(super) fn put(&mut self, place: usize, at_ms: i64, level: u8, held: bool) {
        let slot = at_ms.div_euclid(1_000);
        let Some(&last) = self.last.get(place) else { return };
        if last == NEVER || slot - last >= POINTS || last - slot >= POINTS {
            self.clear(place);
            self.last[place] = slot;
            self.ring_mut(place)[index(slot)] = level;
            return;
        }
        let between = if held { level } else { NO_LEVEL };
        let ring = self.ring_mut(place);
        for passed in last + 1..slot {
            ring[index(passed)] = between;
        }
        let point = &mut ring[index(slot)];
        *point = if slot > last { level } else { higher(*point, level) };
        self.last[place] = last.max(slot);
    }

    /// Puts an older reading under what is there: only a slot without one takes it.
    pub(super) fn put_under(&mut self, place: usize, slot: i64, level: u8) {
        let Some(&last) = self.last.get(place) else { return };
        if level == NO_LEVEL || (last != NEVER && slot <= last - POINTS) {
            return;
        }
        if last == NEVER || slot > last {
            self.put(place, slot * 1_000, level, false);
            return;
        }
        let point = &mut self.ring_mut(place)[index(slot)];
        if *point == NO_LEVEL {
            *point = level;
        }
    }

    /// The levels up to the slot of `end_ms`, oldest first.
    pub(super) fn read(&self, place: usize, end_ms: i64, out: &mut [u8; TRAIL_POINTS]) {
        out.fill(NO_LEVEL);
        let Some(&last) = self.last.get(place) else { return };
        if last == NEVER {
            return;
        }
        let first = end_ms.div_euclid(1_000) - (POINTS - 1);
        let ring = self.ring(place);
        for (slot, point) in (first..).zip(out) {
            if slot <= last && slot > last - POINTS {
                *point = ring[index(slot)];
            }
        }
    }

    fn ring(&self, place: usize) -> &[u8] {
        &self.levels[place * TRAIL_POINTS..(place + 1) * TRAIL_POINTS]
    }

    fn ring_mut(&mut self, place: usize) -> &mut [u8] {
        &mut self.levels[place * TRAIL_POINTS..(place + 1) * TRAIL_POINTS]
    }
}

fn index(slot: i64) -> usize {
    slot.rem_euclid(POINTS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn trails() -> Trails {
        let mut trails = Trails::default();
        trails.grow(2);
        trails
    }

    #[track_caller]
    fn check(trails: &Trails, end_s: i64, newest: &[u8]) {
        let mut out = [0; TRAIL_POINTS];
        trails.read(1, end_s * 1_000, &mut out);
        let (old, new) = out.split_at(TRAIL_POINTS - newest.len());
        assert_eq!(new, newest);
        assert!(old.iter().all(|level| *level == NO_LEVEL));
    }

    #[test]
    fn a_second_without_a_row_is_a_gap_unless_the_row_speaks_for_it() {
        let mut trails = trails();
        trails.put(1, 10_000, 1, false);
        trails.put(1, 12_100, 2, false);
        trails.put(1, 14_000, 3, true);
        check(&trails, 15, &[1, 255, 2, 3, 3, 255]);
    }

    #[test]
    fn two_rows_in_a_second_leave_the_higher() {
        let mut trails = trails();
        for (at_ms, level) in [(10_000, 5), (10_300, 9), (10_900, NO_LEVEL)] {
            trails.put(1, at_ms, level, true);
        }
        check(&trails, 10, &[9]);
    }

    #[test]
    fn the_past_goes_under_the_present() {
        let mut trails = trails();
        trails.put(1, 10_000, 1, false);
        for slot in 8..=12 {
            trails.put_under(1, slot, 7);
        }
        trails.put_under(1, -200, 7);
        check(&trails, 12, &[7, 7, 1, 7, 7]);
    }

    #[test]
    fn a_host_keeps_its_trail_at_another_place() {
        let mut old = trails();
        old.put(0, 10_000, 4, false);
        let mut trails = trails();
        trails.carry(1, &old, 0);
        check(&trails, 10, &[4]);
        trails.clear(1);
        check(&trails, 10, &[]);
    }

    proptest! {
        #[test]
        fn a_ring_is_a_map_that_forgets(
            rows in prop::collection::vec((0i64..4_000, 0u8..=255), 1..400),
            ahead in -20i64..200,
        ) {
            let mut trails = trails();
            let mut naive: BTreeMap<i64, u8> = BTreeMap::new();
            let mut at_ms = -50_000;
            for (step, level) in rows {
                at_ms += step;
                trails.put(1, at_ms, level, false);
                let slot = at_ms.div_euclid(1_000);
                naive.entry(slot).and_modify(|old| *old = higher(*old, level)).or_insert(level);
            }
            let end = at_ms.div_euclid(1_000) + ahead;
            let mut out = [0; TRAIL_POINTS];
            trails.read(1, end * 1_000, &mut out);
            for (slot, point) in (end - 119..).zip(out) {
                let kept = naive.get(&slot).filter(|_| slot > at_ms.div_euclid(1_000) - POINTS);
                prop_assert_eq!(point, kept.copied().unwrap_or(NO_LEVEL), "slot {}", slot);
            }
        }
    }
}
