//! Prints samples of this host as they are taken, one a second: `cargo run -p cpumonitor-agent --example print`.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use cpumonitor_agent::clock::Clock;
use cpumonitor_agent::collect::Collector;
use cpumonitor_common::RowWriter;

fn main() -> io::Result<()> {
    let (clock, mut collector, mut row) = (Clock::start(), Collector::of_this_host(), RowWriter::default());
    collector.collect(clock.now(), &mut row);
    let mut out = io::stdout();
    loop {
        thread::sleep(Duration::from_secs(1));
        row.start();
        collector.collect(clock.now(), &mut row);
        let (layout, is_new, codes) = row.finish();
        writeln!(out, "--- {} series{}", codes.len(), if is_new { ", a new layout" } else { "" })?;
        for (series, code) in layout.series.iter().zip(codes) {
            match series.metric.decode(*code) {
                Some(value) => writeln!(out, "{series} = {:.3}", value)?,
                None => writeln!(out, "{series} absent")?,
            }
        }
    }
}
