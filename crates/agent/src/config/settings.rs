//! The settings and where they may be given: flag, environment variable, key of a file; the first of
//! them wins.

use std::ffi::OsString;
use std::fmt;
use std::fmt::Write as _;
use std::path::Path;

use super::ConfigError;

/// One setting, as `--help` tells it.
pub(super) struct Setting {
    /// The flag without its dashes, which is also the key of a file.
    pub(super) key: &'static str,
    value: &'static str,
    help: &'static str,
    default: &'static str,
}

/// All settings, in the order of `--help`.
pub(super) const SETTINGS: [Setting; 8] = [
    Setting {
        key: "server",
        value: "ws://HOST:8080",
        help: "Where the server is",
        default: "none, has to be given",
    },
    Setting { key: "name", value: "NAME", help: "What people call this host", default: "its host name" },
    Setting {
        key: "tag",
        value: "KEY=VALUE",
        help: "A label of this host; may be given several times",
        default: "none",
    },
    Setting { key: "interval", value: "SPAN", help: "Time between samples, 100ms to 60s", default: "1s" },
    Setting {
        key: "state-dir",
        value: "DIR",
        help: "Where the host's identity is kept",
        default: "~/.local/state/cpumonitor; for root /var/lib/cpumonitor",
    },
    Setting {
        key: "backlog",
        value: "SPAN",
        help: "How long samples are held while the server is away, 10s to 24h",
        default: "1h",
    },
    Setting { key: "config", value: "FILE", help: "Read settings from a TOML file", default: "none" },
    Setting { key: "log", value: "LEVEL", help: "error, warn, info, debug or off", default: "info" },
];

impl Setting {
    /// The environment variable, as in `CPUMONITOR_STATE_DIR`.
    pub(super) fn variable(&self) -> String {
        format!("CPUMONITOR_{}", self.key.replace('-', "_").to_ascii_uppercase())
    }
}

/// What `--help` prints.
pub(super) fn help() -> String {
    let mut text = String::from(
        "Reads this host once a second and sends its samples to a cpuMonitor server.\n\n\
         Usage: cpumonitor-agent --server ws://HOST:8080 [OPTIONS]\n\nOptions:\n",
    );
    for setting in &SETTINGS {
        let flag = format!("--{} {}", setting.key, setting.value);
        // Writing into a string cannot fail.
        let _ = writeln!(text, "  {flag:<26} {}\n{:29}default: {}", setting.help, "", setting.default);
    }
    text.push_str(
        "  --help                     Print this\n  --version                  Print the version\n\n",
    );
    text.push_str(
        "Every option is also an environment variable (CPUMONITOR_SERVER, CPUMONITOR_STATE_DIR, ...;\n\
         CPUMONITOR_TAG takes several tags separated by commas) and a key of the TOML file\n\
         (server = \"ws://...\", state-dir = \"...\", tag = [\"env=prod\", \"rack=7\"]).\n\
         A flag wins over the environment, the environment over the file.\n",
    );
    text
}

/// Where a value was given, for error messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Flag(&'static str),
    Variable(String),
    File { key: String, path: String },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(key) => write!(f, "--{key}"),
            Origin::Variable(name) => f.write_str(name),
            Origin::File { key, path } => write!(f, "{key} in {path}"),
        }
    }
}

/// A value and where it was given.
pub(super) type Given = (Origin, String);

