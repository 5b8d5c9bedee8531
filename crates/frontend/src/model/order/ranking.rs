//! Sorting places by integers: a rank for the name, a key for the rest.

use super::natural;
use super::{Sort, SortKey};
use crate::model::Fleet;

/// The largest value there is a key for.
const LARGEST: u32 = u32::MAX - 1;

/// The rank of every host's name, kept until names change.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranking {
    /// A rank a place; [`LARGEST`] where there is no host.
    ranks: Vec<u32>,
    version: Option<u64>,
    scratch: Vec<u32>,
}

impl Ranking {
    /// Ranks anew if names changed.
    pub(super) fn refresh(&mut self, fleet: &Fleet) {
        if self.version == Some(fleet.names_version()) {
            return;
        }
        self.version = Some(fleet.names_version());
        self.scratch.clear();
        self.scratch.extend_from_slice(fleet.places());
        // The id makes the order total where two hosts share a name.
        self.scratch.sort_unstable_by(|a, b| match (fleet.entry(*a), fleet.entry(*b)) {
            (Some(a), Some(b)) => natural::compare(&a.name, &b.name).then(a.id.cmp(&b.id)),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
        self.ranks.clear();
        self.ranks.resize(fleet.places().last().map_or(0, |last| *last as usize + 1), LARGEST);
        for (rank, place) in self.scratch.iter().enumerate() {
            self.ranks[*place as usize] = rank as u32;
        }
    }

    /// What to compare of each host: smaller comes first, equal never happens. Computed once a row, so
    /// that sorting compares integers only.
    pub(super) fn keys<'a>(&'a self, fleet: &'a Fleet, sort: Sort) -> impl Fn(u32) -> u64 + 'a {
        let newest_ms = fleet.places().iter().filter_map(|place| fleet.row_at_ms(*place)).max().unwrap_or(0);
        move |place| {
            let rank = self.ranks.get(place as usize).copied().unwrap_or(LARGEST);
            let value = match sort.key {
                SortKey::Name => Some(rank),
                SortKey::Status => Some(fleet.status(place) as u32),
                SortKey::Age => {
                    fleet.row_at_ms(place).map(|at| newest_ms.abs_diff(at).min(LARGEST.into()) as u32)
                }
                SortKey::Metric(metric) => {
                    let code = fleet.code(place, metric);
                    code.is_present().then_some(u32::from(code.0))
                }
            };
            let value = match value {
                None => u32::MAX, // last either way
                Some(value) if sort.descending => LARGEST - value.min(LARGEST),
                Some(value) => value,
            };
            u64::from(value) << 32 | u64::from(rank)
        }
    }
}
