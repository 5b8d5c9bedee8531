//! Where log lines go while the table covers the screen.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// Most lines kept while the table covers the screen; for one more the oldest goes and is counted.
const CAPACITY: usize = 200;

/// Takes log lines. They go to standard error as ever, except while the table covers the screen: then
/// the last one stands under the table, and all that are kept are printed once the table is gone.
///
/// Give a clone to `tracing_subscriber`'s `with_writer`, without colours.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogTail(Arc<Mutex<Tail>>);

#[derive(Debug, Default)]
struct Tail {
    covered: bool,
    lines: VecDeque<String>,
    dropped: u64,
}

impl LogTail {
    /// From now on lines are kept.
    pub(super) fn cover(&self) {
        self.with(|tail| tail.covered = true);
    }

    /// From now on lines go to standard error again. Answers with what was kept.
    pub(super) fn uncover(&self) -> String {
        self.with(|tail| {
            tail.covered = false;
            let mut text = String::new();
            if tail.dropped > 0 {
                text = format!("({} earlier log lines were not kept)\n", tail.dropped);
            }
            tail.dropped = 0;
            text.extend(tail.lines.drain(..).flat_map(|line| [line, "\n".to_owned()]));
            text
        })
    }

    /// The last line; empty when there is none.
    pub(super) fn last(&self) -> String {
        self.with(|tail| tail.lines.back().cloned().unwrap_or_default())
    }

    /// Keeps `text` line by line; `false` when it belongs on standard error.
    fn keep(&self, text: &[u8]) -> bool {
        self.with(|tail| {
            if !tail.covered {
                return false;
            }
            for line in String::from_utf8_lossy(text).lines().filter(|line| !line.trim().is_empty()) {
                if tail.lines.len() == CAPACITY {
                    tail.lines.pop_front();
                    tail.dropped += 1;
                }
                tail.lines.push_back(super::text::tame(line).into_owned());
            }
            true
        })
    }

    fn with<R>(&self, f: impl FnOnce(&mut Tail) -> R) -> R {
        // Nothing in here is half done when somebody panics.
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<'a> MakeWriter<'a> for LogTail {
    type Writer = Entry<'a>;

    fn make_writer(&'a self) -> Entry<'a> {
        Entry(self)
    }
}

/// One entry of the log on its way.
#[derive(Debug)]
pub(crate) struct Entry<'a>(&'a LogTail);

impl io::Write for Entry<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.0.keep(text) { Ok(text.len()) } else { io::Write::write(&mut io::stderr(), text) }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::Write::flush(&mut io::stderr())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn log(tail: &LogTail, text: &str) {
        tail.make_writer().write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn lines_are_kept_only_while_the_screen_is_covered() {
        let tail = LogTail::default();
        log(&tail, "");
        tail.cover();
        log(&tail, "WARN one\n");
        log(&tail, "WARN t\u{1b}[2Jwo\nWARN three\n");
        assert_eq!(tail.last(), "WARN three");
        assert_eq!(tail.uncover(), "WARN one\nWARN t?[2Jwo\nWARN three\n");
        assert_eq!((tail.last(), tail.keep(b"x")), (String::new(), false));
    }

    #[test]
    fn only_the_last_lines_are_kept_and_the_others_counted() {
        let tail = LogTail::default();
        tail.cover();
        for number in 0..CAPACITY + 3 {
            log(&tail, &format!("line {number}\n"));
        }
        let text = tail.uncover();
        assert!(text.starts_with("(3 earlier log lines were not kept)\nline 3\n"), "{text}");
        assert_eq!(text.lines().count(), CAPACITY + 1);
    }
}
