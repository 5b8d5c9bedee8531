//! Rules about whole files: their size, and what none of them may contain.

use super::{none, texts, with_ending};

/// One idea per file.
const MOST_LINES: usize = 600;

#[test]
fn no_file_is_long() {
    let files = with_ending(&[".rs", ".ts", ".css", ".html"]);
    let long =
        files.iter().filter(|(path, text)| !path.contains("/vendor/") && text.lines().count() > MOST_LINES);
    let found: Vec<_> = long.map(|(path, text)| format!("{path}: {} lines", text.lines().count())).collect();
    none("a file has at most 600 lines: split it by idea", &found);
}

#[test]
fn nothing_is_left_to_do_in_comments() {
    // In pieces, so that this file does not find itself.
    find("what is left to do is an issue, not a comment", &[concat!("TO", "DO"), concat!("FIX", "ME")]);
}

#[test]
fn no_file_names_a_registry_or_a_home() {
    let hosts = [
        concat!("registry.", "npmjs"),
        concat!("static.", "crates.io"),
        concat!("index.", "crates.io"),
        concat!("deb.", "debian.org"),
        concat!("arti", "factory"),
    ];
    find("where packages come from is the machine's business", &hosts);
    find("no path of one machine belongs here", &[concat!("/ro", "ot/"), concat!("/Us", "ers/")]);
}

#[track_caller]
fn find(rule: &str, unwanted: &[&str]) {
    let mut found = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| !path.contains("/vendor/")) {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = unwanted.iter().find(|word| line.contains(**word)) {
                found.push(format!("{path}:{}: {word}", number + 1));
            }
        }
    }
    none(rule, &found);
}

#[test]
fn lock_files_name_no_other_source() {
    let locks = with_ending(&["Cargo.lock", "package-lock.json"]);
    let mut found = Vec::new();
    for (path, text) in &locks {
        let ours = "registry+https://github.com/rust-lang/crates.io-index";
        let lines = text.lines().map(str::trim);
        let sources =
            lines.filter(|line| line.starts_with("source = ") || line.starts_with("\"resolved\": \"http"));
        found.extend(sources.filter(|line| !line.contains(ours)).map(|line| format!("{path}: {line}")));
    }
    none("lock files name the public registry or none", &found);
}
