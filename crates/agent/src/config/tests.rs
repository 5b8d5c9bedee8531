use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::*;

const SERVER: &[&str] = &["--server", "ws://monitor:8080"];

fn read(args: &[&str], environment: &[(&str, &str)]) -> Result<Request, ConfigError> {
    let variable =
        |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
    Request::read(args.iter().map(OsString::from), variable)
}

#[track_caller]
fn config(args: &[&str], environment: &[(&str, &str)]) -> Config {
    match read(args, environment) {
        Ok(Request::Run(config)) => *config,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check_error(args: &[&str], environment: &[(&str, &str)], says: &str) {
    let error = read(args, environment).unwrap_err().to_string();
    assert!(error.contains(says), "{error}");
    assert_eq!(error.lines().count(), 1, "one line: {error}");
}

fn file(content: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("agent.toml");
    std::fs::write(&path, content).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (dir, path)
}

#[test]
fn a_server_is_all_it_takes() {
    let config = config(SERVER, &[("XDG_STATE_HOME", "/state")]);
    assert_eq!(config.server.to_string(), "ws://monitor:8080");
    assert_eq!(config.name, None);
    assert_eq!(config.tags, []);
    assert_eq!(config.interval, Duration::from_secs(1));
    assert_eq!(config.state_dir, Path::new("/state/cpumonitor"));
    assert_eq!(config.backlog_rows, 3_600);
    assert_eq!(config.log, LevelFilter::INFO);
}

#[test]
fn every_setting_is_a_flag_a_variable_and_a_key() {
    let settings = [
        ("server", "ws://other:1"),
        ("name", "web-1"),
        ("tag", "env=prod"),
        ("interval", "500ms"),
        ("state-dir", "/tmp/here"),
        ("backlog", "2m"),
        ("log", "debug"),
    ];
    let flags: Vec<String> =
        settings.iter().flat_map(|(key, value)| [format!("--{key}"), (*value).to_owned()]).collect();
    let by_flag = config(&flags.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
    assert_eq!(by_flag.name.as_deref(), Some("web-1"));
    assert_eq!(by_flag.tags, [Tag { key: "env".into(), value: "prod".into() }]);
    assert_eq!((by_flag.interval, by_flag.backlog_rows), (Duration::from_millis(500), 240));
    assert_eq!(by_flag.log, LevelFilter::DEBUG);

    let variables: Vec<(String, &str)> = settings
        .iter()
        .map(|(key, value)| (format!("CPUMONITOR_{}", key.replace('-', "_").to_uppercase()), *value))
        .collect();
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(config(&[], &variables), by_flag);

    let lines: Vec<String> = settings.iter().map(|(key, value)| format!("{key} = \"{value}\"")).collect();
    let (_dir, path) = file(&lines.join("\n"));
    assert_eq!(config(&["--config", &path], &[]), by_flag);
    assert_eq!(config(&[], &[("CPUMONITOR_CONFIG", &path)]), by_flag);
}

#[test]
fn help_tells_every_setting() {
    let Ok(Request::Print(help)) = read(&["--help"], &[]) else { panic!("no help") };
    for setting in &settings::SETTINGS {
        assert!(help.contains(&format!("--{}", setting.key)), "{}", setting.key);
    }
    assert!(help.contains("CPUMONITOR_") && help.contains("TOML"));
    assert!(help.lines().all(|line| line.chars().count() <= 100));
    let Ok(Request::Print(version)) = read(&["-V"], &[]) else { panic!("no version") };
    assert_eq!(version, format!("cpumonitor-agent {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let (_dir, path) =
        file("server = \"ws://file:1\"\nname = \"file\"\nlog = \"warn\"\ntag = [\"a=file\", \"b=file\"]");
    let environment =
        [("CPUMONITOR_NAME", "variable"), ("CPUMONITOR_TAG", "c=1, d=2"), ("CPUMONITOR_SERVER", "")];
    let config = config(&["--config", &path, "--name=flag"], &environment);
    assert_eq!(config.name.as_deref(), Some("flag"));
    assert_eq!(config.server.to_string(), "ws://file:1");
    assert_eq!(config.log, LevelFilter::WARN);
    assert_eq!(config.tags.iter().map(|tag| tag.key.as_str()).collect::<Vec<_>>(), ["c", "d"]);
}

#[test]
fn wrong_flags_are_one_clear_line() {
    check_error(&[], &[], "no server is given; start it with --server ws://HOST:8080");
    check_error(&["--sever", "x"], &[], "--sever");
    check_error(&["ws://monitor"], &[], "ws://monitor");
    check_error(&["--server"], &[], "--server");
    check_error(&["--server", "http://monitor:8080"], &[], "--server: http:// is the address of the page");
    check_error(&["--server", "wss://monitor"], &[], "TLS");
    for (key, value, says) in [
        ("--interval", "1", "is not a span of time; write it like"),
        ("--interval", "10ms", "may be 100 ms to 1 m"),
        ("--interval", "2m", "may be 100 ms to 1 m"),
        ("--backlog", "1s", "may be 10 s to 1 d"),
        ("--name", " ", "the name is empty"),
        ("--name", "a\u{1b}[2J", "control character"),
        ("--tag", "prod", "write it like env=prod"),
        ("--tag", "=prod", "write it like env=prod"),
        ("--log", "loud", "write error, warn, info, debug or off"),
        ("--state-dir", "", "empty"),
    ] {
        check_error(&[SERVER, &[key, value]].concat(), &[], &format!("{key}: "));
        check_error(&[SERVER, &[key, value]].concat(), &[], says);
    }
    check_error(&[SERVER, &["--tag", "a=1", "--tag", "a=2"]].concat(), &[], "given twice");
    check_error(
        &[SERVER, &["--interval", "100ms", "--backlog", "24h"]].concat(),
        &[],
        "at most 90000 are held",
    );
}

#[test]
fn mistakes_elsewhere_say_where() {
    check_error(SERVER, &[("CPUMONITOR_INTERVAL", "x")], "CPUMONITOR_INTERVAL: `x` is not a span");
    check_error(
        &["--config", "/nonexistent/agent.toml"],
        &[],
        "--config: cannot read /nonexistent/agent.toml",
    );
    for (content, says) in [
        ("server = ", "is not TOML"),
        ("sever = \"x\"", "there is no such setting"),
        ("config = \"x\"", "there is no such setting"),
        ("interval = 1", "write it as a text in quotes, not as integer"),
        ("tag = [1]", "a tag is a text like"),
        ("interval = \"x\"\nserver = \"ws://a:1\"", "interval in "),
    ] {
        let (_dir, path) = file(content);
        check_error(&["--config", &path], &[], says);
    }
}

#[cfg(unix)]
#[test]
fn the_state_dir_follows_the_platform() {
    let dir = |environment: &[(&str, &str)]| config(SERVER, environment).state_dir;
    assert_eq!(dir(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]), Path::new("/s/cpumonitor"));
    let home = dir(&[("XDG_STATE_HOME", "relative"), ("HOME", "/h")]);
    let root = rustix::process::geteuid().is_root();
    assert_eq!(home, Path::new(if root { "/var/lib/cpumonitor" } else { "/h/.local/state/cpumonitor" }));
}
