//! What a process costs, read from the kernel's own books.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::rig::Rig;
use crate::clock;

/// What a process took over a while.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// Processor time per second of wall time, in milliseconds.
    pub(super) cpu_ms_per_s: f64,
    /// Resident memory at the end, in MiB (`VmRSS`).
    pub(super) rss_mib: f64,
}

/// Measures `process` for `time`, while the rig runs.
pub(super) fn of(rig: &Rig<'_>, process: u32, time: Duration) -> Result<Cost> {
    let (before, started) = (cpu_ns(process)?, clock::now());
    rig.run_for(time)?;
    let (after, elapsed) = (cpu_ns(process)?, started.elapsed());
    let cpu_ms = after.saturating_sub(before) as f64 / 1e6;
    Ok(Cost { cpu_ms_per_s: cpu_ms / elapsed.as_secs_f64(), rss_mib: rss_kib(process)? as f64 / 1024.0 })
}

/// Time on a processor so far, of all threads: the first field of each `schedstat`, in nanoseconds, which
/// is finer than the ticks of `/proc/PID/stat` (`Documentation/scheduler/sched-stats.rst`).
fn cpu_ns(process: u32) -> Result<u64> {
    let tasks = format!("/proc/{process}/task");
    let mut sum = 0;
    for task in
        fs::read_dir(&tasks).with_context(|| format!("cannot read {tasks}: this figure needs Linux"))?
    {
        let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        sum += text.split_whitespace().next().and_then(|first| first.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(sum)
}

fn rss_kib(process: u32) -> Result<u64> {
    let file = format!("/proc/{process}/status");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
    match vm_rss_kib(&text) {
        Some(kib) => Ok(kib),
        None => bail!("{file} has no line VmRSS"),
    }
}

/// `VmRSS:      4936 kB` of `/proc/PID/status` (`proc_pid_status(5)`).
fn vm_rss_kib(status: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_a_line_of_status() {
        assert_eq!(vm_rss_kib("Name:\tx\nVmRSS:\t    4936 kB\nThreads:\t1\n"), Some(4936));
        assert_eq!(vm_rss_kib("Name:\tx\n"), None);
    }
}
