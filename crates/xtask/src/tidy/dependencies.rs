//! Dependencies point to `common`, and `common` points to nothing.

use std::fs;

use super::{none, root};

/// One line of a manifest's dependency tables.
#[derive(Debug, PartialEq, Eq)]
struct Dependency {
    /// `[dependencies]`, `[target.….dependencies]`, `[dev-dependencies]`, as written.
    table: String,
    name: String,
    /// Whether its version stands in the root manifest.
    shared: bool,
}

/// What `common` may use: words and bytes, nothing that runs, waits or asks for the time.
const OF_COMMON: [&str; 3] = ["serde", "postcard", "thiserror"];
/// What the frontend's pure part may use besides.
const OF_FRONTEND: [&str; 2] = ["cpumonitor-common", "serde"];
/// Who may not meet whom except in messages.
const APART: [(&str, &[&str]); 4] = [
    ("agent", &["cpumonitor-server", "cpumonitor-frontend", "cpumonitor-swarm"]),
    ("server", &["cpumonitor-agent", "cpumonitor-frontend", "cpumonitor-swarm"]),
    ("frontend", &["cpumonitor-agent", "cpumonitor-server", "cpumonitor-swarm"]),
    ("swarm", &["cpumonitor-agent", "cpumonitor-server"]),
];

#[test]
fn common_uses_words_and_bytes_only() {
    let found = normal("common").into_iter().filter(|name| !OF_COMMON.contains(&name.as_str()));
    none("common is used by every crate and both targets", &found.collect::<Vec<_>>());
}

#[test]
fn the_frontends_pure_part_needs_no_browser() {
    let all = of("frontend");
    let always = all
        .into_iter()
        .filter(|dependency| dependency.table == "[dependencies]")
        .map(|dependency| dependency.name);
    let found = always.filter(|name| !OF_FRONTEND.contains(&name.as_str()));
    none("what needs a browser stands under the wasm32 target", &found.collect::<Vec<_>>());
}

#[test]
fn crates_meet_in_messages_only() {
    let mut found = Vec::new();
    for (name, apart) in APART {
        found.extend(
            normal(name)
                .iter()
                .filter(|used| apart.contains(&used.as_str()))
                .map(|used| format!("{name} uses {used}")),
        );
    }
    none("agent, server and frontend know only `common`", &found);
}

#[test]
fn versions_stand_in_one_place() {
    let crates = root().join("crates").read_dir().expect("crates/ is there");
    let names = crates.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut found = Vec::new();
    for name in names {
        let own = of(&name).into_iter().filter(|dependency| !dependency.shared);
        found.extend(own.map(|dependency| format!("crates/{name}: {}", dependency.name)));
    }
    none("versions stand in the root manifest; write `workspace = true`", &found);
}

/// What `crates/{name}` is compiled with outside its tests.
fn normal(name: &str) -> Vec<String> {
    of(name)
        .into_iter()
        .filter(|dependency| !dependency.table.contains("dev-"))
        .map(|dependency| dependency.name)
        .collect()
}

fn of(name: &str) -> Vec<Dependency> {
    let file = root().join("crates").join(name).join("Cargo.toml");
    parse(&fs::read_to_string(file).expect("every crate has a manifest"))
}

/// Reads as much of TOML as our manifests use.
fn parse(manifest: &str) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    let mut table = String::new();
    for line in manifest.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if line.starts_with('[') {
            table = line.to_owned();
            // `[dependencies.name]`: a table of its own.
            if let Some((before, name)) = line.trim_end_matches(']').rsplit_once('.')
                && before.ends_with("dependencies")
            {
                found.push(Dependency { table: format!("{before}]"), name: name.to_owned(), shared: false });
            }
        } else if table.ends_with("dependencies]") {
            if let Some((key, value)) = line.split_once('=') {
                let key = key.trim();
                let name = key.strip_suffix(".workspace").unwrap_or(key);
                let shared = name != key || value.contains("workspace = true");
                found.push(Dependency { table: table.clone(), name: name.to_owned(), shared });
            }
        } else if table.contains("dependencies.")
            && line.replace(' ', "") == "workspace=true"
            && let Some(last) = found.last_mut()
        {
            last.shared = true;
        }
    }
    found
}

#[test]
fn manifests_are_read() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\nserde.workspace = true\naxum = { workspace = true }\nold = \"1\"\n\
                    [target.'cfg(x)'.dependencies.web-sys]\nworkspace = true\nfeatures = []\n[dev-dependencies]\nproptest = \"1\"\n";
    let read: Vec<_> = parse(manifest).into_iter().map(|d| (d.table, d.name, d.shared)).collect();
    let expected = [
        ("[dependencies]", "serde", true),
        ("[dependencies]", "axum", true),
        ("[dependencies]", "old", false),
        ("[target.'cfg(x)'.dependencies]", "web-sys", true),
        ("[dev-dependencies]", "proptest", false),
    ];
    assert_eq!(read, expected.map(|(table, name, shared)| (table.to_owned(), name.to_owned(), shared)));
}
