//! The programs for this machine, with the page inside the server.

use std::path::PathBuf;

use anyhow::Result;

use crate::steps::{Step, Steps};
use crate::web;
use crate::workspace::Workspace;

/// Always built together: another set would choose other features of shared crates and build them again.
const PROGRAMS: [&str; 3] = ["cpumonitor-server", "cpumonitor-agent", "cpumonitor-swarm"];

/// The release binaries. Cargo decides what there is to do.
pub(crate) fn release(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<()> {
    let step = Step::quiet(
        "programs",
        "server, agent and swarm, optimised; about 3 minutes the first time on two cores",
        "fix what the compiler names",
    );
    let mut cargo = workspace.cargo(["build", "--release"]);
    for program in PROGRAMS {
        cargo.args(["--package", program]);
    }
    steps.run(step, &mut cargo)?;
    Ok(())
}

/// Page and programs: what `cargo xtask build` makes and `up` starts.
pub(crate) fn all(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<()> {
    web::ready(workspace, steps)?; // first: the server's build takes the page in
    release(workspace, steps)
}

/// Where they lie.
pub(crate) fn places(workspace: &Workspace) -> Vec<PathBuf> {
    PROGRAMS.iter().map(|program| workspace.release_binary(program)).collect()
}
