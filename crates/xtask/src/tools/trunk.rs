//! trunk, which turns `index.html` and the frontend crate into `dist/`.

use std::path::PathBuf;

use anyhow::Result;

use super::cache::Cache;
use super::version::Version;
use crate::steps::{Step, Steps};
use crate::workspace::Workspace;

/// The newest of the 0.21 line. 0.22 wants a newer compiler than the workspace does.
const WANTED: Version = Version(0, 21, 14);

/// What `Trunk.toml` accepts as well.
fn fits(line: &str) -> bool {
    Version::in_line(line).is_some_and(|found| found >= WANTED && found < Version(0, 22, 0))
}

pub(super) fn ready(workspace: &Workspace, cache: &Cache, steps: &mut Steps<'_>) -> Result<PathBuf> {
    let place = cache.place("trunk", &WANTED.to_string());
    if let Some((found, _)) = super::find(&workspace.env, "trunk", &[place.join("bin")], fits) {
        return Ok(found);
    }
    let draft = cache.draft("trunk")?;
    let version = WANTED.to_string();
    let mut install = cache.install(
        workspace,
        &draft,
        &["--locked", "trunk", "--version", &version, "--no-default-features", "--features", "rustls"],
    );
    let step = Step::quiet(
        "install trunk",
        "compiled from source once and kept in the tool cache; about 5 minutes on two cores",
        "check that crates can be downloaded, then run the same command again",
    );
    steps.run(step, &mut install)?;
    Cache::keep(&draft, &place)?;
    Ok(place.join("bin").join("trunk").with_extension(std::env::consts::EXE_EXTENSION))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_0_21_fits() {
        assert!(fits("trunk 0.21.14"));
        assert!(fits("trunk 0.21.15"));
        assert!(!fits("trunk 0.21.9"));
        assert!(!fits("trunk 0.22.1"));
        assert!(!fits("no version"));
    }
}
