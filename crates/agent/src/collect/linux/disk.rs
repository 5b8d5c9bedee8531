//! Reading and writing of block devices.
//!
//! Counted are whole devices with hardware, real or virtual, behind them: `/sys/block/NAME/device` exists.
//! Partitions, RAID and device-mapper volumes carry the same bytes a second time; loop devices and RAM
//! disks carry none of their own. A device that never served a request (an empty optical drive) is left
//! out until it does.

use std::path::{Path, PathBuf};

use cpumonitor_common::{Metric, RowWriter};

use super::roster::Roster;
use super::text;
use crate::clock::Moment;
use crate::collect::rate::Rate;

/// What `/proc/diskstats` counts in; sectors are this large whatever the device says.
const SECTOR_BYTES: f64 = 512.0;

/// The devices of `/proc/diskstats`.
#[derive(Debug)]
pub(super) struct Disks {
    sys_block: PathBuf,
    devices: Roster<Device>,
}

#[derive(Debug, Default)]
struct Device {
    counted: bool,
    served: bool,
    read: Rate,
    write: Rate,
    busy: Rate,
    now: Readings,
}

/// What one device does, `None` where it cannot be told.
#[derive(Clone, Copy, Debug, Default)]
struct Readings {
    read_bytes_per_sec: Option<f64>,
    write_bytes_per_sec: Option<f64>,
    busy_ratio: Option<f64>,
}

impl Disks {
    /// No devices yet; which ones count is looked up in `sys_block`, that is `/sys/block`.
    pub(super) fn new(sys_block: PathBuf) -> Disks {
        Disks { sys_block, devices: Roster::default() }
    }

    /// Takes in `diskstats`, the content of `/proc/diskstats`.
    pub(super) fn read(&mut self, now: Moment, diskstats: Option<&[u8]>) {
        let Some(diskstats) = diskstats else {
            self.devices.states_mut().for_each(|device| device.now = Readings::default());
            return;
        };
        let mut count = 0;
        for line in text::lines(diskstats) {
            let mut fields = text::fields(line);
            let Some(name) = fields.nth(2) else { continue };
            let device = self.devices.at(count, name, |name| Device {
                counted: is_counted(&self.sys_block, name),
                ..Device::default()
            });
            count += 1;
            if device.counted {
                device.read(now, Stat::parse(fields));
            }
        }
        self.devices.end(count);
    }

    /// Puts the readings in catalogue order.
    pub(super) fn put(&self, row: &mut RowWriter) {
        let shown = || self.devices.iter().filter(|(_, device)| device.counted && device.served);
        if shown().next().is_none() {
            return;
        }
        let sum = |of: fn(&Readings) -> Option<f64>| {
            shown().filter_map(|(_, device)| of(&device.now)).reduce(|sum, value| sum + value)
        };
        row.put(Metric::DISK_READ, "", sum(|now| now.read_bytes_per_sec));
        for (name, device) in shown() {
            row.put(Metric::DISK_READ, name, device.now.read_bytes_per_sec);
        }
        row.put(Metric::DISK_WRITE, "", sum(|now| now.write_bytes_per_sec));
        for (name, device) in shown() {
            row.put(Metric::DISK_WRITE, name, device.now.write_bytes_per_sec);
        }
        let busiest = shown().filter_map(|(_, device)| device.now.busy_ratio).reduce(f64::max);
        row.put(Metric::DISK_BUSY, "", busiest);
        for (name, device) in shown() {
            row.put(Metric::DISK_BUSY, name, device.now.busy_ratio);
        }
    }
}

impl Device {
    fn read(&mut self, now: Moment, stat: Option<Stat>) {
        self.now = Readings::default();
        let Some(stat) = stat else { return };
        self.served |= stat.requests > 0;
        self.now = Readings {
            read_bytes_per_sec: self.read.observe(now, stat.read_sectors).map(|rate| rate * SECTOR_BYTES),
            write_bytes_per_sec: self
                .write
                .observe(now, stat.written_sectors)
                .map(|rate| rate * SECTOR_BYTES),
            busy_ratio: self.busy.observe(now, stat.busy_ms).map(|ms_per_sec| (ms_per_sec / 1000.0).min(1.0)),
        };
    }
}

/// What a line of `/proc/diskstats` says behind the name.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    requests: u64,
    read_sectors: u64,
    written_sectors: u64,
    busy_ms: u64,
}

impl Stat {
    fn parse<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Option<Stat> {
        let mut fields = fields.map(text::number);
        let mut after = |skipped: usize| fields.nth(skipped).flatten();
        let reads = after(0)?;
        let read_sectors = after(1)?;
        let writes = after(1)?;
        let written_sectors = after(1)?;
        let busy_ms = after(2)?;
        Some(Stat { requests: reads.saturating_add(writes), read_sectors, written_sectors, busy_ms })
    }
}

