use super::*;
use cpumonitor_common::wire::Epoch;
use cpumonitor_common::{Filter, Timestamp};
use proptest::prelude::*;

pub(crate) fn entry(place: u32, id: u128, name: &str) -> HostEntry {
    HostEntry {
        place,
        id: HostId(id),
        name: name.to_owned(),
        os: String::new(),
        tags: vec![],
        core_count: 4,
        memory_bytes: 0,
        interval_ms: 1_000,
        status: HostStatus::Live,
        seen: Timestamp::from_ms(0),
    }
}

pub(crate) fn cursor(revision: u64) -> Cursor {
    Cursor { epoch: Epoch(7), revision: Revision(revision) }
}

/// Places with their codes, one a metric.
pub(crate) fn overview(metrics: &[Metric], rows: &[(u32, i64, &[u16])]) -> Overview {
    Overview::new(metrics.to_vec()).fill(
        rows,
        |row| row.0,
        |row| row.1,
        |row, metric| Code(row.2[metrics.iter().position(|known| *known == metric).unwrap()]),
    )
}

pub(crate) fn delta(since: u64, until: u64, at_ms: i64) -> FleetDelta {
    FleetDelta {
        since: cursor(since),
        until: cursor(until),
        at: Timestamp::from_ms(at_ms),
        hosts: vec![],
        removed: vec![],
        overview: Overview::default(),
    }
}

/// A fleet with a host a value, at places 0, 1, 2 …, named `host-0` and so on.
pub(crate) fn fleet_of(metric: Metric, values: &[Option<f64>]) -> Fleet {
    let mut fleet = Fleet::default();
    let places: Vec<u32> = (0..values.len() as u32).collect();
    let hosts = places.iter().map(|place| entry(*place, u128::from(*place) + 1, &format!("host-{place}")));
    let overview = Overview::new(vec![metric]).fill(
        &places,
        |place| *place,
        |_| 0,
        |place, metric| values[*place as usize].map_or(Code::ABSENT, |value| metric.encode(value)),
    );
    let _ = fleet.apply(FleetDelta { hosts: hosts.collect(), overview, ..delta(0, 1, 1_000) });
    fleet
}

fn newest(fleet: &Fleet, place: u32, end_s: i64) -> [u8; 3] {
    let mut out = [0; TRAIL_POINTS];
    fleet.trail(place, end_s * 1_000, &mut out);
    [out[117], out[118], out[119]]
}

#[test]
fn a_snapshot_forgets_hosts_but_not_their_trails() {
    let mut fleet = fleet_of(Metric::CPU, &[Some(1.0), Some(0.0)]);
    // After a restart: host-0 has the place of host-1, which is gone.
    let restarted = Epoch(8);
    let snapshot = FleetDelta {
        since: Cursor { epoch: restarted, revision: Revision::ZERO },
        until: Cursor { epoch: restarted, revision: Revision(1) },
        hosts: vec![entry(1, 1, "host-0")],
        overview: overview(&[Metric::CPU, Metric::MEMORY], &[(1, 0, &[500, 250])]),
        ..delta(0, 0, 2_000)
    };
    let dirty = fleet.apply(snapshot);
    assert!(dirty.membership && dirty.readings && !dirty.resubscribe);
    assert_eq!((fleet.places(), fleet.place_of(HostId(2))), (&[1][..], None));
    assert_eq!(fleet.value(1, Metric::MEMORY), Some(0.25));
    assert_eq!(fleet.entry(0), None);
    assert_eq!(newest(&fleet, 1, 2), [NO_LEVEL, 254, 127]);
    assert_eq!(newest(&fleet, 0, 2), [NO_LEVEL; 3]);
}

