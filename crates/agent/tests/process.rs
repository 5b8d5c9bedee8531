//! The agent as a process: settings, exit codes, signals.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use cpumonitor_common::wire::{AgentToServer, ServerToAgent, decode, encode};
use cpumonitor_common::{Metric, Timestamp};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

const DEADLINE: Duration = Duration::from_secs(10);

/// Ends the process when the test does, however that is.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cpumonitor-agent"));
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Exit code, standard output and standard error of an agent that ends by itself.
fn outcome(args: &[&str]) -> (Option<i32>, String, String) {
    let output = command(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn wrong_settings_end_with_64_and_one_line() {
    for args in [&["--sever", "x"][..], &[], &["--server", "http://monitor:8080"], &["--interval"]] {
        let (code, out, err) = outcome(args);
        assert_eq!((code, out.as_str(), err.lines().count()), (Some(64), "", 1), "{args:?}: {err}");
        assert!(err.starts_with("cpumonitor-agent: "), "{err}");
    }
}

#[test]
fn help_and_version_are_answers() {
    let (code, out, err) = outcome(&["--help"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("--state-dir"));
    assert_eq!(outcome(&["--version"]).0, Some(0));
}

#[test]
fn a_state_directory_that_cannot_be_written_ends_with_1() {
    let (code, _, err) =
        outcome(&["--server", "ws://127.0.0.1:9", "--state-dir", "/dev/null/state", "--log", "off"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("--state-dir") && err.lines().count() == 1, "{err}");
}

fn spawn(server: &str, state: &std::path::Path) -> (Agent, BufReader<ChildStderr>) {
    let state = state.to_str().unwrap();
    let mut child =
        command(&["--server", server, "--state-dir", state, "--name", "web-1", "--interval", "100ms"])
            .spawn()
            .unwrap();
    let log = BufReader::new(child.stderr.take().unwrap());
    (Agent(child), log)
}

fn terminate(agent: &Agent) {
    let pid = agent.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
}

#[test]
fn an_absent_server_is_one_line_until_the_agent_is_stopped() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let state = tempfile::tempdir().unwrap();
    let (mut agent, mut log) = spawn(&format!("ws://{closed}"), state.path());
    let mut line = String::new();
    while !line.contains("cannot reach") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "the log ends without a word");
    }
    assert!(
        line.contains(&format!(
            "cannot reach the server at ws://{closed}: connection refused; is it running?"
        ))
    );
    terminate(&agent);
    assert_eq!(agent.0.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("cannot reach"), "{rest}");
    assert!(rest.contains("stopped"), "{rest}");
}

#[tokio::test]
async fn rows_of_this_host_arrive_and_a_signal_is_a_goodbye() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let state = tempfile::tempdir().unwrap();
    let server = format!("ws://{}", listener.local_addr().unwrap());
    let (mut agent, _log) = spawn(&server, state.path());

    let soon = timeout(DEADLINE, async {
        let (stream, _) = listener.accept().await.unwrap();
        #[expect(clippy::result_large_err, reason = "the library's signature")]
        let agree = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
            const PROTOCOL: &str = "sec-websocket-protocol";
            response.headers_mut().insert(PROTOCOL, request.headers()[PROTOCOL].clone());
            Ok(response)
        };
        let mut socket = tokio_tungstenite::accept_hdr_async(stream, agree).await.unwrap();
        let (mut width, mut rows, mut goodbye) = (0, Vec::new(), None);
        while let Some(Ok(message)) = socket.next().await {
            let Message::Binary(frame) = message else { continue };
            match decode(&frame).unwrap() {
                AgentToServer::Hello(hello) => {
                    assert_eq!(hello.host.name, "web-1");
                    let welcome = ServerToAgent::Welcome { now: Timestamp::EPOCH, next_seq: 0 };
                    socket.send(Message::Binary(encode(&welcome).into())).await.unwrap();
                }
                AgentToServer::Layout(layout) => {
                    assert_eq!(layout.check(), Ok(()));
                    assert!(layout.whole(Metric::CPU).is_some() && layout.whole(Metric::MEMORY).is_some());
                    width = layout.series.len();
                }
                AgentToServer::Samples { chunk, .. } => {
                    rows.extend(chunk.decode(width).unwrap().iter().map(|row| row.seq));
                    if rows.len() == 3 {
                        terminate(&agent);
                    }
                }
                AgentToServer::Gap { .. } => {}
                AgentToServer::Goodbye { next_seq } => goodbye = Some(next_seq),
            }
        }
        (rows, goodbye)
    });
    let (rows, goodbye) = soon.await.expect("it happens within ten seconds");
    assert!(rows.len() >= 3 && rows.is_sorted());
    assert_eq!(goodbye, rows.last().map(|seq| seq + 1));
    drop(listener);
    assert_eq!(agent.0.wait().unwrap().code(), Some(0));
}
