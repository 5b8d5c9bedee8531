//! Where log lines go while the table covers the screen.

use std::collections::VecDeque;
use std::io::{self, IsTerminal as _};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Most warnings kept while the table covers the screen; for one more the oldest goes and is counted.
const CAPACITY: usize = 200;

/// Takes log lines. They go to standard error, except where the table would be torn by them: while it
/// covers the screen, the last warning stands under it, and all that are kept are printed once it is
/// gone. Less than a warning is not kept; who wants it sends standard error to a file, which gets
/// everything at any time.
///
/// Give a clone to `tracing_subscriber`'s `with_writer`, without colours.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogTail(Arc<Mutex<Tail>>);

#[derive(Debug, Default)]
struct Tail {
    /// Whether the table is on the screen.
    covered: bool,
    /// Whether standard error is that screen, too.
    shares_screen: bool,
    warnings: VecDeque<String>,
    dropped: u64,
}

impl LogTail {
    /// The table comes.
    pub(super) fn cover(&self) {
        self.cover_with(io::stderr().is_terminal());
    }

    fn cover_with(&self, shares_screen: bool) {
        self.with(|tail| {
            tail.covered = true;
            tail.shares_screen = shares_screen;
        });
    }

    /// The table goes. Answers with what has not been on standard error.
    pub(super) fn uncover(&self) -> String {
        self.with(|tail| {
            let Tail { shares_screen, warnings, dropped, .. } = std::mem::take(tail);
            if !shares_screen {
                return String::new();
            }
            let mut text = String::new();
            if dropped > 0 {
                text = format!("({dropped} earlier warnings were not kept)\n");
            }
            text.extend(warnings.into_iter().flat_map(|line| [line, "\n".to_owned()]));
            text
        })
    }

    /// The last warning; empty when there is none.
    pub(super) fn last(&self) -> String {
        self.with(|tail| tail.warnings.back().cloned().unwrap_or_default())
    }

    /// Keeps `text` line by line if it shall be; `true` when it belongs on standard error, too.
    fn keep(&self, text: &[u8], is_warning: bool) -> bool {
        self.with(|tail| {
            if tail.covered && is_warning {
                for line in String::from_utf8_lossy(text).lines().filter(|line| !line.trim().is_empty()) {
                    if tail.warnings.len() == CAPACITY {
                        tail.warnings.pop_front();
                        tail.dropped += 1;
                    }
                    tail.warnings.push_back(super::text::tame(line).into_owned());
                }
            }
            !(tail.covered && tail.shares_screen)
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
        Entry { tail: self, is_warning: true }
    }

    fn make_writer_for(&'a self, of: &Metadata<'_>) -> Entry<'a> {
        Entry { tail: self, is_warning: *of.level() <= Level::WARN }
    }
}

/// One entry of the log on its way.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    tail: &'a LogTail,
    is_warning: bool,
}

impl io::Write for Entry<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.tail.keep(text, self.is_warning) { io::stderr().write(text) } else { Ok(text.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(shares_screen: bool) -> LogTail {
        let tail = LogTail::default();
        tail.cover_with(shares_screen);
        tail
    }

    #[test]
    fn warnings_are_kept_while_the_screen_is_covered() {
        let tail = LogTail::default();
        assert!(tail.keep(b"before\n", true));
        tail.cover_with(true);
        assert!(!tail.keep(b"WARN one\n", true));
        assert!(!tail.keep("WARN t\u{1b}[2Jwo\nWARN three\n".as_bytes(), true));
        assert!(!tail.keep(b"INFO four\n", false));
        assert_eq!(tail.last(), "WARN three");
        assert_eq!(tail.uncover(), "WARN one\nWARN t?[2Jwo\nWARN three\n");
        assert!(tail.keep(b"after\n", true));
        assert_eq!((tail.last(), tail.uncover()), (String::new(), String::new()));
    }

    #[test]
    fn a_file_gets_everything_and_the_table_still_shows_the_last_warning() {
        let tail = covered(false);
        assert!(tail.keep(b"INFO one\n", false));
        assert!(tail.keep(b"WARN two\n", true));
        assert_eq!((tail.last().as_str(), tail.uncover().as_str()), ("WARN two", ""));
    }

    #[test]
    fn only_the_last_warnings_are_kept_and_the_others_counted() {
        let tail = covered(true);
        for number in 0..CAPACITY + 3 {
            tail.keep(format!("line {number}\n").as_bytes(), true);
        }
        let text = tail.uncover();
        assert!(text.starts_with("(3 earlier warnings were not kept)\nline 3\n"), "{text}");
        assert_eq!(text.lines().count(), CAPACITY + 1);
    }
}
