//! What the browser tests need: node with npm, and a Chromium or Chrome.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::debian;
use crate::steps::Steps;
use crate::workspace::Workspace;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const MAC: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const DEBIAN_PACKAGES: [&str; 2] = ["chromium", "fonts-dejavu-core"];

/// npm's command. Node is not installed without asking: everybody has an opinion about which.
pub(crate) fn npm(workspace: &Workspace) -> Result<PathBuf> {
    match (workspace.env.find("node"), workspace.env.find("npm")) {
        (Some(_), Some(npm)) => Ok(npm),
        _ => {
            let command = debian::command(workspace, &["nodejs", "npm"]);
            let how =
                command.map_or_else(|| "from nodejs.org".to_owned(), |command| format!("with `{command}`"));
            bail!("the browser tests need node and npm; install them {how}")
        }
    }
}

/// A browser to test in.
pub(crate) fn chromium(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<PathBuf> {
    if let Some(chosen) = &workspace.env.chromium {
        if chosen.is_file() {
            return Ok(chosen.clone());
        }
        bail!("CPUMONITOR_CHROMIUM names {}, which is not there", chosen.display());
    }
    if let Some(found) = installed(workspace) {
        return Ok(found);
    }
    if debian::may_install(workspace) {
        debian::install(
            workspace,
            steps,
            &DEBIAN_PACKAGES,
            "a browser for the browser tests, and a font for it",
        )?;
        if let Some(found) = installed(workspace) {
            return Ok(found);
        }
    }
    let command = debian::command(workspace, &DEBIAN_PACKAGES);
    let how = command.map_or_else(String::new, |command| format!(" with `{command}`"));
    bail!("the browser tests need Chromium or Chrome; install one{how}, or name it in CPUMONITOR_CHROMIUM")
}

fn installed(workspace: &Workspace) -> Option<PathBuf> {
    let on_path = NAMES.iter().find_map(|name| workspace.env.find(name));
    on_path.or_else(|| MAC.iter().map(Path::new).find(|path| path.is_file()).map(Path::to_path_buf))
}
