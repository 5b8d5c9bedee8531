use super::*;
use crate::model::fleet::tests::{delta, entry, fleet_of, overview};
use cpumonitor_common::wire::FleetDelta;
use cpumonitor_common::{Code, HostStatus, Metric};
use proptest::prelude::*;

/// A table and what is wished of it.
struct Table {
    fleet: Fleet,
    order: Order,
    filter: Filter,
    mode: Mode,
    sort: Sort,
    revision: u64,
}

impl Table {
    fn new(cpu: &[f64], filter: &str, sort: &str) -> Table {
        let values: Vec<Option<f64>> = cpu.iter().map(|cpu| Some(*cpu)).collect();
        Table {
            fleet: fleet_of(Metric::CPU, &values),
            order: Order::default(),
            filter: Filter::parse(filter).unwrap(),
            mode: Mode::Filter,
            sort: Sort::parse(sort).unwrap(),
            revision: 1,
        }
    }

    fn refresh(&mut self, now_ms: f64) -> bool {
        let wish = Wish { filter: &self.filter, mode: self.mode, sort: self.sort };
        self.order.refresh(&self.fleet, wish, now_ms)
    }

    fn change(&mut self, change: FleetDelta) {
        self.revision += 1;
        let _ = self.fleet.apply(FleetDelta { ..change });
    }

    fn set(&mut self, place: u32, cpu: f64) {
        let code = Metric::CPU.encode(cpu);
        let overview = overview(&[Metric::CPU], &[(place, 0, &[code.0])]);
        self.change(FleetDelta { overview, ..delta(self.revision, self.revision + 1, 2_000) });
    }

    fn add(&mut self, place: u32, name: &str, cpu: f64) {
        let hosts = vec![entry(place, u128::from(place) + 1, name)];
        self.change(FleetDelta { hosts, ..delta(self.revision, self.revision + 1, 2_000) });
        self.set(place, cpu);
    }

    fn remove(&mut self, place: u32) {
        self.change(FleetDelta { removed: vec![place], ..delta(self.revision, self.revision + 1, 2_000) });
    }

    fn places(&self) -> Vec<u32> {
        self.order.rows().iter().map(|row| row.place).collect()
    }

    #[track_caller]
    fn check(&mut self, now_ms: f64, rows: &[u32]) {
        self.refresh(now_ms);
        assert_eq!(self.places(), rows);
    }
}

#[test]
fn every_key_sorts_both_ways_and_equals_by_name() {
    let mut table = Table::new(&[0.5, 0.9, 0.5], "", "cpu");
    table.add(10, "host-10", 0.1);
    table.add(11, "silent", 0.1);
    let stale = cpumonitor_common::wire::HostEntry { status: HostStatus::Stale, ..entry(2, 3, "host-2") };
    table.change(FleetDelta { hosts: vec![stale], ..delta(table.revision, table.revision + 1, 2_000) });
    let gone = overview(&[Metric::CPU], &[(11, 60_000, &[Code::ABSENT.0])]);
    table.change(FleetDelta { overview: gone, ..delta(table.revision, table.revision + 1, 2_000) });
    for (sort, rows) in [
        ("cpu", [10, 0, 2, 1, 11]),
        ("-cpu", [1, 0, 2, 10, 11]),
        ("name", [0, 1, 2, 10, 11]),
        ("-name", [11, 10, 2, 1, 0]),
        ("status", [0, 1, 10, 11, 2]),
        ("-status", [2, 0, 1, 10, 11]),
        ("age", [10, 0, 1, 2, 11]),
        ("-age", [11, 0, 1, 2, 10]),
        ("-mem", [0, 1, 2, 10, 11]),
    ] {
        table.sort = Sort::parse(sort).unwrap();
        table.check(0.0, &rows);
    }
}

#[test]
fn a_renamed_host_finds_its_position() {
    let mut table = Table::new(&[0.5, 0.5], "", "name");
    table.check(0.0, &[0, 1]);
    table.add(0, "z", 0.5);
    table.check(2_000.0, &[1, 0]);
}

