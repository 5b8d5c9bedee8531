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

    ALLOCATED.reset_peak_usage();
    let before = (ALLOCATED.current_usage(), ALLOCATED.peak_usage());
    for tick in 2..1_000 {
        sample(tick);
    }
    assert_eq!((ALLOCATED.current_usage(), ALLOCATED.peak_usage()), before);
}
