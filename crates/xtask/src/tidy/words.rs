//! One word per thing: names that say nothing are not used for types and modules.

use super::{none, with_ending};

const BANNED: [&str; 10] =
    ["manager", "helper", "helpers", "util", "utils", "data", "info", "handler", "processor", "service"];
/// The one exception in the glossary, alone or in a longer name.
const ALLOWED: &str = "HostInfo";
const KEYWORDS: [&str; 6] = ["struct", "enum", "trait", "type", "union", "mod"];

#[test]
fn names_say_something() {
    let mut found = Vec::new();
    for (path, text) in with_ending(&[".rs"]) {
        for (number, line) in text.lines().enumerate() {
            if let Some(name) = declared(line).filter(|name| is_banned(name)) {
                found.push(format!("{path}:{}: {name}", number + 1));
            }
        }
    }
    none("the glossary in crates/common/src/lib.rs has a better word", &found);
}

/// The type or module that `line` declares.
fn declared(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| *word == "unsafe" || word.starts_with("pub"));
    KEYWORDS.contains(&words.next()?).then_some(())?;
    let name = words.next()?;
    name.split(|c: char| !c.is_alphanumeric() && c != '_').next().filter(|name| !name.is_empty())
}

fn is_banned(name: &str) -> bool {
    segments(&name.replace(ALLOWED, "")).iter().any(|segment| BANNED.contains(&segment.as_str()))
}

/// `HostInfo` gives `host`, `info`; so does `host_info`.
fn segments(name: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    for character in name.chars() {
        if character == '_'
            || (character.is_uppercase() && segments.last().is_some_and(|last| !last.is_empty()))
        {
            segments.push(String::new());
        }
        if character != '_'
            && let Some(last) = segments.last_mut()
        {
            last.extend(character.to_lowercase());
        }
    }
    segments
}

#[test]
fn declarations_are_found() {
    assert_eq!(declared("pub(crate) struct DiskInfo {"), Some("DiskInfo"));
    assert_eq!(declared("    type Data<'a> = X;"), Some("Data"));
    assert_eq!(declared("mod util;"), Some("util"));
    assert_eq!(declared("// struct Data"), None);
    assert_eq!(declared("let data = 1;"), None);
}

#[test]
fn words_are_found_inside_names() {
    assert!(
        is_banned("DiskInfo")
            && is_banned("util")
            && is_banned("SessionManager")
            && is_banned("wire_helpers")
    );
    assert!(
        !is_banned("HostInfo")
            && !is_banned("InvalidHostInfo")
            && !is_banned("Metadata")
            && !is_banned("Database")
            && !is_banned("Fleet")
    );
}
