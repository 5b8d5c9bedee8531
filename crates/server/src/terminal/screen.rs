//! The terminal's second screen, which the table has for itself, and the way back from it.
//!
//! Escape sequences: ECMA-48; those with a question mark are xterm's (*XTerm Control Sequences*).

use std::io::{self, Write as _};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::log_tail::LogTail;
use super::output::Frame;
use super::table::Size;

/// Second screen, long lines cut instead of wrapped, no cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?7l\x1b[?25l";
/// All of that undone.
const LEAVE: &str = "\x1b[?25h\x1b[?7h\x1b[?1049l";
/// A screen whose terminal does not tell its size.
const USUAL: Size = Size { columns: 80, lines: 24 };

/// The size of the terminal that standard output is.
pub(super) fn size() -> Size {
    terminal_size::terminal_size_of(io::stdout())
        .map_or(USUAL, |(width, height)| Size { columns: usize::from(width.0), lines: usize::from(height.0) })
}

/// `lines` from the top of a screen of `size`, over what stood there before.
///
/// Nothing is cleared before its new text is there, and terminals that know how to (mode 2026) show it
/// all at once, so nothing flickers.
pub(super) fn paint(lines: &[String], size: Size) -> String {
    let mut text = String::from("\x1b[?2026h\x1b[H");
    for (place, line) in lines.iter().enumerate() {
        if place > 0 {
            text.push_str("\r\n");
        }
        // Before the text: behind a line as wide as the screen it would take the last character.
        text.push_str("\x1b[K");
        text.push_str(line);
    }
    if lines.len() < size.lines {
        text.push_str("\r\n\x1b[J");
    }
    text.push_str("\x1b[?2026l");
    text
}

/// The table's screen. Left by whoever comes first: the writer at its end, or a panic.
#[derive(Clone, Debug)]
pub(super) struct Screen {
    entered: Arc<AtomicBool>,
    log: LogTail,
}

impl Screen {
    /// A screen that has not been entered. While it is, log lines stay clear of it.
    pub(super) fn new(log: LogTail) -> Screen {
        Screen { entered: Arc::default(), log }
    }

    /// From now on a panic anywhere in the process leaves the screen first, so that its message is read
    /// and the shell finds the terminal as it was. If the process goes on, so does the table.
    pub(super) fn leave_on_panic(&self) {
        let screen = self.clone();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let text = screen.leave();
            let mut out = io::stdout();
            // Nobody can be told if this fails.
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            before(info);
        }));
    }

    fn leave(&self) -> String {
        if self.entered.swap(false, Ordering::SeqCst) {
            format!("{LEAVE}{}", self.log.uncover())
        } else {
            String::new()
        }
    }
}

impl Frame for Screen {
    fn before(&mut self) -> &'static str {
        if self.entered.swap(true, Ordering::SeqCst) {
            return "";
        }
        self.log.cover();
        ENTER
    }

    fn last(&mut self) -> String {
        self.leave()
    }
}

#[cfg(test)]
mod tests {
    use super::super::output::Output;
    use super::super::output::tests::Paper;
    use super::*;

    const SIZE: Size = Size { columns: 20, lines: 2 };

    #[test]
    fn a_painting_covers_the_one_before() {
        let lines = ["one".to_owned(), "two".to_owned()];
        assert_eq!(paint(&lines[..1], SIZE), "\x1b[?2026h\x1b[H\x1b[Kone\r\n\x1b[J\x1b[?2026l");
        assert_eq!(
            paint(&lines, SIZE),
            "\x1b[?2026h\x1b[H\x1b[Kone\r\n\x1b[Ktwo\x1b[?2026l",
            "no line more than fits"
        );
    }

    #[tokio::test]
    async fn the_screen_is_entered_once_and_left_at_the_end() {
        let paper = Paper::default();
        let output = Output::start(paper.clone(), Screen::new(LogTail::default())).unwrap();
        output.offer("1".to_owned());
        output.offer("2".to_owned());
        output.finish().await;
        assert_eq!(paper.text(), format!("{ENTER}12{LEAVE}"));
    }

    #[tokio::test]
    async fn a_screen_that_was_never_entered_is_not_left() {
        let paper = Paper::default();
        Output::start(paper.clone(), Screen::new(LogTail::default())).unwrap().finish().await;
        assert_eq!(paper.text(), "");
    }

    #[test]
    fn after_a_panic_the_table_comes_back() {
        let mut screen = Screen::new(LogTail::default());
        assert_eq!((screen.before(), screen.before()), (ENTER, ""));
        assert_eq!(screen.clone().leave(), LEAVE);
        assert_eq!(screen.last(), "");
        assert_eq!(screen.before(), ENTER);
    }
}
