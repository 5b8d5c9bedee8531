//! The line that says what a long step is doing.
//!
//! On a terminal it is redrawn in place; in a log there is one line a minute, so that a reader sees life
//! without pages of it.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::clock;

/// Redrawn this often on a terminal.
const REDRAW: Duration = Duration::from_millis(200);
/// Repeated this often in a log.
const REPEAT: Duration = Duration::from_secs(60);

/// The changing line of one running step.
#[derive(Debug)]
pub(crate) struct Progress {
    name: String,
    started: Instant,
    next: Instant,
    live: bool,
    columns: usize,
    drawn: bool,
}

impl Progress {
    /// For a step that starts now.
    pub(crate) fn new(name: &str, columns: usize) -> Self {
        let (started, live) = (clock::now(), std::io::stdout().is_terminal());
        Self { name: name.to_owned(), started, next: started + first(live), live, columns, drawn: false }
    }

    /// How long the step has run.
    pub(crate) fn elapsed(&self) -> Duration {
        clock::now() - self.started
    }

    /// Shows where the step is, if it is time to.
    pub(crate) fn update(&mut self, doing: &str) {
        let now = clock::now();
        if now < self.next {
            return;
        }
        let text = line(&self.name, now - self.started, doing, self.columns);
        if self.live {
            self.next = now + REDRAW;
            self.drawn = true;
            print!("\r\x1b[2K{text}");
            flush();
        } else {
            self.next = now + REPEAT;
            println!("{text}");
        }
    }

    /// Makes room for a whole line of somebody else's.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            print!("\r\x1b[2K");
            flush();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

fn first(live: bool) -> Duration {
    if live { REDRAW } else { REPEAT }
}

/// A closed pipe is not a reason to stop building.
fn flush() {
    drop(std::io::stdout().flush());
}

/// `  · name  1 min 02 s  Compiling tokio`, cut to the terminal's width.
fn line(name: &str, elapsed: Duration, doing: &str, columns: usize) -> String {
    let text = format!("  · {name}  {}  {}", clock::spoken(elapsed), doing.trim());
    let room = columns.saturating_sub(1).max(20);
    text.chars().take(room).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_cut_to_the_terminal() {
        let text = line("page", Duration::from_secs(62), "   Compiling leptos v0.8.23", 40);
        assert_eq!(text, "  · page  1 min 02 s  Compiling leptos");
    }
}
