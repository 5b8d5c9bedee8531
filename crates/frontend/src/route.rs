//! The URL and what it means. Everything that can be shared is in it.

mod percent;

use std::fmt;

use cpumonitor_common::{HostId, Metric};

use crate::model::{Mode, Sort};

/// Most parameters of unknown meaning that are carried along; the rest is dropped.
const MAX_OTHERS: usize = 16;

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
        let mut route = Route { page: Page::parse(path), ..Route::default() };
        for pair in search.strip_prefix('?').unwrap_or(search).split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            route.set(percent::decode(key), percent::decode(value));
        }
        route
    }

    /// The same view of another page.
    #[must_use]
    pub fn at(&self, page: Page) -> Route {
        Route { page, ..self.clone() }
    }

    fn set(&mut self, key: String, value: String) {
        match key.as_str() {
            "q" => self.query = value,
            "s" => self.sort = Sort::parse(&value).unwrap_or_default(),
            "mode" => self.mode = if value == HIGHLIGHT { Mode::Highlight } else { Mode::Filter },
            "m" => self.chip = Metric::by_short(&value).unwrap_or(Metric::CPU),
            "t" => self.span = if value == MINUTE { Span::Minute } else { Span::FiveMinutes },
            _ if self.others.len() < MAX_OTHERS => self.others.push((key, value)),
            _ => {}
        }
    }
}

impl Page {
    fn parse(path: &str) -> Page {
        let path = path.strip_suffix('/').unwrap_or(path);
        match path {
            "" | "/index.html" => Page::Fleet,
            "/welcome" => Page::Welcome,
            _ => {
                path.strip_prefix("/host/").and_then(|id| id.parse().ok()).map_or(Page::NotFound, Page::Host)
            }
        }
    }
}

const HIGHLIGHT: &str = "highlight";
const MINUTE: &str = "1m";

/// Path and search, defaults left out: `/host/0123…?q=cpu+%3E+80%25`.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.page {
            Page::Fleet => f.write_str("/")?,
            Page::Host(id) => write!(f, "/host/{id}")?,
            Page::Welcome => f.write_str("/welcome")?,
            Page::NotFound => f.write_str("/not-found")?,
        }
        let usual = Route::default();
        let sort = (self.sort != usual.sort).then(|| self.sort.to_string());
        let chip = (self.chip != usual.chip).then(|| self.chip.to_string());
        let known = [
            ("q", (!self.query.is_empty()).then_some(self.query.as_str())),
            ("s", sort.as_deref()),
            ("mode", (self.mode == Mode::Highlight).then_some(HIGHLIGHT)),
            ("m", chip.as_deref()),
            ("t", (self.span == Span::Minute).then_some(MINUTE)),
        ];
        let known = known.into_iter().filter_map(|(key, value)| value.map(|value| (key, value)));
        let others = self.others.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        for (nth, (key, value)) in known.chain(others).enumerate() {
            let before = if nth == 0 { '?' } else { '&' };
            write!(f, "{before}{}={}", percent::Encoded(key), percent::Encoded(value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: HostId = HostId(0x0123_4567_89ab_cdef_0011_2233_4455_6677);

    fn parse(url: &str) -> Route {
        let (path, search) = url.split_once('?').unwrap_or((url, ""));
        Route::parse(path, search)
    }

    #[test]
    fn paths_name_pages() {
        #[track_caller]
        fn check(path: &str, page: Page) {
            assert_eq!(Route::parse(path, "").page, page);
        }
        check("", Page::Fleet);
        check("/", Page::Fleet);
        check("/index.html", Page::Fleet);
        check("/welcome/", Page::Welcome);
        check("/host/0123456789abcdef0011223344556677", Page::Host(ID));
        check("/host/0123456789ABCDEF0011223344556677/", Page::Host(ID));
        check("/host/xyz", Page::NotFound);
        check("/host/", Page::NotFound);
        check("/elsewhere", Page::NotFound);
    }

    #[test]
    fn a_url_reads_as_it_is_written() {
        let route = Route {
            page: Page::Host(ID),
            query: "cpu > 80% and \"web+1\"".into(),
            sort: Sort::parse("name").unwrap_or_default(),
            mode: Mode::Highlight,
            chip: Metric::MEMORY,
            span: Span::Minute,
            others: vec![],
        };
        let url = "/host/0123456789abcdef0011223344556677\
                   ?q=cpu+%3E+80%25+and+%22web%2B1%22&s=name&mode=highlight&m=mem&t=1m";
        assert_eq!(route.to_string(), url);
        assert_eq!(parse(url), route);
        assert_eq!(
            route.at(Page::Fleet).to_string(),
            url.replace("/host/0123456789abcdef0011223344556677", "/")
        );
    }

    #[test]
    fn what_makes_no_sense_is_the_default_and_what_is_unknown_is_kept() {
        assert_eq!(parse("/?s=--x&mode=?&m=nope&t=9y&q"), Route::default());
        assert_eq!(parse("/?later=a%20b&cpu>80&&").to_string(), "/?later=a+b&cpu%3E80=");
        let many: String = (0..40).map(|nth| format!("&x{nth}=1")).collect();
        assert_eq!(parse(&format!("/?{many}")).others.len(), MAX_OTHERS);
    }

    fn any_route() -> impl Strategy<Value = Route> {
        let page = prop_oneof![
            Just(Page::Fleet),
            Just(Page::Welcome),
            Just(Page::NotFound),
            any::<u128>().prop_map(|id| Page::Host(HostId(id))),
        ];
        let sort = prop_oneof![Just("-cpu"), Just("name"), Just("-age"), Just("status"), Just("-net.rx")];
        let others = prop::collection::vec(("x\\PC{0,5}", "\\PC{0,8}"), 0..4);
        let chip = prop_oneof![Just(Metric::CPU), Just(Metric::DISK_READ), Just(Metric::TEMPERATURE)];
        (page, ".{0,40}", sort, any::<bool>(), chip, any::<bool>(), others).prop_map(
            |(page, query, sort, highlight, chip, short, others)| Route {
                page,
                query,
                sort: Sort::parse(sort).unwrap_or_default(),
                mode: if highlight { Mode::Highlight } else { Mode::Filter },
                chip,
                span: if short { Span::Minute } else { Span::FiveMinutes },
                others,
            },
        )
    }

    proptest! {
        #[test]
        fn every_route_survives_a_round_trip(route in any_route()) {
            let url = route.to_string();
            prop_assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{}", url);
            prop_assert_eq!(parse(&url), route);
        }

        #[test]
        fn any_url_at_all_is_read(path in ".{0,40}", search in ".{0,60}") {
            let route = Route::parse(&path, &search);
            prop_assert_eq!(parse(&route.to_string()), route);
        }
    }
}
