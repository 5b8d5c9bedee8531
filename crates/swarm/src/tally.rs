//! What the swarm counts while it runs, and the summary at its end.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Ages are told apart up to this many milliseconds; what is older counts as this old.
const OLDEST_MS: usize = 10_000;

/// Counters that all virtual agents and viewers share.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) agents_connected: AtomicU64,
    pub(crate) viewers_connected: AtomicU64,
    pub(crate) rows_sent: AtomicU64,
    pub(crate) rows_dropped: AtomicU64,
    pub(crate) acks: AtomicU64,
    pub(crate) reconnects: AtomicU64,
    pub(crate) bytes_sent: AtomicU64,
    pub(crate) deltas: AtomicU64,
    pub(crate) viewer_rows: AtomicU64,
    pub(crate) viewer_bytes: AtomicU64,
    pub(crate) viewer_restarts: AtomicU64,
    ages: Box<[AtomicU64]>,
}

impl Tally {
    pub(crate) fn new() -> Tally {
        let zero = || AtomicU64::new(0);
        Tally {
            agents_connected: zero(),
            viewers_connected: zero(),
            rows_sent: zero(),
            rows_dropped: zero(),
            acks: zero(),
            reconnects: zero(),
            bytes_sent: zero(),
            deltas: zero(),
            viewer_rows: zero(),
            viewer_bytes: zero(),
            viewer_restarts: zero(),
            ages: (0..=OLDEST_MS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// A viewer saw a row `age_ms` after it was taken.
    pub(crate) fn seen(&self, age_ms: i64) {
        let place = usize::try_from(age_ms).unwrap_or(0).min(OLDEST_MS);
        self.ages[place].fetch_add(1, Relaxed);
    }

    pub(crate) fn summary(
        &self,
        elapsed: Duration,
        hosts: u32,
        viewers: u32,
        least_hosts_seen: u64,
    ) -> Summary {
        let counts: Vec<u64> = self.ages.iter().map(|count| count.load(Relaxed)).collect();
        Summary {
            elapsed,
            hosts,
            viewers,
            rows_sent: self.rows_sent.load(Relaxed),
            rows_dropped: self.rows_dropped.load(Relaxed),
            acks: self.acks.load(Relaxed),
            reconnects: self.reconnects.load(Relaxed),
            bytes_sent: self.bytes_sent.load(Relaxed),
            deltas: self.deltas.load(Relaxed),
            viewer_rows: self.viewer_rows.load(Relaxed),
            viewer_bytes: self.viewer_bytes.load(Relaxed),
            viewer_restarts: self.viewer_restarts.load(Relaxed),
            least_hosts_seen,
            age_p50_ms: percentile(&counts, 0.50),
            age_p99_ms: percentile(&counts, 0.99),
            age_max_ms: percentile(&counts, 1.0),
        }
    }
}

/// Adds to a counter.
pub(crate) fn add(counter: &AtomicU64, more: usize) {
    counter.fetch_add(more as u64, Relaxed);
}

/// The smallest place at or below which `share` of all counts lie; `None` when there are none.
fn percentile(counts: &[u64], share: f64) -> Option<u32> {
    let total: u64 = counts.iter().sum();
    let wanted = ((total as f64 * share).ceil() as u64).max(1);
    let mut below = 0;
    counts
        .iter()
        .position(|count| {
            below += count;
            below >= wanted
        })
        .map(|place| place as u32)
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How long it took.
    pub elapsed: Duration,
    /// Virtual agents.
    pub hosts: u32,
    /// Virtual viewers.
    pub viewers: u32,
    /// Rows sent, again after a reconnect included.
    pub rows_sent: u64,
    /// Rows given up because the server was away for longer than the backlog reaches; declared.
    pub rows_dropped: u64,
    /// Acks the server sent.
    pub acks: u64,
    /// Connections, of agents and viewers, that ended before the run did.
    pub reconnects: u64,
    /// Bytes the agents sent, framing left out.
    pub bytes_sent: u64,
    /// Fleet deltas the viewers received.
    pub deltas: u64,
    /// Hosts' newest rows in those deltas.
    pub viewer_rows: u64,
    /// Bytes the viewers received, framing left out.
    pub viewer_bytes: u64,
    /// How often a viewer had to start over although it had a cursor.
    pub viewer_restarts: u64,
    /// Hosts in the model of the viewer that had the fewest at the end; 0 without viewers.
    pub least_hosts_seen: u64,
    /// Age of rows as they reached the viewers, in ms: half were younger. `None` without viewers.
    pub age_p50_ms: Option<u32>,
    /// 99 of 100 were younger.
    pub age_p99_ms: Option<u32>,
    /// The oldest.
    pub age_max_ms: Option<u32>,
}

/// One line of `name=value`, for people and for awk.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seconds={:.1} hosts={} viewers={}", self.elapsed.as_secs_f64(), self.hosts, self.viewers)?;
        write!(f, " rows_sent={} rows_dropped={} acks={}", self.rows_sent, self.rows_dropped, self.acks)?;
        write!(f, " reconnects={} bytes_sent={}", self.reconnects, self.bytes_sent)?;
        if self.viewers > 0 {
            write!(f, " deltas={} viewer_rows={}", self.deltas, self.viewer_rows)?;
            write!(f, " viewer_bytes={} viewer_restarts={}", self.viewer_bytes, self.viewer_restarts)?;
            write!(f, " least_hosts_seen={}", self.least_hosts_seen)?;
        }
        let ages = [("p50", self.age_p50_ms), ("p99", self.age_p99_ms), ("max", self.age_max_ms)];
        for (name, age) in ages {
            age.map_or(Ok(()), |age| write!(f, " age_{name}_ms={age}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_seen() {
        let tally = Tally::new();
        assert_eq!(tally.summary(Duration::ZERO, 0, 0, 0).age_p50_ms, None);
        (1..=100).for_each(|age| tally.seen(age));
        tally.seen(-5);
        tally.seen(70_000);
        let summary = tally.summary(Duration::from_secs(1), 1, 1, 1);
        assert_eq!(
            (summary.age_p50_ms, summary.age_p99_ms, summary.age_max_ms),
            (Some(50), Some(100), Some(10_000))
        );
    }

    #[test]
    fn the_summary_is_one_line() {
        let text = Tally::new().summary(Duration::from_millis(1_500), 3, 0, 0).to_string();
        assert_eq!(
            text,
            "seconds=1.5 hosts=3 viewers=0 rows_sent=0 rows_dropped=0 acks=0 reconnects=0 bytes_sent=0"
        );
    }
}
