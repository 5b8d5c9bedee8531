use super::*;
use crate::model::fleet::tests::cursor;
use crate::model::level::NO_LEVEL;
use cpumonitor_common::wire::Epoch;
use cpumonitor_common::{Chunk, Code, HostStatus, Layout, Row, Rows};

fn health() -> HostHealth {
    HostHealth { status: HostStatus::Live, seen: Timestamp::EPOCH, skew_ms: 0, lost: 0, missed: 0 }
}

fn info() -> HostInfo {
    HostInfo {
        id: HostId(1),
        name: "web-1".into(),
        os: String::new(),
        kernel: String::new(),
        arch: String::new(),
        cpu_model: String::new(),
        core_count: 8,
        memory_bytes: 1 << 34,
        swap_bytes: 0,
        boot_at: Timestamp::EPOCH,
        agent_version: String::new(),
        tags: vec![],
    }
}

fn delta(since: u64, until: u64, runs: Vec<Run>) -> HostDelta {
    HostDelta {
        since: cursor(since),
        until: cursor(until),
        at: Timestamp::EPOCH,
        id: HostId(1),
        known: true,
        info: None,
        health: None,
        runs,
    }
}

/// Rows by time with one reading a series.
fn run(layout: u32, series: &[Series], rows: &[(i64, &[f64])], announce: bool) -> Run {
    let mut packed = Rows::new(series.len());
    for (seq, (at, values)) in rows.iter().enumerate() {
        let codes: Vec<Code> = series.iter().zip(*values).map(|(s, value)| s.metric.encode(*value)).collect();
        packed.push(Row { seq: seq as u64, at: Timestamp::from_ms(*at), codes: &codes });
    }
    let layout = LayoutId(layout);
    let series = announce.then(|| Layout { id: layout, series: series.to_vec() });
    Run { layout, series, chunk: Chunk::encode(&packed) }
}

/// A host with rows of one layout, a second apart unless told.
fn host(series: &[Series], rows: &[(i64, &[f64])]) -> OpenHost {
    let mut host = OpenHost::new(HostId(1));
    let told = HostDelta {
        info: Some(info()),
        health: Some(health()),
        ..delta(0, 1, vec![run(1, series, rows, true)])
    };
    assert!(host.apply(told));
    host.set_interval_ms(1_000);
    host
}

fn whole(metric: Metric) -> Series {
    Series::whole(metric)
}

fn columns(host: &OpenHost, panel: Panel, from_s: i64, to_s: i64) -> Columns {
    let mut out = Columns::default();
    let window = Window { from: Timestamp::from_ms(from_s * 1_000), to: Timestamp::from_ms(to_s * 1_000) };
    host.fill(panel, window, &mut out);
    // Filling again changes nothing.
    let before = format!("{out:?}");
    host.fill(panel, window, &mut out);
    assert_eq!(format!("{out:?}"), before);
    assert!(out.ys.iter().all(|ys| ys.len() == out.x.len()));
    assert!(out.x.is_sorted_by(|a, b| a < b));
    out
}

/// Not-a-number as `None`, so that it can be compared.
fn line(columns: &Columns, nth: usize) -> Vec<Option<f64>> {
    columns.ys[nth].iter().map(|y| (!y.is_nan()).then_some(*y)).collect()
}

#[test]
fn lines_follow_series_through_a_change_of_layout() {
    let mut host = host(&[whole(Metric::CPU), whole(Metric::CPU_USER)], &[(1_000, &[0.5, 0.25])]);
    let changed = run(2, &[whole(Metric::CPU_USER), whole(Metric::CPU)], &[(2_000, &[0.1, 0.2])], true);
    let same = run(2, &[whole(Metric::CPU_USER), whole(Metric::CPU)], &[(3_000, &[0.3, 0.4])], false);
    assert!(host.apply(delta(1, 2, vec![changed, same])));
    let columns = columns(&host, Panel::Cpu, 0, 10);
    assert_eq!(columns.labels, ["total", "user"]);
    assert_eq!(columns.x, [1.0, 2.0, 3.0]);
    assert_eq!(columns.ys, [[0.5, 0.2, 0.4], [0.25, 0.1, 0.3]]);
    assert_eq!((columns.unit, columns.ceiling), (Some(cpumonitor_common::Unit::Ratio), Some(1.0)));
    assert_eq!((host.latest(Metric::CPU), host.newest()), (Some(0.4), Some(Timestamp::from_ms(3_000))));
}

