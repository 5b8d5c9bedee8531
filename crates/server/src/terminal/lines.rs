//! One line a host and second, for people and for awk.
//!
//! ```text
//! 2026-11-22T16:30:01Z web-1 live cpu=12.5% mem=34.1% load1=0.52 rx=1.2MiB/s tx=88KiB/s age=0.3s
//! ```
//! The fields and their order are fixed; a reading that is absent is `-`.

use std::fmt::Write as _;

use cpumonitor_common::Timestamp;

use super::format::{ABSENT, age, load, percent, rate, utc};
use super::row::{Picture, Row};

/// The lines of all hosts in `picture`, taken at `at`.
pub(super) fn lines(picture: &Picture, at: Timestamp) -> String {
    let at = utc(at);
    let mut text = String::new();
    for row in &picture.rows {
        line(&mut text, &at, row);
    }
    text
}

fn line(text: &mut String, at: &str, row: &Row) {
    let Row { load_1, receive_bytes_per_sec: rx, transmit_bytes_per_sec: tx, .. } = row;
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{at} {} {} cpu={} mem={} load1={} rx={} tx={} age={}",
        word(&row.name),
        row.status.word(),
        or_absent(row.cpu_ratio, percent),
        or_absent(row.memory_ratio, percent),
        or_absent(*load_1, load),
        or_absent(*rx, rate),
        or_absent(*tx, rate),
        age(row.age_ms),
    );
}

fn or_absent(value: Option<f64>, format: fn(f64) -> String) -> String {
    value.map_or_else(|| ABSENT.to_owned(), format)
}

/// `name` as one word: in quotes where it would otherwise be read as several, or as a field.
fn word(name: &str) -> String {
    let plain =
        !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\\' | '='));
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// A message of a 2018 client as the server of 2018 printed it: two blanks, then the message.
pub(super) fn heard(message: &str) -> String {
    format!("Message received from the clients:  {}\n", super::text::tame(message.trim_end()))
}

#[cfg(test)]
mod tests {
    use cpumonitor_common::{Filter, HostStatus, Metric};

    use super::super::row::tests::{NOW, host};
    use super::*;

    #[test]
    fn a_host_is_a_line() {
        let full = [
            (Metric::CPU, 0.125),
            (Metric::MEMORY, 0.341),
            (Metric::LOAD_1, 0.52),
            (Metric::NETWORK_RECEIVE, 1.2 * 1_024.0 * 1_024.0),
            (Metric::NETWORK_TRANSMIT, 88.0 * 1_024.0),
        ];
        let hosts = [
            host("web-1", HostStatus::Live, 300, &full),
            host("my \"big\" host", HostStatus::Stale, 4_000, &full[..1]),
            host("old", HostStatus::Down, 125_000, &full),
            host("x=1", HostStatus::Stopped, 20_000, &[]),
        ];
        let picture = Picture::by_name(&hosts, &Filter::default(), NOW);
        assert_eq!(
            lines(&picture, NOW),
            "2026-11-22T16:30:01Z \"my \\\"big\\\" host\" stale cpu=12.5% mem=- load1=- rx=- tx=- age=4.0s\n\
             2026-11-22T16:30:01Z old down cpu=- mem=- load1=- rx=- tx=- age=2m\n\
             2026-11-22T16:30:01Z web-1 live cpu=12.5% mem=34.1% load1=0.52 rx=1.2MiB/s tx=88KiB/s age=0.3s\n\
             2026-11-22T16:30:01Z \"x=1\" stopped cpu=- mem=- load1=- rx=- tx=- age=20s\n"
        );
    }

    #[test]
    fn a_message_of_2018_is_printed_as_it_was_then() {
        assert_eq!(
            heard("CPU usages from client2: 12.5%"),
            "Message received from the clients:  CPU usages from client2: 12.5%\n"
        );
        assert_eq!(
            heard("CPU usages from a: 1\r\n"),
            "Message received from the clients:  CPU usages from a: 1\n"
        );
    }
}
