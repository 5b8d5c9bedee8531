//! What the server tells about itself: log lines and counters.

mod counters;

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{Config, ConfigError, Print};
use crate::terminal;

pub(crate) use counters::{Counters, expose};

/// Starts logging to standard error, or under the table while that covers the screen. Call once.
///
/// # Errors
/// When `config.log` is no list of levels.
pub fn start_log(config: &Config) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(&config.log).map_err(|error| {
        ConfigError::new(
            "log",
            &config.log,
            format!("is no level (as in info) and no list of target=level: {error}"),
        )
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter);
    if config.print.resolve() == Print::Table {
        log.with_ansi(false).with_writer(terminal::feed().log()).init();
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr).init();
    }
    Ok(())
}
