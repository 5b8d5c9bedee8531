//! The fleet driven by hand, with explicit times.

mod model;

use std::sync::Arc;

use cpumonitor_common::wire::{FleetDelta, GapReason, HostDelta};
use cpumonitor_common::{
    Code, Cursor, Epoch, HostId, HostInfo, HostStatus, Incarnation, Layout, LayoutId, Metric, Revision, Row,
    Rows, Series, Subject as _, Timestamp,
};

use super::*;

const EPOCH: Epoch = Epoch(7);
/// Some evening in November.
const START_MS: i64 = 1_795_000_000_000;

fn ms(since_start: i64) -> Timestamp {
    Timestamp::from_ms(START_MS + since_start)
}

fn info(id: u128) -> HostInfo {
    HostInfo {
        id: HostId(id),
        name: format!("host-{id}"),
        os: "Debian GNU/Linux 12".into(),
        kernel: String::new(),
        arch: "x86_64".into(),
        cpu_model: String::new(),
        core_count: 2,
        memory_bytes: 1 << 30,
        swap_bytes: 0,
        boot_at: Timestamp::EPOCH,
        agent_version: String::new(),
        tags: vec![],
    }
}

fn joining(id: u128) -> Joining {
    let incarnation = Incarnation(1);
    Joining { info: info(id), incarnation, interval_ms: 1_000, skew_ms: 0, source: Source::Agent }
}

/// A fleet, its clock, and the layouts of a CPU alone and of CPU and memory.
struct Bench {
    fleet: Fleet,
    cpu: Arc<SharedLayout>,
    both: Arc<SharedLayout>,
}

impl Bench {
    fn new() -> Bench {
        let mut fleet = Fleet::new(EPOCH);
        let layout = |metrics: &[Metric]| Layout {
            id: LayoutId(99),
            series: metrics.iter().copied().map(Series::whole).collect(),
        };
        let cpu = fleet.announce(layout(&[Metric::CPU]));
        let both = fleet.announce(layout(&[Metric::CPU, Metric::MEMORY]));
        Bench { fleet, cpu, both }
    }

    #[track_caller]
    fn join(&mut self, joining: Joining, now: i64) -> (SessionId, u64) {
        let (session, next_seq, _) = self.fleet.join(joining, ms(now)).unwrap();
        (session, next_seq)
    }

    /// Records rows of the CPU, each at `seq` seconds.
    fn record(&mut self, session: SessionId, seqs: std::ops::Range<u64>, now: i64) -> Recorded {
        let layout = self.cpu.clone();
        self.fleet.record(session, &layout, &rows(seqs), ms(now)).unwrap()
    }

    fn publish(&mut self) -> Cursor {
        let revision = self.fleet.publish();
        Cursor { epoch: EPOCH, revision }
    }

    fn delta(&self, from: Cursor, now: i64) -> FleetDelta {
        self.fleet.changes_since(from, &[Metric::CPU], ms(now))
    }

    fn host_delta(&self, id: u128, from: Cursor, now: i64) -> HostDelta {
        self.fleet.host_changes_since(HostId(id), from, ms(now))
    }
}

fn rows(seqs: std::ops::Range<u64>) -> Rows {
    let mut rows = Rows::new(1);
    for seq in seqs {
        rows.push(Row { seq, at: ms(seq as i64 * 1_000), codes: &[Code(seq as u16)] });
    }
    rows
}

/// The sequence numbers in the runs, which must fit their layouts.
#[track_caller]
fn seqs(delta: &HostDelta, width: usize) -> Vec<u64> {
    delta
        .runs
        .iter()
        .flat_map(|run| run.chunk.decode(width).unwrap().iter().map(|row| row.seq).collect::<Vec<_>>())
        .collect()
}

