//! What a child prints: kept in a log, its last lines in memory, shown or not.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

/// Lines remembered for the error message, and for a test runner's counts: `cargo test` closes once per binary.
const TAIL_LINES: usize = 10_000;
/// Lines in flight between the pipes and the log; a fast child waits.
const QUEUE_LINES: usize = 1_024;

/// The output of one child.
#[derive(Debug)]
pub(crate) struct Output {
    lines: Receiver<String>,
    closed: bool,
    log: Option<File>,
    tail: VecDeque<String>,
}

impl Output {
    /// Reads both pipes from threads that end with the child.
    pub(crate) fn follow(pipes: impl IntoIterator<Item = Box<dyn Read + Send>>, log: &Path) -> Self {
        let (sender, lines) = sync_channel(QUEUE_LINES);
        for pipe in pipes {
            let sender = sender.clone();
            thread::spawn(move || forward(pipe, &sender));
        }
        // Without a log the step still runs; the tail is enough for the error message.
        let log = log
            .parent()
            .and_then(|folder| std::fs::create_dir_all(folder).ok())
            .and_then(|()| File::create(log).ok());
        Self { lines, closed: false, log, tail: VecDeque::new() }
    }

    /// The next line that has already arrived.
    pub(crate) fn take(&mut self) -> Option<String> {
        match self.lines.try_recv() {
            Ok(line) => {
                self.keep(&line);
                Some(line)
            }
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                self.closed = true;
                None
            }
        }
    }

    /// Whether both pipes have ended and every line was taken.
    pub(crate) fn closed(&self) -> bool {
        self.closed
    }

    /// The last line that says something.
    pub(crate) fn last(&self) -> &str {
        self.tail.iter().rev().map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or("")
    }

    /// The last lines, without colours.
    pub(crate) fn into_tail(self) -> Vec<String> {
        self.tail.into()
    }

    fn keep(&mut self, line: &str) {
        let plain = plain(line);
        if let Some(log) = &mut self.log {
            // A full disk shows itself in the build; the log is only a convenience.
            drop(writeln!(log, "{plain}"));
        }
        if self.tail.len() == TAIL_LINES {
            self.tail.pop_front();
        }
        self.tail.push_back(plain);
    }
}

fn forward(pipe: Box<dyn Read + Send>, sender: &SyncSender<String>) {
    let mut pipe = BufReader::new(pipe);
    let mut bytes = Vec::new();
    while matches!(pipe.read_until(b'\n', &mut bytes), Ok(read) if read > 0) {
        let text = String::from_utf8_lossy(&bytes);
        // A program that redraws a line ends each version with a carriage return: the last one counts.
        let line = text.trim_end_matches(['\n', '\r']).rsplit('\r').next().unwrap_or("").to_owned();
        bytes.clear();
        if sender.send(line).is_err() {
            return;
        }
    }
}

/// `line` without terminal escapes.
pub(crate) fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            text.push(character);
        } else if characters.next() == Some('[') {
            // A control sequence ends with a letter or one of `@`, `~` and their neighbours.
            for inside in characters.by_ref() {
                if ('\u{40}'..='\u{7e}').contains(&inside) {
                    break;
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_off() {
        assert_eq!(plain("\u{1b}[1m\u{1b}[32mok\u{1b}[0m 3"), "ok 3");
        assert_eq!(plain("no colour"), "no colour");
        assert_eq!(plain("cut off \u{1b}["), "cut off ");
    }

    #[test]
    fn both_pipes_arrive() {
        let log = std::env::temp_dir().join(format!("xtask-output-{}.log", std::process::id()));
        let pipes: Vec<Box<dyn Read + Send>> = vec![Box::new(&b"one\n"[..]), Box::new(&b"10%\r20%\r\n"[..])];
        let mut output = Output::follow(pipes, &log);
        let mut seen = Vec::new();
        while seen.len() < 2 {
            seen.extend(output.take());
        }
        seen.sort();
        assert_eq!(seen, ["20%", "one"]);
        assert_eq!(std::fs::read_to_string(&log).unwrap().lines().count(), 2);
        std::fs::remove_file(log).unwrap();
    }
}
