//! What the page wants of the server, by what it shows.

use cpumonitor_common::wire::{Cursor, FleetScope, HostScope, Subscription};
use cpumonitor_common::{Filter, HostId, Metric};

use super::{Fleet, OpenHost, SortKey, TABLE};
use crate::route::{Page, Route};

/// Between deltas of a page that somebody looks at.
const PACE_MS: u32 = 100;
/// Between deltas of a page that nobody can see.
const HIDDEN_PACE_MS: u32 = 10_000;

/// A subscription without the cursors: what can be compared with what was asked before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    metrics: Vec<Metric>,
    host: Option<HostId>,
    pub(super) pace_ms: u32,
    pub(super) hidden: bool,
}

impl Wanted {
    /// The table's columns and what the filter, the sort and the chip look at; on other pages the one
    /// metric of the sparklines, so that these have no hole when the table is back.
    pub(super) fn by(route: &Route, filter: &Filter, hidden: bool) -> Wanted {
        let mut metrics = vec![Metric::CPU];
        let mut host = None;
        match route.page {
            Page::Fleet => {
                metrics.extend(TABLE);
                metrics.extend(filter.metrics());
                metrics.push(route.chip);
                if let SortKey::Metric(metric) = route.sort.key {
                    metrics.push(metric);
                }
            }
            Page::Host(id) => host = Some(id),
            Page::Welcome | Page::NotFound => {}
        }
        metrics.sort_unstable();
        metrics.dedup();
        Wanted { metrics, host, pace_ms: if hidden { HIDDEN_PACE_MS } else { PACE_MS }, hidden }
    }

    /// Said to the server: from where each part is wanted follows from what we have.
    pub(super) fn subscription(&self, fleet: &Fleet, open: Option<&OpenHost>) -> Subscription {
        // A cursor is good for the columns it was gained with.
        let from = if fleet.metrics() == self.metrics { fleet.cursor() } else { Cursor::START };
        let host = self.host.map(|id| {
            let open = open.filter(|open| open.id() == id);
            HostScope { id, from: open.map_or(Cursor::START, OpenHost::cursor) }
        });
        Subscription {
            fleet: Some(FleetScope { metrics: self.metrics.clone(), from }),
            host,
            pace_ms: self.pace_ms,
        }
    }
}
