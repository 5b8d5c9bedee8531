//! The real binaries, as processes.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use cpumonitor_swarm::Target;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::{DEADLINE, until};

/// The binary called `name`, beside the test program.
#[track_caller]
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test program has a path");
    // target/<profile>/deps/e2e-<hash>
    let profile = test.parent().and_then(|deps| deps.parent()).expect("the test program lies in deps");
    let path = profile.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(path.is_file(), "{} is missing: run `cargo build -p {name}` first", path.display());
    path
}

/// A running binary. It is killed when the test ends, however that ends.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    output: Arc<Mutex<String>>,
    readers: TaskTracker,
}

impl Program {
    /// Starts the binary called `name` in an environment without our variables.
    #[track_caller]
    pub(crate) fn start<S: AsRef<OsStr>>(name: &str, args: impl IntoIterator<Item = S>) -> Program {
        let mut command = Command::new(program(name));
        command.args(args);
        Program::spawn(command)
    }

    /// Starts `command` with its output kept for [`Program::output`].
    #[track_caller]
    pub(crate) fn spawn(mut command: Command) -> Program {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CPUMONITOR_") {
                command.env_remove(name);
            }
        }
        let spawned = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let mut child = spawned.expect("the binary starts");
        let (output, readers) = (Arc::default(), TaskTracker::new());
        if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
            readers.spawn(keep(stdout, Arc::clone(&output)));
            readers.spawn(keep(stderr, Arc::clone(&output)));
        }
        readers.close();
        Program { child, output, readers }
    }

    /// Everything it printed so far, standard output and standard error as they came.
    pub(crate) fn output(&self) -> String {
        self.output.lock().expect("no test panics while holding this").clone()
    }

    /// Waits until it printed `text`, and returns the line.
    pub(crate) async fn says(&self, text: &str) -> String {
        until(&format!("a line with {text:?}"), async || {
            self.output().lines().find(|line| line.contains(text)).map(str::to_owned)
        })
        .await
    }

    /// Waits until it ends by itself: exit code and everything it printed.
    pub(crate) async fn end(&mut self) -> (Option<i32>, String) {
        let status: ExitStatus = timeout(DEADLINE, self.child.wait())
            .await
            .unwrap_or_else(|_| panic!("the process did not end; it said: {}", self.output()))
            .expect("a child can be waited for");
        timeout(DEADLINE, self.readers.wait()).await.expect("output ends with its process");
        (status.code(), self.output())
    }

    /// Kills it without a word, as the out-of-memory killer does.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("a running child can be killed");
    }

    /// Asks it to stop, as a service supervisor does.
    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        use nix::sys::signal::{Signal, kill};
        use nix::unistd::Pid;
        let id = self.child.id().expect("it still runs");
        kill(Pid::from_raw(id as i32), Signal::SIGTERM).expect("a child can be signalled");
    }
}

async fn keep(from: impl AsyncRead + Unpin, output: Arc<Mutex<String>>) {
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut output = output.lock().expect("no test panics while holding this");
        output.push_str(&line);
        output.push('\n');
    }
}

/// The real agent, watching this machine.
#[derive(Debug)]
pub(crate) struct AgentProgram {
    pub(crate) program: Program,
    server: Target,
    name: String,
    /// Holds the host's identity, so that every test has a host of its own.
    state: TempDir,
}

impl AgentProgram {
    /// Starts an agent for a host called `name`, and waits until the server has welcomed it.
    pub(crate) async fn start(server: &Target, name: &str) -> AgentProgram {
        let agent = AgentProgram::start_unheard(server, name);
        agent.program.says("connected").await;
        agent
    }

    /// Starts an agent that may not find its server yet.
    pub(crate) fn start_unheard(server: &Target, name: &str) -> AgentProgram {
        let state = tempfile::tempdir().expect("a temporary folder");
        let program = spawn_agent(server, name, &state);
        AgentProgram { program, server: server.clone(), name: name.to_owned(), state }
    }

    /// Starts it once more, on the same host.
    pub(crate) async fn start_again(&mut self) {
        self.program = spawn_agent(&self.server, &self.name, &self.state);
        self.program.says("connected").await;
    }
}

fn spawn_agent(server: &Target, name: &str, state: &TempDir) -> Program {
    let mut command = Command::new(program("cpumonitor-agent"));
    command.args(["--server", &server.to_string(), "--name", name, "--state-dir"]).arg(state.path());
    Program::spawn(command)
}

/// The real server, as a process of its own.
#[derive(Debug)]
pub(crate) struct ServerProgram {
    pub(crate) program: Program,
    pub(crate) address: SocketAddr,
}

impl ServerProgram {
    /// Starts a server on a free port, and waits until it says where it listens.
    pub(crate) async fn start(args: &[&str]) -> ServerProgram {
        let program = Program::start("cpumonitor-server", ["--listen", "127.0.0.1:0"].iter().chain(args));
        let line = program.says("127.0.0.1:").await;
        let port = line.split("127.0.0.1:").nth(1).expect("the line was found by this");
        let digits: String = port.chars().take_while(char::is_ascii_digit).collect();
        let port: u16 = digits.parse().unwrap_or_else(|_| panic!("no port in {line:?}"));
        ServerProgram { program, address: ([127, 0, 0, 1], port).into() }
    }
}