#[test]
fn the_first_delta_is_the_snapshot_and_the_next_only_what_changed() {
    let mut bench = Bench::new();
    let (a, _) = bench.join(joining(1), 0);
    let (b, _) = bench.join(joining(2), 0);
    bench.record(a, 0..1, 10);
    bench.record(b, 0..1, 10);
    let seen = bench.publish();
    let snapshot = bench.delta(Cursor::START, 20);
    assert_eq!(snapshot.since.revision, Revision::ZERO);
    assert_eq!(snapshot.until, seen);
    assert_eq!(
        snapshot.hosts.iter().map(|host| host.name.as_str()).collect::<Vec<_>>(),
        ["host-1", "host-2"]
    );
    assert_eq!(snapshot.overview.hosts(), [0, 1]);
    assert_eq!(snapshot.overview.column(0), [Code(0), Code(0)]);

    bench.record(b, 1..2, 1_010);
    bench.publish();
    let next = bench.delta(seen, 1_020);
    assert_eq!((next.since, next.hosts.len(), next.overview.hosts()), (seen, 0, &[1][..]));
    assert_eq!(next.overview.column(0), [Code(1)]);
    assert_eq!(next.overview.ages_ms(), [20]);
}

#[test]
fn a_cursor_that_is_not_ours_starts_over() {
    let mut bench = Bench::new();
    bench.join(joining(1), 0);
    let seen = bench.publish();
    for from in [
        Cursor { epoch: Epoch(8), ..seen },
        Cursor { revision: Revision(seen.revision.0 + 1), ..seen },
        Cursor { epoch: EPOCH, revision: Revision::ZERO },
    ] {
        let delta = bench.delta(from, 0);
        assert_eq!((delta.since.revision, delta.hosts.len()), (Revision::ZERO, 1), "{from:?}");
    }
}

#[test]
fn silence_makes_stale_and_down_and_a_row_makes_live() {
    let mut bench = Bench::new();
    let (session, _) = bench.join(joining(1), 0);
    let mut status = |now: i64, row: Option<u64>| {
        if let Some(seq) = row {
            bench.record(session, seq..seq + 1, now);
        }
        bench.fleet.expire(ms(now));
        bench.fleet.host(HostId(1)).unwrap().status()
    };
    assert_eq!(status(2_999, None), HostStatus::Live);
    assert_eq!(status(3_000, None), HostStatus::Stale);
    assert_eq!(status(15_000, None), HostStatus::Down);
    assert_eq!(status(20_000, Some(20)), HostStatus::Live);
}

#[test]
fn a_status_travels_once() {
    let mut bench = Bench::new();
    bench.join(joining(1), 0);
    let seen = bench.publish();
    bench.fleet.expire(ms(3_000));
    let stale = bench.publish();
    assert_eq!(bench.delta(seen, 3_000).hosts[0].status, HostStatus::Stale);
    bench.fleet.expire(ms(3_500));
    assert_eq!(bench.publish(), stale, "nothing changed, so there is no revision");
}

#[test]
fn goodbye_is_stopped_and_a_broken_line_waits_for_silence() {
    let mut bench = Bench::new();
    let (polite, _) = bench.join(joining(1), 0);
    let (broken, _) = bench.join(joining(2), 0);
    bench.fleet.leave(polite, Departure::Goodbye, ms(100));
    bench.fleet.leave(broken, Departure::Broken, ms(100));
    let status = |bench: &Bench, id| bench.fleet.host(HostId(id)).unwrap().status();
    assert_eq!(status(&bench, 1), HostStatus::Stopped);
    assert_eq!(status(&bench, 2), HostStatus::Live);
    bench.fleet.expire(ms(60_000));
    assert_eq!((status(&bench, 1), status(&bench, 2)), (HostStatus::Stopped, HostStatus::Down));
    bench.join(joining(1), 61_000);
    assert_eq!(status(&bench, 1), HostStatus::Live);
}

