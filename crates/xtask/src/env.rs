//! The environment, read once at the start; no other file looks at it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Variables `cargo run` sets for us and our children must not inherit: cargo compares some of them
/// between builds, so a build started from xtask would undo the cache of one started by hand.
const FROM_CARGO_RUN: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_NAME", "CARGO_CRATE_NAME"];

/// What xtask wants to know from its environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Env {
    /// The folders programs are looked for in.
    pub(crate) path: OsString,
    /// The cargo that started us, else the one on the path.
    pub(crate) cargo: OsString,
    /// Where cargo puts what it builds, if somebody moved it.
    pub(crate) target_dir: Option<PathBuf>,
    /// Where downloaded and compiled tools are kept: outside the clone, so that the next clone has them.
    pub(crate) tool_cache: Option<PathBuf>,
    /// A browser chosen by hand for the browser tests.
    pub(crate) chromium: Option<PathBuf>,
    /// Whether something could show a browser window.
    pub(crate) desktop: bool,
    /// The terminal's width in columns, where the shell tells it.
    pub(crate) columns: usize,
    /// Names of variables to take away from every child.
    pub(crate) unwanted: Vec<OsString>,
}

impl Env {
    /// Reads it.
    pub(crate) fn read() -> Self {
        let get = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            path: get("PATH").unwrap_or_default(),
            cargo: get("CARGO").unwrap_or_else(|| "cargo".into()),
            target_dir: get("CARGO_TARGET_DIR").map(PathBuf::from),
            tool_cache: tool_cache(get),
            chromium: get("CPUMONITOR_CHROMIUM").map(PathBuf::from),
            desktop: cfg!(target_os = "macos")
                || get("DISPLAY").is_some()
                || get("WAYLAND_DISPLAY").is_some(),
            columns: get("COLUMNS").and_then(|value| value.to_str()?.parse().ok()).unwrap_or(100),
            unwanted: std::env::vars_os().map(|(name, _)| name).filter(|name| is_unwanted(name)).collect(),
        }
    }

    /// The program `name` in the first folder of the path that has it.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path)
            .map(|folder| folder.join(name).with_extension(std::env::consts::EXE_EXTENSION))
            .find(|candidate| candidate.is_file())
    }

    /// The path with `folders` in front of it.
    pub(crate) fn path_with(&self, folders: &[PathBuf]) -> OsString {
        let rest = std::env::split_paths(&self.path).filter(|folder| !folder.as_os_str().is_empty());
        std::env::join_paths(folders.iter().cloned().chain(rest)).unwrap_or_else(|_| self.path.clone())
    }
}

/// `$CPUMONITOR_TOOLS`, else `cpumonitor-tools` in the user's cache folder.
fn tool_cache(get: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(chosen) = get("CPUMONITOR_TOOLS") {
        return Some(chosen.into());
    }
    let cache = get("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let home = || get("HOME").or_else(|| get("USERPROFILE")).map(|home| Path::new(&home).join(".cache"));
    Some(cache.or_else(home)?.join("cpumonitor-tools"))
}

fn is_unwanted(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| FROM_CARGO_RUN.iter().any(|start| name.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_cache(vars: &[(&str, &str)], expected: Option<&str>) {
        let get = |name: &str| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        assert_eq!(tool_cache(get), expected.map(PathBuf::from));
    }

    #[test]
    fn the_tool_cache_has_three_homes() {
        check_cache(&[("CPUMONITOR_TOOLS", "/t"), ("HOME", "/h")], Some("/t"));
        check_cache(&[("XDG_CACHE_HOME", "/c"), ("HOME", "/h")], Some("/c/cpumonitor-tools"));
        check_cache(&[("XDG_CACHE_HOME", "relative"), ("HOME", "/h")], Some("/h/.cache/cpumonitor-tools"));
        check_cache(&[], None);
    }

    #[test]
    fn only_what_cargo_run_added_is_taken_away() {
        assert!(is_unwanted(OsStr::new("CARGO_PKG_NAME")));
        assert!(is_unwanted(OsStr::new("CARGO_MANIFEST_DIR")));
        assert!(!is_unwanted(OsStr::new("CARGO_HOME")));
        assert!(!is_unwanted(OsStr::new("CARGO_TARGET_DIR")));
    }
}