#[test]
fn a_delta_that_does_not_build_on_ours_asks_for_one_that_does() {
    #[track_caller]
    fn check(since: Cursor, metrics: &[Metric], in_step: bool) {
        let mut fleet = fleet_of(Metric::CPU, &[Some(0.5)]);
        let _ = fleet.apply(delta(1, 5, 1_000));
        let codes = vec![100; metrics.len()];
        let overview = overview(metrics, &[(0, 0, &codes)]);
        let dirty = fleet.apply(FleetDelta { since, overview, ..delta(0, 9, 2_000) });
        assert_eq!(!dirty.resubscribe, in_step);
        assert_eq!(fleet.cursor(), cursor(if in_step { 9 } else { 5 }));
        // What is true is believed all the same, unless places mean something else.
        let believed = since.epoch == Epoch(7);
        assert_eq!(fleet.value(0, Metric::CPU), Some(if believed { 0.1 } else { 0.5 }));
    }
    check(cursor(5), &[Metric::CPU], true);
    check(cursor(3), &[Metric::CPU], true); // an answer to an older cursor repeats what we know
    check(cursor(6), &[Metric::CPU], false);
    check(cursor(5), &[Metric::CPU, Metric::MEMORY], false);
    check(Cursor { epoch: Epoch(8), revision: Revision(5) }, &[Metric::CPU], false);
}

#[test]
fn a_place_is_given_to_another_host() {
    let mut fleet = fleet_of(Metric::CPU, &[Some(1.0), Some(0.5)]);
    let _ =
        fleet.apply(FleetDelta { removed: vec![0], hosts: vec![entry(0, 9, "new")], ..delta(1, 2, 2_000) });
    assert_eq!(fleet.place_of(HostId(9)), Some(0));
    assert_eq!(fleet.place_of(HostId(1)), None);
    assert_eq!(fleet.code(0, Metric::CPU), Code::ABSENT);
    assert_eq!(fleet.row_at_ms(0), None);
    assert_eq!(newest(&fleet, 0, 1), [NO_LEVEL; 3]);
    // Even when the removal is lost.
    let _ = fleet.apply(FleetDelta { hosts: vec![entry(1, 9, "new")], ..delta(2, 3, 2_000) });
    assert_eq!(
        (fleet.places(), fleet.place_of(HostId(9)), fleet.place_of(HostId(2))),
        (&[1][..], Some(1), None)
    );
    assert_eq!(fleet.place_named("new"), Some(1));
}

#[test]
fn a_place_beyond_all_reason_is_refused() {
    let mut fleet = Fleet::default();
    let hosts = vec![entry(u32::MAX, 1, "a"), entry(MAX_PLACES, 2, "b"), entry(3, 3, "c")];
    let far = overview(&[Metric::CPU], &[(3, 0, &[1]), (u32::MAX, 0, &[2])]);
    let _ =
        fleet.apply(FleetDelta { hosts, removed: vec![u32::MAX], overview: far, ..delta(0, 1, i64::MIN) });
    assert_eq!((fleet.len(), fleet.refused()), (1, 2));
}

#[test]
fn a_host_unheard_of_is_stale_until_the_server_says_more() {
    let mut fleet = fleet_of(Metric::CPU, &[Some(0.5), Some(0.5), None]);
    let stopped = HostEntry { status: HostStatus::Stopped, ..entry(1, 2, "host-1") };
    let _ = fleet.apply(FleetDelta { hosts: vec![stopped], ..delta(1, 2, 1_000) });
    assert!(!fleet.judge(None));
    assert!(!fleet.judge(Some(3_999)));
    assert!(fleet.judge(Some(4_000)));
    assert_eq!(fleet.counts(), [0, 2, 0, 1]);
    let stale = Filter::parse("status = stale").unwrap();
    assert!(stale.matches(&fleet.subject(0).unwrap()));
    // However long it takes: only the server can know that a host is down.
    fleet.judge(Some(1_000_000));
    assert_eq!(fleet.status(0), HostStatus::Stale);
    assert!(fleet.judge(None) && !fleet.judge(None));
    assert_eq!(fleet.counts(), [2, 0, 0, 1]);
}

#[test]
fn a_slow_sampler_has_no_gaps_in_its_trail() {
    let mut fleet = Fleet::default();
    let slow = HostEntry { interval_ms: 2_000, ..entry(0, 1, "client2") };
    let _ = fleet.apply(FleetDelta { hosts: vec![slow], ..delta(0, 1, 0) });
    fleet.metrics = vec![Metric::CPU];
    fleet.codes = vec![vec![Code::ABSENT]];
    for (revision, at_ms) in [(1, 10_000), (2, 12_100)] {
        let overview = overview(&[Metric::CPU], &[(0, 100, &[1_000])]);
        let _ = fleet.apply(FleetDelta { overview, ..delta(revision, revision + 1, at_ms) });
    }
    assert_eq!(newest(&fleet, 0, 12), [254; 3]);
}