#[test]
fn missing_rows_and_missing_readings_are_gaps() {
    let cpu = [whole(Metric::CPU)];
    let rows: &[(i64, &[f64])] = &[(1_000, &[0.1]), (2_400, &[0.2]), (4_000, &[f64::NAN]), (5_000, &[0.3])];
    let columns = columns(&host(&cpu, rows), Panel::Cpu, 0, 10);
    assert_eq!(columns.x, [1.0, 2.4, 3.4, 4.0, 5.0]);
    assert_eq!(line(&columns, 0), [Some(0.1), Some(0.2), None, None, Some(0.3)]);
}

#[test]
fn a_window_shows_its_rows_and_the_one_before() {
    let rows: Vec<(i64, &[f64])> = (0..10).map(|second| (second * 1_000, &[0.5][..])).collect();
    let host = host(&[whole(Metric::CPU)], &rows);
    assert_eq!(columns(&host, Panel::Cpu, 4, 6).x, [3.0, 4.0, 5.0, 6.0]);
    assert_eq!(columns(&host, Panel::Cpu, 6, 4).x, [] as [f64; 0]);
    assert_eq!(columns(&host, Panel::Network, 0, 9).ys, [] as [Vec<f64>; 0]);
    assert!(host.has(Panel::Cpu) && !host.has(Panel::Network));
}

#[test]
fn instances_are_in_natural_order() {
    let series: Vec<Series> = ["eth10", "eth2"]
        .into_iter()
        .flat_map(|name| {
            [Series::of(Metric::NETWORK_RECEIVE, name), Series::of(Metric::NETWORK_TRANSMIT, name)]
        })
        .chain([whole(Metric::LOAD_1), Series::of(Metric::TEMPERATURE, "cpu")])
        .collect();
    let host = host(&series, &[(0, &[1.0, 2.0, 3.0, 4.0, 0.52, 40.0])]);
    let interfaces = columns(&host, Panel::Interfaces, -1, 1);
    assert_eq!(interfaces.labels, ["eth2 in", "eth2 out", "eth10 in", "eth10 out"]);
    assert_eq!(interfaces.ys, [[3.0], [4.0], [1.0], [2.0]]);
    assert_eq!(columns(&host, Panel::Load, -1, 1).reference, Some(8.0));
    assert_eq!(columns(&host, Panel::Temperature, -1, 1).labels, ["cpu"]);
    assert_eq!(columns(&host, Panel::Swap, -1, 1).ceiling, None);
}

#[test]
fn file_systems_are_fullest_first_and_never_averaged() {
    let of = |metric, mount: &str| Series::of(metric, mount);
    let series = [
        whole(Metric::FILESYSTEM),
        of(Metric::FILESYSTEM, "/"),
        of(Metric::FILESYSTEM, "/var"),
        of(Metric::FILESYSTEM_AVAILABLE, "/var"),
        of(Metric::FILESYSTEM, "/gone"),
    ];
    let host = host(&series, &[(0, &[0.9, 0.4, 0.9, 1_024.0, f64::NAN])]);
    let root = FileSystem { mount: "/".into(), used_ratio: 0.4, available_bytes: None };
    let var = FileSystem { mount: "/var".into(), used_ratio: 0.9, available_bytes: Some(1_024.0) };
    assert_eq!(host.file_systems(), [var, root]);
}

#[track_caller]
fn check_cores(host: &OpenHost, from_ms: i64, to_ms: i64, columns: usize, labels: &[&str], levels: &[u8]) {
    let mut out = HeatMatrix::default();
    let window = Window { from: Timestamp::from_ms(from_ms), to: Timestamp::from_ms(to_ms) };
    host.fill_cores(window, columns, &mut out);
    assert_eq!((out.columns, &out.levels[..]), (columns, levels));
    assert_eq!(out.labels, labels);
}

