//! The flags: from the command line, the environment and an optional file, in this order.

mod flags;
mod limits;

use std::net::SocketAddr;

use cpumonitor_common::Filter;

pub use flags::ConfigError;
pub use limits::Limits;

/// How the server runs. Built once at the start and handed down; nothing else reads flags or the
/// environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. Loopback by default, since nobody has to prove who they are yet.
    pub listen: SocketAddr,
    /// What to show on standard output.
    pub print: Print,
    /// Which hosts to show on standard output; the empty filter shows all.
    pub filter: Filter,
    /// Whether the table on the terminal may use colour; `NO_COLOR` in the environment, not empty, says no
    /// (no-color.org).
    pub color: bool,
    /// Whether the clients of 2018 are taken.
    pub compat: bool,
    /// Whether addresses beyond this machine are allowed.
    pub insecure_open: bool,
    /// Origins, besides the server's own, whose pages may open the viewer socket, as in
    /// `https://monitor.example.org`.
    pub allow_origins: Vec<String>,
    /// Names, besides loopback and the listen address, that the server answers to.
    pub allow_hosts: Vec<String>,
    /// What to log, as in `info` or `info,cpumonitor_server::ingest=debug`.
    pub log: String,
    /// Numbers that bound what peers can ask for.
    pub limits: Limits,
}

/// What to show on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Print {
    /// A table on a terminal, otherwise lines.
    #[default]
    Auto,
    /// A live table.
    Table,
    /// One line a host and second.
    Lines,
    /// Nothing.
    None,
}

impl Config {
    /// The defaults, listening at `listen`.
    #[must_use]
    pub fn listening_at(listen: SocketAddr) -> Config {
        Config {
            listen,
            print: Print::None,
            filter: Filter::default(),
            color: true,
            compat: true,
            insecure_open: false,
            allow_origins: Vec::new(),
            allow_hosts: Vec::new(),
            log: "info".to_owned(),
            limits: Limits::RECOMMENDED,
        }
    }

    /// Whether it listens beyond this machine.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.listen.ip().to_canonical().is_loopback()
    }
}
