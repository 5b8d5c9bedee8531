//! The server's command line: parse, bind, say where, run.

use std::io::{self, Write};
use std::process::ExitCode;

use cpumonitor_server::{Config, ConfigError, Server, open_files, telemetry};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Bad configuration (`EX_USAGE` of sysexits.h).
const BAD_CONFIGURATION: u8 = 64;

fn main() -> ExitCode {
    let config = match Config::from_args(std::env::args_os()) {
        Ok(config) => config,
        Err(ConfigError::Asked(text)) => {
            let _ = io::stdout().write_all(text.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&error, BAD_CONFIGURATION),
    };
    if let Err(error) = telemetry::start_log(&config) {
        return fail(&error, BAD_CONFIGURATION);
    }
    // One thread: sessions share one lock and little else, and measured together they cost less this way.
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(serve(config)),
        Err(error) => fail(&format!("cannot start the event loop: {error}"), 1),
    }
}

async fn serve(mut config: Config) -> ExitCode {
    config.limits.connections = open_files::allow_connections(config.limits.connections);
    let server = match Server::bind(config).await {
        Ok(server) => server,
        Err(error) => return fail(&error, error.exit_code()),
    };
    let told_to_stop = match told_to_stop() {
        Ok(told) => told,
        Err(error) => return fail(&format!("cannot listen for signals: {error}"), 1),
    };
    // Not a log line: whoever starts a server wants to know where it is, whatever the level.
    let _ = writeln!(io::stderr(), "cpumonitor-server: listening on http://{}/", server.local_addr());
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let running = server.run(shutdown);
    tokio::pin!(running);
    let ended = tokio::select! {
        ended = &mut running => ended,
        () = told_to_stop => {
            stop.cancel();
            running.await
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Who was to be told has been told; who did not listen is not our failure.
            warn!(%error, "stopped");
            ExitCode::SUCCESS
        }
    }
}

/// Listens for Ctrl-C and SIGTERM from now on, and ends when one comes.
#[cfg(unix)]
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Listens for Ctrl-C from now on, and ends when it comes.
#[cfg(windows)]
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut ctrl_c = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        ctrl_c.recv().await;
    })
}

fn fail(error: &impl std::fmt::Display, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "cpumonitor-server: {error}");
    ExitCode::from(code)
}
