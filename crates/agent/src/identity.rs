//! Who this host is: a random number, drawn once and kept on disk.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use cpumonitor_common::{HostId, Incarnation};

/// Longest part of a file's name that `--name` may make; file systems allow 255 bytes.
const MAX_NAME_BYTES: usize = 160;

/// Why the host has no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The directory or the file cannot be written.
    #[error("cannot keep the host's identity in {}: {source}; give a writable directory with --state-dir", path.display())]
    Unwritable {
        /// What could not be written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file exists and cannot be read.
    #[error("cannot read the host's identity in {}: {source}; make it readable or choose another --state-dir", path.display())]
    Unreadable {
        /// What could not be read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file does not hold what we wrote.
    #[error("{} does not hold a host's identity; delete it to let a new one be drawn", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// The id kept in `dir`, drawn and written there the first time.
///
/// Agents with a `name` of their own have an id of their own, so several can run on one machine.
///
/// # Errors
/// When the id can neither be read nor written. Never replaces what is there: a host that changed its id
/// by accident would leave its history behind.
pub fn load_or_create(dir: &Path, name: Option<&str>) -> Result<HostId, IdentityError> {
    let path = dir.join(file_name(name));
    if let Some(id) = load(&path)? {
        return Ok(id);
    }
    let unwritable = |source| IdentityError::Unwritable { path: path.clone(), source };
    fs::create_dir_all(dir).map_err(unwritable)?;
    let id = HostId(rand::random());
    if create(dir, &path, id).map_err(unwritable)? {
        return Ok(id);
    }
    // Another agent was faster; its id is the host's.
    load(&path)?.ok_or(IdentityError::Damaged { path })
}

/// Names this life of the agent.
#[must_use]
pub fn new_incarnation() -> Incarnation {
    Incarnation(rand::random())
}

/// The id in the file at `path`; `None` when there is no file.
fn load(path: &Path) -> Result<Option<HostId>, IdentityError> {
    match fs::read_to_string(path) {
        Ok(text) => {
            text.trim().parse().map(Some).map_err(|_| IdentityError::Damaged { path: path.to_owned() })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            Err(IdentityError::Damaged { path: path.to_owned() })
        }
        Err(source) => Err(IdentityError::Unreadable { path: path.to_owned(), source }),
    }
}

/// Writes `id` beside `path` and links it there, so that the file is whole or absent at any instant;
/// `false` when another one is there already.
fn create(dir: &Path, path: &Path, id: HostId) -> io::Result<bool> {
    let draft = dir.join(format!(".host-id-{:016x}", rand::random::<u64>()));
    let created = write_new(&draft, id).and_then(|()| match fs::hard_link(&draft, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // File systems without links, as on USB sticks, can only rename.
        Err(_) => fs::rename(&draft, path).map(|()| true),
    });
    // Gone already when it was renamed; left over it would do no harm.
    let _ = fs::remove_file(&draft);
    created
}

fn write_new(path: &Path, id: HostId) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{id}")?;
    file.sync_all()
}

/// `host-id`, or `host-id-NAME` with whatever could upset a file system written as `%xx`.
fn file_name(name: Option<&str>) -> String {
    let Some(name) = name else { return "host-id".to_owned() };
    let mut out = String::from("host-id-");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02x}"));
        }
    }
    if out.len() > MAX_NAME_BYTES {
        out.truncate(MAX_NAME_BYTES);
        out.push_str(&format!("-{:016x}", fnv1a(name.as_bytes())));
    }
    out
}

/// The hash FNV-1a, 64 bits: tells long names apart that begin alike.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_drawn_once() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("a/b");
        let id = load_or_create(&state, None).unwrap();
        assert_eq!(load_or_create(&state, None).unwrap(), id);
        assert_ne!(load_or_create(&state, Some("web-1")).unwrap(), id);
        let names: Vec<_> = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "no drafts are left: {names:?}");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        load_or_create(dir.path(), None).unwrap();
        let mode = fs::metadata(dir.path().join("host-id")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn agents_that_start_together_agree() {
        let dir = tempfile::tempdir().unwrap();
        let ids: Vec<HostId> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| load_or_create(dir.path(), None).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]));
    }

    #[test]
    fn a_directory_that_cannot_be_written_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let occupied = dir.path().join("file");
        fs::write(&occupied, "").unwrap();
        let error = load_or_create(&occupied.join("state"), None).unwrap_err().to_string();
        assert!(error.contains("--state-dir"), "{error}");
    }

    #[test]
    fn damage_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("host-id"), "not an id\n").unwrap();
        let error = load_or_create(dir.path(), None).unwrap_err();
        assert!(matches!(error, IdentityError::Damaged { .. }), "{error}");
        assert_eq!(fs::read_to_string(dir.path().join("host-id")).unwrap(), "not an id\n");
    }

    #[test]
    fn every_name_is_a_file_name() {
        assert_eq!(file_name(Some("web-1.example")), "host-id-web-1.example");
        assert_eq!(file_name(Some("../x y")), "host-id-..%2fx%20y");
        let (long, longer) = ("ä".repeat(64), "ä".repeat(63) + "b");
        assert!(file_name(Some(&long)).len() < 200);
        assert_ne!(file_name(Some(&long)), file_name(Some(&longer)));
    }
}
