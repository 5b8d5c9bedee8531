//! The program as whoever starts it sees it: what it says, and how it ends.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

fn server(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cpumonitor-server"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program to its end. Answers with its exit code and its one line.
#[track_caller]
fn check_refused(args: &[&str], code: i32, part: &str) {
    let output = server(args).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains(part), "{text}");
}

#[test]
fn bad_configuration_ends_with_64_and_one_line() {
    check_refused(&["--colour"], 64, "--colour");
    check_refused(&["--listen", "nowhere"], 64, "--listen");
    check_refused(&["--log", "info,=="], 64, "--log");
    check_refused(&["--config", "/does/not/exist.toml"], 64, "/does/not/exist.toml");
    check_refused(&["--listen", "0.0.0.0:0"], 64, "--insecure-open");
}

#[test]
fn a_busy_port_ends_with_1_and_one_line() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap().to_string();
    check_refused(&["--listen", &address], 1, "--listen");
}

#[test]
fn help_is_no_error() {
    let output = server(&["--help"]).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("CPUMONITOR_LISTEN"));
}

#[test]
fn it_says_where_it_is_and_ends_when_told() {
    for signal in ["TERM", "INT"] {
        let mut child =
            server(&["--listen", "127.0.0.1:0", "--print", "none", "--log", "error"]).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert!(line.starts_with("cpumonitor-server: listening on http://127.0.0.1:"), "{line}");
        tell(&child, signal);
        assert!(child.wait().unwrap().success());
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }
}

fn tell(child: &Child, signal: &str) {
    let told = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
    assert!(told.success());
}
