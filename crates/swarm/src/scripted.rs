//! An agent and a viewer that do what a test or a benchmark tells them, step by step.

mod agent;
mod viewer;

use cpumonitor_common::{HostId, HostInfo, Timestamp};

pub use agent::ScriptedAgent;
pub use viewer::ScriptedViewer;

use crate::dice::Dice;

/// Plain facts of a host called `name`; the same name gives the same id.
#[must_use]
pub fn host(name: &str) -> HostInfo {
    let dice = name.bytes().fold(Dice::new(0), |dice, byte| dice.of(u64::from(byte)));
    HostInfo {
        id: HostId(u128::from(dice.of(0).bits()) << 64 | u128::from(dice.of(1).bits())),
        name: name.to_owned(),
        os: "Debian GNU/Linux 12".to_owned(),
        kernel: "6.1.0-38-amd64".to_owned(),
        arch: "x86_64".to_owned(),
        cpu_model: "scripted".to_owned(),
        core_count: 4,
        memory_bytes: 8 << 30,
        swap_bytes: 0,
        boot_at: Timestamp::EPOCH,
        agent_version: "0.0.0".to_owned(),
        tags: Vec::new(),
    }
}
