use std::io::Write;

use super::*;

fn parse(args: &[&str]) -> Result<Config, ConfigError> {
    Config::from_args(["cpumonitor-server"].iter().chain(args).map(OsString::from))
}

fn with_file(text: &str, args: &[&str]) -> Result<Config, ConfigError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    parse(&[&["--config", path], args].concat())
}

#[test]
fn without_flags_it_listens_to_this_machine() {
    let config = parse(&[]).unwrap();
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!((config.print, config.compat, config.insecure_open), (Print::Auto, true, false));
    assert!(!config.is_open());
}

#[test]
fn flags_say_what_they_say() {
    let config = parse(&[
        "--listen=localhost:0",
        "--print",
        "lines",
        "--no-compat",
        "--insecure-open",
        "--filter",
        "cpu > 80%",
        "--allow-origin=https://a.example/",
        "--allow-origin",
        "http://b.example:81",
        "--allow-host",
        "a.example,b.example",
    ])
    .unwrap();
    assert_eq!(config.listen, "127.0.0.1:0".parse().unwrap());
    assert_eq!((config.print, config.compat, config.insecure_open), (Print::Lines, false, true));
    assert_eq!(config.filter.to_string(), "cpu > 80%");
    assert_eq!(config.allow_origins, ["https://a.example", "http://b.example:81"]);
    assert_eq!(config.allow_hosts, ["a.example", "b.example"]);
}

#[test]
fn the_command_line_wins_over_the_file() {
    let text = "listen = \"127.0.0.1:1\"\nno-compat = true\nallow-host = [\"x.example\"]\nprint = \"none\"\n";
    let config = with_file(text, &["--listen", "127.0.0.1:2", "--no-compat=false"]).unwrap();
    assert_eq!(config.listen, "127.0.0.1:2".parse().unwrap());
    assert_eq!((config.print, config.compat), (Print::None, true));
    assert_eq!(config.allow_hosts, ["x.example"]);
}

#[track_caller]
fn check_wrong(result: Result<Config, ConfigError>, part: &str) {
    match result {
        Err(ConfigError::Wrong(sentence)) => {
            assert!(sentence.contains(part), "{sentence}");
            assert!(!sentence.contains('\n'), "one line: {sentence}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_wrong_is_told_in_one_line() {
    check_wrong(parse(&["--listen", "8080"]), "--listen: \"8080\" is not an address");
    check_wrong(parse(&["--print", "colour"]), "auto, table, lines, none");
    check_wrong(parse(&["--filter", "cpuu > 1"]), "did you mean `cpu`?");
    check_wrong(parse(&["--allow-origin", "monitor.example.org"]), "is not an origin");
    check_wrong(parse(&["--allow-origin", "https://a.example/path"]), "is not an origin");
    check_wrong(parse(&["--colour"]), "--colour");
    check_wrong(parse(&["--max-connections", "0"]), "nobody");
    check_wrong(parse(&["--config", "/does/not/exist.toml"]), "/does/not/exist.toml");
    check_wrong(with_file("listen = 5\n", &[]), "line 1");
    check_wrong(with_file("\n\ncolour = 1\n", &[]), "line 3: unknown field `colour`");
}

#[test]
fn help_tells_every_flag_with_its_variable() {
    let Err(ConfigError::Asked(help)) = parse(&["--help"]) else { panic!("no help") };
    let flags = help.lines().filter_map(|line| line.strip_prefix("      --"));
    let flags: Vec<&str> = flags.filter_map(|line| line.split([' ', '[', '=']).next()).collect();
    assert!(flags.len() >= 9, "{flags:?}");
    for flag in flags {
        let variable = format!("CPUMONITOR_{}", flag.to_uppercase().replace('-', "_"));
        assert!(help.contains(&format!("[env: {variable}")), "{variable}");
    }
}