#[test]
fn the_newest_session_wins_and_the_old_one_changes_nothing() {
    let mut bench = Bench::new();
    let (old, _) = bench.join(joining(1), 0);
    bench.record(old, 0..3, 10);
    let (new, next_seq, replaced) = bench.fleet.join(joining(1), ms(20)).unwrap();
    assert_eq!((next_seq, replaced), (3, Some(old)));
    let layout = bench.cpu.clone();
    assert_eq!(bench.fleet.record(old, &layout, &rows(3..4), ms(30)), Err(Replaced));
    bench.fleet.leave(old, Departure::Goodbye, ms(30));
    assert_eq!(bench.fleet.host(HostId(1)).unwrap().status(), HostStatus::Live);
    assert_eq!(bench.record(new, 3..4, 40).kept, 1);
}

#[test]
fn rows_that_are_known_are_ignored() {
    let mut bench = Bench::new();
    let (session, _) = bench.join(joining(1), 0);
    bench.record(session, 0..5, 5_000);
    let again = bench.record(session, 3..8, 8_000);
    assert_eq!((again.kept, again.duplicate, again.next_seq, again.undeclared), (3, 2, 8, 0));
    bench.publish();
    assert_eq!(seqs(&bench.host_delta(1, Cursor::START, 8_000), 1), (0..8).collect::<Vec<_>>());
}

#[test]
fn each_incarnation_counts_for_itself_and_a_former_one_is_remembered() {
    let mut bench = Bench::new();
    let life = |life| Joining { incarnation: Incarnation(life), ..joining(1) };
    let (first, _) = bench.join(life(1), 0);
    bench.record(first, 0..5, 5_000);
    let (second, next_seq) = bench.join(life(2), 5_000);
    assert_eq!(next_seq, 0);
    bench.record(second, 0..2, 5_500);
    assert_eq!(bench.join(life(1), 6_000).1, 5);
    assert_eq!(bench.join(life(2), 6_000).1, 2);
}

#[test]
fn rows_of_two_lives_are_kept_apart() {
    let mut bench = Bench::new();
    let (first, _) = bench.join(joining(1), 0);
    bench.record(first, 0..3, 3_000);
    let (second, _) = bench.join(Joining { incarnation: Incarnation(2), ..joining(1) }, 3_000);
    bench.record(second, 0..2, 4_000);
    bench.publish();
    let delta = bench.host_delta(1, Cursor::START, 4_000);
    assert_eq!(seqs(&delta, 1), [0, 1, 2, 0, 1]);
    assert_eq!(delta.runs.len(), 2);
}

#[test]
fn skipped_numbers_are_losses_only_when_the_incarnation_has_begun_and_nobody_said_why() {
    let mut bench = Bench::new();
    let (session, _) = bench.join(joining(1), 0);
    let restarted = bench.record(session, 100..101, 100_000);
    assert_eq!((restarted.undeclared, restarted.next_seq), (0, 101));
    bench.fleet.declare_gap(session, 101, 4, GapReason::Missed, ms(105_000)).unwrap();
    bench.fleet.declare_gap(session, 104, 6, GapReason::Dropped, ms(105_000)).unwrap();
    assert_eq!(bench.record(session, 110..111, 110_000).undeclared, 0);
    let health = bench.fleet.host(HostId(1)).unwrap().health();
    assert_eq!((health.missed, health.lost), (4, 5));
    assert_eq!(bench.record(session, 113..114, 113_000).undeclared, 2);
}

#[test]
fn rows_older_than_the_tail_are_counted_but_not_kept() {
    let mut bench = Bench::new();
    let (session, _) = bench.join(joining(1), 0);
    let recorded = bench.record(session, 0..400, 400_000);
    assert_eq!((recorded.too_old, recorded.kept), (100, 300));
    bench.publish();
    assert_eq!(seqs(&bench.host_delta(1, Cursor::START, 400_000), 1), (100..400).collect::<Vec<_>>());
}