#[test]
fn the_trail_goes_under_the_live_rows() {
    let mut fleet = fleet_of(Metric::CPU, &[Some(1.0), None]);
    let columns = [Metric::CPU; 3];
    let codes: &[(u32, &[u16])] = &[(0, &[0, 0xFFFF, 0]), (1, &[0xFFFF, 500, 0xFFFF])];
    let column = std::cell::Cell::new(0);
    let overview = Overview::new(columns.to_vec()).fill(
        codes,
        |host| host.0,
        |_| 0,
        |host, _| {
            let nth = column.replace(column.get() + 1);
            Code(host.1[nth / codes.len()])
        },
    );
    // Steps begin at -1, 1 and 3 s; the live row is of second 1.
    let trail = Trail { epoch: Epoch(7), at: Timestamp::from_ms(5_000), step_ms: 2_000, overview };
    assert!(fleet.apply_trail(&trail));
    let mut out = [0; TRAIL_POINTS];
    fleet.trail(0, 4_000, &mut out);
    assert_eq!(out[114..], [0, 0, 254, 255, 0, 0][..]);
    fleet.trail(1, 4_000, &mut out);
    assert_eq!(out[114..], [255, 255, 127, 127, 255, 255][..]);
    assert!(!fleet.apply_trail(&Trail { epoch: Epoch(8), ..trail.clone() }));
    // Steps of no length or of all time end, too.
    for step_ms in [0, u32::MAX] {
        assert!(fleet.apply_trail(&Trail { step_ms, at: Timestamp::from_ms(i64::MIN), ..trail.clone() }));
    }
}

#[test]
fn how_long_a_host_is_gone_is_told_by_when_it_was_heard() {
    #[track_caller]
    fn check(known_ms: Option<i64>, seen_ms: i64, row_at_ms: i64) {
        let mut fleet = Fleet::default();
        let gone = HostEntry { seen: Timestamp::from_ms(seen_ms), ..entry(0, 1, "gone") };
        let told = known_ms.map_or(Overview::new(vec![Metric::CPU]), |at_ms| {
            overview(&[Metric::CPU], &[(0, 1_000 - at_ms, &[500])])
        });
        let _ = fleet.apply(FleetDelta { hosts: vec![gone], overview: told, ..delta(0, 1, 1_000) });
        let told = overview(&[Metric::CPU], &[(0, 1_000_000, &[500])]);
        let _ = fleet.apply(FleetDelta { overview: told, ..delta(1, 2, 1_000_000) });
        assert_eq!(fleet.row_at_ms(0), Some(row_at_ms));
    }
    check(None, 2_000, 2_000);
    check(Some(900), 2_000, 900);
    check(None, 0, 1_000_000 - 65_535);
    check(None, 999_000, 1_000_000 - 65_535);
}

/// What a server knows of a place.
type Truth = BTreeMap<u32, (u128, u16, u16)>;

#[derive(Clone, Debug)]
enum Change {
    Add(u32, u128),
    Remove(u32),
    Row(u32, u16, u16),
}

fn changes() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let change = prop_oneof![
        (0u32..8, 0u128..12).prop_map(|(place, id)| Change::Add(place, id)),
        (0u32..8).prop_map(Change::Remove),
        (0u32..8, 0u16..1_000, 0u16..1_000).prop_map(|(place, cpu, mem)| Change::Row(place, cpu, mem)),
    ];
    prop::collection::vec(prop::collection::vec(change, 0..6), 1..12)
}

/// Mostly within reason.
fn any_place() -> impl Strategy<Value = u32> {
    prop_oneof![20 => 0u32..20, 1 => any::<u32>()]
}

/// Fits nothing.
fn any_delta() -> impl Strategy<Value = FleetDelta> {
    let hosts = prop::collection::vec((any_place(), 0u128..4), 0..5);
    let removed = prop::collection::vec(any_place(), 0..4);
    let rows = prop::collection::btree_map(any_place(), (any::<i64>(), any::<u16>()), 0..5);
    (0u64..4, 0u64..4, 0u64..3, any::<i64>(), hosts, removed, rows).prop_map(
        |(since, until, epoch, at_ms, hosts, removed, rows)| {
            let codes: Vec<[u16; 1]> = rows.values().map(|row| [row.1]).collect();
            let rows: Vec<(u32, i64, &[u16])> =
                rows.iter().zip(&codes).map(|((place, row), codes)| (*place, row.0, &codes[..])).collect();
            FleetDelta {
                since: Cursor { epoch: Epoch(epoch), revision: Revision(since) },
                hosts: hosts.into_iter().map(|(place, id)| entry(place, id, "x")).collect(),
                removed,
                overview: overview(&[Metric::CPU], &rows),
                ..delta(0, until, at_ms)
            }
        },
    )
}

