//! What the server costs with a thousand hosts.

use std::time::Duration;

use anyhow::Result;

use super::rig::{self, Rig};
use super::{Figure, Goal, cost};
use crate::steps::Steps;
use crate::workspace::Workspace;

const HOSTS: usize = 1_000;
/// The hosts deliver five minutes of past at once, so that tails are full; then the rush has to settle.
const SETTLE: Duration = Duration::from_secs(30);

/// A thousand simulated hosts and one viewer, with the tails full.
pub(super) fn run(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<Vec<Figure>> {
    rig::ready(workspace, steps)?;
    let mut rig = Rig::start(workspace)?;
    rig.swarm(HOSTS, 1, Duration::from_secs(300))?;
    let about = "1,000 hosts with five minutes of past each, 30 s to settle and 30 s to measure";
    let cost = steps.time("thousand hosts", about, || {
        rig.run_for(SETTLE)?;
        cost::of(&rig, rig.server(), Duration::from_secs(30))
    })?;
    Ok(vec![
        Figure::new("processor time", "% of a core", Goal::AtMost(25.0), cost.cpu_ms_per_s / 10.0),
        Figure::new("resident memory", "MiB", Goal::AtMost(80.0), cost.rss_mib),
    ])
}
