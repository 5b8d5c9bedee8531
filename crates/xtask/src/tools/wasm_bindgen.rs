//! wasm-bindgen's command, which must be exactly as new as the crate of that name in Cargo.lock.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::cache::Cache;
use super::version::Version;
use crate::steps::{Step, Steps};
use crate::workspace::Workspace;

/// The version of the crate in `root`'s Cargo.lock.
pub(crate) fn locked_version(root: &Path) -> Result<String> {
    let lock = root.join("Cargo.lock");
    let text = fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    version_in_lock(&text).context("cannot find wasm-bindgen in Cargo.lock; `cargo fetch` writes it anew")
}

fn version_in_lock(lock: &str) -> Option<String> {
    let mut lines = lock.lines().skip_while(|line| line.trim() != "name = \"wasm-bindgen\"");
    let version = lines.nth(1)?.trim().strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

pub(super) fn ready(workspace: &Workspace, cache: &Cache, steps: &mut Steps<'_>) -> Result<PathBuf> {
    let version = locked_version(&workspace.root)?;
    let wanted = Version::in_line(&version);
    let place = cache.place("wasm-bindgen", &version);
    let fits = |line: &str| wanted.is_some() && Version::in_line(line) == wanted;
    if let Some((found, _)) = super::find(&workspace.env, "wasm-bindgen", &[place.join("bin")], fits) {
        return Ok(found);
    }
    let draft = cache.draft("wasm-bindgen")?;
    // Not `--locked`: its lock file names crates so new that a registry which lags behind lacks them.
    let mut install = cache.install(workspace, &draft, &["wasm-bindgen-cli", "--version", &version]);
    let step = Step::quiet(
        "install wasm-bindgen",
        "compiled from source once and kept in the tool cache; about 2 minutes on two cores",
        "check that crates can be downloaded, then run the same command again",
    );
    steps.run(step, &mut install)?;
    Cache::keep(&draft, &place)?;
    Ok(place.join("bin").join("wasm-bindgen").with_extension(std::env::consts::EXE_EXTENSION))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_is_read_to_the_letter() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(version_in_lock(lock).as_deref(), Some("0.2.130"));
        assert_eq!(version_in_lock("[[package]]\nname = \"wasm-bindgen\"\n"), None);
        assert_eq!(version_in_lock(""), None);
    }
}
