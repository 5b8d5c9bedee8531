//! Which hosts the table shows, in which order, and when that may change.

mod natural;
mod ranking;
mod sort;

use cpumonitor_common::{Filter, HostId};

use self::ranking::Ranking;
pub use self::sort::{Sort, SortKey};
use super::Fleet;

pub(super) use self::natural::compare as compare_naturally;

/// Sorting again happens at most this often: rows that jump cannot be read.
pub const RESORT_MS: f64 = 2_000.0;
/// How long a row stays after its host stopped matching, so that one at the threshold does not flicker.
pub const LEAVE_MS: f64 = 5_000.0;

/// What the filter does to hosts that do not match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Hide them.
    #[default]
    Filter,
    /// Dim them.
    Highlight,
}

/// How a row is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// The host matches the filter.
    Matching,
    /// It matched a moment ago; the row fades.
    Leaving,
    /// It does not match and the mode is [`Mode::Highlight`]: dimmed.
    Dimmed,
    /// There is no such host any more; the empty row holds its position while the order is frozen.
    Gone,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderedRow {
    /// Where to look the host up in the [`Fleet`]; meaningless when the state is [`RowState::Gone`].
    pub place: u32,
    /// The host: what to remember a row by.
    pub id: HostId,
    /// How to draw it.
    pub state: RowState,
}

/// What decides the order.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// Which hosts.
    pub filter: &'a Filter,
    /// What happens to the others.
    pub mode: Mode,
    /// In which order.
    pub sort: Sort,
}

/// The rows of the table.
///
/// A changed wish sorts at once. Otherwise rows are sorted every [`RESORT_MS`], new ones being appended
/// in between; and while [`Order::freeze`] is on (something is under the pointer, or has the focus) no
/// row moves or goes at all.
#[derive(Clone, Debug, Default)]
pub struct Order {
    rows: Vec<OrderedRow>,
    /// Since when each row does not match, in ms; `None` when it does, or when the mode keeps it anyway.
    left_at: Vec<Option<f64>>,
    wished: Option<(Filter, Mode, Sort)>,
    sorted_at_ms: f64,
    frozen: bool,
    resort: bool,
    out_of_order: bool,
    shown: usize,
    total: usize,
    leaving: usize,
    ranking: Ranking,
    scratch: Scratch,
}

/// Kept between refreshes for their memory.
#[derive(Clone, Debug, Default)]
struct Scratch {
    /// Whether the host at a place matches.
    matching: Vec<bool>,
    /// Whether the host at a place has a row.
    seated: Vec<bool>,
    sorted: Vec<(u64, OrderedRow, Option<f64>)>,
    before: Vec<OrderedRow>,
}

