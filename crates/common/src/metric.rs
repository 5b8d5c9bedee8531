//! The catalogue: every metric, with its name, unit, encoding, meaning and source.
//!
//! Names follow the OpenTelemetry semantic conventions for system and hardware metrics where they
//! have one. Numbers travel and are stored, so they are never reused; a number this build does not
//! know is passed on untouched and shown as `metric#N`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Code, Encoding};

/// A named quantity with a unit and an encoding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metric(pub u16);

/// What a value is counted in. Base units only: formatting is the reader's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A share from 0 to 1, shown in percent.
    Ratio,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
    /// Events per second.
    PerSecond,
    /// Degrees Celsius.
    Celsius,
    /// A plain number: load, processes.
    Count,
    /// Seconds.
    Seconds,
}

/// What the instances of a metric are, that is, what stands in the brackets of `metric[instance]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instances {
    /// There are none: the metric speaks for the host as a whole.
    None,
    /// Logical cores by number.
    Core,
    /// Block devices by kernel name.
    Disk,
    /// File systems by mount point.
    FileSystem,
    /// Network interfaces by name.
    Interface,
    /// Temperature sensors by chip and label.
    Sensor,
}

/// One line of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct MetricDef {
    /// Its number.
    pub metric: Metric,
    /// OpenTelemetry name, as in `system.cpu.utilization`.
    pub name: &'static str,
    /// What people type and read, as in `cpu`.
    pub short: &'static str,
    /// A heading, as in `CPU`.
    pub label: &'static str,
    /// What its values are counted in.
    pub unit: Unit,
    /// How its values become codes.
    pub encoding: Encoding,
    /// What its instances are.
    pub instances: Instances,
    /// What it means, and what the reading for the whole host is where there are instances.
    pub meaning: &'static str,
    /// Where it is read on Linux.
    pub source: &'static str,
}

const PER_MILLE: Encoding = Encoding::Linear { scale: 1000.0, offset: 0.0 };
/// Tenths of a degree from absolute zero.
const TENTHS: Encoding = Encoding::Linear { scale: 10.0, offset: -273.1 };
const WHOLE: Encoding = Encoding::Log { scale: 1.0 };
const HUNDREDTHS: Encoding = Encoding::Log { scale: 100.0 };

