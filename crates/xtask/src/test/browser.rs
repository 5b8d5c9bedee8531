//! The browser tests: Playwright in an installed Chromium, against the release server.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Error, Result};

use super::count::{self, Counts};
use crate::steps::{Step, Steps};
use crate::tools::browser;
use crate::workspace::Workspace;

/// What went wrong, with what the tests had counted by then.
pub(super) struct Failure {
    pub(super) counts: Counts,
    pub(super) error: Error,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { counts: Counts::default(), error }
    }
}

/// Runs them; screenshots and traces lie in `target/browser/` afterwards.
pub(super) fn run(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<Counts, Failure> {
    let mut playwright = playwright(workspace, steps)?;
    let artifacts = workspace.target().join("browser");
    drop(fs::remove_dir_all(&artifacts)); // yesterday's screenshots would look like today's
    fs::create_dir_all(&artifacts).with_context(|| format!("cannot create {}", artifacts.display()))?;

    playwright.arg("test");
    playwright.env("CPUMONITOR_BIN_DIR", workspace.target().join("release"));
    playwright.env("CPUMONITOR_ARTIFACTS", &artifacts);
    let mut step = Step::quiet(
        "browser tests",
        "the real page in a real browser",
        "look at target/browser/ for screenshots",
    );
    step.show = Some(count::is_news_of_playwright);
    let result = steps.run(step, &mut playwright);
    let counts = counts(&artifacts.join("results.json"));
    match (result, counts) {
        (Ok(_), Ok(counts)) => Ok(counts),
        (Err(error), Ok(counts)) => Err(Failure { counts, error }),
        (Err(error), Err(_)) | (Ok(_), Err(error)) => Err(error.into()),
    }
}

/// Playwright, installed if it must be, knowing which browser to start.
pub(crate) fn playwright(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<Command> {
    let npm = browser::npm(workspace)?;
    let chromium = browser::chromium(workspace, steps)?;
    let folder = workspace.root.join("tests/browser");
    if is_stale(&folder) {
        let advice = "check that npm can download, then run the same command again";
        let mut install = workspace.command(npm);
        install.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder);
        steps.run(Step::quiet("npm ci", "Playwright and axe", advice), &mut install)?;
    }
    let mut playwright = workspace.command(folder.join("node_modules/.bin/playwright"));
    playwright.current_dir(&folder).env("CPUMONITOR_CHROMIUM", chromium);
    Ok(playwright)
}

fn counts(results: &Path) -> Result<Counts> {
    let text =
        fs::read_to_string(results).with_context(|| format!("Playwright left no {}", results.display()))?;
    let report = serde_json::from_str(&text).with_context(|| format!("cannot read {}", results.display()))?;
    Counts::in_playwright(&report).with_context(|| format!("{} counts no tests", results.display()))
}

/// npm notes what it installed; when that is older than the lock file, it is not what the lock file says.
fn is_stale(folder: &Path) -> bool {
    let changed = |file: &str| fs::metadata(folder.join(file)).and_then(|meta| meta.modified());
    match (changed("node_modules/.package-lock.json"), changed("package-lock.json")) {
        (Ok(installed), Ok(wanted)) => installed < wanted,
        _ => true,
    }
}
