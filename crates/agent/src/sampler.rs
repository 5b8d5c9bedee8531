//! The tick: reads the host when it is time and hands the row on.

use std::sync::Arc;

use cpumonitor_common::{Row, RowWriter};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::clock::Clock;
use crate::collect::Collector;
use crate::grid::Grid;
use crate::outbox::Outbox;

/// Samples the host until it is told to stop. It never waits for anything but the clock.
pub(crate) struct Sampler {
    pub(crate) collector: Collector,
    pub(crate) clock: Clock,
    pub(crate) grid: Grid,
    pub(crate) outbox: Arc<Outbox>,
}

impl Sampler {
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut row = RowWriter::default();
        // Counters need two readings to become rates; this is the first, and gives no row.
        self.collector.collect(self.clock.now(), &mut row);
        let mut next_seq = 0;
        let mut told = false;
        loop {
            let now = self.clock.now();
            let Some(seq) = self.grid.latest(now).filter(|seq| *seq >= next_seq) else {
                let wait = now.until(self.grid.due(next_seq));
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(wait) => continue,
                }
            };
            if seq > next_seq {
                debug!("{} ticks were missed", seq - next_seq);
            }
            row.start();
            self.collector.collect(now, &mut row);
            if row.refused() > 0 && !told {
                told = true;
                warn!(
                    "this host has more series than a row may hold; the last {} are left out",
                    row.refused()
                );
            }
            let (layout, _, codes) = row.finish();
            self.outbox.backlog().push(layout, Row { seq, at: self.clock.wall(now), codes });
            self.outbox.ring();
            next_seq = seq + 1;
        }
    }
}
