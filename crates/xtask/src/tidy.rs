//! House rules as tests: a rule that matters is checked, or it is not a rule.

mod dependencies;
mod files;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("crates/xtask lies two below the root")
        .to_path_buf()
}

/// Every text file that is or would be tracked, with its path from the root.
fn texts() -> Vec<(String, String)> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("the house rules are checked inside a git checkout");
    let list = String::from_utf8(output.stdout).expect("our file names are UTF-8");
    // Pictures are no text, and a deleted file is in the list until that is committed.
    list.lines()
        .filter_map(|path| Some((path.to_owned(), fs::read_to_string(root().join(path)).ok()?)))
        .collect()
}

/// The texts with one of these endings.
fn with_ending(endings: &[&str]) -> Vec<(String, String)> {
    texts().into_iter().filter(|(path, _)| endings.iter().any(|ending| path.ends_with(ending))).collect()
}

/// Fails with all findings, one a line.
#[track_caller]
fn none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}:\n  {}", findings.join("\n  "));
}

#[test]
fn architecture_mentions_every_crate() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is at the root");
    let crates = root().join("crates").read_dir().expect("crates/ is there");
    let names = crates.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let missing: Vec<_> = names.filter(|name| !text.contains(&format!("`crates/{name}`"))).collect();
    none("ARCHITECTURE.md says what each crate is for", &missing);
}

#[test]
fn trunk_uses_the_wasm_bindgen_of_the_lock_file() {
    let trunk = fs::read_to_string(root().join("Trunk.toml")).expect("Trunk.toml is at the root");
    let locked = crate::tools::locked_wasm_bindgen(&root()).expect("Cargo.lock names wasm-bindgen");
    let line = format!("wasm_bindgen = \"{locked}\"");
    assert!(trunk.lines().any(|found| found.trim() == line), "Trunk.toml should say {line}");
}
