//! Steps: each says what it does when it starts, where it is while it lasts, and how long it took.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use crate::clock;
use crate::output::Output;
use crate::program::{GRACE, Program, Terminal};
use crate::progress::Progress;
use crate::stop::{self, Stopped};
use crate::table::{self, Align};
use crate::workspace::Workspace;

/// Lines of a failed child shown above the error.
const SHOWN_LINES: usize = 20;

/// What a reader is told about one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<'a> {
    /// Short; names the step in the table and its log file.
    pub(crate) name: &'a str,
    /// What it does, and why it takes long where it does.
    pub(crate) about: &'a str,
    /// What to do when it fails.
    pub(crate) advice: &'a str,
    /// Which lines of its output are shown besides being logged; `None` shows its end when it fails.
    pub(crate) show: Option<fn(&str) -> bool>,
    /// When it is given up.
    pub(crate) limit: Option<Duration>,
}

impl<'a> Step<'a> {
    /// A step whose output only goes to its log.
    pub(crate) fn quiet(name: &'a str, about: &'a str, advice: &'a str) -> Self {
        Self { name, about, advice, show: None, limit: None }
    }
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    Failed,
    Left(String),
}

/// All steps of one call of xtask.
#[derive(Debug)]
pub(crate) struct Steps<'w> {
    workspace: &'w Workspace,
    started: Instant,
    rows: Vec<(String, Duration, Outcome)>,
}

impl<'w> Steps<'w> {
    /// Starts the clock.
    pub(crate) fn new(workspace: &'w Workspace) -> Self {
        Self { workspace, started: clock::now(), rows: Vec::new() }
    }

    /// Runs `command` to its end. Its last lines come back, or are printed above the error.
    pub(crate) fn run(&mut self, step: Step<'_>, command: &mut Command) -> Result<Vec<String>> {
        println!("▸ {}: {}", step.name, step.about);
        let started = clock::now();
        let result = self.follow(step, command);
        self.finish(step.name, started, result.is_ok());
        result
    }

    /// Runs something of our own as a step.
    pub(crate) fn time<T>(&mut self, name: &str, about: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("▸ {name}: {about}");
        let started = clock::now();
        let result = work();
        self.finish(name, started, result.is_ok());
        result
    }

    /// Notes a step that was not taken.
    pub(crate) fn leave(&mut self, name: &str, reason: &str) {
        println!("– {name}: {reason}");
        self.rows.push((name.to_owned(), Duration::ZERO, Outcome::Left(reason.to_owned())));
    }

    /// Each step's time, and the total.
    pub(crate) fn table(&self) -> String {
        render(&self.rows, clock::now() - self.started)
    }

    fn finish(&mut self, name: &str, started: Instant, done: bool) {
        let elapsed = clock::now() - started;
        let (mark, outcome) = if done { ("✓", Outcome::Done) } else { ("✗", Outcome::Failed) };
        println!("{mark} {name}  {}", clock::spoken(elapsed));
        self.rows.push((name.to_owned(), elapsed, outcome));
    }

    fn follow(&self, step: Step<'_>, command: &mut Command) -> Result<Vec<String>> {
        let log =
            self.workspace.scratch().join("log").join(format!("{}.log", step.name.replace([' ', '/'], "-")));
        let program_name = command.get_program().to_string_lossy().into_owned();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = Program::start(command, Terminal::Ours).map_err(|error| {
            anyhow!("{}: cannot start `{program_name}` ({error}); {}", step.name, step.advice)
        })?;
        let (stdout, stderr) = program.pipes();
        let stdout = stdout.map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
        let stderr = stderr.map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
        let mut output = Output::follow(stdout.into_iter().chain(stderr), &log);
        let mut progress = Progress::new(step.name, self.workspace.env.columns);
        let status = loop {
            // In this order: what was printed before the end is in the pipe when we see the end.
            let ended = program.ended()?;
            drain(step, &mut output, &mut progress);
            match ended {
                Some(status) => break status,
                None if stop::requested() => {
                    progress.clear();
                    println!("  stopping {} …", step.name);
                    program.end(GRACE);
                    bail!(Stopped);
                }
                None if step.limit.is_some_and(|limit| progress.elapsed() > limit) => {
                    program.end(GRACE);
                    bail!(
                        "{}: gave up after {}; {}",
                        step.name,
                        clock::spoken(progress.elapsed()),
                        step.advice
                    );
                }
                None => stop::glance(),
            }
        };
        program.end(Duration::ZERO); // whatever it started and left behind
        settle(step, &mut output, &mut progress);
        drop(progress);
        let tail = output.into_tail();
        if status.success() {
            return Ok(tail);
        }
        if step.show.is_none() {
            for line in tail.iter().skip(tail.len().saturating_sub(SHOWN_LINES)) {
                eprintln!("  | {line}");
            }
        }
        let end = status
            .code()
            .map_or_else(|| "was ended by a signal".to_owned(), |code| format!("ended with {code}"));
        Err(Failed {
            tail,
            sentence: format!("{} {end}; {} (whole output: {})", step.name, step.advice, log.display()),
        }
        .into())
    }
}

/// A child that ran and failed. A test runner's counts are in its last lines.
#[derive(Debug)]
pub(crate) struct Failed {
    /// Its last lines.
    pub(crate) tail: Vec<String>,
    sentence: String,
}

impl std::fmt::Display for Failed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.sentence)
    }
}

impl std::error::Error for Failed {}

fn drain(step: Step<'_>, output: &mut Output, progress: &mut Progress) {
    while let Some(line) = output.take() {
        if step.show.is_some_and(|wanted| wanted(&line)) {
            progress.clear();
            println!("{line}");
        }
    }
    progress.update(output.last());
}

/// The reading threads may be a moment behind the child's end.
fn settle(step: Step<'_>, output: &mut Output, progress: &mut Progress) {
    let deadline = clock::now() + Duration::from_secs(1);
    while !output.closed() && clock::now() < deadline {
        drain(step, output, progress);
        stop::glance();
    }
    drain(step, output, progress);
}

fn render(rows: &[(String, Duration, Outcome)], total: Duration) -> String {
    let mut lines: Vec<Vec<String>> = rows
        .iter()
        .map(|(name, elapsed, outcome)| match outcome {
            Outcome::Done => vec![name.clone(), clock::spoken(*elapsed), String::new()],
            Outcome::Failed => vec![name.clone(), clock::spoken(*elapsed), "failed".to_owned()],
            Outcome::Left(reason) => vec![name.clone(), "–".to_owned(), reason.clone()],
        })
        .collect();
    lines.push(vec!["total".to_owned(), clock::spoken(total), String::new()]);
    table::render(&[("step", Align::Left), ("time", Align::Right), ("", Align::Left)], &lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_step() {
        let rows = [
            ("page".to_owned(), Duration::from_secs(250), Outcome::Done),
            ("wasm-opt".to_owned(), Duration::ZERO, Outcome::Left("not found".to_owned())),
            ("server".to_owned(), Duration::from_millis(1_500), Outcome::Failed),
        ];
        let expected = "  step            time\n  page      4 min 10 s\n  wasm-opt           –  not found\n  \
                        server         1.5 s  failed\n  total     4 min 12 s\n";
        assert_eq!(render(&rows, Duration::from_secs(252)), expected);
    }
}
