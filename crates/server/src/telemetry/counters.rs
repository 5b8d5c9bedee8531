//! What the server counts about itself, in one table.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows, unless it is a gauge.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub(crate) fn count(&self) {
        self.add(1);
    }

    /// `n` more.
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// One fewer; for gauges.
    pub(crate) fn release(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// How many.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counters {
    ($($kind:ident $field:ident $name:literal $help:literal;)*) => {
        /// Everything the server counts.
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(#[doc = $help] pub(crate) $field: Counter,)*
        }

        impl Counters {
            /// All of them in the text format of Prometheus (version 0.0.4).
            pub(crate) fn render(&self) -> String {
                let mut out = String::new();
                $(expose(&mut out, stringify!($kind), $name, $help, [(None, self.$field.get())]);)*
                out
            }
        }
    };
}

counters! {
    counter connections "cpumonitor_connections_total" "Connections accepted.";
    gauge connections_open "cpumonitor_connections_open" "Connections open now.";
    counter connections_refused "cpumonitor_connections_refused_total" "Connections closed at once because too many were open.";
    counter handshakes_dropped "cpumonitor_handshakes_dropped_total" "Connections closed because too many others had not finished a request head, and this one had waited longest.";
    counter handshakes_timed_out "cpumonitor_handshakes_timed_out_total" "Connections closed because a request head took too long.";
    counter accept_errors "cpumonitor_accept_errors_total" "Times the system could not hand over a connection.";
    counter requests_refused "cpumonitor_requests_refused_total" "Requests refused because of their Host or Origin.";

    gauge agents "cpumonitor_agents" "Agents connected now.";
    counter agent_sessions "cpumonitor_agent_sessions_total" "Agent sessions begun.";
    counter agent_frames "cpumonitor_agent_frames_total" "Frames received from agents.";
    counter agent_bytes "cpumonitor_agent_bytes_total" "Bytes received from agents, without framing.";
    counter agent_faults "cpumonitor_agent_faults_total" "Agent sessions ended because the agent broke the protocol or a limit.";
    counter rows "cpumonitor_rows_total" "Rows recorded.";
    counter rows_duplicate "cpumonitor_rows_duplicate_total" "Rows ignored because they were known.";
    counter rows_too_old "cpumonitor_rows_too_old_total" "Rows not kept because they were older than the tail.";
    counter rows_lost "cpumonitor_rows_lost_total" "Rows agents declared lost.";
    counter rows_missed "cpumonitor_rows_missed_total" "Ticks agents declared missed.";
    counter rows_undeclared "cpumonitor_rows_undeclared_total" "Sequence numbers skipped without a declaration; stays 0.";
    counter layouts_forgotten "cpumonitor_layouts_forgotten_total" "Layouts forgotten because one connection announced too many.";
    counter hosts_refused "cpumonitor_hosts_refused_total" "Hosts refused because the fleet was full.";

    gauge viewers "cpumonitor_viewers" "Viewers connected now.";
    counter viewer_sessions "cpumonitor_viewer_sessions_total" "Viewer sessions begun.";
    counter viewer_frames "cpumonitor_viewer_frames_total" "Frames sent to viewers.";
    counter viewer_bytes "cpumonitor_viewer_bytes_total" "Bytes sent to viewers, without framing.";
    counter viewer_faults "cpumonitor_viewer_faults_total" "Viewer sessions ended because the viewer broke the protocol or a limit.";
    counter viewers_slow "cpumonitor_viewers_slow_total" "Viewer sessions ended because the viewer did not read.";
    counter frames_shared "cpumonitor_frames_shared_total" "Fleet frames sent without encoding them anew.";

    counter compat_sessions "cpumonitor_compat_sessions_total" "Sessions of 2018 clients begun.";
    counter compat_messages "cpumonitor_compat_messages_total" "Messages of 2018 clients recorded.";
    counter compat_ignored "cpumonitor_compat_ignored_total" "Messages of 2018 clients that say nothing about a CPU.";
    counter compat_limited "cpumonitor_compat_limited_total" "Sessions of 2018 clients ended because of a limit.";

    counter tasks_panicked "cpumonitor_tasks_panicked_total" "Sessions ended by a fault of the server; stays 0.";
    counter clock_jumps "cpumonitor_clock_jumps_total" "Times the wall clock jumped forward and was followed.";
}

/// Appends a family of numbers in the text format of Prometheus, each with the label that tells it from
/// the others, if there are others.
pub(crate) fn expose<'a>(
    out: &mut String,
    kind: &str,
    name: &str,
    help: &str,
    values: impl IntoIterator<Item = (Option<(&'a str, &'a str)>, u64)>,
) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (label, value) in values {
        let _ = match label {
            Some((key, label)) => writeln!(out, "{name}{{{key}=\"{label}\"}} {value}"),
            None => writeln!(out, "{name} {value}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_help_a_type_and_labels() {
        let mut out = String::new();
        expose(
            &mut out,
            "gauge",
            "x_hosts",
            "Hosts.",
            [(Some(("status", "live")), 3), (Some(("status", "down")), 1)],
        );
        let expected = "# HELP x_hosts Hosts.\n# TYPE x_hosts gauge\nx_hosts{status=\"live\"} 3\nx_hosts{status=\"down\"} 1\n";
        assert_eq!(out, expected);
    }

    #[test]
    fn every_counter_is_shown_once_and_named_by_the_rules() {
        let text = Counters::default().render();
        let names: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split(' ').next())
            .collect();
        for name in &names {
            assert_eq!(names.iter().filter(|other| other == &name).count(), 1, "{name}");
            assert!(name.starts_with("cpumonitor_"), "{name}");
            let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
            assert!(text.contains(&format!("# TYPE {name} {kind}\n")), "{name} is a {kind}");
        }
    }
}
