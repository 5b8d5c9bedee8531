//! Virtual agents and viewers: see `cpumonitor-swarm --help`.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use cpumonitor_swarm::{Plan, Request, limit, run};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a wrong configuration ends with: `EX_USAGE` of sysexits.
const WRONG_CONFIGURATION: u8 = 64;

fn main() -> ExitCode {
    let request = Request::read(std::env::args_os()).and_then(|request| {
        if let Request::Run(plan) = &request {
            limit::allow(u64::from(plan.hosts) + u64::from(plan.viewers))?;
        }
        Ok(request)
    });
    match request {
        Ok(Request::Run(plan)) => play(plan),
        Ok(Request::Print(text)) => match write!(io::stdout(), "{text}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(problem) => {
            let _ = writeln!(io::stderr(), "cpumonitor-swarm: {problem}");
            WRONG_CONFIGURATION.into()
        }
    }
}

fn play(plan: Plan) -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::builder()
                .with_default_directive(tracing::level_filters::LevelFilter::INFO.into())
                .from_env_lossy(),
        )
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .with_writer(io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!("cannot start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let summary = runtime.block_on(async {
        let (shutdown, tasks) = (CancellationToken::new(), TaskTracker::new());
        let stop = shutdown.clone();
        tasks.spawn(async move {
            asked_to_stop().await;
            stop.cancel();
        });
        run(plan, shutdown).await
    });
    match writeln!(io::stdout(), "{summary}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Waits for Ctrl-C, or for SIGTERM where there is one.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
