//! wasm-opt, which makes the page's wasm smaller. The page works without it, so nothing here is an error.

use std::path::PathBuf;

use anyhow::Result;

use super::cache::Cache;
use crate::steps::{Step, Steps};
use crate::stop::Stopped;
use crate::workspace::Workspace;

/// Older ones reject instructions that today's compiler emits.
const WANTED: u32 = 132;

/// A usable wasm-opt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WasmOpt {
    pub(super) path: PathBuf,
    /// `version_132`: what trunk compares, letter by letter.
    pub(super) name: String,
}

/// `wasm-opt version 132 (version_132)` gives `version_132`, and only the number counts.
fn name_of(line: &str) -> Option<String> {
    let number: u32 = line.strip_prefix("wasm-opt version ")?.split_whitespace().next()?.parse().ok()?;
    (number >= WANTED).then(|| format!("version_{number}"))
}

pub(super) fn ready(workspace: &Workspace, cache: &Cache, steps: &mut Steps<'_>) -> Result<Option<WasmOpt>> {
    let place = cache.place("binaryen", &WANTED.to_string());
    let look = || {
        let folders = [place.join("node_modules/.bin")];
        let (path, line) = super::find(&workspace.env, "wasm-opt", &folders, |line| name_of(line).is_some())?;
        Some(WasmOpt { path, name: name_of(&line)? })
    };
    if let Some(found) = look() {
        return Ok(Some(found));
    }
    let Some(npm) = workspace.env.find("npm") else {
        steps.leave(
            "install wasm-opt",
            "neither it nor npm is here; the page is built without it and is larger",
        );
        return Ok(None);
    };
    let draft = cache.draft("binaryen")?;
    let mut install = workspace.command(npm);
    install
        .args(["install", "--no-audit", "--no-fund", "--prefix"])
        .arg(&draft)
        .arg(format!("binaryen@{WANTED}"));
    install.current_dir(&draft);
    let step = Step::quiet(
        "install wasm-opt",
        "npm's binaryen, kept in the tool cache",
        "the page is built without it and is larger",
    );
    if let Err(error) = steps.run(step, &mut install) {
        if error.is::<Stopped>() {
            return Err(error);
        }
        println!("  {error}");
        return Ok(None);
    }
    Cache::keep(&draft, &place)?;
    Ok(look())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        assert_eq!(name_of(line).as_deref(), expected);
    }

    #[test]
    fn only_new_ones_are_used() {
        check("wasm-opt version 132 (version_132)", Some("version_132"));
        check("wasm-opt version 140", Some("version_140"));
        check("wasm-opt version 108", None);
        check("something else", None);
    }
}
