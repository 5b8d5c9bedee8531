//! A sample allocates nothing once the layout stands still. In a binary of its own: the counter is global.
#![cfg(target_os = "linux")]

use std::time::Duration;

use cpumonitor_agent::clock::Moment;
use cpumonitor_agent::collect::{Collector, Roots};
use cpumonitor_common::RowWriter;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

#[test]
fn a_sample_allocates_nothing() {
    let tree = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/big-server/first");
    let mut collector = Collector::new(&Roots::under(&tree));
    let mut row = RowWriter::default();
    // Less than ten seconds: within them no list is searched anew.
    let mut sample = |tick: u64| {
        row.start();
        collector.collect(Moment::after_start(Duration::from_millis(tick)), &mut row);
        row.finish().2.len()
    };
    sample(0);
    let series = sample(1);
    assert!(series > 100);

    // The test harness has a thread of its own that allocates now and then; a sample that did would show
    // in every round.
    let grown = (0..10).map(|round| {
        ALLOCATED.reset_peak_usage();
        let before = ALLOCATED.peak_usage();
        for tick in 0..100 {
            sample(2 + round * 100 + tick);
        }
        ALLOCATED.peak_usage() - before
    });
    assert_eq!(grown.min(), Some(0));
}
