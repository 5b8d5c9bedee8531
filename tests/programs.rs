//! What the three programs say when they are started wrongly, or cannot do their work.

use cpumonitor_swarm::Clock;
use tokio::net::TcpListener;

use crate::support::{AgentProgram, Program, ServerProgram, TestFleet, get, until};

/// Starts `name` wrongly: exit code 64, and one line that says what to write instead.
#[track_caller]
fn check_refused(
    name: &'static str,
    args: &'static [&'static str],
    hint: &'static str,
) -> impl Future<Output = ()> {
    let asked_at = std::panic::Location::caller();
    async move {
        let (code, output) = Program::start(name, args).end().await;
        assert_eq!(code, Some(64), "{asked_at}: {output}");
        assert_eq!(output.lines().count(), 1, "{asked_at}: one line: {output}");
        assert!(output.contains(hint), "{asked_at}: {output}");
    }
}

#[tokio::test]
async fn wrong_flags_end_with_64_and_one_line() {
    check_refused("cpumonitor-server", &["--bogus"], "--bogus").await;
    check_refused("cpumonitor-server", &["--listen", "nowhere"], "--listen").await;
    check_refused("cpumonitor-server", &["--listen", "0.0.0.0:0"], "--insecure-open").await;
    check_refused("cpumonitor-server", &["--config", "/does/not/exist.toml"], "/does/not/exist.toml").await;
    check_refused("cpumonitor-agent", &[], "--server").await;
    check_refused("cpumonitor-agent", &["--bogus"], "--bogus").await;
    check_refused("cpumonitor-agent", &["--server", "127.0.0.1"], "ws://").await;
    check_refused("cpumonitor-agent", &["--server", "ws://127.0.0.1:1", "--interval", "soon"], "--interval")
        .await;
    check_refused("cpumonitor-swarm", &[], "--server").await;
    check_refused("cpumonitor-swarm", &["--server", "ws://127.0.0.1:1", "--hosts", "many"], "--hosts").await;
    check_refused("cpumonitor-swarm", &["--server", "ws://192.0.2.1:80"], "--allow-remote").await;
}

/// Every flag is told, with its variable and the file that may hold it.
#[tokio::test]
async fn help_tells_flags_variables_and_file() {
    for name in ["cpumonitor-server", "cpumonitor-agent", "cpumonitor-swarm"] {
        let (code, output) = Program::start(name, ["--help"]).end().await;
        assert_eq!(code, Some(0), "{name}: {output}");
        for word in ["--config", "CPUMONITOR_", "TOML"] {
            assert!(output.contains(word), "{name} does not tell of {word}: {output}");
        }
        let (code, output) = Program::start(name, ["--version"]).end().await;
        assert_eq!(
            (code, output.trim()),
            (Some(0), format!("{name} {}", env!("CARGO_PKG_VERSION")).as_str())
        );
    }
}

#[tokio::test]
async fn a_busy_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = taken.local_addr().expect("a bound socket has an address").to_string();
    let (code, output) =
        Program::start("cpumonitor-server", ["--listen", &address, "--print", "none"]).end().await;
    assert_eq!(code, Some(1), "{output}");
    let line =
        output.lines().find(|line| line.contains(&address)).unwrap_or_else(|| panic!("no address: {output}"));
    assert!(line.contains("--listen"), "the line says what to do: {line}");
}

/// An agent whose server is not there yet says so once, and finds it when it comes.
#[tokio::test]
async fn an_unreachable_server_is_waited_for() {
    let reserved = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = reserved.local_addr().expect("a bound socket has an address");
    drop(reserved);
    let agent = AgentProgram::start_unheard(&address.into(), "patient");
    agent.program.says(&address.to_string()).await;

    let clock = Clock::start();
    until("time enough for two samples", async || (clock.elapsed().as_millis() > 2_100).then_some(())).await;
    let started_ms = clock.now().as_ms();
    let fleet = TestFleet::with(|config| config.listen = address).await;
    let mut viewer = fleet.viewer().await;
    viewer
        .within(std::time::Duration::from_secs(20), "the agent", |page| page.cpu("patient").is_some())
        .await;
    let (first_row_ms, _) = fleet.series("patient", "cpu").await[0];
    assert!(first_row_ms < started_ms, "what was measured before there was a server is delivered, too");
    assert!(
        agent.program.output().lines().count() <= 6,
        "it does not flood the log: {}",
        agent.program.output()
    );
}

/// Piped, the server prints a line a host and second that awk can read.
#[tokio::test]
async fn piped_output_is_one_line_a_host_and_second() {
    let server = ServerProgram::start(&["--print", "auto"]).await;
    let _agent = AgentProgram::start(&server.address.into(), "here").await;
    let line = server.program.says("here").await;
    assert!(line.split_whitespace().count() >= 4, "{line}");
}

/// The swarm plays its part for as long as it is told, and sums up in one line that awk can read.
#[tokio::test]
async fn a_swarm_sums_up_what_it_did() {
    let fleet = TestFleet::start().await;
    let server = fleet.target().to_string();
    let args =
        ["--server", &server, "--hosts", "5", "--viewers", "1", "--rate", "10", "--duration", "1500ms"];
    let (code, output) = Program::start("cpumonitor-swarm", args).end().await;
    assert_eq!(code, Some(0), "{output}");
    let summary = output.lines().last().unwrap_or_default();
    let value = |name: &str| -> u64 {
        let found =
            summary.split(' ').filter_map(|word| word.split_once('=')).find(|(known, _)| *known == name);
        found
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or_else(|| panic!("{name} is not in {summary:?}"))
    };
    assert_eq!((value("hosts"), value("viewers"), value("reconnects")), (5, 1, 0));
    assert_eq!(value("rows_sent"), fleet.counter("cpumonitor_rows_total").await);
    assert_eq!(
        fleet.json("/api/v1/hosts?q=status%20%3D%20stopped").await["hosts"].as_array().map(Vec::len),
        Some(5)
    );
}

/// The page is served at every address it has, and nothing else is let run in it.
#[tokio::test]
async fn the_page_is_served() {
    let fleet = TestFleet::start().await;
    for path in ["/", "/welcome", "/host/0123456789abcdef0123456789abcdef?t=1m"] {
        let answer = get(fleet.address(), path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("content-type").starts_with("text/html"), "{path}: {}", answer.head);
        assert!(answer.header("content-security-policy").contains("default-src"), "{path}: {}", answer.head);
    }
    assert_eq!(get(fleet.address(), "/nothing.js").await.status, 404);
    let outside = get(fleet.address(), "/../../../../../../../../etc/passwd").await;
    assert!(!outside.text().contains("root:"), "{}", outside.text());
}
