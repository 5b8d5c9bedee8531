//! Benchmarks: each measures figures that have a goal, prints them and keeps them as JSON.
//!
//! A new one is a file beside `size.rs` and a line in [`ALL`].

mod agent;
mod cost;
mod page;
mod rig;
mod server;
mod size;
mod wire;

use std::fs;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use crate::steps::Steps;
use crate::table::{self, Align};
use crate::workspace::Workspace;

/// One benchmark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bench {
    /// What it is called on the command line and in `target/bench/`.
    pub(crate) name: &'static str,
    /// One line for `--help`.
    pub(crate) about: &'static str,
    /// Builds what it needs and measures.
    run: fn(&Workspace, &mut Steps<'_>) -> Result<Vec<Figure>>,
}

/// All of them, in the order they run.
pub(crate) const ALL: &[Bench] = &[
    Bench { name: "size", about: "how large the page is on its way to a browser", run: size::run },
    Bench { name: "wire", about: "what an agent sends, framing included", run: wire::run },
    Bench { name: "agent", about: "what the agent costs the machine it watches", run: agent::run },
    Bench { name: "latency", about: "from sample to number in the page, 200 hosts", run: page::latency },
    Bench { name: "frames", about: "the page's work in an animation frame, 1,000 hosts", run: page::frames },
    Bench { name: "server", about: "what the server costs with 1,000 hosts, tails full", run: server::run },
];

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    /// The measured value may be this or less.
    AtMost(f64),
    /// The measured value should be this or more.
    #[cfg_attr(not(test), expect(dead_code, reason = "throughput figures come with their own issues"))]
    AtLeast(f64),
    /// Only told.
    None,
}

/// One measured number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    name: String,
    unit: &'static str,
    goal: Goal,
    measured: f64,
}

impl Figure {
    /// A number measured just now.
    pub(crate) fn new(name: impl Into<String>, unit: &'static str, goal: Goal, measured: f64) -> Self {
        Self { name: name.into(), unit, goal, measured }
    }

    /// Whether the goal is reached; a figure without one always is.
    pub(crate) fn met(&self) -> bool {
        match self.goal {
            Goal::AtMost(limit) => self.measured <= limit,
            Goal::AtLeast(limit) => self.measured >= limit,
            Goal::None => true,
        }
    }

    /// `wasm, brotli: 310.2 KiB, goal ≤ 300 KiB`.
    pub(crate) fn sentence(&self) -> String {
        format!(
            "{}: {} {}, goal {} {}",
            self.name,
            number(self.measured),
            self.unit,
            self.goal_text(),
            self.unit
        )
    }

    fn goal_text(&self) -> String {
        match self.goal {
            Goal::AtMost(limit) => format!("≤ {}", number(limit)),
            Goal::AtLeast(limit) => format!("≥ {}", number(limit)),
            Goal::None => "–".to_owned(),
        }
    }

    fn verdict(&self) -> &'static str {
        match (self.goal, self.met()) {
            (Goal::None, _) => "",
            (_, true) => "met",
            (_, false) => "missed",
        }
    }

    fn json(&self) -> serde_json::Value {
        let (at_most, at_least) = match self.goal {
            Goal::AtMost(limit) => (Some(limit), None),
            Goal::AtLeast(limit) => (None, Some(limit)),
            Goal::None => (None, None),
        };
        json!({
            "figure": self.name, "unit": self.unit, "measured": self.measured,
            "at_most": at_most, "at_least": at_least, "met": self.met(),
        })
    }
}

/// Runs the benchmark `name`, or all.
pub(crate) fn run(workspace: &Workspace, steps: &mut Steps<'_>, name: Option<&str>) -> Result<()> {
    let mut missed = Vec::new();
    for bench in ALL.iter().filter(|bench| name.is_none_or(|name| name == bench.name)) {
        let figures = (bench.run)(workspace, steps)?;
        println!("\n{}: {}", bench.name, bench.about);
        print!("{}", render(&figures));
        keep(workspace, bench.name, &figures)?;
        missed.extend(figures.into_iter().filter(|figure| !figure.met()));
    }
    match missed.first() {
        None => Ok(()),
        Some(first) => bail!("{} goal(s) missed, the first is {}", missed.len(), first.sentence()),
    }
}

/// The figures for people.
pub(crate) fn render(figures: &[Figure]) -> String {
    let row = |figure: &Figure| {
        let with_unit = |text: String| if text == "–" { text } else { format!("{text} {}", figure.unit) };
        vec![
            figure.name.clone(),
            with_unit(figure.goal_text()),
            with_unit(number(figure.measured)),
            figure.verdict().to_owned(),
        ]
    };
    let rows: Vec<_> = figures.iter().map(row).collect();
    let head = [
        ("figure", Align::Left),
        ("goal", Align::Right),
        ("measured", Align::Right),
        ("verdict", Align::Left),
    ];
    table::render(&head, &rows)
}

fn keep(workspace: &Workspace, name: &str, figures: &[Figure]) -> Result<()> {
    let folder = workspace.target().join("bench");
    let file = folder.join(format!("{name}.json"));
    let value = json!({ "bench": name, "figures": figures.iter().map(Figure::json).collect::<Vec<_>>() });
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&file, format!("{value:#}\n")))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Three digits that count, more for large numbers.
fn number(value: f64) -> String {
    let decimals = match value.abs() {
        size if size == size.trunc() || size >= 1_000.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_from_its_own_side() {
        assert!(Figure::new("f", "ms", Goal::AtMost(150.0), 150.0).met());
        assert!(!Figure::new("f", "ms", Goal::AtMost(150.0), 150.1).met());
        assert!(!Figure::new("f", "/s", Goal::AtLeast(10.0), 9.0).met());
        assert!(Figure::new("f", "s", Goal::None, 1e9).met());
    }

    #[test]
    fn the_table_tells_goal_and_verdict() {
        let figures = [
            Figure::new("wasm", "KiB", Goal::AtMost(300.0), 310.25),
            Figure::new("load", "s", Goal::None, 0.5),
        ];
        let expected = "  figure       goal   measured  verdict\n  wasm    ≤ 300 KiB  310.2 KiB  missed\n  \
                        load            –    0.500 s\n";
        assert_eq!(render(&figures), expected);
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = ALL.iter().map(|bench| bench.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
