//! The columns of the table, and which of them fit.

use cpumonitor_common::HostStatus;

use super::bar::bar;
use super::format::{ABSENT, age, load, percent, rate, temperature};
use super::row::Row;
use super::text::{Paint, left, right};

/// One column, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// How it fares, as a glyph, and what it is called.
    Host,
    /// Processor time in use.
    Cpu,
    /// The same as a bar; for a host that is not live, the word for how it fares.
    Bar,
    /// Memory in use.
    Memory,
    /// Load average over one minute.
    Load,
    /// Received from the network.
    Receive,
    /// Sent to the network.
    Transmit,
    /// Read from disks.
    Read,
    /// Written to disks.
    Write,
    /// The hottest sensor.
    Temperature,
    /// How long ago it was heard.
    Age,
}

/// After the host, the most important first: on a narrow screen the last ones are left out. What belongs together comes
/// and goes together.
const BY_IMPORTANCE: [&[Column]; 8] = [
    &[Column::Cpu],
    &[Column::Age],
    &[Column::Memory],
    &[Column::Bar],
    &[Column::Load],
    &[Column::Receive, Column::Transmit],
    &[Column::Read, Column::Write],
    &[Column::Temperature],
];

/// Blank columns between two columns.
const GAP: usize = 2;
/// Longest names get this much; longer ones are cut.
const WIDEST_HOST: usize = 42;
const WIDEST_BAR: usize = 24;

/// From here on a processor is warm: yellow.
const WARM_RATIO: f64 = 0.80;
/// From here on it is hot: red.
const HOT_RATIO: f64 = 0.95;

impl Column {
    fn least_width(self) -> usize {
        match self {
            Column::Host => 14,
            Column::Bar => 10,
            Column::Receive | Column::Transmit | Column::Read | Column::Write => 9,
            Column::Cpu | Column::Memory | Column::Load => 6,
            Column::Temperature | Column::Age => 5,
        }
    }

    /// What stands above it, aligned like its values.
    pub(super) fn heading(self, width: usize) -> String {
        match self {
            // Above the names, not above the glyphs.
            Column::Host => left("  HOST", width),
            Column::Cpu => right("CPU", width),
            Column::Bar => left("", width),
            Column::Memory => right("MEM", width),
            Column::Load => right("LOAD", width),
            Column::Receive => right("NET IN", width),
            Column::Transmit => right("NET OUT", width),
            Column::Read => right("READ", width),
            Column::Write => right("WRITE", width),
            Column::Temperature => right("TEMP", width),
            Column::Age => right("AGE", width),
        }
    }

    /// The value of `row` in exactly `width` columns, as pieces to be painted.
    pub(super) fn cell(self, row: &Row, width: usize) -> Vec<(Paint, String)> {
        let live = row.status == HostStatus::Live;
        let number = |value: Option<f64>, format: fn(f64) -> String| {
            let text = value.map_or_else(|| ABSENT.to_owned(), format);
            let paint = if value.is_none() || !live { Paint::Dim } else { Paint::Plain };
            vec![(paint, right(&text, width))]
        };
        match self {
            Column::Host => {
                let (glyph, paint) = glyph(row);
                let name = if live { Paint::Plain } else { Paint::Dim };
                vec![(paint, format!("{glyph} ")), (name, left(&row.name, width.saturating_sub(2)))]
            }
            Column::Cpu => match row.cpu_ratio {
                Some(ratio) if live => vec![(heat(ratio), right(&percent(ratio), width))],
                ratio => number(ratio, percent),
            },
            Column::Bar => match row.cpu_ratio {
                Some(ratio) if live => vec![(heat(ratio), bar(ratio, width))],
                _ if live => vec![(Paint::Plain, left("", width))],
                _ => vec![(Paint::Dim, left(row.status.word(), width))],
            },
            Column::Memory => number(row.memory_ratio, percent),
            Column::Load => number(row.load_1, load),
            Column::Receive => number(row.receive_bytes_per_sec, rate),
            Column::Transmit => number(row.transmit_bytes_per_sec, rate),
            Column::Read => number(row.read_bytes_per_sec, rate),
            Column::Write => number(row.write_bytes_per_sec, rate),
            Column::Temperature => number(row.temperature_celsius, temperature),
            Column::Age => number(Some(row.age_ms as f64), |ms| age(ms as i64)),
        }
    }
}

