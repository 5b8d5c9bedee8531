//! The programs `up` starts: they live together and end together.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};

use super::health;
use crate::cli::Up;
use crate::program::{GRACE, Program, Terminal};
use crate::stop::{self, Stopped};
use crate::workspace::Workspace;

/// Lines of a log shown when its program has died.
const SHOWN_LINES: usize = 20;
/// Between the end of one program and the news why: Ctrl-C reaches the server before it reaches us.
const NEWS: Duration = Duration::from_millis(200);

/// Shows the cursor, wraps lines and leaves the second screen, for a server that could no longer do so.
const LEAVE_SCREEN: &str = "\x1b[?25h\x1b[?7h\x1b[?1049l";

/// Everything that runs.
#[derive(Debug)]
pub(super) struct Fleet<'w> {
    workspace: &'w Workspace,
    /// In the order they were started; the server is the first.
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    name: &'static str,
    program: Program,
    /// `None` for the server: what it says is on the screen.
    log: Option<PathBuf>,
}

impl<'w> Fleet<'w> {
    /// Nothing runs yet.
    pub(super) fn new(workspace: &'w Workspace) -> Self {
        Self { workspace, members: Vec::new() }
    }

    /// Starts everybody, the others once the server answers.
    pub(super) fn start(&mut self, listen: SocketAddr, server: SocketAddr, wishes: &Up) -> Result<()> {
        self.server(listen, wishes.print.as_deref())?;
        health::wait(server, || self.check())?;
        self.agent(server)?;
        wishes.demo.map_or(Ok(()), |hosts| self.swarm(server, hosts))
    }

    /// Where what `name` says is kept.
    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.workspace.scratch().join(format!("{name}.log"))
    }

    /// The server keeps the terminal.
    fn server(&mut self, listen: SocketAddr, print: Option<&str>) -> Result<()> {
        let mut command = self.command("cpumonitor-server");
        command.arg("--listen").arg(listen.to_string()).stdin(Stdio::inherit());
        if let Some(print) = print {
            command.args(["--print", print]);
        }
        self.launch("server", &mut command, Terminal::Shared, None)
    }

    /// The agent that watches this machine.
    fn agent(&mut self, server: SocketAddr) -> Result<()> {
        let mut command = self.command("cpumonitor-agent");
        command.arg("--server").arg(format!("ws://{server}"));
        self.start_logged("agent", &mut command)
    }

    /// `hosts` invented agents.
    fn swarm(&mut self, server: SocketAddr, hosts: NonZeroU32) -> Result<()> {
        let mut command = self.command("cpumonitor-swarm");
        command.arg("--server").arg(format!("ws://{server}")).arg("--hosts").arg(hosts.to_string());
        // As if they had been running for a while, so that the first look shows graphs.
        command.args(["--history", "5m"]);
        self.start_logged("swarm", &mut command)
    }

    /// Fails if somebody ended, or if we should.
    pub(super) fn check(&mut self) -> Result<()> {
        if stop::requested() {
            bail!(Stopped);
        }
        for member in &mut self.members {
            if let Some(status) = member.program.ended()? {
                return Err(member.obituary(status));
            }
        }
        Ok(())
    }

    /// Returns, always with an error, when somebody ended or we should.
    pub(super) fn stay(&mut self) -> Result<()> {
        loop {
            self.check()?;
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends all: the agents first, so that they can still say goodbye to the server.
    pub(super) fn end(&mut self) {
        for member in self.members.iter().skip(1) {
            member.program.ask_to_end();
        }
        while let Some(mut member) = self.members.pop() {
            member.program.end(GRACE);
            let went_well = matches!(member.program.ended(), Ok(Some(status)) if status.success());
            if member.log.is_none() && !went_well && std::io::stdout().is_terminal() {
                print!("{LEAVE_SCREEN}");
            }
        }
    }

    fn command(&self, binary: &str) -> Command {
        self.workspace.command(self.workspace.release_binary(binary))
    }

    fn start_logged(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let log = self.log(name);
        let file = fs::create_dir_all(self.workspace.scratch()).and_then(|()| File::create(&log));
        let file = file.with_context(|| format!("cannot write {}", log.display()))?;
        command.stdout(file.try_clone().context("cannot share a log file")?).stderr(file);
        self.launch(name, command, Terminal::Ours, Some(log))
    }

    fn launch(
        &mut self,
        name: &'static str,
        command: &mut Command,
        terminal: Terminal,
        log: Option<PathBuf>,
    ) -> Result<()> {
        let program = Program::start(command, terminal).with_context(|| {
            format!("cannot start {}; build it with `cargo xtask build`", command.get_program().display())
        })?;
        self.members.push(Member { name, program, log });
        Ok(())
    }
}

impl Drop for Fleet<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

impl Member {
    /// Why there is nothing left to stay for.
    fn obituary(&self, status: ExitStatus) -> anyhow::Error {
        std::thread::sleep(NEWS);
        // A server that ends well was told to, by Ctrl-C or by a key in its table.
        if stop::requested() || (self.log.is_none() && status.success()) {
            return Stopped.into();
        }
        for line in self.log.as_deref().map(last_lines).unwrap_or_default() {
            eprintln!("  | {line}");
        }
        let place = self
            .log
            .as_ref()
            .map_or_else(|| "it printed why above".to_owned(), |log| log.display().to_string());
        anyhow!("the {} ended by itself ({status}), so everything else was stopped ({place})", self.name)
    }
}

fn last_lines(log: &Path) -> Vec<String> {
    let Ok(file) = File::open(log) else { return Vec::new() };
    let mut lines = VecDeque::new();
    for line in BufReader::new(file).lines().map_while(Result::ok) {
        if lines.len() == SHOWN_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }
    lines.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_log_is_shown() {
        let log = std::env::temp_dir().join(format!("xtask-fleet-{}.log", std::process::id()));
        let text: String = (0..50).map(|line| format!("line {line}\n")).collect();
        fs::write(&log, text).unwrap();
        let lines = last_lines(&log);
        fs::remove_file(&log).unwrap();
        assert_eq!(lines.len(), SHOWN_LINES);
        assert_eq!(lines.last().map(String::as_str), Some("line 49"));
    }
}
