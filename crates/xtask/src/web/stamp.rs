//! Whether `dist/` is what the sources would make: a digest of both, kept since the last build.
//!
//! Contents are read rather than times compared: a checkout touches every time, and the sources are small.

use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;

/// What the page is made of.
const INPUTS: [&str; 6] =
    ["index.html", "Trunk.toml", "Cargo.toml", "Cargo.lock", "crates/frontend", "crates/common"];
/// Folders in those that the page does not depend on.
const OTHER: [&str; 5] = ["target", "fuzz", "tests", "benches", "fixtures"];

/// A digest of the sources.
pub(super) fn of_inputs(workspace: &Workspace) -> u64 {
    of(&workspace.root, &INPUTS)
}

/// Whether sources and `dist/` are both as `record` says.
pub(super) fn matches(workspace: &Workspace, record: &Path) -> bool {
    let current = text(of_inputs(workspace), of(&workspace.root, &["dist"]));
    workspace.dist().join("index.html").is_file()
        && fs::read_to_string(record).is_ok_and(|kept| kept == current)
}

/// Notes that `dist/` was made from `inputs`.
pub(super) fn write(workspace: &Workspace, record: &Path, inputs: u64) -> Result<()> {
    fs::write(record, text(inputs, of(&workspace.root, &["dist"])))
        .with_context(|| format!("cannot write {}", record.display()))
}

fn text(inputs: u64, outputs: u64) -> String {
    format!("{inputs:016x} {outputs:016x}\n")
}

fn of(root: &Path, names: &[&str]) -> u64 {
    let mut files = Vec::new();
    for name in names {
        collect(&root.join(name), &mut files);
    }
    files.sort();
    let mut digest = DefaultHasher::new();
    for file in files {
        // Lengths in front, so that no two lists of files read the same.
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
        let content = fs::read(&file).unwrap_or_default();
        for part in [name.as_bytes(), &content] {
            digest.write_u64(part.len() as u64);
            digest.write(part);
        }
    }
    digest.finish()
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_file() {
        files.push(path.to_path_buf());
    }
    let Ok(entries) = path.read_dir() else { return };
    for entry in entries.flatten() {
        if !OTHER.iter().any(|other| entry.file_name() == *other) {
            collect(&entry.path(), files);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_shows_and_no_other() {
        let root = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        let source = root.join("crates/frontend/src");
        fs::create_dir_all(&source).unwrap();
        fs::create_dir_all(root.join("crates/frontend/tests")).unwrap();
        fs::write(source.join("lib.rs"), "a").unwrap();
        let first = of(&root, &INPUTS);
        assert_eq!(of(&root, &INPUTS), first);

        fs::write(root.join("crates/frontend/tests/web.rs"), "no part of the page").unwrap();
        assert_eq!(of(&root, &INPUTS), first);

        fs::write(source.join("lib.rs"), "b").unwrap();
        let second = of(&root, &INPUTS);
        assert_ne!(second, first);

        fs::rename(source.join("lib.rs"), source.join("main.rs")).unwrap();
        assert_ne!(of(&root, &INPUTS), second);
        fs::remove_dir_all(root).unwrap();
    }
}
