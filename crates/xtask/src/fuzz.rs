//! `cargo xtask fuzz`: cargo-fuzz's targets in crates/common/fuzz, where cargo-fuzz and a nightly compiler are.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::cli::Fuzz;
use crate::steps::{Step, Steps};
use crate::workspace::Workspace;

const FOLDER: &str = "crates/common/fuzz";
/// Compiling the target comes on top of the seconds asked for.
const BUILD_LIMIT: Duration = Duration::from_secs(900);

/// Runs one target for a while.
pub(crate) fn run(workspace: &Workspace, steps: &mut Steps<'_>, wishes: &Fuzz) -> Result<()> {
    let targets = targets(workspace)?;
    if !targets.contains(&wishes.name) {
        bail!("there is no fuzz target `{}` in {FOLDER}, but {}", wishes.name, targets.join(", "));
    }
    let Some(rustup) = workspace.env.find("rustup").filter(|_| workspace.env.find("cargo-fuzz").is_some())
    else {
        bail!(
            "fuzzing needs cargo-fuzz and a nightly compiler: `cargo install cargo-fuzz && rustup toolchain install nightly`"
        )
    };
    let mut command = workspace.command(rustup);
    command.env_remove("RUSTUP_TOOLCHAIN").args(["run", "nightly", "cargo", "fuzz", "run"]);
    command
        .args(["--fuzz-dir", FOLDER, &wishes.name, "--"])
        .arg(format!("-max_total_time={}", wishes.seconds));
    let about = format!("{} for {} s", wishes.name, wishes.seconds);
    let step = Step {
        name: "fuzz",
        about: &about,
        advice: "a crash lies in its artifacts folder; without one, `rustup toolchain install nightly` may be missing",
        show: None,
        limit: Some(BUILD_LIMIT + Duration::from_secs(wishes.seconds.into())),
    };
    steps.run(step, &mut command)?;
    Ok(())
}

fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.root.join(FOLDER).join("fuzz_targets");
    let entries = folder.read_dir().with_context(|| format!("there are no fuzz targets in {FOLDER}"))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut names: Vec<_> = paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    Ok(names)
}
