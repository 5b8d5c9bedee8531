//! The release programs, started for one measurement and ended with it.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::program::{GRACE, Program, Terminal};
use crate::stop::{self, Stopped};
use crate::workspace::Workspace;
use crate::{clock, native};

/// A fleet needs this long to join at most.
const DEADLINE: Duration = Duration::from_secs(60);

/// A server on a free port of this machine, and whatever talks to it.
#[derive(Debug)]
pub(super) struct Rig<'w> {
    workspace: &'w Workspace,
    /// Where the server listens.
    pub(super) address: SocketAddr,
    /// The server first.
    programs: Vec<Program>,
}

impl<'w> Rig<'w> {
    /// Starts the server; the programs must have been built.
    pub(super) fn start(workspace: &'w Workspace) -> Result<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot find a free port")?;
        let address = free.local_addr().context("cannot find a free port")?;
        drop(free);
        let mut rig = Self { workspace, address, programs: Vec::new() };
        rig.program("cpumonitor-server", &["--listen", &address.to_string(), "--print", "none"])?;
        rig.until("the server does not answer", |rig| rig.get("/healthz").is_ok())?;
        Ok(rig)
    }

    /// The server's process.
    pub(super) fn server(&self) -> u32 {
        self.programs[0].id()
    }

    /// An agent for this machine that talks to `server`; answers with its process.
    pub(super) fn agent(&mut self, server: SocketAddr) -> Result<u32> {
        let state = self.workspace.scratch().join("bench-state");
        let url = format!("ws://{server}");
        self.program("cpumonitor-agent", &["--server", &url, "--state-dir", &state.to_string_lossy()])
    }

    /// Virtual hosts that deliver `past` at once; returns when the server knows them all.
    pub(super) fn swarm(&mut self, hosts: usize, viewers: usize, past: Duration) -> Result<()> {
        let url = format!("ws://{}", self.address);
        let (hosts_text, viewers) = (hosts.to_string(), viewers.to_string());
        let past = format!("{}s", past.as_secs());
        let arguments = [
            "--server",
            &url,
            "--hosts",
            &hosts_text,
            "--viewers",
            &viewers,
            "--seed",
            "7",
            "--history",
            &past,
        ];
        self.program("cpumonitor-swarm", &arguments)?;
        self.hosts(hosts)
    }

    /// Returns when the server knows `count` hosts.
    pub(super) fn hosts(&mut self, count: usize) -> Result<()> {
        self.until("the hosts do not join", |rig| {
            let known = rig.get("/api/v1/hosts").ok();
            let known = known.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
            known
                .and_then(|json| json.get("hosts")?.as_array().map(Vec::len))
                .is_some_and(|known| known >= count)
        })
    }

    /// The body of an answer with status 200.
    pub(super) fn get(&self, path: &str) -> Result<String> {
        let mut socket = TcpStream::connect(self.address)?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(socket, "GET {path} HTTP/1.0\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the server's answer has no body")?;
        if head.split(' ').nth(1) != Some("200") {
            bail!("{path} is answered with {}", head.lines().next().unwrap_or_default());
        }
        Ok(body.to_owned())
    }

    /// Lets everything run for a while.
    pub(super) fn run_for(&self, time: Duration) -> Result<()> {
        let end = clock::now() + time;
        while clock::now() < end {
            if stop::requested() {
                bail!(Stopped);
            }
            stop::glance();
        }
        Ok(())
    }

    fn program(&mut self, name: &str, arguments: &[&str]) -> Result<u32> {
        let folder = self.workspace.scratch();
        let log = folder.join(format!("bench-{name}.log"));
        let file = fs::create_dir_all(&folder).and_then(|()| File::create(&log));
        let file = file.with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = self.workspace.command(self.workspace.release_binary(name));
        command.args(arguments).stdout(file.try_clone().context("cannot share a log file")?).stderr(file);
        let program = Program::start(&mut command, Terminal::Ours)
            .with_context(|| format!("cannot start {name}; build it with `cargo xtask build`"))?;
        let id = program.id();
        self.programs.push(program);
        Ok(id)
    }

    fn until(&mut self, complaint: &str, mut reached: impl FnMut(&Self) -> bool) -> Result<()> {
        let deadline = clock::now() + DEADLINE;
        while !reached(self) {
            if stop::requested() {
                bail!(Stopped);
            }
            for program in &mut self.programs {
                if let Some(status) = program.ended()? {
                    bail!("{complaint}: a program ended with {status}; see target/xtask/bench-*.log");
                }
            }
            if clock::now() > deadline {
                bail!("{complaint} within {} s; see target/xtask/bench-*.log", DEADLINE.as_secs());
            }
            stop::glance();
        }
        Ok(())
    }
}

impl Drop for Rig<'_> {
    fn drop(&mut self) {
        while let Some(mut program) = self.programs.pop() {
            program.end(GRACE);
        }
    }
}

/// Builds what the measurements start, page included.
pub(super) fn ready(workspace: &Workspace, steps: &mut crate::steps::Steps<'_>) -> Result<()> {
    native::all(workspace, steps)
}
