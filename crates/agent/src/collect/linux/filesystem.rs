//! How full the file systems are.
//!
//! Counted are file systems on local block devices, ZFS pools, and the root of a container. Those of the
//! network and of user space (NFS, SMB, FUSE) are left alone: when their far end is gone, asking for free
//! space never returns. Images that are full by nature (squashfs, optical media) say nothing. A device
//! mounted in several places is counted once, where its path is shortest.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cpumonitor_common::{Metric, RowWriter};

use super::kept_file::KeptFile;
use super::text;
use crate::clock::Moment;

/// How often free space is asked for; it moves slowly, and asking may wake a disk's controller.
const PERIOD: Duration = Duration::from_secs(10);

/// Space of one file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Space {
    /// Taken, in units of the file system.
    pub(super) used_units: u64,
    /// What ordinary users may still fill, in the same units.
    pub(super) available_units: u64,
    /// Bytes of a unit.
    pub(super) unit_bytes: u64,
}

/// The mounted file systems.
#[derive(Debug)]
pub(super) struct FileSystems {
    mounts: KeptFile,
    ask: fn(&Path) -> Option<Space>,
    due: Option<Moment>,
    /// The text that `mounted` was made from.
    seen: Vec<u8>,
    mounted: Vec<Mounted>,
}

#[derive(Debug, PartialEq, Eq)]
struct Mounted {
    path: PathBuf,
    name: String,
    space: Option<Space>,
    /// Whether it ever had space: what has none is a file bound over another, or gone already.
    shown: bool,
}

impl FileSystems {
    /// The file systems listed in `mounts`, that is `/proc/self/mounts`; `ask` tells the space of one.
    pub(super) fn new(mounts: PathBuf, ask: fn(&Path) -> Option<Space>) -> FileSystems {
        FileSystems { mounts: KeptFile::new(mounts), ask, due: None, seen: Vec::new(), mounted: Vec::new() }
    }

    /// Asks anew when the last time is ten seconds ago.
    pub(super) fn read(&mut self, now: Moment, buffer: &mut Vec<u8>) {
        if self.due.is_some_and(|due| now < due) {
            return;
        }
        self.due = Some(now.plus(PERIOD));
        let mounts = self.mounts.read(now, buffer).unwrap_or_default();
        if mounts != self.seen {
            self.seen.clear();
            self.seen.extend_from_slice(mounts);
            self.mounted = parse(mounts);
        }
        for mounted in &mut self.mounted {
            mounted.space = (self.ask)(&mounted.path);
            mounted.shown |= mounted.space.is_some();
        }
    }

    /// Puts the readings in catalogue order.
    pub(super) fn put(&self, row: &mut RowWriter) {
        let shown = || self.mounted.iter().filter(|mounted| mounted.shown);
        if shown().next().is_none() {
            return;
        }
        let spaces = || shown().filter_map(|mounted| mounted.space);
        row.put(Metric::FILESYSTEM, "", spaces().map(Space::used_ratio).reduce(f64::max));
        for mounted in shown() {
            row.put(Metric::FILESYSTEM, &mounted.name, mounted.space.map(Space::used_ratio));
        }
        row.put(Metric::FILESYSTEM_AVAILABLE, "", spaces().map(Space::available_bytes).reduce(f64::min));
        for mounted in shown() {
            row.put(Metric::FILESYSTEM_AVAILABLE, &mounted.name, mounted.space.map(Space::available_bytes));
        }
    }
}

impl Space {
    /// The share of what ordinary users may fill that is taken, as `df` shows it.
    fn used_ratio(self) -> f64 {
        self.used_units as f64 / (self.used_units as f64 + self.available_units as f64).max(1.0)
    }

    fn available_bytes(self) -> f64 {
        self.available_units as f64 * self.unit_bytes as f64
    }
}

/// Asks the kernel for the space of the file system mounted at `path`; `None` when that is not a
/// directory, or the file system has no blocks.
pub(super) fn ask_kernel(path: &Path) -> Option<Space> {
    if !path.is_dir() {
        return None;
    }
    let stat = rustix::fs::statvfs(path).ok()?;
    (stat.f_blocks > 0).then(|| Space {
        used_units: stat.f_blocks.saturating_sub(stat.f_bfree),
        available_units: stat.f_bavail,
        unit_bytes: stat.f_frsize,
    })
}

/// File systems that are full by nature, may hang, or are not local although they have a device.
const LEFT_OUT: [&[u8]; 8] =
    [b"squashfs", b"erofs", b"iso9660", b"udf", b"cramfs", b"romfs", b"ocfs2", b"gfs2"];

