//! Debian's packages: installed without asking where we are root, named where we are not.

use std::path::Path;

use anyhow::Result;

use crate::steps::{Step, Steps};
use crate::workspace::Workspace;

/// Whether `apt-get` is there and would let us.
pub(super) fn may_install(workspace: &Workspace) -> bool {
    is_debian(workspace) && is_root()
}

/// The one command to type, where this is a Debian.
pub(super) fn command(workspace: &Workspace, packages: &[&str]) -> Option<String> {
    is_debian(workspace).then(|| format!("sudo apt-get install -y {}", packages.join(" ")))
}

/// Installs `packages`.
pub(super) fn install(
    workspace: &Workspace,
    steps: &mut Steps<'_>,
    packages: &[&str],
    about: &str,
) -> Result<()> {
    let names = packages.join(" ");
    // Fresh containers have no package lists; a list that cannot be refreshed may still be good enough.
    let update =
        Step::quiet("apt-get update", "Debian's package lists", "going on with the lists that are here");
    if let Err(error) = steps.run(update, apt(workspace).arg("update")) {
        if error.is::<crate::stop::Stopped>() {
            return Err(error);
        }
        println!("  {error}");
    }
    let advice = format!("run `apt-get install -y {names}` by hand and look at its answer");
    let step = Step::quiet("apt-get install", about, &advice);
    steps.run(step, apt(workspace).args(["install", "-y", "--no-install-recommends"]).args(packages))?;
    Ok(())
}

fn apt(workspace: &Workspace) -> std::process::Command {
    let mut command = workspace.command("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_debian(workspace: &Workspace) -> bool {
    Path::new("/etc/debian_version").exists() && workspace.env.find("apt-get").is_some()
}

#[cfg(unix)]
fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
