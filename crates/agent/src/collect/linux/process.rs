//! What the scheduler counts: processes, context switches, interrupts.

use cpumonitor_common::{Metric, RowWriter};

use super::text;
use crate::clock::Moment;
use crate::collect::rate::Rate;

/// The lines of `/proc/stat` behind the cores.
#[derive(Debug, Default)]
pub(super) struct Processes {
    known: bool,
    running: Option<u64>,
    blocked: Option<u64>,
    created: Counter,
    switches: Counter,
    interrupts: Counter,
}

#[derive(Debug, Default)]
struct Counter {
    rate: Rate,
    per_second: Option<f64>,
}

impl Processes {
    /// Takes in `stat`, the content of `/proc/stat`.
    pub(super) fn read(&mut self, now: Moment, stat: Option<&[u8]>) {
        (self.running, self.blocked) = (None, None);
        for counter in [&mut self.created, &mut self.switches, &mut self.interrupts] {
            counter.per_second = None;
        }
        for line in text::lines(stat.unwrap_or_default()) {
            let mut fields = text::fields(line);
            let key = fields.next().unwrap_or_default();
            // Only the first number of `intr` is wanted: the rest is one per interrupt line.
            let mut value = || fields.next().and_then(text::number);
            match key {
                b"intr" => self.interrupts.observe(now, value()),
                b"ctxt" => self.switches.observe(now, value()),
                b"processes" => self.created.observe(now, value()),
                b"procs_running" => self.running = value(),
                b"procs_blocked" => self.blocked = value(),
                _ => {}
            }
        }
        self.known |= self.running.is_some();
    }

    /// Puts the readings in catalogue order.
    pub(super) fn put(&self, row: &mut RowWriter) {
        if !self.known {
            return;
        }
        row.put(Metric::PROCESSES_RUNNING, "", self.running.map(|count| count as f64));
        row.put(Metric::PROCESSES_BLOCKED, "", self.blocked.map(|count| count as f64));
        row.put(Metric::PROCESSES_CREATED, "", self.created.per_second);
        row.put(Metric::CONTEXT_SWITCHES, "", self.switches.per_second);
        row.put(Metric::INTERRUPTS, "", self.interrupts.per_second);
    }
}

impl Counter {
    fn observe(&mut self, now: Moment, total: Option<u64>) {
        self.per_second = total.and_then(|total| self.rate.observe(now, total));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn counts_are_as_they_are_and_totals_become_rates() {
        let mut processes = Processes::default();
        let at = |second| Moment::after_start(Duration::from_secs(second));
        processes.read(at(0), Some(b"cpu 1 2\nintr 100 7 7\nctxt 50\nprocesses 9\nprocs_running 2\n"));
        processes.read(
            at(2),
            Some(b"intr 300 8 8\nctxt 40\nprocesses 10\nprocs_running 3\nprocs_blocked 1\nsoftirq 5\n"),
        );
        assert_eq!((processes.running, processes.blocked), (Some(3), Some(1)));
        assert_eq!(processes.interrupts.per_second, Some(100.0));
        assert_eq!(processes.created.per_second, Some(0.5));
        assert_eq!(processes.switches.per_second, None, "a total that fell is a gap");
    }
}
