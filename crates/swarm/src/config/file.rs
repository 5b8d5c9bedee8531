//! Options from a TOML file, put in front of the command line as if they had been typed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap::parser::ValueSource;
use toml::{Table, Value};

use super::Config;

/// `args`, preceded by the options of the file they or the environment name, as far as those are not
/// given by a flag or the environment.
pub(super) fn merge(args: Vec<OsString>) -> Result<Vec<OsString>, String> {
    // What is wrong with the command line is said when it is parsed for good.
    let Ok(given) = Config::command().ignore_errors(true).try_get_matches_from(&args) else {
        return Ok(args);
    };
    let Some(path) = given.get_one::<PathBuf>("config") else { return Ok(args) };
    let is_given = |id: &str| {
        matches!(given.value_source(id), Some(ValueSource::CommandLine | ValueSource::EnvVariable))
    };
    let mut typed = Vec::new();
    for (key, value) in read(path)? {
        let command = Config::command();
        let known = command.get_arguments().find(|arg| arg.get_long() == Some(&key) && key != "config");
        let Some(option) = known else {
            return Err(format!("{}: there is no option {key:?}; --help lists them all", path.display()));
        };
        if is_given(option.get_id().as_str()) {
            continue;
        }
        match value {
            Value::String(text) => typed.push(format!("--{key}={text}")),
            Value::Integer(number) => typed.push(format!("--{key}={number}")),
            Value::Float(number) => typed.push(format!("--{key}={number}")),
            Value::Boolean(true) => typed.push(format!("--{key}")),
            Value::Boolean(false) => {}
            _ => return Err(format!("{}: {key} is one text or number", path.display())),
        }
    }
    let (program, rest) = args.split_first().map_or((None, &[][..]), |(program, rest)| (Some(program), rest));
    Ok(program
        .cloned()
        .into_iter()
        .chain(typed.into_iter().map(OsString::from))
        .chain(rest.iter().cloned())
        .collect())
}

fn read(path: &Path) -> Result<Table, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("cannot read the configuration file {}: {error}", path.display()))?;
    text.parse().map_err(|error: toml::de::Error| {
        format!("{}: {}", path.display(), error.message().replace('\n', " "))
    })
}
