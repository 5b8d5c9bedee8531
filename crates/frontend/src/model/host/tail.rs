//! The last minutes of every series of one host, as columns over one axis of time.

use std::collections::BTreeMap;

use cpumonitor_common::{Code, Metric, Row, Series};

/// How far back rows are kept, in milliseconds.
pub const KEEP_MS: i64 = 300_000;
/// Most rows, whatever the interval; the oldest go first.
pub(super) const MAX_ROWS: usize = 4_096;
/// Most series, those that are gone but still in the window included; newer ones are refused and counted.
pub(super) const MAX_TRACKS: usize = 4_000;
/// Rows are dropped this many at a time, since dropping moves all that stay.
const DROP_ROWS: usize = 64;

/// One series as a column.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub(super) series: Series,
    /// A code a row of the tail.
    pub(super) codes: Vec<Code>,
}

/// Rows of changing layouts, taken apart into one column a series.
#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    /// When each row was taken, ms by the server's clock, strictly ascending.
    ats: Vec<i64>,
    tracks: Vec<Track>,
    by_series: BTreeMap<Series, usize>,
    refused: u64,
}

impl Tail {
    /// When the rows were taken, in ms, strictly ascending.
    pub(super) fn ats(&self) -> &[i64] {
        &self.ats
    }

    /// The column of `metric` for `instance` (empty: the whole host).
    pub(super) fn track(&self, metric: Metric, instance: &str) -> Option<&Track> {
        self.by_series.get(&Series::of(metric, instance)).map(|place| &self.tracks[*place])
    }

    /// The columns of the instances of `metric`, in no particular order.
    pub(super) fn instances(&self, metric: Metric) -> impl Iterator<Item = &Track> {
        self.tracks.iter().filter(move |track| track.series.metric == metric && !track.series.is_whole())
    }

    /// Series refused because there were [`MAX_TRACKS`].
    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// Where the series of a layout lie; `None` for a series that is refused. Columns that are new are
    /// absent so far.
    pub(super) fn places_of(&mut self, series: &[Series]) -> Vec<Option<usize>> {
        if self.tracks.len() + series.len() > MAX_TRACKS {
            self.forget_silent_tracks();
        }
        series.iter().map(|series| self.place_of(series)).collect()
    }

    fn place_of(&mut self, series: &Series) -> Option<usize> {
        if let Some(place) = self.by_series.get(series) {
            return Some(*place);
        }
        if self.tracks.len() >= MAX_TRACKS {
            self.refused += 1;
            return None;
        }
        let codes = vec![Code::ABSENT; self.ats.len()];
        self.tracks.push(Track { series: series.clone(), codes });
        self.by_series.insert(series.clone(), self.tracks.len() - 1);
        Some(self.tracks.len() - 1)
    }

    /// Adds a row; `places` tells where its codes go. A row of the same instant is replaced. One that
    /// is older than all that is kept changes nothing.
    pub(super) fn insert(&mut self, row: Row<'_>, places: &[Option<usize>]) {
        let at = row.at.as_ms();
        if self.ats.last().is_some_and(|newest| at <= newest.saturating_sub(KEEP_MS)) {
            return;
        }
        let place = match self.ats.binary_search(&at) {
            Ok(place) => {
                self.tracks.iter_mut().for_each(|track| track.codes[place] = Code::ABSENT);
                place
            }
            Err(place) => {
                self.ats.insert(place, at);
                self.tracks.iter_mut().for_each(|track| track.codes.insert(place, Code::ABSENT));
                place
            }
        };
        for (code, track) in row.codes.iter().zip(places) {
            if let Some(track) = track.and_then(|track| self.tracks.get_mut(track)) {
                track.codes[place] = *code;
            }
        }
        self.drop_old();
    }

    /// Drops all rows taken at `from_ms` or later.
    pub(super) fn cut(&mut self, from_ms: i64) {
        let kept = self.ats.partition_point(|at| *at < from_ms);
        self.ats.truncate(kept);
        self.tracks.iter_mut().for_each(|track| track.codes.truncate(kept));
    }

    fn drop_old(&mut self) {
        let Some(newest) = self.ats.last() else { return };
        let keep_from = newest.saturating_sub(KEEP_MS);
        let old = self.ats.partition_point(|at| *at <= keep_from);
        let surplus = self.ats.len().saturating_sub(MAX_ROWS);
        if old >= DROP_ROWS || surplus > 0 {
            let dropped = old.max(surplus);
            self.ats.drain(..dropped);
            self.tracks.iter_mut().for_each(|track| drop(track.codes.drain(..dropped)));
        }
    }

