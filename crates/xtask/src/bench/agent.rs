//! What the agent costs the machine it watches.

use std::time::Duration;

use anyhow::Result;

use super::rig::{self, Rig};
use super::{Figure, Goal, cost};
use crate::steps::Steps;
use crate::workspace::Workspace;

/// The real agent at one sample a second, connected to a real server.
pub(super) fn run(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<Vec<Figure>> {
    rig::ready(workspace, steps)?;
    let mut rig = Rig::start(workspace)?;
    let agent = rig.agent(rig.address)?;
    rig.hosts(1)?;
    rig.run_for(Duration::from_secs(3))?;
    let cost = cost::of(&rig, agent, Duration::from_secs(30))?;
    Ok(vec![
        Figure::new("processor time", "ms/s", Goal::AtMost(1.0), cost.cpu_ms_per_s),
        Figure::new("resident memory", "MiB", Goal::AtMost(6.0), cost.rss_mib),
    ])
}