impl Order {
    /// Freezes (the pointer or the focus is in the table) or thaws.
    pub fn freeze(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// Whether rows hold still now.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Sorts at the next refresh, frozen or not.
    pub fn resort(&mut self) {
        self.resort = true;
    }

    /// Brings the rows up to date; the answer tells whether any row changed. Call it after every change
    /// of readings or membership, and when the wish changed.
    pub fn refresh(&mut self, fleet: &Fleet, wish: Wish<'_>, now_ms: f64) -> bool {
        let wished =
            self.wished.as_ref().is_some_and(|(f, m, s)| (f, *m, *s) == (wish.filter, wish.mode, wish.sort));
        if !wished {
            self.wished = Some((wish.filter.clone(), wish.mode, wish.sort));
        }
        // Somebody asked for another order, so rows move whatever is under the pointer.
        let asked = !wished || std::mem::take(&mut self.resort);
        let waited = (now_ms - self.sorted_at_ms).abs() >= RESORT_MS || self.rows.is_empty();

        self.scratch.before.clone_from(&self.rows);
        self.test_all(fleet, wish.filter);
        self.update_rows(fleet, wish.mode, now_ms);
        if asked || !self.frozen {
            self.drop_rows(asked, now_ms);
        }
        self.append_new(fleet, wish.mode);
        if asked || (waited && !self.frozen) {
            self.sort(fleet, wish.sort);
            self.sorted_at_ms = now_ms;
        }
        self.out_of_order = self.frozen && !self.is_sorted(fleet, wish.sort);
        self.leaving = self.rows.iter().filter(|row| row.state == RowState::Leaving).count();
        self.rows != self.scratch.before
    }

    /// The rows, top to bottom.
    #[must_use]
    pub fn rows(&self) -> &[OrderedRow] {
        &self.rows
    }

    /// Hosts that match: the 7 of "7 of 240".
    #[must_use]
    pub fn shown(&self) -> usize {
        self.shown
    }

    /// Hosts there are: the 240.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// Rows whose hosts no longer match and that are about to go.
    #[must_use]
    pub fn leaving(&self) -> usize {
        self.leaving
    }

    /// Whether the frozen order is not the one that was asked for: offer to sort again.
    #[must_use]
    pub fn is_out_of_order(&self) -> bool {
        self.out_of_order
    }

    fn test_all(&mut self, fleet: &Fleet, filter: &Filter) {
        let room = fleet.places().last().map_or(0, |last| *last as usize + 1);
        let Scratch { matching, seated, .. } = &mut self.scratch;
        for flags in [&mut *matching, &mut *seated] {
            flags.clear();
            flags.resize(room, false);
        }
        self.shown = 0;
        self.total = fleet.len();
        for place in fleet.places() {
            let matches = fleet.subject(*place).is_some_and(|host| filter.matches(&host));
            matching[*place as usize] = matches;
            self.shown += usize::from(matches);
        }
    }

    fn update_rows(&mut self, fleet: &Fleet, mode: Mode, now_ms: f64) {
        for (row, left_at) in self.rows.iter_mut().zip(&mut self.left_at) {
            let still_there = fleet.entry(row.place).is_some_and(|entry| entry.id == row.id);
            let place = if still_there { Some(row.place) } else { fleet.place_of(row.id) };
            let Some(place) = place else {
                row.state = RowState::Gone;
                continue;
            };
            row.place = place;
            self.scratch.seated[place as usize] = true;
            row.state = match (self.scratch.matching[place as usize], mode) {
                (true, _) => RowState::Matching,
                (false, Mode::Highlight) => RowState::Dimmed,
                (false, Mode::Filter) => RowState::Leaving,
            };
            *left_at =
                (row.state == RowState::Leaving).then(|| left_at.map_or(now_ms, |since| since.min(now_ms)));
        }
    }

    /// Drops rows without a host, and those that left long enough ago, or at all when `asked`.
    fn drop_rows(&mut self, asked: bool, now_ms: f64) {
        let mut kept = 0;
        for nth in 0..self.rows.len() {
            let goes = match (self.rows[nth].state, self.left_at[nth]) {
                (RowState::Gone, _) => true,
                (RowState::Leaving, Some(since)) => asked || now_ms - since >= LEAVE_MS,
                _ => false,
            };
            if !goes {
                (self.rows[kept], self.left_at[kept]) = (self.rows[nth], self.left_at[nth]);
                kept += 1;
            }
        }
        self.rows.truncate(kept);
        self.left_at.truncate(kept);
    }

    fn append_new(&mut self, fleet: &Fleet, mode: Mode) {
        for place in fleet.places() {
            let at = *place as usize;
            let state = match (self.scratch.matching[at], mode) {
                _ if self.scratch.seated[at] => continue,
                (true, _) => RowState::Matching,
                (false, Mode::Highlight) => RowState::Dimmed,
                (false, Mode::Filter) => continue,
            };
            if let Some(entry) = fleet.entry(*place) {
                self.rows.push(OrderedRow { place: *place, id: entry.id, state });
                self.left_at.push(None);
            }
        }
    }

    fn sort(&mut self, fleet: &Fleet, sort: Sort) {
        self.ranking.refresh(fleet);
        let key = self.ranking.keys(fleet, sort);
        let sorted = &mut self.scratch.sorted;
        sorted.clear();
        sorted.extend(
            self.rows.iter().zip(&self.left_at).map(|(row, left_at)| (key(row.place), *row, *left_at)),
        );
        sorted.sort_unstable_by_key(|(key, ..)| *key);
        for (nth, (_, row, left_at)) in sorted.iter().enumerate() {
            (self.rows[nth], self.left_at[nth]) = (*row, *left_at);
        }
    }

    fn is_sorted(&mut self, fleet: &Fleet, sort: Sort) -> bool {
        self.ranking.refresh(fleet);
        let key = self.ranking.keys(fleet, sort);
        let staying = |row: &&OrderedRow| matches!(row.state, RowState::Matching | RowState::Dimmed);
        self.rows.iter().filter(staying).map(|row| key(row.place)).is_sorted()
    }
}

#[cfg(test)]
mod tests;
