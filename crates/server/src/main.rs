//! The server's command line: parse, bind, say where, run.

use std::io::{self, Write};
use std::process::ExitCode;

use cpumonitor_server::{Config, ConfigError, Server, open_files, telemetry};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

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
    info!(url = %format_args!("http://{}/", server.local_addr()), "listening");
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let running = server.run(shutdown);
    tokio::pin!(running);
    let ended = tokio::select! {
        ended = &mut running => ended,
        () = asked_to_stop() => {
            stop.cancel();
            running.await
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Everything that can be told has been told; who did not listen is not our failure.
            error!(%error, "stopped");
            ExitCode::SUCCESS
        }
    }
}

/// Waits for Ctrl-C or, where there is such a thing, SIGTERM.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}

fn fail(error: &impl std::fmt::Display, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "cpumonitor-server: {error}");
    ExitCode::from(code)
}