/// What was given, before it is understood.
#[derive(Debug, Default)]
pub(super) struct Values(Vec<(&'static str, Vec<Given>)>);

impl Values {
    /// The values of `key`; empty when nobody gave one.
    pub(super) fn all(&self, key: &str) -> &[Given] {
        self.0.iter().find(|(known, _)| *known == key).map_or(&[], |(_, given)| given)
    }

    /// The value of `key`, the last one when it was given several times.
    pub(super) fn one(&self, key: &str) -> Option<&Given> {
        self.all(key).last()
    }

    fn add(&mut self, key: &'static str, given: Given) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(given),
            None => self.0.push((key, vec![given])),
        }
    }

    /// Takes from `weaker` what nobody gave here.
    fn fill_from(&mut self, weaker: Values) {
        for (key, given) in weaker.0 {
            if self.all(key).is_empty() {
                self.0.push((key, given));
            }
        }
    }
}

/// What the command line asks for.
pub(super) enum Asked {
    Help,
    Version,
    Values(Values),
}

/// Gathers flags, then environment, then the file that either names.
pub(super) fn gather(
    args: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Asked, ConfigError> {
    let mut values = match flags(args)? {
        Asked::Values(values) => values,
        other => return Ok(other),
    };
    values.fill_from(environment(variable)?);
    if let Some((origin, path)) = values.one("config").cloned() {
        let content = std::fs::read_to_string(&path)
            .map_err(|error| ConfigError::new(&origin, format!("cannot read {path}: {error}")))?;
        values.fill_from(file(Path::new(&path), &content)?);
    }
    Ok(Asked::Values(values))
}

fn flags(args: impl IntoIterator<Item = OsString>) -> Result<Asked, ConfigError> {
    let mut values = Values::default();
    let mut parser = lexopt::Parser::from_args(args);
    let plain = |error: lexopt::Error| ConfigError::plain(format!("{error}; see --help"));
    while let Some(arg) = parser.next().map_err(plain)? {
        match arg {
            lexopt::Arg::Short('h') | lexopt::Arg::Long("help") => return Ok(Asked::Help),
            lexopt::Arg::Short('V') | lexopt::Arg::Long("version") => return Ok(Asked::Version),
            lexopt::Arg::Long(flag) => {
                let Some(setting) = SETTINGS.iter().find(|setting| setting.key == flag) else {
                    return Err(plain(arg.unexpected()));
                };
                let value = parser.value().map_err(plain)?;
                let origin = Origin::Flag(setting.key);
                values.add(setting.key, (origin.clone(), text(&origin, value)?));
            }
            other => return Err(plain(other.unexpected())),
        }
    }
    Ok(Asked::Values(values))
}

fn environment(variable: impl Fn(&str) -> Option<OsString>) -> Result<Values, ConfigError> {
    let mut values = Values::default();
    for setting in &SETTINGS {
        let name = setting.variable();
        let Some(value) = variable(&name).filter(|value| !value.is_empty()) else { continue };
        let origin = Origin::Variable(name);
        let value = text(&origin, value)?;
        if setting.key == "tag" {
            value.split(',').for_each(|tag| values.add(setting.key, (origin.clone(), tag.trim().to_owned())));
        } else {
            values.add(setting.key, (origin, value));
        }
    }
    Ok(values)
}

fn file(path: &Path, content: &str) -> Result<Values, ConfigError> {
    let mut values = Values::default();
    let path = path.display().to_string();
    // The first line of the parser's message says where and what; the rest draws it.
    let table: toml::Table = content.parse().map_err(|error: toml::de::Error| {
        ConfigError::plain(format!(
            "{path} is not TOML: {}",
            error.message().lines().next().unwrap_or_default()
        ))
    })?;
    for (key, value) in table {
        let origin = Origin::File { key: key.clone(), path: path.clone() };
        let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key && key != "config") else {
            return Err(ConfigError::new(&origin, "there is no such setting; see --help".to_owned()));
        };
        let given = match value {
            toml::Value::String(text) => vec![text],
            toml::Value::Array(list) if key == "tag" => {
                let texts: Option<Vec<String>> =
                    list.into_iter().map(|tag| tag.as_str().map(str::to_owned)).collect();
                texts.ok_or_else(|| {
                    ConfigError::new(&origin, "a tag is a text like \"env=prod\"".to_owned())
                })?
            }
            other => {
                let kind = other.type_str();
                return Err(ConfigError::new(
                    &origin,
                    format!("write it as a text in quotes, not as {kind}"),
                ));
            }
        };
        given.into_iter().for_each(|value| values.add(setting.key, (origin.clone(), value)));
    }
    Ok(values)
}

fn text(origin: &Origin, value: OsString) -> Result<String, ConfigError> {
    value.into_string().map_err(|_| ConfigError::new(origin, "the value is not valid UTF-8".to_owned()))
}
