//! The agent's process: settings, log, signals, exit code.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use cpumonitor_agent::Config;
use cpumonitor_agent::config::Request;
use tokio_util::sync::CancellationToken;

/// The settings are wrong (EX_USAGE of sysexits.h): trying again with the same ones is no use.
const BAD_CONFIG: u8 = 64;

fn main() -> ExitCode {
    match Request::of_this_process() {
        Ok(Request::Run(config)) => start(*config),
        Ok(Request::Print(text)) => match io::stdout().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(error) => fail(&error, ExitCode::from(BAD_CONFIG)),
    }
}

fn start(config: Config) -> ExitCode {
    tracing_subscriber::fmt()
        .with_max_level(config.log)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format_args!("cannot start: {error}"), ExitCode::FAILURE),
    };
    let shutdown = CancellationToken::new();
    let outcome = runtime.block_on(async {
        tokio::select! {
            biased;
            outcome = cpumonitor_agent::run(config, shutdown.clone()) => Some(outcome),
            () = signals(&shutdown) => None,
        }
    });
    // A name that is still being resolved does not hold us up.
    runtime.shutdown_background();
    match outcome {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => fail(&error, ExitCode::FAILURE),
        None => fail(&"stopped at once, as asked for a second time", ExitCode::FAILURE),
    }
}

/// One line on standard error, log or no log.
fn fail(problem: &dyn std::fmt::Display, code: ExitCode) -> ExitCode {
    // When even this cannot be written, the exit code has to say it all.
    let _ = writeln!(io::stderr(), "cpumonitor-agent: {problem}");
    code
}

/// Cancels `shutdown` at the first signal to stop, and returns at the second.
#[cfg(unix)]
async fn signals(shutdown: &CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    // Only a kernel without signals could refuse these; then the process ends the hard way.
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    for _ in 0..2 {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        shutdown.cancel();
    }
}

/// Cancels `shutdown` at the first Ctrl-C, and returns at the second.
#[cfg(not(unix))]
async fn signals(shutdown: &CancellationToken) {
    for _ in 0..2 {
        if tokio::signal::ctrl_c().await.is_err() {
            return std::future::pending().await;
        }
        shutdown.cancel();
    }
}
