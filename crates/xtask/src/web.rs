//! The page: index.html, Trunk.toml and the frontend crate become `dist/`.

pub(crate) mod size;
mod stamp;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::steps::{Step, Steps};
use crate::tools::WebTools;
use crate::workspace::Workspace;

/// A copy of index.html that asks for no wasm-opt; it exists only while such a build runs.
const PLAIN_INDEX: &str = ".index-without-wasm-opt.html";

/// Builds `dist/`, unless it already is what these sources make.
pub(crate) fn ready(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<()> {
    if !workspace.root.join("index.html").is_file() {
        bail!("cannot build the page: there is no index.html at the workspace's root");
    }
    let record = workspace.scratch().join("page.stamp");
    if stamp::matches(workspace, &record) {
        steps.leave("page", "unchanged");
        return Ok(());
    }
    let tools = WebTools::ready(workspace, steps)?;
    // Before the offline build: with the crates here, neither cargo nor trunk needs the network.
    let advice = "check that crates can be downloaded, then run the same command again";
    steps.run(
        Step::quiet("crates", "downloads what Cargo.lock names", advice),
        &mut workspace.cargo(["fetch"]),
    )?;
    let inputs = stamp::of_inputs(workspace); // before the build: an edit during it makes the next one build again
    build(workspace, steps, &tools)?;
    fs::create_dir_all(workspace.scratch()).context("cannot create the folder for stamps")?;
    stamp::write(workspace, &record, inputs)
}

fn build(workspace: &Workspace, steps: &mut Steps<'_>, tools: &WebTools) -> Result<()> {
    let step = Step::quiet(
        "page",
        "compiled to wasm, optimised for size as a whole; 3 to 5 minutes the first time on two cores",
        "fix what the compiler names, or see the whole log",
    );
    let mut trunk = tools.trunk(workspace);
    trunk.args(["build", "--release", "--offline"]);
    if tools.optimizes() {
        steps.run(step, &mut trunk)?;
        return Ok(());
    }
    // trunk takes the wish for no wasm-opt from the page alone.
    let plain = workspace.root.join(PLAIN_INDEX);
    let index = fs::read_to_string(workspace.root.join("index.html")).context("cannot read index.html")?;
    fs::write(&plain, without_wasm_opt(&index))
        .with_context(|| format!("cannot write {}", plain.display()))?;
    let result = steps.run(step, trunk.args(["--html-output", "index.html", PLAIN_INDEX]));
    remove(&plain)?;
    result.map(drop)
}

fn remove(file: &Path) -> Result<()> {
    fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))
}

/// `index` with `data-wasm-opt="…"` replaced or added on its Rust link.
fn without_wasm_opt(index: &str) -> String {
    let attribute = "data-wasm-opt=\"";
    if let Some((before, after)) = index.split_once(attribute)
        && let Some((_, rest)) = after.split_once('"')
    {
        return format!("{before}{attribute}0\"{rest}");
    }
    index.replacen("rel=\"rust\"", "rel=\"rust\" data-wasm-opt=\"0\"", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(index: &str, expected: &str) {
        assert_eq!(without_wasm_opt(index), expected);
    }

    #[test]
    fn the_wish_is_replaced_or_added() {
        check(r#"<link rel="rust" data-wasm-opt="z"/>"#, r#"<link rel="rust" data-wasm-opt="0"/>"#);
        check(r#"<link data-trunk rel="rust"/>"#, r#"<link data-trunk rel="rust" data-wasm-opt="0"/>"#);
        check("<p>", "<p>");
    }
}
