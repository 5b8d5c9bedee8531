//! Linux: `/proc` and `/sys`, read directly.

mod cpu;
mod disk;
mod filesystem;
mod host;
mod kept_file;
mod load;
mod memory;
mod network;
mod process;
mod roster;
mod temperature;
mod text;
mod uptime;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use cpumonitor_common::{HostId, HostInfo, RowWriter, Tag};

use self::cpu::Cpu;
use self::disk::Disks;
use self::filesystem::FileSystems;
use self::kept_file::KeptFile;
use self::load::Load;
use self::memory::Memory;
use self::network::Network;
use self::process::Processes;
use self::temperature::Temperatures;
use self::uptime::Uptime;
use crate::clock::Moment;

/// Where the kernel's files are found; elsewhere than usual for recorded trees.
#[derive(Clone, Debug)]
pub struct Roots {
    /// `/proc`
    pub proc: PathBuf,
    /// `/sys`
    pub sys: PathBuf,
    /// `/etc`
    pub etc: PathBuf,
}

impl Default for Roots {
    fn default() -> Roots {
        Roots::under(Path::new("/"))
    }
}

impl Roots {
    /// The trees `proc`, `sys` and `etc` in `dir`.
    #[must_use]
    pub fn under(dir: &Path) -> Roots {
        Roots { proc: dir.join("proc"), sys: dir.join("sys"), etc: dir.join("etc") }
    }
}

/// The facts of this host, called `name`, or by its host name. Facts that cannot be read are empty or 0.
#[must_use]
pub fn host_info(id: HostId, name: Option<&str>, tags: &[Tag]) -> HostInfo {
    host::host_info(&Roots::default(), id, name, tags)
}

/// Reads a host. Rates need two readings, so the first sample has none.
///
/// Files stay open and are read into one buffer: once the layout stands still, a sample allocates nothing.
#[derive(Debug)]
pub struct Collector {
    buffer: Vec<u8>,
    files: Files,
    cpu: Cpu,
    load: Load,
    memory: Memory,
    disks: Disks,
    file_systems: FileSystems,
    network: Network,
    temperatures: Temperatures,
    processes: Processes,
    uptime: Uptime,
}

#[derive(Debug)]
struct Files {
    stat: KeptFile,
    loadavg: KeptFile,
    meminfo: KeptFile,
    diskstats: KeptFile,
    net_dev: KeptFile,
    uptime: KeptFile,
}

impl Collector {
    /// Reads the host whose files are in `roots`.
    #[must_use]
    pub fn new(roots: &Roots) -> Collector {
        Collector::asking(roots, filesystem::ask_kernel)
    }

    /// Reads the host the agent runs on.
    #[must_use]
    pub fn of_this_host() -> Collector {
        Collector::new(&Roots::default())
    }

    /// The same, with another answer to how full a file system is.
    fn asking(roots: &Roots, ask: fn(&Path) -> Option<filesystem::Space>) -> Collector {
        let proc = |name: &str| KeptFile::new(roots.proc.join(name));
        Collector {
            buffer: Vec::new(),
            files: Files {
                stat: proc("stat"),
                loadavg: proc("loadavg"),
                meminfo: proc("meminfo"),
                diskstats: proc("diskstats"),
                net_dev: proc("net/dev"),
                uptime: proc("uptime"),
            },
            cpu: Cpu::default(),
            load: Load::default(),
            memory: Memory::default(),
            disks: Disks::new(roots.sys.join("block")),
            file_systems: FileSystems::new(roots.proc.join("self/mounts"), ask),
            network: Network::new(roots.sys.join("class/net")),
            temperatures: Temperatures::new(&roots.sys),
            processes: Processes::default(),
            uptime: Uptime::default(),
        }
    }

    /// Takes one sample at `now` and puts its readings into `row`, which the caller has started.
    pub fn collect(&mut self, now: Moment, row: &mut RowWriter) {
        let Collector { buffer, files, .. } = self;
        let stat = files.stat.read(now, buffer);
        self.cpu.read(stat);
        self.processes.read(now, stat);
        self.load.read(files.loadavg.read(now, buffer));
        self.memory.read(files.meminfo.read(now, buffer));
        self.disks.read(now, files.diskstats.read(now, buffer));
        self.file_systems.read(now, buffer);
        self.network.read(now, files.net_dev.read(now, buffer));
        self.temperatures.read(now, buffer);
        self.uptime.read(files.uptime.read(now, buffer));

        self.cpu.put(row);
        self.load.put(row);
        self.memory.put(row);
        self.disks.put(row);
        self.file_systems.put(row);
        self.network.put(row);
        self.temperatures.put(row);
        self.processes.put(row);
        self.uptime.put(row);
    }
}
