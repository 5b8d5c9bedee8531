//! Reading the host: one file per family of metrics.
//!
//! On Linux `/proc` and `/sys` are read directly, with files kept open: sysinfo lacks CPU modes and disk
//! times, and costs several times as much at one reading a second. Everywhere else sysinfo does the work.
//! Its side is compiled into the tests on Linux, too, where it is the oracle for ours.
//!
//! Every family works in two steps: it reads what the host says now, and it puts its readings into the
//! row, always in the order of the catalogue, instances after their whole.

mod rate;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(
    target_os = "linux",
    expect(dead_code, unreachable_pub, reason = "on Linux only the tests compare with it")
)]
mod portable;

#[cfg(target_os = "linux")]
pub use linux::{Collector, Roots, host_info};
#[cfg(not(target_os = "linux"))]
pub use portable::{Collector, host_info};

use cpumonitor_common::host::MAX_TEXT_BYTES;

/// `text` as it may stand in a host's facts or in a series' name: control characters replaced, since they
/// could change how a terminal or a log line reads, and cut to `max` bytes at a character boundary.
fn clean(text: &str, max: usize) -> String {
    let text = text.trim();
    let cut = &text[..text.floor_char_boundary(max)];
    cut.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// `text` as one of a host's facts.
fn fact(text: &str) -> String {
    clean(text, MAX_TEXT_BYTES)
}