/// Changes the truth as a server would, and tells the delta of it.
fn step(truth: &mut Truth, changes: &[Change], since: u64) -> FleetDelta {
    let mut told = delta(since, since + 1, since as i64 * 1_000);
    let before = truth.clone();
    for change in changes {
        match *change {
            Change::Add(place, id) => {
                if !truth.contains_key(&place) && truth.values().all(|host| host.0 != id) {
                    truth.insert(place, (id, 0xFFFF, 0xFFFF));
                }
            }
            Change::Remove(place) => drop(truth.remove(&place)),
            Change::Row(place, cpu, mem) => {
                truth.entry(place).and_modify(|host| (host.1, host.2) = (cpu, mem));
            }
        }
    }
    let is_same = |place: &u32| before.get(place).map(|host| host.0) == truth.get(place).map(|host| host.0);
    told.removed = before.keys().copied().filter(|place| !is_same(place)).collect();
    let added = truth.iter().filter(|(place, _)| !is_same(place));
    told.hosts = added.map(|(place, host)| entry(*place, host.0, &host.0.to_string())).collect();
    told.overview = full_overview(truth, |place, host| before.get(place) != Some(host));
    told
}

fn full_overview(truth: &Truth, told: impl Fn(&u32, &(u128, u16, u16)) -> bool) -> Overview {
    let rows: Vec<(u32, [u16; 2])> = truth
        .iter()
        .filter(|(place, host)| told(place, host))
        .map(|(place, host)| (*place, [host.1, host.2]))
        .collect();
    let rows: Vec<(u32, i64, &[u16])> = rows.iter().map(|(place, codes)| (*place, 0, &codes[..])).collect();
    overview(&[Metric::CPU, Metric::MEMORY], &rows)
}

fn snapshot(truth: &Truth, until: u64) -> FleetDelta {
    let hosts = truth.iter().map(|(place, host)| entry(*place, host.0, &host.0.to_string())).collect();
    let overview = full_overview(truth, |_, _| true);
    FleetDelta { hosts, overview, ..delta(0, until, until as i64 * 1_000) }
}

fn seen(fleet: &Fleet) -> Truth {
    let host = |place: &u32| {
        let entry = fleet.entry(*place).unwrap();
        assert_eq!(fleet.place_of(entry.id), Some(*place));
        (*place, (entry.id.0, fleet.code(*place, Metric::CPU).0, fleet.code(*place, Metric::MEMORY).0))
    };
    fleet.places().iter().map(host).collect()
}

proptest! {
    #[test]
    fn deltas_one_after_the_other_lead_where_the_snapshot_does(steps in changes(), restart in 0usize..12) {
        let mut truth = Truth::new();
        let mut fleet = Fleet::default();
        let _ = fleet.apply(snapshot(&truth, 1));
        for (nth, changes) in steps.iter().enumerate() {
            let told = step(&mut truth, changes, nth as u64 + 1);
            let dirty = fleet.apply(told);
            prop_assert!(!dirty.resubscribe);
            if nth == restart {
                let _ = fleet.apply(snapshot(&truth, nth as u64 + 2));
            }
            prop_assert_eq!(&seen(&fleet), &truth);
        }
        let mut fresh = Fleet::default();
        let _ = fresh.apply(snapshot(&truth, 99));
        prop_assert_eq!(seen(&fresh), truth);
    }

    #[test]
    fn any_message_at_all_is_survived(deltas in prop::collection::vec(any_delta(), 0..6)) {
        let mut fleet = Fleet::default();
        for delta in deltas {
            let at_ms = delta.at.as_ms();
            let _ = fleet.apply(delta);
            prop_assert_eq!(fleet.places().len(), fleet.by_id.len());
            prop_assert!(fleet.places().is_sorted_by(|a, b| a < b));
            let mut out = [0; TRAIL_POINTS];
            fleet.trail(0, at_ms, &mut out);
            fleet.judge(Some(at_ms));
        }
    }
}