#[test]
fn rows_are_sorted_every_two_seconds_and_new_ones_appended_in_between() {
    let mut table = Table::new(&[0.1, 0.2, 0.3], "", "-cpu");
    table.check(0.0, &[2, 1, 0]);
    table.set(0, 0.9);
    table.add(3, "host-3", 0.25);
    table.check(1_999.0, &[2, 1, 0, 3]);
    table.check(2_000.0, &[0, 2, 3, 1]);
    assert!(!table.refresh(2_100.0));
}

#[test]
fn a_row_that_stops_matching_fades_before_it_goes() {
    let mut table = Table::new(&[0.9, 0.8, 0.1], "cpu > 50%", "-cpu");
    table.check(0.0, &[0, 1]);
    table.set(0, 0.3);
    table.check(100.0, &[0, 1]);
    assert_eq!((table.order.shown(), table.order.leaving(), table.order.total()), (1, 1, 3));
    assert_eq!(table.order.rows()[0].state, RowState::Leaving);
    table.check(5_099.0, &[1, 0]);
    table.check(5_100.0, &[1]);
    // Back in time it stays as if nothing had been.
    table.set(1, 0.3);
    table.refresh(6_000.0);
    table.set(1, 0.8);
    table.check(20_000.0, &[1]);
    assert_eq!(table.order.leaving(), 0);
}

#[test]
fn another_wish_counts_at_once() {
    let mut table = Table::new(&[0.9, 0.8, 0.1], "cpu > 50%", "-cpu");
    table.order.freeze(true);
    table.check(0.0, &[0, 1]);
    table.filter = Filter::parse("cpu > 85%").unwrap();
    table.check(1.0, &[0]);
    table.filter = Filter::default();
    table.sort = Sort::parse("cpu").unwrap();
    table.check(2.0, &[2, 1, 0]);
}

#[test]
fn highlighting_keeps_every_host() {
    let mut table = Table::new(&[0.9, 0.1], "cpu > 50%", "name");
    table.mode = Mode::Highlight;
    table.check(0.0, &[0, 1]);
    let states: Vec<RowState> = table.order.rows().iter().map(|row| row.state).collect();
    assert_eq!((states, table.order.shown()), (vec![RowState::Matching, RowState::Dimmed], 1));
    table.mode = Mode::Filter;
    table.check(1.0, &[0]);
}

#[test]
fn frozen_rows_keep_their_positions_whatever_happens() {
    let mut table = Table::new(&[0.9, 0.8, 0.7], "cpu > 50%", "-cpu");
    table.check(0.0, &[0, 1, 2]);
    table.order.freeze(true);
    table.remove(0);
    table.set(1, 0.1);
    table.set(2, 0.99);
    table.add(3, "new", 0.95);
    table.check(60_000.0, &[0, 1, 2, 3]);
    let states: Vec<RowState> = table.order.rows().iter().map(|row| row.state).collect();
    assert_eq!(states, [RowState::Gone, RowState::Leaving, RowState::Matching, RowState::Matching]);
    assert!(!table.order.is_out_of_order());
    table.set(3, 1.0);
    table.refresh(60_001.0);
    assert!(table.order.is_out_of_order());
    // The place of a host that is gone goes to another one: the row under the pointer does not become
    // that one.
    table.remove(3);
    let hosts = vec![entry(0, 77, "other")];
    table.change(FleetDelta { hosts, ..delta(table.revision, table.revision + 1, 2_000) });
    table.set(0, 0.6);
    table.check(60_002.0, &[0, 1, 2, 3, 0]);
    assert_eq!(table.order.rows()[0].state, RowState::Gone);
    assert_eq!(table.order.rows()[4].id, HostId(77));
    table.order.resort();
    table.check(60_003.0, &[2, 0]);
    assert!(table.order.is_frozen() && !table.order.is_out_of_order());
}

