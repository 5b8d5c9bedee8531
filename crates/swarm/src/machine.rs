//! What a virtual host is made of: cores, memory, disks, interfaces, sensors, operating system.

use crate::dice::Dice;
use crate::role::Role;

/// Most cores of any machine here.
pub const MAX_CORES: usize = 64;

const GIB: u64 = 1 << 30;

/// The hardware and the operating system of one host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Machine {
    /// Logical cores, at most [`MAX_CORES`].
    pub core_count: u32,
    /// Physical memory.
    pub memory_bytes: u64,
    /// Swap space; 0 for none.
    pub swap_bytes: u64,
    /// What it is built from.
    pub model: &'static Model,
    /// Operating system and version.
    pub os: &'static str,
    /// Kernel release.
    pub kernel: &'static str,
}

/// A kind of machine.
#[derive(Debug, PartialEq)]
pub struct Model {
    /// Marketing name of the processor.
    pub cpu_model: &'static str,
    /// Machine architecture.
    pub arch: &'static str,
    /// Whether a hypervisor may steal time from it. Virtual machines have no sensors either.
    pub is_virtual: bool,
    /// Block devices by kernel name.
    pub disks: &'static [&'static str],
    /// What one of its disks moves at most.
    pub disk_bytes_per_sec: f64,
    /// File systems: mount point and size.
    pub file_systems: &'static [(&'static str, u64)],
    /// Network interfaces by name.
    pub interfaces: &'static [&'static str],
    /// What one of its interfaces moves at most, either way.
    pub interface_bytes_per_sec: f64,
    /// Temperature sensors by chip and label, the processor's first.
    pub sensors: &'static [&'static str],
}

static CLOUD_X86: Model = Model {
    cpu_model: "Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz",
    arch: "x86_64",
    is_virtual: true,
    disks: &["vda"],
    disk_bytes_per_sec: 250e6,
    file_systems: &[("/", 80 * GIB)],
    interfaces: &["eth0"],
    interface_bytes_per_sec: 125e6,
    sensors: &[],
};

static CLOUD_ARM: Model =
    Model { cpu_model: "Neoverse-N1", arch: "aarch64", interface_bytes_per_sec: 625e6, ..CLOUD_X86 };

static METAL: Model = Model {
    cpu_model: "AMD EPYC 9354P 32-Core Processor",
    arch: "x86_64",
    is_virtual: false,
    disks: &["nvme0n1", "nvme1n1"],
    disk_bytes_per_sec: 2.5e9,
    file_systems: &[("/", 100 * GIB), ("/var/lib/data", 3_500 * GIB)],
    interfaces: &["enp65s0f0"],
    interface_bytes_per_sec: 1.25e9,
    sensors: &["k10temp Tctl", "nvme0 Composite"],
};

/// Operating system, its kernel on x86_64, its kernel on aarch64.
type System = (&'static str, &'static str, &'static str);

const SYSTEMS: [System; 4] = [
    ("Debian GNU/Linux 12", "6.1.0-38-amd64", "6.1.0-38-arm64"),
    ("Debian GNU/Linux 13", "6.12.41-amd64", "6.12.41-arm64"),
    ("Ubuntu 24.04.3 LTS", "6.8.0-79-generic", "6.8.0-79-generic"),
    ("Rocky Linux 9.6", "5.14.0-570.el9.x86_64", "5.14.0-570.el9.aarch64"),
];

impl Machine {
    /// A machine fit for `role`.
    #[must_use]
    pub fn of(role: Role, dice: Dice) -> Machine {
        let (model, core_count, gib_per_core) = match role {
            Role::Web => (&CLOUD_X86, dice.of(0).pick([2, 4, 4]), 2),
            Role::Cache => (&CLOUD_ARM, dice.of(0).pick([4, 8]), 8),
            Role::Db => (&METAL, dice.of(0).pick([16, 32]), 8),
            Role::Batch => (&METAL, dice.of(0).pick([32, 64]), 4),
        };
        let (os, on_x86, on_arm) = dice.of(1).pick(SYSTEMS);
        Machine {
            core_count,
            memory_bytes: u64::from(core_count) * gib_per_core * GIB,
            swap_bytes: if model.is_virtual { 0 } else { 8 * GIB },
            model,
            os,
            kernel: if model.arch == "aarch64" { on_arm } else { on_x86 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_several_sizes_and_none_is_too_large() {
        for role in [Role::Web, Role::Db, Role::Cache, Role::Batch] {
            let mut sizes: Vec<u32> = (0..100).map(|n| Machine::of(role, Dice::new(n)).core_count).collect();
            sizes.sort_unstable();
            sizes.dedup();
            assert!(sizes.len() >= 2, "{role:?}");
            assert!(sizes.iter().all(|cores| *cores as usize <= MAX_CORES), "{role:?}");
        }
    }
}
