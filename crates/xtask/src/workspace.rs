//! Where things lie in this workspace, and how its programs are called.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::env::Env;

/// The workspace this xtask belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// The folder of the virtual manifest.
    pub(crate) root: PathBuf,
    /// What we know from the environment.
    pub(crate) env: Env,
}

impl Workspace {
    /// The workspace whose `cargo xtask` was called.
    pub(crate) fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.ancestors().nth(2).map(Path::to_path_buf);
        let root = root.filter(|root| root.join("Cargo.toml").is_file());
        let root = root.context("cannot find the workspace: call this as `cargo xtask` inside the clone")?;
        Ok(Self { root, env: Env::read() })
    }

    /// Everything cargo builds for this machine.
    pub(crate) fn target(&self) -> PathBuf {
        self.env.target_dir.as_ref().map_or_else(|| self.root.join("target"), |moved| self.root.join(moved))
    }

    /// Logs and stamps of xtask's own.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.target().join("xtask")
    }

    /// The built page.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// A release binary of ours.
    pub(crate) fn release_binary(&self, name: &str) -> PathBuf {
        self.target().join("release").join(name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// A command run at the root, without a keyboard and without what `cargo run` added to our environment.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        for name in &self.env.unwanted {
            command.env_remove(name);
        }
        command
    }

    /// `cargo` with these arguments.
    pub(crate) fn cargo<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.command(&self.env.cargo);
        command.args(arguments);
        command
    }
}
