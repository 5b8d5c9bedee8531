//! Which hosts the table shows, in which order, and when that may change.

use std::fmt;

use cpumonitor_common::{Filter, Metric};

use super::Fleet;

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

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// By name, numbers in it by value: `web-2` before `web-10`.
    Name,
    /// By status, most alive first when ascending.
    Status,
    /// By age of the newest row.
    Age,
    /// By the newest reading; hosts without one come last either way.
    Metric(Metric),
}

/// A key and a direction; written as in `-cpu`, the minus meaning largest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Largest first.
    pub descending: bool,
}

impl Default for Sort {
    /// The hottest hosts first.
    fn default() -> Sort {
        Sort { key: SortKey::Metric(Metric::CPU), descending: true }
    }
}

impl Sort {
    /// Reads `-cpu`, `name`, `status`, `age`; `None` when it is none of these.
    #[must_use]
    pub fn parse(text: &str) -> Option<Sort> {
        let _ = text;
        None
    }

    /// The sort after a click on the heading of `key`: the other direction if it was sorted by it, else that key, with
    /// the interesting end first.
    #[must_use]
    pub fn clicked(self, key: SortKey) -> Sort {
        let _ = key;
        self
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = f;
        Ok(())
    }
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

/// The rows of the table. They hold still while [`Order::freeze`] is on, except that new hosts are appended.
#[derive(Clone, Debug, Default)]
pub struct Order {
    rows: Vec<OrderedRow>,
}

impl Order {
    /// Freezes (the pointer or the focus is in the table) or thaws.
    pub fn freeze(&mut self, frozen: bool) {
        let _ = frozen;
    }

    /// Whether rows hold still now.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        false
    }

    /// Sorts at the next refresh, frozen or not.
    pub fn resort(&mut self) {}

    /// Brings the rows up to date; the answer tells whether any row changed. Call it after every change of readings or
    /// membership, and when the wish changed (which sorts at once).
    pub fn refresh(&mut self, fleet: &Fleet, wish: Wish<'_>, now_ms: f64) -> bool {
        let _ = (fleet, wish, now_ms);
        false
    }

    /// The rows, top to bottom.
    #[must_use]
    pub fn rows(&self) -> &[OrderedRow] {
        &self.rows
    }

    /// Hosts that match: the 7 of "7 of 240".
    #[must_use]
    pub fn shown(&self) -> usize {
        0
    }

    /// Hosts there are: the 240.
    #[must_use]
    pub fn total(&self) -> usize {
        0
    }

    /// Rows whose hosts no longer match and that are about to go.
    #[must_use]
    pub fn leaving(&self) -> usize {
        0
    }

    /// Whether the frozen order is not the one the sort asks for: offer "R to sort again".
    #[must_use]
    pub fn is_out_of_order(&self) -> bool {
        false
    }
}