macro_rules! catalogue {
    ($($id:literal $const:ident $name:literal $short:literal $label:literal $unit:ident $encoding:ident $instances:ident
       $meaning:literal $source:literal;)*) => {
        impl Metric {
            $(#[doc = $meaning] pub const $const: Metric = Metric($id);)*
        }

        /// Every metric this build knows, in ascending order of number.
        pub const CATALOGUE: &[MetricDef] = &[$(MetricDef {
            metric: Metric($id), name: $name, short: $short, label: $label, unit: Unit::$unit,
            encoding: $encoding, instances: Instances::$instances, meaning: $meaning, source: $source,
        },)*];
    };
}

catalogue! {
    1 CPU "system.cpu.utilization" "cpu" "CPU" Ratio PER_MILLE Core
      "Share of time not idle and not waiting for I/O; steal counts as busy. Whole: over all cores."
      "/proc/stat, lines cpu and cpuN";
    2 CPU_USER "system.cpu.utilization{cpu.mode=user}" "cpu.user" "CPU user" Ratio PER_MILLE None
      "Share of time in user mode, nice included, guests included."
      "/proc/stat, line cpu, fields 1 and 2";
    3 CPU_SYSTEM "system.cpu.utilization{cpu.mode=system}" "cpu.system" "CPU system" Ratio PER_MILLE None
      "Share of time in the kernel, interrupts included."
      "/proc/stat, line cpu, fields 3, 6 and 7";
    4 CPU_IOWAIT "system.cpu.utilization{cpu.mode=iowait}" "cpu.iowait" "CPU I/O wait" Ratio PER_MILLE None
      "Share of time idle while a disk request was outstanding."
      "/proc/stat, line cpu, field 5";
    5 CPU_STEAL "system.cpu.utilization{cpu.mode=steal}" "cpu.steal" "CPU steal" Ratio PER_MILLE None
      "Share of time the hypervisor gave to others."
      "/proc/stat, line cpu, field 8";

    10 LOAD_1 "system.cpu.load_average.1m" "load1" "Load 1 min" Count HUNDREDTHS None
      "Tasks running, runnable or in uninterruptible sleep, averaged over one minute."
      "/proc/loadavg, field 1";
    11 LOAD_5 "system.cpu.load_average.5m" "load5" "Load 5 min" Count HUNDREDTHS None
      "The same over five minutes."
      "/proc/loadavg, field 2";
    12 LOAD_15 "system.cpu.load_average.15m" "load15" "Load 15 min" Count HUNDREDTHS None
      "The same over fifteen minutes."
      "/proc/loadavg, field 3";

    16 MEMORY "system.memory.utilization" "mem" "Memory" Ratio PER_MILLE None
      "Share of physical memory a new process could not get without swapping."
      "/proc/meminfo: (MemTotal - MemAvailable) / MemTotal";
    17 MEMORY_USED "system.memory.usage{system.memory.state=used}" "mem.used" "Memory used" Bytes WHOLE None
      "Physical memory a new process could not get without swapping."
      "/proc/meminfo: MemTotal - MemAvailable";
    18 MEMORY_AVAILABLE "system.memory.linux.available" "mem.available" "Memory available" Bytes WHOLE None
      "Physical memory a new process could get without swapping."
      "/proc/meminfo: MemAvailable";
    19 MEMORY_CACHED "system.memory.usage{system.memory.state=cached}" "mem.cached" "Memory cached" Bytes WHOLE None
      "Page cache and reclaimable slab."
      "/proc/meminfo: Cached + SReclaimable";

    24 SWAP "system.paging.utilization" "swap" "Swap" Ratio PER_MILLE None
      "Share of swap space in use; absent where there is none."
      "/proc/meminfo: (SwapTotal - SwapFree) / SwapTotal";
    25 SWAP_USED "system.paging.usage{system.paging.state=used}" "swap.used" "Swap used" Bytes WHOLE None
      "Swap space in use."
      "/proc/meminfo: SwapTotal - SwapFree";

    32 DISK_READ "system.disk.io{disk.io.direction=read}" "disk.read" "Disk read" BytesPerSecond WHOLE Disk
      "Bytes read from the device. Whole: the sum over all disks."
      "/proc/diskstats, field 6, in sectors of 512 bytes";
    33 DISK_WRITE "system.disk.io{disk.io.direction=write}" "disk.write" "Disk write" BytesPerSecond WHOLE Disk
      "Bytes written to the device. Whole: the sum over all disks."
      "/proc/diskstats, field 10, in sectors of 512 bytes";
    34 DISK_BUSY "system.disk.io_time" "disk.busy" "Disk busy" Ratio PER_MILLE Disk
      "Share of time with at least one request in flight. Whole: the busiest disk."
      "/proc/diskstats, field 13, in milliseconds";

    40 FILESYSTEM "system.filesystem.utilization" "fs" "File system" Ratio PER_MILLE FileSystem
      "Share of the space ordinary users may fill that is taken. Whole: the fullest file system."
      "statvfs: (blocks - free) / (blocks - free + available)";
    41 FILESYSTEM_AVAILABLE "system.filesystem.usage{system.filesystem.state=free}" "fs.available" "File system available" Bytes WHOLE FileSystem
      "Space ordinary users may still fill. Whole: the least of all file systems."
      "statvfs: available blocks";

    48 NETWORK_RECEIVE "system.network.io{network.io.direction=receive}" "net.rx" "Network in" BytesPerSecond WHOLE Interface
      "Bytes received. Whole: the sum over all interfaces but loopback and those that only repeat others' traffic."
      "/proc/net/dev, field 1";
    49 NETWORK_TRANSMIT "system.network.io{network.io.direction=transmit}" "net.tx" "Network out" BytesPerSecond WHOLE Interface
      "Bytes sent. Whole: the sum over all interfaces but loopback and those that only repeat others' traffic."
      "/proc/net/dev, field 9";

    56 TEMPERATURE "hw.temperature" "temp" "Temperature" Celsius TENTHS Sensor
      "Temperature of a sensor. Whole: the hottest."
      "/sys/class/hwmon/hwmon*/temp*_input, else /sys/class/thermal/thermal_zone*/temp";

    64 PROCESSES_RUNNING "system.process.count{process.state=running}" "proc.running" "Processes running" Count WHOLE None
      "Tasks running or runnable."
      "/proc/stat, line procs_running";
    65 PROCESSES_BLOCKED "system.process.count{process.state=blocked}" "proc.blocked" "Processes blocked" Count WHOLE None
      "Tasks waiting for I/O."
      "/proc/stat, line procs_blocked";
    66 PROCESSES_CREATED "system.process.created" "proc.created" "Processes created" PerSecond WHOLE None
      "Forks per second."
      "/proc/stat, line processes";
    67 CONTEXT_SWITCHES "system.linux.context_switches" "ctxt" "Context switches" PerSecond WHOLE None
      "Context switches per second over all cores."
      "/proc/stat, line ctxt";
    68 INTERRUPTS "system.linux.interrupts" "intr" "Interrupts" PerSecond WHOLE None
      "Interrupts served per second over all cores."
      "/proc/stat, line intr, field 1";

    72 UPTIME "system.uptime" "uptime" "Uptime" Seconds WHOLE None
      "Time since the kernel started."
      "/proc/uptime, field 1";
}

impl Metric {
    /// Its line of the catalogue; `None` for a number only a newer build knows.
    #[must_use]
    pub fn def(self) -> Option<&'static MetricDef> {
        CATALOGUE.binary_search_by_key(&self, |def| def.metric).ok().map(|place| &CATALOGUE[place])
    }

    /// The metric people call `short`, as in `cpu`.
    #[must_use]
    pub fn by_short(short: &str) -> Option<Metric> {
        CATALOGUE.iter().find(|def| def.short == short).map(|def| def.metric)
    }

    /// The code of `value`; absent when the metric is unknown or the value cannot be encoded.
    #[must_use]
    pub fn encode(self, value: f64) -> Code {
        self.def().map_or(Code::ABSENT, |def| def.encoding.encode(value))
    }

    /// The value of `code` in the metric's unit; `None` when absent or the metric is unknown.
    #[must_use]
    pub fn decode(self, code: Code) -> Option<f64> {
        self.def().and_then(|def| def.encoding.decode(code))
    }

    /// What its values are counted in; [`Unit::Count`] for an unknown metric.
    #[must_use]
    pub fn unit(self) -> Unit {
        self.def().map_or(Unit::Count, |def| def.unit)
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.def() {
            Some(def) => f.write_str(def.short),
            None => write!(f, "metric#{}", self.0),
        }
    }
}

