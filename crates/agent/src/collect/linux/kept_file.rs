//! Files of `/proc` and `/sys` that are read again and again.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Moment;

/// Largest file that is read; `/proc/stat` of a host with 4,096 cores takes half of it.
const MAX_BYTES: usize = 1 << 20;
/// What the buffer begins with: more than any file of a small host.
const FIRST_BYTES: usize = 8 * 1024;
/// How long a file that could not be opened is left alone.
const RETRY: Duration = Duration::from_secs(10);

/// A file that stays open. Opening costs two to five times as much as reading.
#[derive(Debug)]
pub(super) struct KeptFile {
    path: PathBuf,
    file: Option<File>,
    retry_at: Option<Moment>,
}

impl KeptFile {
    /// The file at `path`, opened when it is first read.
    pub(super) fn new(path: PathBuf) -> KeptFile {
        KeptFile { path, file: None, retry_at: None }
    }

    /// All that the file says now, in `buffer`; `None` when it cannot be read or is larger than 1 MiB.
    /// A file that failed is opened anew, at most every ten seconds.
    pub(super) fn read<'b>(&mut self, now: Moment, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
        if self.file.is_none() {
            if self.retry_at.is_some_and(|at| now < at) {
                return None;
            }
            self.retry_at = Some(now.plus(RETRY));
            self.file = File::open(&self.path).ok();
        }
        match read_all(self.file.as_ref()?, buffer) {
            Some(len) => Some(&buffer[..len]),
            None => {
                self.file = None;
                None
            }
        }
    }
}

/// Reads from the start to the end; how many bytes that were.
fn read_all(file: &File, buffer: &mut Vec<u8>) -> Option<usize> {
    if buffer.is_empty() {
        buffer.resize(FIRST_BYTES, 0);
    }
    let mut len = 0;
    loop {
        if len == buffer.len() {
            if len >= MAX_BYTES {
                return None;
            }
            buffer.resize(len * 2, 0);
        }
        // The kernel hands longer files out a page at a time, so only an empty read is the end.
        match file.read_at(&mut buffer[len..], len as u64) {
            Ok(0) => return Some(len),
            Ok(count) => len += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Moment {
        Moment::after_start(Duration::from_secs(second))
    }

    #[test]
    fn a_file_is_read_anew_from_its_start_every_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("stat");
        std::fs::write(&path, "one").unwrap();
        let (mut file, mut buffer) = (KeptFile::new(path.clone()), Vec::new());
        assert_eq!(file.read(at(0), &mut buffer), Some(&b"one"[..]));
        std::fs::write(&path, "2".repeat(20_000)).unwrap();
        assert_eq!(file.read(at(1), &mut buffer).map(<[u8]>::len), Some(20_000));
        std::fs::write(&path, "").unwrap();
        assert_eq!(file.read(at(2), &mut buffer), Some(&b""[..]));
    }

    #[test]
    fn a_file_that_appears_later_is_found_within_ten_seconds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("diskstats");
        let (mut file, mut buffer) = (KeptFile::new(path.clone()), Vec::new());
        assert_eq!(file.read(at(0), &mut buffer), None);
        std::fs::write(&path, "x").unwrap();
        assert_eq!(file.read(at(9), &mut buffer), None);
        assert_eq!(file.read(at(10), &mut buffer), Some(&b"x"[..]));
    }

    #[test]
    fn a_file_beyond_the_bound_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("huge");
        std::fs::write(&path, vec![b'x'; MAX_BYTES + 1]).unwrap();
        let mut buffer = Vec::new();
        assert_eq!(KeptFile::new(path).read(at(0), &mut buffer), None);
        assert!(buffer.len() <= MAX_BYTES);
    }
}