#[test]
fn times_are_put_right_by_the_skew_when_it_is_large() {
    #[track_caller]
    fn check(skew_ms: i64, expected: i64) {
        let mut bench = Bench::new();
        let (session, _) = bench.join(Joining { skew_ms, ..joining(1) }, 0);
        let layout = bench.cpu.clone();
        let mut rows = Rows::new(1);
        rows.push(Row { seq: 0, at: ms(1_000 + skew_ms), codes: &[Code(1)] });
        bench.fleet.record(session, &layout, &rows, ms(1_000)).unwrap();
        let host = bench.fleet.host(HostId(1)).unwrap();
        assert_eq!(host.latest().unwrap().at, ms(expected));
        assert_eq!(host.health().skew_ms, skew_ms);
    }
    check(0, 1_000);
    check(250, 1_250);
    check(251, 1_000);
    check(-3_600_000, 1_000);
}

#[test]
fn a_row_from_the_future_shows_that_the_hosts_clock_was_set() {
    let mut bench = Bench::new();
    let (session, _) = bench.join(joining(1), 0);
    let layout = bench.cpu.clone();
    let row = |seq: u64, at: Timestamp| {
        let mut rows = Rows::new(1);
        rows.push(Row { seq, at, codes: &[Code(1)] });
        rows
    };
    bench.fleet.record(session, &layout, &row(0, ms(3_601_000)), ms(1_000)).unwrap();
    bench.fleet.record(session, &layout, &row(1, ms(3_602_000)), ms(2_000)).unwrap();
    let host = bench.fleet.host(HostId(1)).unwrap();
    assert_eq!((host.latest().unwrap().at, host.health().skew_ms), (ms(2_000), 3_600_000));
    bench.fleet.record(session, &layout, &row(2, Timestamp::from_ms(i64::MAX)), ms(3_000)).unwrap();
    assert_eq!(bench.fleet.host(HostId(1)).unwrap().latest().unwrap().at, ms(3_000));
}

#[test]
fn a_viewer_of_one_host_gets_every_row_once_and_only_what_is_published() {
    let mut bench = Bench::new();
    let (session, _) = bench.join(joining(1), 0);
    bench.record(session, 0..70, 70_000);
    let seen = bench.publish();
    bench.record(session, 70..72, 72_000);
    let first = bench.host_delta(1, Cursor::START, 72_000);
    assert_eq!(seqs(&first, 1), (0..70).collect::<Vec<_>>());
    assert!(first.info.is_some() && first.health.is_some());
    assert_eq!(first.runs.iter().filter(|run| run.series.is_some()).count(), 1);
    assert_eq!(first.until, seen);

    bench.publish();
    let second = bench.host_delta(1, seen, 72_000);
    assert_eq!(seqs(&second, 1), [70, 71]);
    assert!(second.info.is_none() && second.runs.iter().all(|run| run.series.is_none()));
}

#[test]
fn a_new_layout_is_told_once() {
    let mut bench = Bench::new();
    let (session, _) = bench.join(joining(1), 0);
    bench.record(session, 0..1, 0);
    let seen = bench.publish();
    let both = bench.both.clone();
    let mut rows = Rows::new(2);
    rows.push(Row { seq: 1, at: ms(1_000), codes: &[Code(1), Code(2)] });
    bench.fleet.record(session, &both, &rows, ms(1_000)).unwrap();
    let after = bench.publish();
    let delta = bench.host_delta(1, seen, 1_000);
    assert_eq!(delta.runs.len(), 1);
    assert_eq!(delta.runs[0].series.as_ref().map(|layout| layout.series.len()), Some(2));
    assert_eq!(delta.runs[0].layout, both.layout().id);
    assert!(bench.host_delta(1, after, 1_000).runs.is_empty());
}

#[test]
fn a_host_nobody_knows_is_told_as_such() {
    let mut bench = Bench::new();
    bench.publish();
    let delta = bench.host_delta(404, Cursor::START, 0);
    assert!(!delta.known && delta.runs.is_empty());
}