impl fmt::Debug for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_names_are_unique() {
        assert!(CATALOGUE.is_sorted_by(|a, b| a.metric < b.metric));
        for def in CATALOGUE {
            assert_eq!(CATALOGUE.iter().filter(|other| other.short == def.short).count(), 1, "{}", def.short);
            assert_eq!(CATALOGUE.iter().filter(|other| other.name == def.name).count(), 1, "{}", def.name);
        }
    }

    #[test]
    fn a_metric_is_found_by_its_short_name() {
        assert_eq!(Metric::by_short("cpu"), Some(Metric::CPU));
        assert_eq!(Metric::by_short("cpuu"), None);
        assert_eq!(Metric::CPU.to_string(), "cpu");
    }

    #[test]
    fn an_unknown_number_is_carried_but_not_decoded() {
        let newer = Metric(60_000);
        assert_eq!(newer.to_string(), "metric#60000");
        assert_eq!(newer.decode(Code(5)), None);
        assert_eq!(newer.encode(5.0), Code::ABSENT);
    }

    #[test]
    fn every_encoding_covers_its_metric() {
        assert_eq!(Metric::CPU.decode(Metric::CPU.encode(0.123)), Some(0.123));
        assert_eq!(Metric::LOAD_1.decode(Metric::LOAD_1.encode(0.52)), Some(0.52));
        let terabytes = 16.0 * 1024f64.powi(4);
        assert_eq!(Metric::MEMORY_USED.decode(Metric::MEMORY_USED.encode(terabytes)), Some(terabytes));
        let frost = Metric::TEMPERATURE.decode(Metric::TEMPERATURE.encode(-12.5)).unwrap();
        assert!((frost + 12.5).abs() < 1e-9);
    }
}
