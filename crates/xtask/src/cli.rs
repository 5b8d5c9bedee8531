//! The command line: what can be asked for, and how.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use lexopt::{Arg, Parser, ValueExt as _};

use crate::bench;

/// Where `up` listens unless told otherwise.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// What the server's `--print` takes.
const PRINT_MODES: [&str; 4] = ["auto", "table", "lines", "none"];

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Say what there is.
    Help,
    /// Build and start everything.
    Up(Up),
    /// Build the release binaries.
    Build,
    /// Build the page.
    Web,
    /// Check everything.
    Test {
        /// Without the page and the browser.
        fast: bool,
    },
    /// Measure.
    Bench {
        /// One benchmark instead of all.
        name: Option<String>,
    },
    /// Feed a decoder with nonsense.
    Fuzz(Fuzz),
}

/// What `up` should start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Up {
    /// Where the server listens.
    pub(crate) listen: SocketAddr,
    /// How many invented hosts join this one.
    pub(crate) demo: Option<NonZeroU32>,
    /// Whether to show the page where there is a desktop.
    pub(crate) open: bool,
    /// What the server prints.
    pub(crate) print: Option<String>,
}

/// What `fuzz` should run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fuzz {
    /// The target.
    pub(crate) name: String,
    /// For how long.
    pub(crate) seconds: u32,
}

/// Reads the arguments.
pub(crate) fn parse(mut arguments: Parser) -> Result<Task, lexopt::Error> {
    let Some(first) = arguments.next()? else { return Ok(Task::Help) };
    let Arg::Value(name) = first else {
        return match first {
            Arg::Short('h') | Arg::Long("help") => Ok(Task::Help),
            other => Err(other.unexpected()),
        };
    };
    match name.to_str() {
        Some("help") => Ok(Task::Help),
        Some("up") => up(&mut arguments),
        Some("build") => bare(&mut arguments, Task::Build),
        Some("web") => bare(&mut arguments, Task::Web),
        Some("test" | "ci") => test(&mut arguments),
        Some("bench") => measure(&mut arguments),
        Some("fuzz") => fuzz(&mut arguments),
        _ => Err(format!("there is no task {}", name.display()).into()),
    }
}

fn bare(arguments: &mut Parser, task: Task) -> Result<Task, lexopt::Error> {
    match arguments.next()? {
        None => Ok(task),
        Some(Arg::Short('h') | Arg::Long("help")) => Ok(Task::Help),
        Some(other) => Err(other.unexpected()),
    }
}

fn up(arguments: &mut Parser) -> Result<Task, lexopt::Error> {
    let mut up = Up { listen: LISTEN, demo: None, open: true, print: None };
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("demo") => {
                up.demo = Some(number(arguments, "--demo", "a number of hosts such as 200")?)
            }
            Arg::Long("listen") => {
                up.listen = number(arguments, "--listen", "an address such as 127.0.0.1:8080")?
            }
            Arg::Long("no-open") => up.open = false,
            Arg::Long("print") => {
                let mode = arguments.value()?.string()?;
                if !PRINT_MODES.contains(&mode.as_str()) {
                    return Err(
                        format!("--print takes one of {}, not `{mode}`", PRINT_MODES.join(", ")).into()
                    );
                }
                up.print = Some(mode);
            }
            Arg::Short('h') | Arg::Long("help") => return Ok(Task::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Task::Up(up))
}

fn test(arguments: &mut Parser) -> Result<Task, lexopt::Error> {
    let mut fast = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("fast") => fast = true,
            Arg::Short('h') | Arg::Long("help") => return Ok(Task::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Task::Test { fast })
}

