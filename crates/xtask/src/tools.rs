//! The tools the page's build and its tests need: the one place that knows how they are found or installed.
//!
//! Each is looked for on the path, then in the tool cache (outside the clone, so that the next clone has it),
//! then installed where that is possible without asking, and otherwise named with the one command to type.

pub(crate) mod browser;
mod cache;
mod debian;
mod trunk;
mod version;
mod wasm_bindgen;
mod wasm_opt;
mod wasm_target;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::env::Env;
use crate::steps::Steps;
use crate::workspace::Workspace;

use self::cache::Cache;
#[cfg(test)]
pub(crate) use self::wasm_bindgen::locked_version as locked_wasm_bindgen;
use self::wasm_opt::WasmOpt;
use self::wasm_target::WasmTarget;

/// Everything the page's build needs, ready to use.
#[derive(Clone, Debug)]
pub(crate) struct WebTools {
    target: WasmTarget,
    trunk: PathBuf,
    wasm_bindgen: PathBuf,
    wasm_opt: Option<WasmOpt>,
}

impl WebTools {
    /// Finds or installs them.
    pub(crate) fn ready(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<Self> {
        let target = wasm_target::ready(workspace, steps)?;
        let cache = Cache::new(workspace)?;
        let trunk = trunk::ready(workspace, &cache, steps)?;
        let wasm_bindgen = wasm_bindgen::ready(workspace, &cache, steps)?;
        let wasm_opt = wasm_opt::ready(workspace, &cache, steps)?;
        Ok(Self { target, trunk, wasm_bindgen, wasm_opt })
    }

    /// `trunk` with everything it calls on its path: with `--offline` it then downloads nothing.
    pub(crate) fn trunk(&self, workspace: &Workspace) -> Command {
        let mut command = workspace.command(&self.trunk);
        let mut folders: Vec<_> = self.wasm_bindgen.parent().map(PathBuf::from).into_iter().collect();
        if let Some(wasm_opt) = &self.wasm_opt {
            folders.extend(wasm_opt.path.parent().map(PathBuf::from));
            command.env("TRUNK_TOOLS_WASM_OPT", &wasm_opt.name);
        }
        // trunk 0.21 reads this as a bool and stops at "1", which is what everybody sets it to.
        command.env_remove("NO_COLOR");
        // Its own backtrace would push what the compiler or wasm-opt said out of sight.
        command.env_remove("RUST_BACKTRACE");
        self.target.apply(workspace, &mut command, folders);
        command
    }

    /// Whether the wasm will be made smaller after it is compiled.
    pub(crate) fn optimizes(&self) -> bool {
        self.wasm_opt.is_some()
    }
}

/// `cargo` for wasm32 alone, where no more than a check is wanted.
pub(crate) struct WasmCargo(WasmTarget);

impl WasmCargo {
    /// Finds or installs the target's standard library.
    pub(crate) fn ready(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<Self> {
        Ok(Self(wasm_target::ready(workspace, steps)?))
    }

    /// Whether clippy can be used: it comes with rustup's compiler, not with every other.
    pub(crate) fn has_clippy(&self) -> bool {
        matches!(self.0, WasmTarget::Installed)
    }

    /// `cargo` with `arguments`, set up for the target.
    pub(crate) fn cargo(&self, workspace: &Workspace, arguments: &[&str]) -> Command {
        let mut command = workspace.cargo(arguments);
        self.0.apply(workspace, &mut command, Vec::new());
        command
    }
}

/// The first line `program --version` prints, or `None` where it cannot be run.
fn version_line(program: &std::path::Path) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().next().unwrap_or("").to_owned())
}

/// `name` on the path or in one of `folders`, if its version pleases.
fn find(
    env: &Env,
    name: &str,
    folders: &[PathBuf],
    fits: impl Fn(&str) -> bool,
) -> Option<(PathBuf, String)> {
    let cached =
        folders.iter().map(|folder| folder.join(name).with_extension(std::env::consts::EXE_EXTENSION));
    let candidates = env.find(name).into_iter().chain(cached.filter(|path| path.is_file()));
    candidates.filter_map(|path| Some((path.clone(), version_line(&path)?))).find(|(_, line)| fits(line))
}
