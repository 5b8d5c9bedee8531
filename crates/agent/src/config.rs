//! What the agent was told: the only reader of flags, environment and configuration file.

mod server_url;
mod settings;
pub(crate) mod span;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use cpumonitor_common::Tag;
use cpumonitor_common::host::{MAX_TAGS, MAX_TEXT_BYTES};
use tracing::level_filters::LevelFilter;

pub use server_url::ServerUrl;

use self::settings::{Asked, Given, Values};

/// Bounds of the time between samples. Below a tenth of a second `/proc/stat`, which counts hundredths,
/// says little; above a minute a fleet is not live.
const INTERVAL: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(60));
/// Bounds of the backlog: the longest outage worth catching up.
const BACKLOG: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(24 * 3_600));
/// Most rows held, about a day at one a second: 8 MB with 35 series.
const MAX_BACKLOG_ROWS: usize = 90_000;

/// What the agent was told, understood and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the server is.
    pub server: ServerUrl,
    /// What people call this host; `None` for its host name.
    pub name: Option<String>,
    /// Labels of this host.
    pub tags: Vec<Tag>,
    /// Time between samples, in whole milliseconds.
    pub interval: Duration,
    /// Where the host's identity is kept.
    pub state_dir: PathBuf,
    /// Rows held while the server is away; the oldest are given up first.
    pub backlog_rows: usize,
    /// What is logged.
    pub log: LevelFilter,
}

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Print this text and leave.
    Print(String),
    /// Run like this.
    Run(Box<Config>),
}

/// Why the agent cannot run like this: one line, which says where the mistake is and what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    fn new(origin: &settings::Origin, problem: String) -> ConfigError {
        ConfigError(format!("{origin}: {problem}"))
    }

    fn plain(problem: String) -> ConfigError {
        ConfigError(problem)
    }
}

impl Request {
    /// Reads this process's arguments and environment, and the file they name.
    ///
    /// # Errors
    /// Says which setting is wrong, where it was given and what to write.
    pub fn of_this_process() -> Result<Request, ConfigError> {
        Request::read(std::env::args_os().skip(1), |name| std::env::var_os(name))
    }