#[test]
fn thawing_sorts_when_it_is_due() {
    let mut table = Table::new(&[0.9, 0.8], "", "-cpu");
    table.check(0.0, &[0, 1]);
    table.order.freeze(true);
    table.set(0, 0.1);
    table.check(10_000.0, &[0, 1]);
    table.order.freeze(false);
    table.check(10_001.0, &[1, 0]);
}

#[test]
fn a_row_follows_its_host_to_another_place() {
    let mut table = Table::new(&[0.9, 0.8], "", "-cpu");
    table.order.freeze(true);
    table.check(0.0, &[0, 1]);
    let hosts = vec![entry(4, 1, "host-0"), entry(5, 2, "host-1")];
    table.change(FleetDelta { hosts, ..delta(0, 1, 3_000) });
    table.check(1.0, &[4, 5]);
}

/// What a filter and a sort mean, without any of the care for people.
fn naive(fleet: &Fleet, filter: &Filter, sort: Sort) -> Vec<u32> {
    let mut rows: Vec<u32> = fleet
        .places()
        .iter()
        .copied()
        .filter(|place| filter.matches(&fleet.subject(*place).unwrap()))
        .collect();
    rows.sort_by(|a, b| compare_naturally(&fleet.entry(*a).unwrap().name, &fleet.entry(*b).unwrap().name));
    let cpu = |place: &u32| fleet.value(*place, Metric::CPU);
    rows.sort_by(|a, b| match (cpu(a), cpu(b)) {
        (Some(a), Some(b)) if sort.descending => b.total_cmp(&a),
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    rows
}

proptest! {
    #[test]
    fn asked_for_rows_are_exactly_what_was_asked_for(
        cpu in prop::collection::vec(prop::option::of(0.0f64..1.0), 0..40),
        percent in 0u32..100,
        descending: bool,
    ) {
        let fleet = fleet_of(Metric::CPU, &cpu);
        let filter = Filter::parse(&format!("cpu >= {percent}%")).unwrap();
        let sort = Sort { descending, ..Sort::default() };
        let mut order = Order::default();
        order.refresh(&fleet, Wish { filter: &Filter::default(), mode: Mode::Filter, sort }, 0.0);
        order.refresh(&fleet, Wish { filter: &filter, mode: Mode::Filter, sort }, 1.0);
        let rows: Vec<u32> = order.rows().iter().map(|row| row.place).collect();
        prop_assert_eq!(&rows, &naive(&fleet, &filter, sort));
        prop_assert_eq!((order.shown(), order.total(), order.leaving()), (rows.len(), cpu.len(), 0));
    }

    #[test]
    fn under_the_pointer_no_row_moves(
        cpu in prop::collection::vec(0.0f64..1.0, 1..12),
        changes in prop::collection::vec((0u32..16, 0.0f64..1.0, 0u8..4), 0..40),
    ) {
        let mut table = Table::new(&cpu, "cpu > 50%", "-cpu");
        table.refresh(0.0);
        table.order.freeze(true);
        let mut now_ms = 0.0;
        for (place, cpu, what) in changes {
            let before: Vec<HostId> = table.order.rows().iter().map(|row| row.id).collect();
            match what {
                0 => table.remove(place),
                1 => table.add(place, "new", cpu),
                _ => table.set(place, cpu),
            }
            now_ms += 900.0;
            table.refresh(now_ms);
            let after: Vec<HostId> = table.order.rows().iter().map(|row| row.id).collect();
            prop_assert_eq!(&after[..before.len()], &before[..]);
            // Every host that matches has one row; the rest are on their way out.
            let matching = table.order.rows().iter().filter(|row| row.state == RowState::Matching).count();
            prop_assert_eq!(matching, table.order.shown());
        }
        table.order.freeze(false);
        table.refresh(now_ms + LEAVE_MS + RESORT_MS);
        table.refresh(now_ms + 2.0 * (LEAVE_MS + RESORT_MS));
        prop_assert_eq!(table.places(), naive(&table.fleet, &table.filter, table.sort));
    }
}