/// The file systems of `mounts` that count, by mount point, each device once.
fn parse(mounts: &[u8]) -> Vec<Mounted> {
    let mut found: Vec<(&[u8], Vec<u8>)> = Vec::new();
    for line in text::lines(mounts) {
        let mut fields = text::fields(line);
        let (Some(device), Some(point), Some(kind)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        if !counts(device, point, kind) {
            continue;
        }
        // The datasets of a ZFS pool share its space; the pool is what stands before the first slash.
        let device =
            if kind == b"zfs" { device.split(|b| *b == b'/').next().unwrap_or(device) } else { device };
        let point = unescape(point);
        match found.iter_mut().find(|(known, _)| *known == device) {
            Some((_, shortest)) if point.len() < shortest.len() => *shortest = point,
            Some(_) => {}
            None => found.push((device, point)),
        }
    }
    let mut mounted: Vec<Mounted> = found.into_iter().map(|(_, point)| Mounted::at(&point)).collect();
    mounted.sort_by(|a, b| a.name.cmp(&b.name));
    mounted.dedup_by(|a, b| a.name == b.name);
    mounted
}

impl Mounted {
    fn at(point: &[u8]) -> Mounted {
        use std::os::unix::ffi::OsStrExt;
        Mounted {
            path: PathBuf::from(std::ffi::OsStr::from_bytes(point)),
            name: text::name(point),
            space: None,
            shown: false,
        }
    }
}

fn counts(device: &[u8], point: &[u8], kind: &[u8]) -> bool {
    let local = device.starts_with(b"/dev/") || kind == b"zfs" || (kind == b"overlay" && point == b"/");
    local && !kind.starts_with(b"fuse") && !LEFT_OUT.contains(&kind)
}

/// A mount point as it is: the kernel writes blanks, backslashes and line ends as `\ooo`.
fn unescape(point: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(point.len());
    let mut rest = point;
    while let Some((&byte, tail)) = rest.split_first() {
        let octal =
            tail.get(..3).filter(|digits| byte == b'\\' && digits.iter().all(|d| (b'0'..=b'7').contains(d)));
        if let Some(digits) = octal {
            out.push(
                digits.iter().fold(0u8, |value, digit| value.wrapping_mul(8).wrapping_add(digit - b'0')),
            );
            rest = tail.get(3..).unwrap_or_default();
        } else {
            out.push(byte);
            rest = tail;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(mounts: &str, points: &[&str]) {
        let seen: Vec<_> = parse(mounts.as_bytes()).into_iter().map(|mounted| mounted.name).collect();
        assert_eq!(seen, points);
    }

    #[test]
    fn only_local_file_systems_count() {
        check(
            "proc /proc proc rw 0 0\ntmpfs /run tmpfs rw 0 0\n/dev/sda2 / ext4 rw 0 0\n/dev/sda1 /boot vfat rw 0 0\n\
             /dev/loop3 /snap/core squashfs ro 0 0\nnas:/home /home nfs4 rw 0 0\n//nas/x /x cifs rw 0 0\n\
             /dev/sdb1 /usb fuseblk rw 0 0\n/dev/sr0 /cdrom iso9660 ro 0 0\noverlay /var/lib/docker/1 overlay rw 0 0\n",
            &["/", "/boot"],
        );
    }

    #[test]
    fn a_device_counts_once_where_its_path_is_shortest() {
        check(
            "/dev/sda2 /var/lib/kubelet/pods/1 btrfs rw 0 0\n/dev/sda2 / btrfs rw 0 0\n/dev/sda2 /home btrfs rw 0 0\n\
             tank/home /tank/home zfs rw 0 0\ntank /tank zfs rw 0 0\n",
            &["/", "/tank"],
        );
    }

    #[test]
    fn a_container_has_a_root() {
        check("overlay / overlay rw 0 0\n/dev/sda2 /etc/hosts ext4 rw 0 0\n", &["/", "/etc/hosts"]);
        assert_eq!(
            ask_kernel(Path::new("/proc/self/mounts")),
            None,
            "a file bound over another is no mount point"
        );
    }

    #[test]
    fn blanks_in_a_mount_point_are_read() {
        check("/dev/sdb1 /mnt/my\\040disk ext4 rw 0 0\n", &["/mnt/my disk"]);
        assert_eq!(unescape(b"a\\011b\\"), b"a\tb\\");
    }

    #[test]
    fn the_whole_is_the_fullest_and_the_least() {
        let dir = tempfile::tempdir().unwrap();
        let mounts = dir.path().join("mounts");
        std::fs::write(&mounts, "/dev/a / ext4\n/dev/b /b ext4\n/dev/c /gone ext4\n").unwrap();
        let ask = |path: &Path| match path.to_str() {
            Some("/") => Some(Space { used_units: 30, available_units: 10, unit_bytes: 10 }),
            Some("/b") => Some(Space { used_units: 0, available_units: 5, unit_bytes: 10 }),
            _ => None,
        };
        let mut file_systems = FileSystems::new(mounts, ask);
        file_systems.read(Moment::after_start(PERIOD), &mut Vec::new());
        let mut row = RowWriter::default();
        row.start();
        file_systems.put(&mut row);
        let (layout, _, codes) = row.finish();
        let values = layout.series.iter().zip(codes);
        let seen: Vec<_> = values.map(|(s, code)| (s.to_string(), s.metric.decode(*code).unwrap())).collect();
        let expected = [
            ("fs", 0.75),
            ("fs[/]", 0.75),
            ("fs[/b]", 0.0),
            ("fs.available", 50.0),
            ("fs.available[/]", 100.0),
            ("fs.available[/b]", 50.0),
        ];
        assert_eq!(seen, expected.map(|(name, value)| (name.to_owned(), value)));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(text in "((/dev/)?.{0,4} /[\\\\0-9a-z]{0,9} [a-z0-9]{0,6}.{0,5}\n){0,6}") {
            let _ = parse(text.as_bytes());
        }

        #[test]
        fn unescaping_never_grows(point in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert!(unescape(&point).len() <= point.len());
        }
    }
}