/// Whether the device carries bytes of its own. By its name alone where `/sys` is hidden from us.
fn is_counted(sys_block: &Path, name: &str) -> bool {
    if sys_block.is_dir() {
        // In /sys a slash of a device's name, as in `cciss/c0d0`, is an exclamation mark.
        return sys_block.join(name.replace('/', "!")).join("device").exists();
    }
    let virtual_names = ["loop", "ram", "zram", "dm-", "md", "nbd", "drbd", "sr", "fd"];
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let ends_in_digit = base.len() < name.len();
    // `sda1` is a partition of `sda`; `nvme0n1p1` of `nvme0n1`, which ends in a digit itself.
    let is_partition = if name.starts_with("nvme") || name.starts_with("mmcblk") {
        base.ends_with('p')
    } else {
        ends_in_digit
    };
    !is_partition && !virtual_names.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use proptest::prelude::*;

    fn at(second: u64) -> Moment {
        Moment::after_start(Duration::from_secs(second))
    }

    /// `/sys/block` of a host with these devices, `true` for those with hardware behind.
    fn sys_block(devices: &[(&str, bool)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, real) in devices {
            let path = dir.path().join(name);
            std::fs::create_dir_all(if *real { path.join("device") } else { path }).unwrap();
        }
        dir
    }

    fn readings(disks: &Disks) -> Vec<(String, Option<f64>)> {
        let mut row = RowWriter::default();
        row.start();
        disks.put(&mut row);
        let (layout, _, codes) = row.finish();
        let values = layout.series.iter().zip(codes);
        values.map(|(series, code)| (series.to_string(), series.metric.decode(*code))).collect()
    }

    #[test]
    fn volumes_and_partitions_are_not_counted_twice() {
        let sys = sys_block(&[("sda", true), ("dm-0", false), ("loop0", false), ("sr0", true)]);
        let mut disks = Disks::new(sys.path().to_owned());
        let first = b"8 0 sda 1 0 0 0 1 0 0 0 0 0 0\n8 1 sda1 1 0 0 0 1 0 0 0 0 0 0\n\
                      253 0 dm-0 1 0 0 0 1 0 0 0 0 0 0\n7 0 loop0 1 0 0 0 1 0 0 0 0 0 0\n\
                      11 0 sr0 0 0 0 0 0 0 0 0 0 0 0\n";
        let second = b"8 0 sda 3 0 2 0 5 0 4 0 0 500 0\n8 1 sda1 3 0 2 0 5 0 4 0 0 500 0\n\
                       253 0 dm-0 3 0 2 0 5 0 4 0 0 500 0\n7 0 loop0 3 0 2 0 5 0 4 0 0 500 0\n\
                       11 0 sr0 0 0 0 0 0 0 0 0 0 0 0\n";
        disks.read(at(0), Some(first));
        disks.read(at(1), Some(second));
        let expected = [
            ("disk.read", 1024.0),
            ("disk.read[sda]", 1024.0),
            ("disk.write", 2048.0),
            ("disk.write[sda]", 2048.0),
            ("disk.busy", 0.5),
            ("disk.busy[sda]", 0.5),
        ];
        assert_eq!(readings(&disks), expected.map(|(name, value)| (name.to_owned(), Some(value))));
    }

    #[test]
    fn a_disk_pulled_and_put_back_begins_anew() {
        let sys = sys_block(&[("sda", true), ("sdb", true)]);
        let mut disks = Disks::new(sys.path().to_owned());
        let both = b"8 0 sda 1 0 8 0 1 0 8 0 0 0 0\n8 16 sdb 1 0 8 0 1 0 8 0 0 0 0\n";
        disks.read(at(0), Some(both));
        disks.read(at(1), Some(b"8 0 sda 1 0 8 0 1 0 8 0 0 0 0\n"));
        assert_eq!(readings(&disks).len(), 6);
        disks.read(at(2), Some(both));
        let of_sdb = readings(&disks).into_iter().filter(|(name, _)| name.contains("sdb"));
        assert!(of_sdb.map(|(_, value)| value).eq([None; 3]));
    }

    #[test]
    fn a_reset_is_a_gap() {
        let sys = sys_block(&[("sda", true)]);
        let mut disks = Disks::new(sys.path().to_owned());
        disks.read(at(0), Some(b"8 0 sda 9 0 900 0 9 0 900 0 0 900 0\n"));
        disks.read(at(1), Some(b"8 0 sda 1 0 1 0 1 0 1 0 0 1 0\n"));
        assert!(readings(&disks).iter().all(|(_, value)| value.is_none()));
    }

    #[test]
    fn without_sys_the_name_decides() {
        let nowhere = Path::new("/nonexistent");
        for name in ["sda", "vdb", "xvdc", "nvme0n1", "mmcblk0", "hda"] {
            assert!(is_counted(nowhere, name), "{name}");
        }
        for name in ["sda1", "nvme0n1p2", "mmcblk0p1", "loop3", "ram0", "zram0", "dm-1", "md127", "sr0"] {
            assert!(!is_counted(nowhere, name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(texts in prop::collection::vec("([0-9]{1,3} [0-9] [a-z/.]{0,4}( [0-9]{1,22}){0,12}\n|.{0,9}\n){0,5}", 1..4)) {
            let mut disks = Disks::new(PathBuf::from("/nonexistent"));
            for (second, text) in texts.iter().enumerate() {
                disks.read(at(second as u64), Some(text.as_bytes()));
            }
            disks.put(&mut RowWriter::default());
        }
    }
}