#[test]
fn cores_are_cells_over_time() {
    let series = [whole(Metric::CPU), Series::of(Metric::CPU, "10"), Series::of(Metric::CPU, "2")];
    let rows: &[(i64, &[f64])] = &[
        (1_000, &[0.5, 0.0, 1.0]),
        (2_000, &[0.5, 1.0, 0.5]),
        (2_900, &[0.5, 0.0, 0.0]),
        (6_000, &[0.5, 0.5, 0.5]),
    ];
    let host = host(&series, rows);
    let none = NO_LEVEL;
    // Steps are (0, 1], (1, 2] … seconds; the last row speaks for one interval only.
    check_cores(
        &host,
        0,
        6_000,
        6,
        &["2", "10"],
        &[254, 127, 0, none, none, 127, 0, 254, 0, none, none, 127],
    );
    // Steps of half an interval leave no holes, steps of two take the busiest moment.
    check_cores(&host, 0, 2_000, 4, &["2", "10"], &[254, 254, 127, 127, 0, 0, 254, 254]);
    check_cores(&host, 0, 2_000, 1, &["2", "10"], &[254, 254]);
    check_cores(&host, 0, 2_000, 0, &["2", "10"], &[]);
    check_cores(&host, 5, 5, 2, &["2", "10"], &[none; 4]);
    check_cores(&host, i64::MIN, i64::MAX, 1, &["2", "10"], &[254, 254]);
}

#[test]
fn after_a_restart_old_rows_stay_until_there_are_new_ones() {
    let cpu = [whole(Metric::CPU)];
    let mut host = host(&cpu, &[(1_000, &[0.1]), (2_000, &[0.2]), (3_000, &[0.3])]);
    let epoch = Epoch(8);
    let restarted = |since: u64, until: u64, runs| HostDelta {
        since: Cursor { epoch, revision: Revision(since) },
        until: Cursor { epoch, revision: Revision(until) },
        ..delta(0, 0, runs)
    };
    assert!(host.apply(HostDelta { known: false, ..restarted(0, 1, vec![]) }));
    assert_eq!((host.known(), host.latest(Metric::CPU)), (Some(false), Some(0.3)));
    // Layouts are announced anew: the same number may mean another one.
    assert!(!host.clone().apply(restarted(1, 2, vec![run(1, &cpu, &[(4_000, &[0.4])], false)])));
    // The agent gives its rows again; their times may be mapped a little differently.
    assert!(host.apply(restarted(1, 2, vec![run(1, &cpu, &[(2_003, &[0.2]), (3_003, &[0.3])], true)])));
    let columns = columns(&host, Panel::Cpu, 0, 10);
    assert_eq!((columns.x, host.known()), (vec![1.0, 2.003, 3.003], Some(true)));
    assert_eq!(host.info().map(|info| info.core_count), Some(8));
    assert_eq!(host.health(), Some(health()));
}

#[test]
fn what_does_not_fit_is_asked_for_again() {
    let cpu = [whole(Metric::CPU)];
    let mut host = host(&cpu, &[(1_000, &[0.1])]);
    assert!(!host.apply(delta(2, 3, vec![])));
    assert_eq!(host.cursor(), cursor(1));
    // A layout that was never announced: everything is needed again.
    assert!(!host.apply(delta(1, 2, vec![run(9, &cpu, &[(2_000, &[0.2])], false)])));
    assert_eq!(host.cursor(), Cursor::START);
    // Bytes that are no chunk are counted, and asking again would not help.
    let broken = Run { chunk: Chunk(vec![9, 9, 9]), ..run(2, &cpu, &[], true) };
    assert!(host.apply(delta(0, 5, vec![broken])));
    assert_eq!((host.refused(), host.cursor()), (1, cursor(5)));
}

#[test]
fn the_interval_is_told_by_the_rows_when_nobody_else_does() {
    let mut host = OpenHost::new(HostId(1));
    assert_eq!(host.interval_ms(), 1_000);
    let rows: &[(i64, &[f64])] =
        &[(0, &[0.1]), (2_000, &[0.1]), (4_100, &[0.1]), (60_000, &[0.1]), (62_000, &[0.1])];
    host.apply(delta(0, 1, vec![run(1, &[whole(Metric::CPU)], rows, true)]));
    assert!((2_000..=2_100).contains(&host.interval_ms()));
}