    /// Reads `args`, without the program's name, and the environment as `variable` tells it.
    ///
    /// # Errors
    /// Says which setting is wrong, where it was given and what to write.
    pub fn read(
        args: impl IntoIterator<Item = OsString>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Request, ConfigError> {
        match settings::gather(args, &variable)? {
            Asked::Help => Ok(Request::Print(settings::help())),
            Asked::Version => Ok(Request::Print(format!("cpumonitor-agent {}\n", env!("CARGO_PKG_VERSION")))),
            Asked::Values(values) => {
                Config::understand(&values, variable).map(|config| Request::Run(Box::new(config)))
            }
        }
    }
}

impl Config {
    fn understand(
        values: &Values,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Config, ConfigError> {
        let Some((origin, address)) = values.one("server") else {
            return Err(ConfigError::plain(
                "no server is given; start it with --server ws://HOST:8080, set CPUMONITOR_SERVER, \
                 or put `server` into the file of --config"
                    .to_owned(),
            ));
        };
        let server = ServerUrl::parse(address).map_err(|problem| ConfigError::new(origin, problem))?;
        let interval = span(values, "interval", Duration::from_secs(1), INTERVAL)?;
        let backlog = span(values, "backlog", Duration::from_secs(3_600), BACKLOG)?;
        let rows = usize::try_from(backlog.as_millis() / interval.as_millis().max(1)).unwrap_or(usize::MAX);
        if rows > MAX_BACKLOG_ROWS {
            return Err(ConfigError::plain(format!(
                "a backlog of {} at one sample every {} is {rows} rows; at most {MAX_BACKLOG_ROWS} are held: \
                 choose a shorter --backlog or a longer --interval",
                span::display(backlog),
                span::display(interval),
            )));
        }
        Ok(Config {
            server,
            name: values.one("name").map(name).transpose()?,
            tags: tags(values.all("tag"))?,
            interval,
            state_dir: state_dir(values, variable)?,
            backlog_rows: rows.max(1),
            log: values.one("log").map_or(Ok(LevelFilter::INFO), level)?,
        })
    }
}

fn span(
    values: &Values,
    key: &str,
    default: Duration,
    (least, most): (Duration, Duration),
) -> Result<Duration, ConfigError> {
    let Some((origin, text)) = values.one(key) else { return Ok(default) };
    let span = span::parse(text).ok_or_else(|| {
        ConfigError::new(origin, format!("`{text}` is not a span of time; write it like 500ms, 1s, 5m or 1h"))
    })?;
    if span < least || span > most {
        let (least, most) = (span::display(least), span::display(most));
        return Err(ConfigError::new(
            origin,
            format!("`{text}` is out of bounds; it may be {least} to {most}"),
        ));
    }
    Ok(span)
}

fn name((origin, name): &Given) -> Result<String, ConfigError> {
    check_text(origin, name)?;
    if name.trim().is_empty() {
        return Err(ConfigError::new(origin, "the name is empty".to_owned()));
    }
    Ok(name.trim().to_owned())
}

fn tags(given: &[Given]) -> Result<Vec<Tag>, ConfigError> {
    let mut tags: Vec<Tag> = Vec::with_capacity(given.len());
    for (origin, text) in given {
        check_text(origin, text)?;
        let (key, value) =
            text.split_once('=').map(|(key, value)| (key.trim(), value.trim())).unwrap_or_default();
        if key.is_empty() {
            return Err(ConfigError::new(origin, format!("`{text}` is not a tag; write it like env=prod")));
        }
        if tags.iter().any(|tag| tag.key == key) {
            return Err(ConfigError::new(origin, format!("the tag `{key}` is given twice")));
        }
        if tags.len() == MAX_TAGS {
            return Err(ConfigError::new(origin, format!("a host has at most {MAX_TAGS} tags")));
        }
        tags.push(Tag { key: key.to_owned(), value: value.to_owned() });
    }
    Ok(tags)
}

fn check_text(origin: &settings::Origin, text: &str) -> Result<(), ConfigError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(ConfigError::new(origin, format!("the text is longer than {MAX_TEXT_BYTES} bytes")));
    }
    if text.chars().any(char::is_control) {
        return Err(ConfigError::new(origin, "the text contains a control character".to_owned()));
    }
    Ok(())
}

fn level((origin, text): &Given) -> Result<LevelFilter, ConfigError> {
    match text.as_str() {
        "off" => Ok(LevelFilter::OFF),
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        _ => Err(ConfigError::new(
            origin,
            format!("`{text}` is not a level; write error, warn, info, debug or off"),
        )),
    }
}

/// The directory of `--state-dir`, or where this platform keeps the state of programs.
fn state_dir(values: &Values, variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, ConfigError> {
    if let Some((origin, dir)) = values.one("state-dir") {
        if dir.is_empty() {
            return Err(ConfigError::new(origin, "the directory's name is empty".to_owned()));
        }
        return Ok(PathBuf::from(dir));
    }
    // The XDG specification says that relative paths are to be ignored.
    let dir = |name: &str| variable(name).map(PathBuf::from).filter(|dir| dir.is_absolute());
    if let Some(state) = dir("XDG_STATE_HOME") {
        return Ok(state.join("cpumonitor"));
    }
    #[cfg(unix)]
    if rustix::process::geteuid().is_root() {
        return Ok(PathBuf::from("/var/lib/cpumonitor"));
    }
    if let Some(home) = dir("HOME") {
        return Ok(home.join(".local/state/cpumonitor"));
    }
    if let Some(local) = dir("LOCALAPPDATA") {
        return Ok(local.join("cpumonitor"));
    }
    Err(ConfigError::plain(
        "there is no home directory to keep the host's identity in; give a --state-dir".to_owned(),
    ))
}
