//! Whole hosts: recorded trees, and this very machine with sysinfo as the oracle.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cpumonitor_common::{Code, HostId, Layout, Metric, RowWriter};
use proptest::prelude::*;

use super::filesystem::Space;
use super::{Collector, Roots, host};
use crate::clock::{Clock, Moment};
use crate::collect::portable;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn at(second: u64) -> Moment {
    Moment::after_start(Duration::from_secs(second))
}

/// Copies the files below `from` over those below `to`, in place: files stay open in between.
fn overlay(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            overlay(&entry.path(), &target);
        } else {
            fs::write(target, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

fn some_space(path: &Path) -> Option<Space> {
    let used_units = match path.to_str() {
        Some("/") => 3_000,
        Some("/etc/hosts") => return None,
        _ => 1_000,
    };
    Some(Space { used_units, available_units: 1_000, unit_bytes: 1_000 })
}

fn sample(collector: &mut Collector, now: Moment, row: &mut RowWriter) -> Vec<(String, Option<f64>)> {
    row.start();
    collector.collect(now, row);
    let (layout, _, codes) = row.finish();
    readings(layout, codes)
}

fn readings(layout: &Layout, codes: &[Code]) -> Vec<(String, Option<f64>)> {
    let values = layout.series.iter().zip(codes);
    values.map(|(series, code)| (series.to_string(), series.metric.decode(*code))).collect()
}

#[track_caller]
fn check(name: &str) {
    let tree = tempfile::tempdir().unwrap();
    overlay(&fixture(name).join("first"), tree.path());
    let mut collector = Collector::asking(&Roots::under(tree.path()), some_space);
    let mut row = RowWriter::default();
    sample(&mut collector, at(0), &mut row);
    overlay(&fixture(name).join("second"), tree.path());
    let mut seen = String::new();
    for (series, value) in sample(&mut collector, at(1), &mut row) {
        match value {
            Some(value) => writeln!(seen, "{series} = {}", (value * 1e3).round() / 1e3).unwrap(),
            None => writeln!(seen, "{series} absent").unwrap(),
        }
    }
    let expected = fs::read_to_string(fixture(name).join("expected.txt")).unwrap();
    assert_eq!(seen, expected, "{name}: the row is now\n{seen}");
}

#[test]
fn a_small_vm() {
    check("small-vm");
}

#[test]
fn a_big_server() {
    check("big-server");
}

#[test]
fn a_container() {
    check("container");
}

#[test]
fn a_vm_whose_time_is_stolen() {
    check("stolen-vm");
}

#[test]
fn facts_of_recorded_hosts() {
    let info = |name: &str| {
        let roots = Roots::under(&fixture(name).join("first"));
        let info = host::host_info(&roots, HostId(7), None, &[]);
        assert_eq!(info.check(), Ok(()), "{name}");
        info
    };
    let server = info("big-server");
    assert_eq!((server.name.as_str(), server.core_count), ("db-7", 64));
    assert_eq!(server.os, "Rocky Linux 9.4 (Blue Onyx)");
    assert_eq!(server.cpu_model, "AMD EPYC 7543 32-Core Processor");
    assert_eq!((server.memory_bytes, server.swap_bytes), (528_280_000 * 1024, 8_388_604 * 1024));
    let container = info("container");
    assert_eq!(
        (container.name.as_str(), container.os.as_str(), container.core_count),
        ("3f2a9c81d0b7", "Linux", 1)
    );
}

#[test]
fn a_first_sample_has_everything_but_rates() {
    let tree = tempfile::tempdir().unwrap();
    overlay(&fixture("stolen-vm").join("first"), tree.path());
    let mut collector = Collector::asking(&Roots::under(tree.path()), some_space);
    let mut row = RowWriter::default();
    let first = sample(&mut collector, at(0), &mut row);
    let value = |wanted: &str| first.iter().find(|(series, _)| series == wanted).unwrap().1;
    assert_eq!(value("cpu"), None);
    assert_eq!(value("net.rx"), None);
    assert_eq!(value("mem"), Some(0.75));
    assert_eq!(value("load1"), Some(3.5));
}

#[test]
fn an_empty_tree_gives_an_empty_row() {
    let tree = tempfile::tempdir().unwrap();
    let mut collector = Collector::asking(&Roots::under(tree.path()), some_space);
    assert_eq!(sample(&mut collector, at(0), &mut RowWriter::default()), []);
}

#[test]
fn files_that_fail_later_leave_absence_not_a_new_layout() {
    let tree = tempfile::tempdir().unwrap();
    overlay(&fixture("stolen-vm").join("first"), tree.path());
    let mut collector = Collector::asking(&Roots::under(tree.path()), some_space);
    let mut row = RowWriter::default();
    let before = sample(&mut collector, at(0), &mut row);
    for file in ["stat", "loadavg", "meminfo", "uptime"] {
        fs::write(tree.path().join("proc").join(file), "").unwrap();
    }
    let after = sample(&mut collector, at(1), &mut row);
    let names = |row: &[(String, Option<f64>)]| row.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    // The cores are listed in the file, so they go with it.
    let kept: Vec<_> = names(&before).into_iter().filter(|name| !name.starts_with("cpu[")).collect();
    assert_eq!(names(&after), kept);
    assert!(after.iter().all(|(name, value)| !name.starts_with("mem") || value.is_none()));
}

/// Reads this machine for a moment with both collectors, and compares what both know.
#[test]
fn this_host_looks_the_same_to_sysinfo() {
    let clock = Clock::start();
    let (mut ours, mut theirs) = (Collector::of_this_host(), portable::Collector::of_this_host());
    let (mut our_row, mut their_row) = (RowWriter::default(), RowWriter::default());
    let mut both = || {
        our_row.start();
        ours.collect(clock.now(), &mut our_row);
        their_row.start();
        theirs.collect(clock.now(), &mut their_row);
        let (layout, _, codes) = our_row.finish();
        let ours = readings(layout, codes);
        let (layout, _, codes) = their_row.finish();
        (ours, readings(layout, codes))
    };
    let mut value = |metric: Metric, tolerance: f64| {
        // What moves between two readings is asked again, until both saw the same.
        let name = metric.to_string();
        let deadline = clock.now().plus(Duration::from_secs(10));
        loop {
            let (ours, theirs) = both();
            let find = |row: &[(String, Option<f64>)]| {
                row.iter().find(|(series, _)| *series == name).and_then(|(_, v)| *v)
            };
            let (our, their) = (find(&ours), find(&theirs));
            let close = match (our, their) {
                (Some(our), Some(their)) => (our - their).abs() <= tolerance * their.abs().max(1.0),
                (our, their) => our == their,
            };
            if close {
                return;
            }
            assert!(clock.now() < deadline, "{name}: we say {our:?}, sysinfo says {their:?}");
        }
    };
    value(Metric::MEMORY, 0.02);
    value(Metric::MEMORY_USED, 0.02);
    value(Metric::MEMORY_AVAILABLE, 0.02);
    value(Metric::SWAP, 0.02);
    value(Metric::LOAD_1, 0.05);
    value(Metric::LOAD_15, 0.05);
    value(Metric::UPTIME, 0.01);
    value(Metric::FILESYSTEM_AVAILABLE, 0.05);
    let (ours, theirs) = both();
    for prefix in ["cpu[", "net.rx[eth", "disk.read["] {
        let count =
            |row: &[(String, Option<f64>)]| row.iter().filter(|(name, _)| name.starts_with(prefix)).count();
        assert_eq!(count(&ours), count(&theirs), "{prefix}");
    }
}

proptest! {
    // Each case copies a tree and opens its files anew.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is written into the files, a row comes out, and it is one the server takes.
    #[test]
    fn damaged_trees_never_panic(
        file in prop::sample::select(vec!["stat", "loadavg", "meminfo", "diskstats", "net/dev", "uptime", "self/mounts"]),
        cut in 0usize..3_000,
        noise in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let tree = tempfile::tempdir().unwrap();
        overlay(&fixture("stolen-vm").join("first"), tree.path());
        let path = tree.path().join("proc").join(file);
        let mut content = fs::read(&path).unwrap();
        content.truncate(cut);
        let place = cut / 2 % (content.len() + 1);
        content.splice(place..place, noise);
        fs::write(path, content).unwrap();
        let mut collector = Collector::asking(&Roots::under(tree.path()), some_space);
        let mut row = RowWriter::default();
        for second in 0..2 {
            row.start();
            collector.collect(at(second), &mut row);
            let (layout, _, codes) = row.finish();
            prop_assert_eq!(layout.series.len(), codes.len());
            prop_assert_eq!(layout.check(), Ok(()));
        }
    }
}
