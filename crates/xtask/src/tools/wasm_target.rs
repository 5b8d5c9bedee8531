//! The standard library for wasm32: rustup's where it can be had, else built from Debian's sources.
//!
//! Debian's `rustc-web` is a second, newer compiler with its sources. For the page's build alone it takes the
//! place of rustup's, and cargo compiles the standard library with it; cargo and the linker stay rustup's.
//! Two compilers never share a target folder, or each would throw away what the other built.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Result, bail};

use super::debian;
use super::version::Version;
use crate::steps::{Step, Steps};
use crate::stop::Stopped;
use crate::workspace::Workspace;

/// The target's name.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// Where Debian puts it.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];
/// `rust-version` in Cargo.toml; older compilers need not be tried.
const OLDEST: Version = Version(1, 95, 0);
/// The download is 20 MB. A machine without network usually fails at once.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(180);

/// How code for wasm32 is compiled here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WasmTarget {
    /// The usual compiler has the target's standard library.
    Installed,
    /// Another compiler builds it from source.
    BuiltFromSource {
        /// That compiler.
        rustc: PathBuf,
        /// The folder with `rust-lld`, which that compiler calls.
        linker_folder: PathBuf,
    },
}

impl WasmTarget {
    /// Sets `command`'s environment, with `folders` in front of its path.
    pub(super) fn apply(&self, workspace: &Workspace, command: &mut Command, mut folders: Vec<PathBuf>) {
        if let Self::BuiltFromSource { rustc, linker_folder } = self {
            folders.push(linker_folder.clone());
            command.env("RUSTC", rustc);
            // The sources belong to exactly this compiler, which is why a stable one may be told to use them.
            command.env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
            command.env("CARGO_TARGET_DIR", workspace.target().join("web"));
        }
        if !folders.is_empty() {
            command.env("PATH", workspace.env.path_with(&folders));
        }
    }
}

/// Finds a way, installing what is missing.
pub(super) fn ready(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<WasmTarget> {
    if installed() {
        return Ok(WasmTarget::Installed);
    }
    if let Some(rustup) = workspace.env.find("rustup") {
        let mut step =
            Step::quiet("wasm target", "rustup downloads the standard library", "trying another way");
        step.limit = Some(DOWNLOAD_LIMIT);
        match steps.run(step, workspace.command(rustup).args(["target", "add", TARGET])) {
            Ok(_) if installed() => return Ok(WasmTarget::Installed),
            Err(error) if error.is::<Stopped>() => return Err(error),
            Err(error) => println!("  {error}"),
            Ok(_) => {}
        }
    }
    if let Some(found) = from_source() {
        return Ok(found);
    }
    if debian::may_install(workspace) {
        let about = "a compiler with the sources of the standard library for wasm32";
        debian::install(workspace, steps, &DEBIAN_PACKAGES, about)?;
        if let Some(found) = from_source() {
            return Ok(found);
        }
    }
    let command =
        debian::command(workspace, &DEBIAN_PACKAGES).unwrap_or_else(|| format!("rustup target add {TARGET}"));
    bail!("cannot compile for wasm32: its standard library is missing; install it with `{command}`")
}

fn installed() -> bool {
    sysroot(Path::new("rustc")).is_some_and(|sysroot| {
        let library = sysroot.join("lib/rustlib").join(TARGET).join("lib");
        library.read_dir().is_ok_and(|mut files| {
            files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
        })
    })
}

fn from_source() -> Option<WasmTarget> {
    let rustc = PathBuf::from(DEBIAN_RUSTC);
    let new_enough = Version::in_line(&super::version_line(&rustc)?)? >= OLDEST;
    let has_sources = sysroot(&rustc)?.join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file();
    let linker_folder = linker_folder()?;
    (new_enough && has_sources).then_some(WasmTarget::BuiltFromSource { rustc, linker_folder })
}

/// rustup's compiler brings `rust-lld`, out of the path.
fn linker_folder() -> Option<PathBuf> {
    let folders = sysroot(Path::new("rustc"))?.join("lib/rustlib").read_dir().ok()?;
    let mut folders = folders.flatten().map(|folder| folder.path().join("bin"));
    folders.find(|folder| folder.join("rust-lld").is_file())
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let output = Command::new(rustc).args(["--print", "sysroot"]).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;

    #[test]
    fn only_a_borrowed_compiler_gets_a_folder_of_its_own() {
        let workspace = Workspace { root: "/w".into(), env: Env::default() };
        let mut plain = Command::new("cargo");
        WasmTarget::Installed.apply(&workspace, &mut plain, Vec::new());
        assert_eq!(plain.get_envs().count(), 0);

        let mut borrowed = Command::new("cargo");
        let target = WasmTarget::BuiltFromSource { rustc: "/r".into(), linker_folder: "/l".into() };
        target.apply(&workspace, &mut borrowed, vec!["/tools".into()]);
        let get = |name: &str| {
            borrowed.get_envs().find(|(key, _)| *key == name).and_then(|(_, value)| value?.to_str())
        };
        assert_eq!(get("CARGO_TARGET_DIR"), Some("/w/target/web"));
        assert_eq!(get("RUSTC"), Some("/r"));
        assert_eq!(get("PATH"), Some("/tools:/l"));
    }
}
