//! Flags as people give them, and what is wrong with them in a sentence.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Parser;
use clap::error::ErrorKind;
use cpumonitor_common::Filter;
use serde::Deserialize;

use super::{Config, Limits, Print};

/// Where the server listens unless told otherwise.
const LISTEN: &str = "127.0.0.1:8080";

/// Why there is no configuration to start with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A person asked for the help or the version: this is it.
    #[error("{0}")]
    Asked(String),
    /// A flag, a variable or the file is wrong.
    #[error("{0}")]
    Wrong(String),
}

impl ConfigError {
    /// `text` is not what `flag` takes, and why.
    pub(crate) fn new(flag: &str, text: &str, why: impl std::fmt::Display) -> ConfigError {
        ConfigError::Wrong(format!("--{flag}: {text:?} {why}"))
    }
}

const HELP: &str = "\
Every flag is also an environment variable (--no-compat is CPUMONITOR_NO_COMPAT=true) and a key of the \
TOML file given with --config (no-compat = true). The command line wins over the environment, and that \
over the file.";

/// Shows what the agents of your hosts measure: live in the browser, and on standard output.
#[derive(Debug, Default, Parser, Deserialize)]
#[command(name = "cpumonitor-server", version, after_help = HELP)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Flags {
    /// Where to listen [default: 127.0.0.1:8080]. Addresses beyond this machine need --insecure-open,
    /// since nobody has to prove who they are yet
    #[arg(long, env = "CPUMONITOR_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<String>,

    /// What to show on standard output [default: auto, a table on a terminal, otherwise lines]
    #[arg(long, env = "CPUMONITOR_PRINT", value_name = "WHAT")]
    print: Option<Print>,

    /// Which hosts to show on standard output, as in 'cpu > 80% and not status = down' [default: all]
    #[arg(long, env = "CPUMONITOR_FILTER", value_name = "EXPR")]
    filter: Option<String>,

    /// Do not take the clients of 2018 at /webservices/cpu/
    #[arg(long, env = "CPUMONITOR_NO_COMPAT", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    no_compat: Option<bool>,

    /// Allow --listen addresses beyond this machine: everyone who reaches them can read and write
    #[arg(long, env = "CPUMONITOR_INSECURE_OPEN", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    insecure_open: Option<bool>,

    /// Another origin whose pages may watch, as in https://monitor.example.org; may be repeated
    #[arg(long, env = "CPUMONITOR_ALLOW_ORIGIN", value_name = "URL", value_delimiter = ',')]
    allow_origin: Vec<String>,

    /// Another name the server answers to, as in monitor.example.org; may be repeated
    #[arg(long, env = "CPUMONITOR_ALLOW_HOST", value_name = "NAME", value_delimiter = ',')]
    allow_host: Vec<String>,

    /// Most connections at a time [default: 16000, or what the system allows]
    #[arg(long, env = "CPUMONITOR_MAX_CONNECTIONS", value_name = "COUNT")]
    max_connections: Option<usize>,

    /// What to log to standard error, as in warn or info,cpumonitor_server::ingest=debug [default: info]
    #[arg(long, env = "CPUMONITOR_LOG", value_name = "LEVELS")]
    log: Option<String>,

    /// A TOML file with any of these
    #[arg(long, env = "CPUMONITOR_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
}

impl Config {
    /// What `args`, the environment and the file ask for. The first of `args` is the program.
    ///
    /// # Errors
    /// When something of it is wrong, or a person asked for help.
    pub fn from_args(args: impl IntoIterator<Item = OsString>) -> Result<Config, ConfigError> {
        let flags = Flags::try_parse_from(args).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ConfigError::Asked(error.to_string()),
            _ => ConfigError::Wrong(first_paragraph(&error.to_string())),
        })?;
        let file = flags.config.as_deref().map_or_else(|| Ok(Flags::default()), read)?;
        let color = std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
        Ok(Config { color, ..flags.or(file).resolve()? })
    }
}

/// What clap has to say, without the usage below.
fn first_paragraph(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ") + " (--help tells all flags)"
}

fn read(path: &Path) -> Result<Flags, ConfigError> {
    let wrong = |why: String| {
        ConfigError::Wrong(format!("cannot read the configuration file {}: {why}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    toml::from_str(&text).map_err(|error| {
        let line = error
            .span()
            .map_or(1, |span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
        wrong(format!("line {line}: {}", error.message().replace('\n', " ")))
    })
}

impl Flags {
    /// These, and where they say nothing, `file`.
    fn or(self, file: Flags) -> Flags {
        let list = |ours: Vec<String>, theirs| if ours.is_empty() { theirs } else { ours };
        Flags {
            listen: self.listen.or(file.listen),
            print: self.print.or(file.print),
            filter: self.filter.or(file.filter),
            no_compat: self.no_compat.or(file.no_compat),
            insecure_open: self.insecure_open.or(file.insecure_open),
            allow_origin: list(self.allow_origin, file.allow_origin),
            allow_host: list(self.allow_host, file.allow_host),
            max_connections: self.max_connections.or(file.max_connections),
            log: self.log.or(file.log),
            config: self.config,
        }
    }

    fn resolve(self) -> Result<Config, ConfigError> {
        let mut config = Config::listening_at(address(self.listen.as_deref().unwrap_or(LISTEN))?);
        config.print = self.print.unwrap_or_default();
        let filter = self.filter.unwrap_or_default();
        config.filter = Filter::parse(&filter)
            .map_err(|error| ConfigError::new("filter", &filter, format!("makes no sense: {error}")))?;
        config.compat = !self.no_compat.unwrap_or_default();
        config.insecure_open = self.insecure_open.unwrap_or_default();
        config.allow_origins = self.allow_origin.iter().map(|text| origin(text)).collect::<Result<_, _>>()?;
        config.allow_hosts = self.allow_host;
        let connections = self.max_connections.unwrap_or(Limits::RECOMMENDED.connections);
        if connections == 0 {
            return Err(ConfigError::new("max-connections", "0", "would let nobody in"));
        }
        config.limits.connections = connections;
        config.log = self.log.unwrap_or(config.log);
        Ok(config)
    }
}

/// An address and a port. `localhost` is one, though not for the standard library.
fn address(text: &str) -> Result<SocketAddr, ConfigError> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| {
        ConfigError::new("listen", text, "is not an address and a port, as in 127.0.0.1:8080 or [::1]:8080")
    })
}

/// An origin as browsers send it: scheme, host and maybe a port, nothing behind.
fn origin(text: &str) -> Result<String, ConfigError> {
    let bare = text.strip_suffix('/').unwrap_or(text);
    let authority = bare.strip_prefix("http://").or_else(|| bare.strip_prefix("https://"));
    let valid = authority.is_some_and(|authority| {
        !authority.contains('@') && authority.parse::<http::uri::Authority>().is_ok()
    });
    if valid {
        Ok(bare.to_owned())
    } else {
        Err(ConfigError::new("allow-origin", text, "is not an origin, as in https://monitor.example.org"))
    }
}

#[cfg(test)]
mod tests;
