//! Flags, environment and configuration file, read once.

mod file;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::swarm::Plan;
use crate::target::Target;

/// The end of `--help`.
const AFTER_HELP: &str = "Every option is also an environment variable (as shown) and a key of the TOML file \
    (server = \"ws://...\", start-index = 500). A flag wins over the environment, the environment over the file.";

/// Virtual agents and viewers for demos, load and fault tests.
///
/// Every host has an identity, hardware and habits that follow from the seed: the same seed gives the
/// same fleet and the same readings at the same instant.
#[derive(Clone, Debug, Parser)]
#[command(name = "cpumonitor-swarm", version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Config {
    /// The server to load, as in ws://127.0.0.1:8080
    #[arg(long, env = "CPUMONITOR_SERVER", value_name = "URL")]
    pub server: Target,
    /// Virtual agents
    #[arg(long, env = "CPUMONITOR_HOSTS", value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub hosts: u32,
    /// Virtual viewers, each looking at the whole fleet
    #[arg(long, env = "CPUMONITOR_VIEWERS", value_name = "M", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub viewers: u32,
    /// Samples a second of every host, from 0.01 to 10
    #[arg(long, env = "CPUMONITOR_RATE", value_name = "PER_SECOND", default_value = "1", value_parser = interval_ms)]
    pub rate: Interval,
    /// Decides who the hosts are and what they go through
    #[arg(long, env = "CPUMONITOR_SEED", value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// How long to run, as in 60s or 5m; without it until Ctrl-C
    #[arg(long, env = "CPUMONITOR_DURATION", value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,
    /// Index of the first host, so that several swarms can make up one fleet
    #[arg(long, env = "CPUMONITOR_START_INDEX", value_name = "N", default_value_t = 0)]
    pub start_index: u32,
    /// How long the hosts have been running already: that much is delivered at once, up to 300 rows a host
    #[arg(long, env = "CPUMONITOR_HISTORY", value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub history: Duration,
    /// Load a server on another machine, which must be yours
    #[arg(long, env = "CPUMONITOR_ALLOW_REMOTE")]
    pub allow_remote: bool,
    /// Read options from a TOML file
    #[arg(long, env = "CPUMONITOR_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What the command line asks for.
#[derive(Clone, Debug)]
pub enum Request {
    /// Print this text and leave.
    Print(String),
    /// Run this.
    Run(Plan),
}

impl Request {
    /// Reads `args`, the program's name first, the environment, and the file they name.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Request, String> {
        let args = file::merge(args.into_iter().collect())?;
        match Config::try_parse_from(args) {
            Ok(config) => config.plan().map(Request::Run),
            Err(error) if error.use_stderr() => Err(one_line(&error.to_string())),
            Err(help_or_version) => Ok(Request::Print(help_or_version.to_string())),
        }
    }
}

/// The sentence of an error that goes on about usage.
fn one_line(error: &str) -> String {
    let told = error.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let words: Vec<&str> = told.flat_map(str::split_whitespace).collect();
    words.join(" ").trim_start_matches("error: ").to_owned()
}

/// Milliseconds between the samples of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval(pub u32);

impl Config {
    /// What to run.
    ///
    /// # Errors
    /// A sentence, when the server is not this machine and nobody said that this is fine.
    pub fn plan(self) -> Result<Plan, String> {
        if !self.allow_remote && !self.server.is_loopback() {
            return Err(format!(
                "{} is not this machine, and this is a load generator: add --allow-remote if that server is yours",
                self.server
            ));
        }
        Ok(Plan {
            interval_ms: self.rate.0,
            seed: self.seed,
            start_index: self.start_index,
            history: self.history,
            duration: self.duration,
            ..Plan::of(self.server, self.hosts, self.viewers)
        })
    }
}

fn interval_ms(text: &str) -> Result<Interval, String> {
    let rate: f64 = text.parse().map_err(|_| "a rate is a number such as 1 or 0.5".to_owned())?;
    if !(0.01..=10.0).contains(&rate) {
        return Err("a rate is from 0.01 to 10 samples a second".to_owned());
    }
    Ok(Interval((1_000.0 / rate).round() as u32))
}

fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return Err("a time ends in ms, s, m, h or d, as in 60s".to_owned()),
    };
    let number: f64 =
        number.trim().parse().map_err(|_| "a time is a number and a unit, as in 60s".to_owned())?;
    Duration::try_from_secs_f64(number * seconds)
        .map_err(|_| "a time is not negative and not endless".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(args: &[&str]) -> Result<Plan, String> {
        let args = ["cpumonitor-swarm"].iter().chain(args);
        match Request::read(args.map(OsString::from))? {
            Request::Run(plan) => Ok(plan),
            Request::Print(text) => Err(text),
        }
    }

    #[test]
    fn flags_become_a_plan() {
        let plan =
            plan(&["--server", "ws://127.0.0.1:8080", "--hosts", "200", "--rate", "2", "--duration", "1m"])
                .unwrap();
        assert_eq!((plan.hosts, plan.interval_ms, plan.duration), (200, 500, Some(Duration::from_secs(60))));
    }

    #[test]
    fn a_server_elsewhere_is_refused_unless_it_is_meant() {
        let refused = plan(&["--server", "ws://192.0.2.1:8080"]).unwrap_err();
        assert!(refused.contains("--allow-remote"), "{refused}");
        assert!(plan(&["--server", "ws://192.0.2.1:8080", "--allow-remote"]).is_ok());
    }

    #[test]
    fn nonsense_is_refused() {
        for args in [
            &["--hosts", "3"][..],
            &["--server", "127.0.0.1:8080"],
            &["--server", "ws://127.0.0.1:8080", "--rate", "0"],
            &["--server", "ws://127.0.0.1:8080", "--duration", "5 parsecs"],
            &["--server", "ws://127.0.0.1:8080", "--duration", "-1s"],
            &["--server", "ws://127.0.0.1:8080", "--hosts", "-1"],
        ] {
            let error = plan(args).unwrap_err();
            assert!(error.lines().count() == 1, "{args:?}: {error}");
        }
    }

    #[test]
    fn a_file_is_read_where_no_flag_is_given() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("swarm.toml");
        let with = |text: &str, args: &[&str]| {
            std::fs::write(&path, text).unwrap();
            let path = path.to_str().unwrap();
            plan(&[&["--config", path], args].concat())
        };
        let file = "server = 'ws://127.0.0.1:1'\nhosts = 7\nstart-index = 3\nrate = 0.5\n";
        let read = with(file, &["--hosts", "9"]).unwrap();
        assert_eq!((read.hosts, read.start_index, read.interval_ms), (9, 3, 2_000));
        assert!(with("server = 'ws://192.0.2.1:1'\nallow-remote = true\n", &[]).is_ok());
        assert!(with("server = 'ws://192.0.2.1:1'\nallow-remote = false\n", &[]).is_err());
        for (wrong, named) in [("hosst = 3", "hosst"), ("hosts = [3]", "hosts"), ("hosts", "swarm.toml")] {
            let error = with(wrong, &[]).unwrap_err();
            assert!(error.contains(named) && error.lines().count() == 1, "{error}");
        }
        assert!(plan(&["--config", "/does/not/exist"]).unwrap_err().contains("/does/not/exist"));
    }

    #[test]
    fn times_are_read_with_their_units() {
        for (text, ms) in [("60s", 60_000), ("1.5m", 90_000), ("250ms", 250), ("2", 2_000), ("1h", 3_600_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
    }
}
