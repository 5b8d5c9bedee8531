//! The page in a real browser: from sample to number, and the work of an animation frame.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::rig::{self, Rig};
use super::{Figure, Goal};
use crate::steps::{Step, Steps};
use crate::test::browser;
use crate::workspace::Workspace;

/// From the instant of a sample to the number changed in the page, with 200 simulated hosts.
pub(super) fn latency(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<Vec<Figure>> {
    let page = look(workspace, steps, 200)?;
    Ok(vec![
        Figure::new("sample to number, p50", "ms", Goal::AtMost(150.0), page.latency_p50),
        Figure::new("sample to number, p99", "ms", Goal::AtMost(400.0), page.latency_p99),
        Figure::new("samples measured", "", Goal::None, page.latency_count),
    ])
}

/// Script work of an animation frame, with 1,000 simulated hosts on the fleet page.
pub(super) fn frames(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<Vec<Figure>> {
    let page = look(workspace, steps, 1_000)?;
    Ok(vec![
        Figure::new("animation frame, p95", "ms", Goal::AtMost(8.0), page.frame_p95),
        Figure::new("animation frame, p50", "ms", Goal::None, page.frame_p50),
        Figure::new("frames measured", "", Goal::None, page.frames),
    ])
}

/// What the page says of itself (`window.__cpumonitor`).
#[derive(Debug)]
struct Page {
    latency_p50: f64,
    latency_p99: f64,
    latency_count: f64,
    frame_p95: f64,
    frame_p50: f64,
    frames: f64,
}

/// Opens the fleet page in Chromium for half a minute.
fn look(workspace: &Workspace, steps: &mut Steps<'_>, hosts: usize) -> Result<Page> {
    rig::ready(workspace, steps)?;
    let mut playwright = browser::playwright(workspace, steps)?;
    let mut rig = Rig::start(workspace)?;
    rig.swarm(hosts, 0, Duration::from_secs(60))?;
    let answer = workspace.scratch().join("bench-page.json");
    playwright.args(["test", "--config", "bench.config.ts"]);
    playwright.env("CPUMONITOR_URL", format!("http://{}", rig.address));
    playwright.env("CPUMONITOR_ANSWER", &answer);
    let about = format!("Chromium looks at {hosts} hosts for half a minute");
    let advice = "read the end of target/xtask/page.log";
    steps.run(Step::quiet("page", &about, advice), &mut playwright)?;
    let text = fs::read_to_string(&answer).with_context(|| format!("cannot read {}", answer.display()))?;
    let json: serde_json::Value = serde_json::from_str(&text).context("the page's figures are not JSON")?;
    let number = |pointer: &str| {
        json.pointer(pointer)
            .and_then(serde_json::Value::as_f64)
            .with_context(|| format!("the page has no {pointer}"))
    };
    Ok(Page {
        latency_p50: number("/latency/p50")?,
        latency_p99: number("/latency/p99")?,
        latency_count: number("/latency/count")?,
        frame_p95: number("/frame_p95")?,
        frame_p50: number("/frame_p50")?,
        frames: number("/frames")?,
    })
}