#[test]
fn a_client_of_2018_is_forgotten_and_its_place_given_away() {
    let mut bench = Bench::new();
    let (old, _) = bench.join(Joining { source: Source::Compat, ..joining(1) }, 0);
    bench.join(joining(2), 0);
    let seen = bench.publish();
    bench.fleet.leave(old, Departure::Broken, ms(1_000));
    bench.fleet.expire(ms(300_999));
    assert!(bench.fleet.host(HostId(1)).is_some());
    bench.fleet.expire(ms(301_000));
    assert!(bench.fleet.host(HostId(1)).is_none() && bench.fleet.host(HostId(2)).is_some());
    bench.publish();
    assert_eq!(bench.delta(seen, 301_000).removed, [0]);

    bench.join(joining(3), 302_000);
    bench.publish();
    let delta = bench.delta(seen, 302_000);
    assert_eq!(delta.removed, [0]);
    assert!(delta.hosts.iter().any(|host| host.place == 0 && host.id == HostId(3)));
}

#[test]
fn a_full_fleet_forgets_who_is_gone_longest_but_nobody_who_is_here() {
    let mut bench = Bench::new();
    let sessions: Vec<SessionId> = (0..MAX_HOSTS as u128).map(|id| bench.join(joining(id), 0).0).collect();
    assert_eq!(bench.fleet.join(joining(1 << 100), ms(1)), Err(FleetFull));
    bench.fleet.leave(sessions[5], Departure::Goodbye, ms(10));
    bench.fleet.leave(sessions[3], Departure::Goodbye, ms(20));
    bench.join(joining(1 << 100), 30);
    assert!(bench.fleet.host(HostId(5)).is_none() && bench.fleet.host(HostId(3)).is_some());
    assert_eq!(bench.fleet.census().forgotten, 1);
}

#[test]
fn hosts_with_endless_texts_do_not_fit() {
    let mut bench = Bench::new();
    let long = |id| {
        let tag = cpumonitor_common::Tag { key: "k".repeat(128), value: "v".repeat(128) };
        Joining { info: HostInfo { tags: vec![tag; 32], ..info(id) }, ..joining(id) }
    };
    let fitting = (0..).take_while(|id| bench.fleet.join(long(*id), ms(0)).is_ok()).count();
    assert!((900..1_100).contains(&fitting), "{fitting}");
    // One that shrinks makes room again.
    bench.join(joining(0), 0);
    bench.join(long(5_000), 0);
}

#[test]
fn a_trail_has_the_last_code_of_every_step() {
    let mut bench = Bench::new();
    let (a, _) = bench.join(joining(1), 0);
    bench.join(joining(2), 0);
    bench.record(a, 0..10, 9_000);
    let trail = bench.fleet.trail(Metric::CPU, 4, 2_000, ms(9_000));
    assert_eq!((trail.epoch, trail.step_ms, trail.overview.hosts()), (EPOCH, 2_000, &[0][..]));
    let codes: Vec<Code> = (0..4).flat_map(|step| trail.overview.column(step).to_vec()).collect();
    assert_eq!(codes, [Code(3), Code(5), Code(7), Code(9)]);
    let early = bench.fleet.trail(Metric::CPU, 2, 20_000, ms(9_000));
    assert_eq!((early.overview.column(0), early.overview.column(1)), (&[Code::ABSENT][..], &[Code(9)][..]));
}

#[test]
fn the_census_counts_by_status() {
    let mut bench = Bench::new();
    let (a, _) = bench.join(joining(1), 0);
    bench.join(joining(2), 0);
    bench.record(a, 0..1, 10);
    bench.fleet.leave(a, Departure::Goodbye, ms(10));
    let census = bench.fleet.census();
    assert_eq!(census.by_status, [1, 0, 0, 1]);
    assert!(census.tail_bytes > 0);
}
