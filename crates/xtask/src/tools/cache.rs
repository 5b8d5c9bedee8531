//! The tool cache: one folder per tool and version, filled by `cargo install --root` or `npm --prefix`.
//!
//! What is unfinished carries our process number in its name and goes when we do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;

/// The cache of one user. The tools compiled by one xtask share a build folder.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache of this user. Nothing is created yet.
    pub(super) fn new(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.env.tool_cache.clone();
        let folder = folder.context("cannot choose a folder for the tools: set CPUMONITOR_TOOLS to one")?;
        Ok(Self { folder })
    }

    /// Where `tool` lies when it is installed.
    pub(super) fn place(&self, tool: &str, version: &str) -> PathBuf {
        self.folder.join(format!("{tool}-{version}"))
    }

    /// A folder to install `tool` into before [`Cache::keep`] puts it in place: a killed install leaves no half tool.
    pub(super) fn draft(&self, tool: &str) -> Result<PathBuf> {
        let draft = self.folder.join(unfinished(tool));
        fs::create_dir_all(&draft)
            .with_context(|| format!("cannot create the tool cache {}", draft.display()))?;
        Ok(draft)
    }

    /// Puts a finished draft in its place. A tool that somebody else put there meanwhile stays.
    pub(super) fn keep(draft: &Path, place: &Path) -> Result<()> {
        if fs::rename(draft, place).is_err() {
            drop(fs::remove_dir_all(place));
            fs::rename(draft, place)
                .with_context(|| format!("cannot move a tool into {}", place.display()))?;
        }
        Ok(())
    }

    /// `cargo install` into `root`, tuned for a short build: the tools run for seconds, so their speed matters little.
    ///
    /// Built outside the workspace, so that none of its settings apply.
    pub(super) fn install(&self, workspace: &Workspace, root: &Path, arguments: &[&str]) -> Command {
        let mut command = workspace.cargo(["install", "--root"]);
        command.arg(root).args(arguments).current_dir(&self.folder);
        command.env("CARGO_TARGET_DIR", self.folder.join(unfinished("build")));
        command.env("CARGO_PROFILE_RELEASE_LTO", "off");
        command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
        command
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        let Ok(entries) = self.folder.read_dir() else { return };
        let ours = unfinished("");
        for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().ends_with(&ours)) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

fn unfinished(name: &str) -> String {
    format!("{name}-unfinished-{}", std::process::id())
}
