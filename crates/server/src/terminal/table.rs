//! The fleet as a table that fills a screen and never more than that.

use cpumonitor_common::HostStatus;

use super::column::{Column, fit, gap, status_glyph};
use super::row::Picture;
use super::text::{Line, Paint, tame};
use unicode_width::UnicodeWidthStr as _;

/// Columns and lines of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// Characters in a line.
    pub(super) columns: usize,
    /// Lines.
    pub(super) lines: usize,
}

/// What stands around the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    /// Where the page is.
    pub(super) url: &'a str,
    /// The filter as it is written; empty when there is none.
    pub(super) filter: &'a str,
    /// The last line of the log; empty when there is none.
    pub(super) log: &'a str,
    /// Whether colours are wanted.
    pub(super) color: bool,
}

/// Screens with fewer lines than this do without blank ones.
const ROOMY_LINES: usize = 16;

/// Draws `picture`, whose rows are in order, as at most `size.lines` lines of at most `size.columns` columns.
pub(super) fn draw(picture: &Picture, around: &Surroundings<'_>, size: Size) -> Vec<String> {
    let roomy = size.lines >= ROOMY_LINES;
    let mut above = vec![title(around, size), counts(picture, around, size)];
    if roomy {
        above.push(String::new());
    }
    let below = if around.log.is_empty() { vec![] } else { vec![log(around, size)] };
    let room = size.lines.saturating_sub(above.len() + below.len());

    let mut lines = above;
    if picture.rows.is_empty() {
        lines.extend(nothing(picture, around, size).into_iter().take(room));
    } else {
        lines.extend(rows(picture, around, size, room));
    }
    if roomy && !below.is_empty() {
        // The log keeps its place at the bottom, so that it does not jump with the number of hosts.
        lines.resize(size.lines - below.len(), String::new());
    }
    lines.extend(below);
    lines.truncate(size.lines);
    lines
}

fn title(around: &Surroundings<'_>, size: Size) -> String {
    let mut line = Line::new(size.columns, around.color);
    line.put(Paint::Bold, concat!("cpuMonitor ", env!("CARGO_PKG_VERSION")));
    line.put(Paint::Plain, "  ");
    line.put(Paint::Plain, around.url);
    line.finish()
}

fn counts(picture: &Picture, around: &Surroundings<'_>, size: Size) -> String {
    let mut line = Line::new(size.columns, around.color);
    // First what was asked for: it is what a narrow screen must not cut off.
    if !around.filter.is_empty() {
        line.put(Paint::Bold, &format!("{} of {}", picture.rows.len(), picture.total()));
        line.put(Paint::Plain, &format!("  {}  ", tame(around.filter)));
    }
    for (status, count) in HostStatus::ALL.into_iter().zip(picture.counts) {
        let paint = match status {
            HostStatus::Live if count > 0 => Paint::Calm,
            HostStatus::Down if count > 0 => Paint::Hot,
            HostStatus::Stale if count > 0 => Paint::Warm,
            _ => Paint::Dim,
        };
        line.put(paint, &format!("{} {count} {}", status_glyph(status), status.word()));
        line.put(Paint::Plain, "  ");
    }
    line.finish()
}

/// Headings and as many rows as fit in `room` lines, and how many more there are.
fn rows(picture: &Picture, around: &Surroundings<'_>, size: Size, room: usize) -> Vec<String> {
    let room = room.saturating_sub(1);
    let shown = if picture.rows.len() <= room { picture.rows.len() } else { room.saturating_sub(1) };
    let rows = picture.rows.get(..shown).unwrap_or_default();
    let columns = fit(size.columns, rows.iter().map(|row| row.name.width()).max().unwrap_or(0));

    let mut lines = Vec::with_capacity(shown + 2);
    lines.push(line(&columns, around, size, |column, width| vec![(Paint::Dim, column.heading(width))]));
    lines
        .extend(rows.iter().map(|row| line(&columns, around, size, |column, width| column.cell(row, width))));
    if shown < picture.rows.len() {
        let mut line = Line::new(size.columns, around.color);
        line.put(Paint::Dim, &format!("  +{} more", picture.rows.len() - shown));
        lines.push(line.finish());
    }
    lines
}

fn line(
    columns: &[(Column, usize)],
    around: &Surroundings<'_>,
    size: Size,
    cell: impl Fn(Column, usize) -> Vec<(Paint, String)>,
) -> String {
    let mut line = Line::new(size.columns, around.color);
    for (place, (column, width)) in columns.iter().enumerate() {
        if place > 0 {
            line.put(Paint::Plain, &gap());
        }
        for (paint, piece) in cell(*column, *width) {
            line.put(paint, &piece);
        }
    }
    line.finish()
}

/// What to say in place of rows.
fn nothing(picture: &Picture, around: &Surroundings<'_>, size: Size) -> Vec<String> {
    let say = |paint, text: &str| {
        let mut line = Line::new(size.columns, around.color);
        line.put(paint, text);
        line.finish()
    };
    if picture.total() > 0 {
        return vec![say(Paint::Dim, "No host matches the filter.")];
    }
    let server = around.url.trim_end_matches('/').replacen("http", "ws", 1);
    vec![
        say(Paint::Plain, "No host yet. On a machine to be watched:"),
        say(Paint::Bold, &format!("  cpumonitor-agent --server {server}")),
    ]
}

fn log(around: &Surroundings<'_>, size: Size) -> String {
    let mut line = Line::new(size.columns, around.color);
    line.put(Paint::Dim, &tame(around.log));
    line.finish()
}

#[cfg(test)]
mod tests;
