//! What a sample costs, in a hot loop: `cargo run --release -p cpumonitor-agent --example tick [COUNT]`.

use std::io::{self, Write};
use std::time::Duration;

use cpumonitor_agent::clock::Clock;
use cpumonitor_agent::collect::Collector;
use cpumonitor_common::{Chunk, Row, RowWriter};

fn main() -> io::Result<()> {
    let count: u32 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1_000);
    let (clock, mut collector, mut row) = (Clock::start(), Collector::of_this_host(), RowWriter::default());
    let (mut ticks, mut bytes) = (Vec::with_capacity(count as usize), 0);
    for seq in 0..u64::from(count) {
        let start = clock.now();
        row.start();
        collector.collect(start, &mut row);
        let (layout, _, codes) = row.finish();
        let one = [Row { seq, at: clock.wall(start), codes }];
        bytes = Chunk::encode_iter(layout.series.len(), one.into_iter()).0.len();
        ticks.push(clock.now().since(start).unwrap_or_default());
    }
    ticks.sort();
    let series = row.finish().2.len();
    let us = |span: Duration| span.as_secs_f64() * 1e6;
    let at = |share: usize| ticks.get(ticks.len() * share / 100).copied().map_or(0.0, us);
    let mean = us(ticks.iter().sum()) / f64::from(count.max(1));
    writeln!(
        io::stdout(),
        "{count} ticks of {series} series: mean {mean:.1} µs, median {:.1} µs, p99 {:.1} µs; a row takes {bytes} bytes",
        at(50),
        at(99)
    )
}