    /// Forgets columns without a single reading left: interfaces and disks that went away long ago.
    fn forget_silent_tracks(&mut self) {
        self.tracks.retain(|track| track.codes.iter().any(|code| code.is_present()));
        self.by_series =
            self.tracks.iter().enumerate().map(|(place, track)| (track.series.clone(), place)).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpumonitor_common::Timestamp;
    use proptest::prelude::*;

    fn insert(tail: &mut Tail, at: i64, readings: &[(&str, u16)]) {
        let series: Vec<Series> = readings.iter().map(|(name, _)| Series::of(Metric::CPU, *name)).collect();
        let codes: Vec<Code> = readings.iter().map(|(_, code)| Code(*code)).collect();
        let places = tail.places_of(&series);
        tail.insert(Row { seq: 0, at: Timestamp::from_ms(at), codes: &codes }, &places);
    }

    fn codes(tail: &Tail, instance: &str) -> Vec<u16> {
        tail.track(Metric::CPU, instance)
            .map_or(vec![], |track| track.codes.iter().map(|code| code.0).collect())
    }

    #[test]
    fn a_series_that_comes_late_or_goes_early_is_absent_elsewhere() {
        let mut tail = Tail::default();
        insert(&mut tail, 1_000, &[("0", 1), ("1", 10)]);
        insert(&mut tail, 2_000, &[("1", 11), ("2", 20)]);
        assert_eq!(codes(&tail, "0"), [1, 0xFFFF]);
        assert_eq!(codes(&tail, "1"), [10, 11]);
        assert_eq!(codes(&tail, "2"), [0xFFFF, 20]);
        assert_eq!(codes(&tail, ""), [] as [u16; 0]);
        assert_eq!(tail.instances(Metric::CPU).count(), 3);
    }

    #[test]
    fn a_late_row_goes_where_it_belongs_and_a_repeated_one_replaces() {
        let mut tail = Tail::default();
        for (at, code) in [(1_000, 1), (3_000, 3), (2_000, 2), (3_000, 4), (-400_000, 9)] {
            insert(&mut tail, at, &[("0", code)]);
        }
        assert_eq!((tail.ats(), codes(&tail, "0")), (&[1_000, 2_000, 3_000][..], vec![1, 2, 4]));
        tail.cut(2_000);
        assert_eq!((tail.ats(), codes(&tail, "0")), (&[1_000][..], vec![1]));
    }

    #[test]
    fn five_minutes_are_kept_and_not_much_more() {
        let mut tail = Tail::default();
        (0..1_000i64).for_each(|second| insert(&mut tail, second * 1_000, &[("0", second as u16)]));
        assert!((300..300 + DROP_ROWS).contains(&tail.ats().len()), "{}", tail.ats().len());
        (0..50_000).for_each(|ms| insert(&mut tail, 1_000_000 + ms, &[("0", 1)]));
        assert_eq!(tail.ats().len(), MAX_ROWS);
    }

    #[test]
    fn series_without_number_are_refused_and_gone_ones_make_room() {
        let mut tail = Tail::default();
        let names = |from: usize, count: usize| -> Vec<Series> {
            (from..from + count).map(|n| Series::of(Metric::CPU, n.to_string())).collect()
        };
        assert!(tail.places_of(&names(0, MAX_TRACKS)).iter().all(Option::is_some));
        // None of them ever had a reading.
        assert!(tail.places_of(&names(MAX_TRACKS, 10)).iter().all(Option::is_some));
        assert_eq!(tail.places_of(&names(0, MAX_TRACKS)).iter().filter(|place| place.is_none()).count(), 0);
        insert(&mut tail, 0, &[("a", 1)]);
        assert_eq!(tail.places_of(&names(0, MAX_TRACKS)).iter().filter(|place| place.is_none()).count(), 1);
        assert_eq!(tail.refused(), 1);
    }

    proptest! {
        #[test]
        fn columns_are_rows_turned_round(
            rows in prop::collection::vec((0i64..400, prop::collection::btree_map(0u8..5, 0u16..9, 0..5)), 0..80),
        ) {
            let mut tail = Tail::default();
            let mut naive: BTreeMap<i64, BTreeMap<u8, u16>> = BTreeMap::new();
            for (at, readings) in &rows {
                let names = ["0", "1", "2", "3", "4"];
                let named: Vec<(&str, u16)> =
                    readings.iter().map(|(nth, code)| (names[usize::from(*nth)], *code)).collect();
                insert(&mut tail, *at, &named);
                naive.insert(*at, readings.clone());
            }
            prop_assert_eq!(tail.ats().to_vec(), naive.keys().copied().collect::<Vec<_>>());
            for instance in 0..5u8 {
                let expected: Vec<u16> =
                    naive.values().map(|row| row.get(&instance).copied().unwrap_or(0xFFFF)).collect();
                let codes = codes(&tail, &instance.to_string());
                let never = codes.is_empty() && expected.iter().all(|code| *code == 0xFFFF);
                prop_assert!(codes == expected || never);
            }
        }
    }
}
