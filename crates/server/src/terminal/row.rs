//! The fleet as the terminal shows it: filtered, decoded and in order.

use std::cmp::Ordering;

use cpumonitor_common::{Filter, HostStatus, Metric, Subject, Timestamp};

use super::text::tame;
use crate::fleet::HostView;

/// A host that can be listed.
pub(super) trait Listed: Subject {
    /// When it was last heard, by the server's clock.
    fn seen(&self) -> Timestamp;
}

impl Listed for HostView {
    fn seen(&self) -> Timestamp {
        self.seen
    }
}

/// One host. `None` means that it does not report this, could not measure it, or is gone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Its name, safe to print.
    pub(super) name: String,
    /// How it fares.
    pub(super) status: HostStatus,
    /// Milliseconds since it was last heard.
    pub(super) age_ms: i64,
    /// Share of processor time in use.
    pub(super) cpu_ratio: Option<f64>,
    /// Share of memory in use.
    pub(super) memory_ratio: Option<f64>,
    /// Load average over one minute.
    pub(super) load_1: Option<f64>,
    /// Received from the network.
    pub(super) receive_bytes_per_sec: Option<f64>,
    /// Sent to the network.
    pub(super) transmit_bytes_per_sec: Option<f64>,
    /// Read from disks.
    pub(super) read_bytes_per_sec: Option<f64>,
    /// Written to disks.
    pub(super) write_bytes_per_sec: Option<f64>,
    /// The hottest sensor.
    pub(super) temperature_celsius: Option<f64>,
}

impl Row {
    fn of(host: &impl Listed, now: Timestamp) -> Row {
        // The last readings of a host that is gone say nothing about now.
        let present = matches!(host.status(), HostStatus::Live | HostStatus::Stale);
        let read = |metric: Metric| if present { metric.decode(host.code(metric)) } else { None };
        Row {
            name: tame(host.name()).into_owned(),
            status: host.status(),
            age_ms: now.ms_since(host.seen()),
            cpu_ratio: read(Metric::CPU),
            memory_ratio: read(Metric::MEMORY),
            load_1: read(Metric::LOAD_1),
            receive_bytes_per_sec: read(Metric::NETWORK_RECEIVE),
            transmit_bytes_per_sec: read(Metric::NETWORK_TRANSMIT),
            read_bytes_per_sec: read(Metric::DISK_READ),
            write_bytes_per_sec: read(Metric::DISK_WRITE),
            temperature_celsius: read(Metric::TEMPERATURE),
        }
    }

    /// Hosts that are there come first, the hottest of them on top; then by name.
    fn hotter(&self, other: &Row) -> Ordering {
        // Every ratio is above this, absence is not.
        let heat = |row: &Row| row.cpu_ratio.unwrap_or(-1.0);
        let gone = |row: &Row| row.status >= HostStatus::Down;
        gone(self)
            .cmp(&gone(other))
            .then_with(|| heat(other).total_cmp(&heat(self)))
            .then_with(|| self.name.cmp(&other.name))
    }
}

/// All hosts at one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Picture {
    /// Those that match the filter.
    pub(super) rows: Vec<Row>,
    /// How many hosts there are of each status, in the order of [`HostStatus::ALL`], filtered or not.
    pub(super) counts: [usize; 4],
}

impl Picture {
    /// Decodes the hosts that match `filter`, hottest first.
    pub(super) fn hottest_first(hosts: &[impl Listed], filter: &Filter, now: Timestamp) -> Picture {
        let mut picture = Picture::of(hosts, filter, now);
        picture.rows.sort_by(Row::hotter);
        picture
    }

    /// Decodes the hosts that match `filter`, by name.
    pub(super) fn by_name(hosts: &[impl Listed], filter: &Filter, now: Timestamp) -> Picture {
        let mut picture = Picture::of(hosts, filter, now);
        picture.rows.sort_by(|a, b| a.name.cmp(&b.name));
        picture
    }

    fn of(hosts: &[impl Listed], filter: &Filter, now: Timestamp) -> Picture {
        let count = |status| hosts.iter().filter(|host| host.status() == status).count();
        Picture {
            rows: hosts.iter().filter(|host| filter.matches(*host)).map(|host| Row::of(host, now)).collect(),
            counts: HostStatus::ALL.map(count),
        }
    }

    /// How many hosts there are, filtered or not.
    pub(super) fn total(&self) -> usize {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use cpumonitor_common::Code;

    use super::*;

    pub(in crate::terminal) const NOW: Timestamp = Timestamp::from_ms(1_795_365_001_250);

    /// A host as tests need it.
    #[derive(Clone, Debug)]
    pub(in crate::terminal) struct TestHost {
        name: String,
        status: HostStatus,
        seen: Timestamp,
        readings: Vec<(Metric, f64)>,
    }

    impl Subject for TestHost {
        fn code(&self, metric: Metric) -> Code {
            let reading = self.readings.iter().find(|(of, _)| *of == metric);
            reading.map_or(Code::ABSENT, |(metric, value)| metric.encode(*value))
        }

        fn name(&self) -> &str {
            &self.name
        }

        fn status(&self) -> HostStatus {
            self.status
        }
    }

    impl Listed for TestHost {
        fn seen(&self) -> Timestamp {
            self.seen
        }
    }

    /// A host heard `age_ms` ago with these readings.
    pub(in crate::terminal) fn host(
        name: &str,
        status: HostStatus,
        age_ms: i64,
        readings: &[(Metric, f64)],
    ) -> TestHost {
        TestHost { name: name.into(), status, seen: NOW.plus_ms(-age_ms), readings: readings.to_vec() }
    }

    fn names(picture: &Picture) -> Vec<&str> {
        picture.rows.iter().map(|row| row.name.as_str()).collect()
    }

    fn fleet() -> Vec<TestHost> {
        vec![
            host("gone", HostStatus::Down, 60_000, &[(Metric::CPU, 0.99)]),
            host("idle", HostStatus::Live, 100, &[(Metric::CPU, 0.02)]),
            host("new", HostStatus::Live, 100, &[]),
            host("hot", HostStatus::Stale, 4_000, &[(Metric::CPU, 0.93)]),
            host("also-idle", HostStatus::Live, 100, &[(Metric::CPU, 0.02)]),
        ]
    }

    #[test]
    fn the_hottest_is_on_top_and_who_is_gone_is_at_the_end() {
        let picture = Picture::hottest_first(&fleet(), &Filter::default(), NOW);
        assert_eq!(names(&picture), ["hot", "also-idle", "idle", "new", "gone"]);
        assert_eq!(picture.counts, [3, 1, 1, 0]);
        assert_eq!(picture.rows[0].age_ms, 4_000);
    }

    #[test]
    fn the_last_readings_of_a_host_that_is_gone_are_not_shown() {
        let picture = Picture::by_name(&fleet(), &Filter::default(), NOW);
        assert_eq!(names(&picture), ["also-idle", "gone", "hot", "idle", "new"]);
        assert_eq!(picture.rows[1].cpu_ratio, None);
    }

    #[test]
    fn the_filter_leaves_matching_hosts_and_the_counts_as_they_are() {
        let filter = Filter::parse("cpu > 90% and not status = down").unwrap();
        let picture = Picture::hottest_first(&fleet(), &filter, NOW);
        assert_eq!(names(&picture), ["hot"]);
        assert_eq!(picture.total(), 5);
    }
}