fn measure(arguments: &mut Parser) -> Result<Task, lexopt::Error> {
    let mut chosen = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Value(name) if chosen.is_none() => {
                let name = name.string()?;
                if !bench::ALL.iter().any(|bench| bench.name == name) {
                    let names: Vec<_> = bench::ALL.iter().map(|bench| bench.name).collect();
                    return Err(format!("there is no benchmark `{name}`, but {}", names.join(", ")).into());
                }
                chosen = Some(name);
            }
            Arg::Short('h') | Arg::Long("help") => return Ok(Task::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Task::Bench { name: chosen })
}

fn fuzz(arguments: &mut Parser) -> Result<Task, lexopt::Error> {
    let (mut name, mut seconds) = (None, 60);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Value(value) if name.is_none() => name = Some(value.string()?),
            Arg::Long("seconds") => seconds = number(arguments, "--seconds", "a number such as 60")?,
            Arg::Short('h') | Arg::Long("help") => return Ok(Task::Help),
            other => return Err(other.unexpected()),
        }
    }
    let name =
        name.ok_or("fuzz needs the name of a target, such as `cargo xtask fuzz decode_agent --seconds 60`")?;
    Ok(Task::Fuzz(Fuzz { name, seconds }))
}

fn number<T: std::str::FromStr>(
    arguments: &mut Parser,
    flag: &str,
    wanted: &str,
) -> Result<T, lexopt::Error> {
    let value = arguments.value()?.string()?;
    value.parse().map_err(|_| format!("{flag} takes {wanted}, not `{value}`").into())
}

/// What there is.
pub(crate) fn help() -> String {
    let mut text = String::from(
        "cargo xtask TASK

  up      build everything, start server and agent, print the URL; Ctrl-C stops all
            --demo N        N invented hosts besides this one
            --listen ADDR   where the server listens [127.0.0.1:8080]
            --no-open       do not open a browser window
            --print MODE    what the server prints: auto, table, lines, none
  build   the release binaries with the page inside, in target/release/
  web     the page alone, in dist/, with its sizes and their budget
  test    everything CI checks; the last line counts the tests
            --fast          without the page and the browser
  ci      the same as test
  bench   [NAME] measure what has a goal; results also in target/bench/NAME.json
",
    );
    for bench in bench::ALL {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "            {:<15} {}", bench.name, bench.about);
    }
    text.push_str("  fuzz    NAME [--seconds N] feed a decoder of crates/common with nonsense [60]\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Task, String> {
        parse(Parser::from_args(line.split_whitespace())).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(line: &str, reason: &str) {
        let error = read(line).expect_err("this should be refused");
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn up_has_defaults_and_takes_wishes() {
        let plain = Up { listen: LISTEN, demo: None, open: true, print: None };
        assert_eq!(read("up"), Ok(Task::Up(plain)));
        let wishes = Up {
            listen: "127.0.0.1:9000".parse().unwrap(),
            demo: NonZeroU32::new(200),
            open: false,
            print: Some("lines".into()),
        };
        assert_eq!(
            read("up --demo 200 --listen 127.0.0.1:9000 --no-open --print=lines"),
            Ok(Task::Up(wishes))
        );
    }

    #[test]
    fn ci_is_test() {
        assert_eq!(read("ci"), Ok(Task::Test { fast: false }));
        assert_eq!(read("test --fast"), Ok(Task::Test { fast: true }));
    }

    #[test]
    fn wrong_wishes_are_named() {
        refused("up --demo many", "--demo takes a number of hosts such as 200, not `many`");
        refused("up --demo 0", "--demo takes");
        refused("up --listen here", "127.0.0.1:8080");
        refused("up --print loud", "auto, table, lines, none");
        refused("up --demo", "--demo");
        refused("build fast", "fast");
        refused("dance", "there is no task dance");
        refused("bench nothing", "size");
        refused("fuzz --seconds 5", "name of a target");
        refused("--version", "--version");
    }

    #[test]
    fn help_is_never_far() {
        for line in ["", "help", "-h", "--help", "up --help", "web --help", "fuzz --help"] {
            assert_eq!(read(line), Ok(Task::Help), "{line}");
        }
    }
}
