//! `cargo xtask test`: everything CI checks, one named step after another.
//!
//! A step that fails does not end the run; only what depends on it is left out. The last line counts the
//! tests, since that is the line CI reads.

pub(crate) mod browser;
mod count;

use std::process::ExitCode;

use anyhow::Result;

use self::count::Counts;
use crate::native;
use crate::steps::{Failed, Step, Steps};
use crate::stop::Stopped;
use crate::tools::WasmCargo;
use crate::web;
use crate::workspace::Workspace;

/// Runs the checks and prints what came of them.
pub(crate) fn run(workspace: &Workspace, steps: &mut Steps<'_>, fast: bool) -> Result<ExitCode> {
    let mut report = Report { workspace, steps, counts: Counts::default(), failures: Vec::new() };
    report.style()?;
    if report.programs()? {
        report.tests()?;
    }
    if !fast {
        report.page()?;
    }
    Ok(report.close())
}

/// What is known so far.
struct Report<'a, 'w> {
    workspace: &'a Workspace,
    steps: &'a mut Steps<'w>,
    counts: Counts,
    failures: Vec<String>,
}

impl Report<'_, '_> {
    fn style(&mut self) -> Result<()> {
        let workspace = self.workspace;
        let fmt = Step::quiet("format", "cargo fmt --check", "run `cargo fmt`");
        self.step(fmt, &["fmt", "--check"])?;

        let advice = "fix what clippy names; the rules and their reasons are in clippy.toml";
        let clippy = Step::quiet("clippy", "the whole workspace, for this machine", advice);
        let arguments = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
        self.step(clippy, &arguments)?;
        self.wasm()?;

        if workspace.env.find("cargo-deny").is_some() {
            let deny = Step::quiet(
                "deny",
                "licences, bans and sources of all crates",
                "see deny.toml for the rules",
            );
            self.step(deny, &["deny", "check", "licenses", "bans", "sources"])?;
        } else {
            self.steps.leave("deny", "cargo-deny is not installed");
        }
        Ok(())
    }

    /// What compiles for two targets is checked for both.
    fn wasm(&mut self) -> Result<()> {
        // The page's own profile, so that its build finds the macros compiled.
        let packages = [
            "--locked",
            "--profile=wasm-release",
            "--target=wasm32-unknown-unknown",
            "--package=cpumonitor-common",
            "--package=cpumonitor-frontend",
        ];
        let about = "common and frontend, for the browser";
        let result = WasmCargo::ready(self.workspace, self.steps).and_then(|wasm| {
            if wasm.has_clippy() {
                let step = Step::quiet("clippy for wasm", about, "fix what clippy names");
                let arguments = [&["clippy"], &packages[..], &["--", "-D", "warnings"]].concat();
                return self.steps.run(step, &mut wasm.cargo(self.workspace, &arguments));
            }
            let step = Step::quiet("check for wasm", about, "fix what the compiler names");
            let arguments = [&["check"], &packages[..]].concat();
            let tail = self.steps.run(step, &mut wasm.cargo(self.workspace, &arguments))?;
            match tail.iter().find(|line| count::is_warning_of_ours(line)) {
                Some(line) => anyhow::bail!("check for wasm: {}; fix them", line.trim()),
                None => Ok(tail),
            }
        });
        self.note(result).map(drop)
    }

    /// The end-to-end tests start real programs.
    fn programs(&mut self) -> Result<bool> {
        let about = "all binaries, unoptimised: the end-to-end tests start them";
        let step = Step::quiet("binaries", about, "fix what the compiler names");
        self.step(step, &["build", "--locked", "--workspace", "--exclude=xtask", "--bins"])
    }

    fn tests(&mut self) -> Result<()> {
        let advice = "read the failed test's output above";
        let mut step = Step::quiet("tests", "unit, property and end-to-end tests", advice);
        step.show = Some(count::is_news);
        let mut cargo = if self.workspace.env.find("cargo-nextest").is_some() {
            self.workspace.cargo(["nextest", "run", "--locked", "--workspace", "--profile", "ci"])
        } else {
            self.workspace.cargo([
                "test",
                "--locked",
                "--workspace",
                "--lib",
                "--bins",
                "--tests",
                "--no-fail-fast",
            ])
        };
        cargo.env("CPUMONITOR_BIN_DIR", self.workspace.target().join("debug"));
        let result = self.steps.run(step, &mut cargo);
        self.count(result)?;

        let mut step = Step::quiet("doc tests", "the examples in the documentation", advice);
        step.show = Some(count::is_news);
        let mut cargo = self.workspace.cargo(["test", "--locked", "--workspace", "--doc", "--no-fail-fast"]);
        let result = self.steps.run(step, &mut cargo);
        self.count(result)
    }

    /// The page, its size, the programs that carry it, and a browser that looks at it.
    fn page(&mut self) -> Result<()> {
        let workspace = self.workspace;
        let page = web::ready(workspace, self.steps);
        if self.note(page)? {
            let size = self.steps.time("size", "the page against its budget", || web::size::check(workspace));
            self.note(size)?;
            let release = native::release(workspace, self.steps);
            if self.note(release)? {
                match browser::run(workspace, self.steps) {
                    Ok(counts) => self.counts.add(counts),
                    Err(failure) => {
                        self.counts.add(failure.counts);
                        self.note_failure(Some(failure.error), failure.counts.failed > 0)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Runs cargo as a step that counts as one failure if it fails.
    fn step(&mut self, step: Step<'_>, arguments: &[&str]) -> Result<bool> {
        let result = self.steps.run(step, &mut self.workspace.cargo(arguments));
        self.note(result)
    }

    /// Takes a test runner's counts out of its last lines.
    fn count(&mut self, result: Result<Vec<String>>) -> Result<()> {
        let counts = match &result {
            Ok(tail) => Counts::in_lines(tail),
            Err(error) => error
                .downcast_ref::<Failed>()
                .map_or_else(Counts::default, |failed| Counts::in_lines(&failed.tail)),
        };
        self.counts.add(counts);
        // A runner that names its failed tests has counted its own failure.
        self.note_failure(result.err(), counts.failed > 0)
    }

    fn note<T>(&mut self, result: Result<T>) -> Result<bool> {
        let good = result.is_ok();
        self.note_failure(result.err(), false)?;
        Ok(good)
    }

    fn note_failure(&mut self, error: Option<anyhow::Error>, counted: bool) -> Result<()> {
        match error {
            Some(error) if error.is::<Stopped>() => Err(error),
            Some(error) => {
                self.failures.push(format!("{error:#}"));
                // So that the last line never looks green when something is not.
                self.counts.failed += u64::from(!counted);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn close(self) -> ExitCode {
        println!("\n{}", self.steps.table());
        for failure in &self.failures {
            println!("✗ {failure}");
        }
        println!("{}", self.counts);
        if self.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