/// How a host fares, in a form that can be told apart without colours.
fn glyph(row: &Row) -> (char, Paint) {
    match row.status {
        HostStatus::Live => match row.cpu_ratio {
            Some(ratio) if ratio >= HOT_RATIO => ('▲', Paint::Hot),
            Some(ratio) if ratio >= WARM_RATIO => ('◆', Paint::Warm),
            _ => ('●', Paint::Calm),
        },
        status => (status_glyph(status), Paint::Dim),
    }
}

/// The glyph of a status in the counts; the same one stands before the hosts.
pub(super) fn status_glyph(status: HostStatus) -> char {
    match status {
        HostStatus::Live => '●',
        HostStatus::Stale => '◌',
        HostStatus::Down => '×',
        HostStatus::Stopped => '■',
    }
}

fn heat(ratio: f64) -> Paint {
    if ratio >= HOT_RATIO {
        Paint::Hot
    } else if ratio >= WARM_RATIO {
        Paint::Warm
    } else {
        Paint::Calm
    }
}

/// The columns that fit in `width`, with their widths, in the order in which they are shown. What is
/// left over goes to the names, as far as `longest_name` needs it, and then to the bar.
pub(super) fn fit(width: usize, longest_name: usize) -> Vec<(Column, usize)> {
    // The host is shown however narrow the screen is.
    let mut chosen = vec![(Column::Host, Column::Host.least_width().min(width))];
    let mut left = width.saturating_sub(Column::Host.least_width());
    for group in BY_IMPORTANCE {
        let least: usize = group.iter().map(|column| GAP + column.least_width()).sum();
        if least > left {
            break;
        }
        left -= least;
        chosen.extend(group.iter().map(|column| (*column, column.least_width())));
    }
    chosen.sort_unstable();
    // Two columns are for the glyph.
    for (column, widest) in [(Column::Host, (longest_name + 2).min(WIDEST_HOST)), (Column::Bar, WIDEST_BAR)] {
        if let Some((_, width)) = chosen.iter_mut().find(|(chosen, _)| *chosen == column) {
            let more = widest.saturating_sub(*width).min(left);
            *width += more;
            left -= more;
        }
    }
    chosen
}

/// The blanks between two columns.
pub(super) fn gap() -> String {
    " ".repeat(GAP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_leave_by_importance_as_the_screen_narrows() {
        #[track_caller]
        fn check(width: usize, headings: &str) {
            let columns = fit(width, 5);
            let shown: Vec<_> =
                columns.iter().map(|(column, width)| column.heading(*width).trim().to_owned()).collect();
            assert_eq!(shown.join(" "), headings, "{width}");
        }
        check(160, "HOST CPU  MEM LOAD NET IN NET OUT READ WRITE TEMP AGE");
        check(80, "HOST CPU  MEM LOAD NET IN NET OUT AGE");
        check(100, "HOST CPU  MEM LOAD NET IN NET OUT AGE");
        check(78, "HOST CPU  MEM LOAD AGE");
        check(59, "HOST CPU  MEM LOAD AGE");
        check(40, "HOST CPU MEM AGE");
        check(24, "HOST CPU");
        check(3, "…");
    }

    #[test]
    fn room_to_spare_goes_to_long_names_and_then_to_the_bar() {
        let width_of = |width, longest, wanted| {
            fit(width, longest).into_iter().find(|(column, _)| *column == wanted).map(|(_, width)| width)
        };
        assert_eq!(width_of(200, 5, Column::Host), Some(14));
        assert_eq!(width_of(200, 30, Column::Host), Some(32));
        assert_eq!(width_of(200, 300, Column::Host), Some(WIDEST_HOST));
        assert_eq!(width_of(200, 5, Column::Bar), Some(WIDEST_BAR));
    }

    proptest! {
        #[test]
        fn the_table_is_never_wider_than_the_screen(width in 0usize..300, longest in 0usize..300) {
            let columns = fit(width, longest);
            let total: usize = columns.iter().map(|(_, width)| width).sum::<usize>() + GAP * columns.len().saturating_sub(1);
            prop_assert!(total <= width);
        }
    }
}
