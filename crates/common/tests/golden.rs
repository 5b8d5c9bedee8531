//! The wire, held still: these bytes are in the field, and every build must send and read them.
//!
//! A fixture is one message as hexadecimal digits; lines starting with `#` are comments. If a check
//! fails, the change needs a new protocol version, not a new fixture.

#![expect(clippy::unwrap_used, reason = "a broken fixture is a failed test")]

use std::fs;
use std::path::PathBuf;

use cpumonitor_common::wire::{
    AgentToServer, CloseCode, FleetDelta, FleetScope, GapReason, Hello, HostDelta, HostEntry, HostHealth,
    HostScope, Message, Notice, Overview, Run, ServerToAgent, ServerToViewer, Subscription, Trail,
    ViewerToServer, Welcome, decode, encode,
};
use cpumonitor_common::{
    Chunk, Code, Cursor, Epoch, HostId, HostInfo, HostStatus, Incarnation, Layout, LayoutId, Metric,
    Revision, Row, Rows, Series, Tag, Timestamp,
};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[track_caller]
fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/wire/v1/{name}.hex"));
    let text = fs::read_to_string(&path).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
}

#[track_caller]
fn check<M: Message + PartialEq + std::fmt::Debug>(name: &str, message: &M) {
    let golden = fixture(name);
    assert_eq!(hex(&encode(message)), golden, "{name}: we would send different bytes");
    let bytes: Vec<u8> =
        (0..golden.len()).step_by(2).map(|at| u8::from_str_radix(&golden[at..at + 2], 16).unwrap()).collect();
    assert_eq!(decode::<M>(&bytes).as_ref(), Ok(message), "{name}: we would read old bytes differently");
}

fn info() -> HostInfo {
    HostInfo {
        id: HostId(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff),
        name: "web-1".into(),
        os: "Debian GNU/Linux 12".into(),
        kernel: "6.1.0".into(),
        arch: "x86_64".into(),
        cpu_model: "Xeon".into(),
        core_count: 2,
        memory_bytes: 8 << 30,
        swap_bytes: 0,
        boot_at: Timestamp::from_ms(1_795_000_000_000),
        agent_version: "0.1.0".into(),
        tags: vec![Tag { key: "env".into(), value: "prod".into() }],
    }
}

fn layout() -> Layout {
    Layout {
        id: LayoutId(1),
        series: vec![Series::whole(Metric::CPU), Series::of(Metric::CPU, "0"), Series::whole(Metric::MEMORY)],
    }
}

fn chunk(rows: &[(u64, i64, [u16; 3])]) -> Chunk {
    let mut out = Rows::new(3);
    for (seq, at, codes) in rows {
        out.push(Row { seq: *seq, at: Timestamp::from_ms(*at), codes: &codes.map(Code) });
    }
    Chunk::encode(&out)
}

#[test]
fn what_an_agent_says() {
    check(
        "agent-hello",
        &AgentToServer::Hello(Hello {
            host: info(),
            incarnation: Incarnation(7),
            interval_ms: 1_000,
            oldest_seq: 3,
            next_seq: 300,
            now: Timestamp::from_ms(1_795_358_230_337),
        }),
    );
    check("agent-layout", &AgentToServer::Layout(layout()));
    check(
        "agent-samples-live",
        &AgentToServer::Samples {
            layout: LayoutId(1),
            chunk: chunk(&[(300, 1_795_358_230_337, [510, 466, 793])]),
        },
    );
    check(
        "agent-samples-after-outage",
        &AgentToServer::Samples {
            layout: LayoutId(1),
            chunk: chunk(&[(300, 1_000, [0, 0, 1]), (301, 2_001, [5, 0xFFFF, 2]), (303, 4_000, [0, 0, 0])]),
        },
    );
    check("agent-gap", &AgentToServer::Gap { first_seq: 302, count: 1, reason: GapReason::Missed });
    check(
        "agent-gap-dropped",
        &AgentToServer::Gap { first_seq: 0, count: 3_600, reason: GapReason::Dropped },
    );
    check("agent-goodbye", &AgentToServer::Goodbye { next_seq: 304 });
}

#[test]
fn what_the_server_says_to_an_agent() {
    let now = Timestamp::from_ms(1_795_358_230_400);
    check("server-welcome", &ServerToAgent::Welcome { now, next_seq: 300 });
    check("server-ack", &ServerToAgent::Ack { next_seq: 304 });
    check("server-retry", &ServerToAgent::Retry { after_ms: 1_500 });
}

fn cursor(revision: u64) -> Cursor {
    Cursor { epoch: Epoch(99), revision: Revision(revision) }
}

#[test]
fn what_a_viewer_says() {
    check(
        "viewer-subscribe",
        &ViewerToServer::Subscribe(Subscription {
            fleet: Some(FleetScope { metrics: vec![Metric::CPU, Metric::MEMORY], from: Cursor::START }),
            host: Some(HostScope { id: info().id, from: cursor(12) }),
            pace_ms: 100,
        }),
    );
}

#[test]
fn what_the_server_says_to_a_viewer() {
    let at = Timestamp::from_ms(1_795_358_231_000);
    check(
        "server-viewer-welcome",
        &ServerToViewer::Welcome(Welcome {
            server_version: "0.1.0".into(),
            epoch: Epoch(99),
            now: at,
            tail_ms: 300_000,
            notices: vec![Notice::InsecureOpen, Notice::Compat],
        }),
    );
    let entry = HostEntry {
        place: 4,
        id: info().id,
        name: "web-1".into(),
        os: "Debian GNU/Linux 12".into(),
        tags: info().tags,
        core_count: 2,
        memory_bytes: 8 << 30,
        interval_ms: 1_000,
        status: HostStatus::Stale,
        seen: at,
    };
    check(
        "server-fleet",
        &ServerToViewer::Fleet(FleetDelta {
            since: cursor(0),
            until: cursor(12),
            at,
            hosts: vec![entry],
            removed: vec![2],
            overview: columns(),
        }),
    );
    check(
        "server-host",
        &ServerToViewer::Host(HostDelta {
            since: cursor(0),
            until: cursor(12),
            at,
            id: info().id,
            known: true,
            info: Some(info()),
            health: Some(HostHealth {
                status: HostStatus::Live,
                seen: at,
                skew_ms: -1_500,
                lost: 3,
                missed: 1,
            }),
            runs: vec![Run {
                layout: LayoutId(1),
                series: Some(layout()),
                chunk: chunk(&[(300, 1_795_358_230_337, [510, 466, 793])]),
            }],
        }),
    );
    check("server-trail", &Trail { epoch: Epoch(99), at, step_ms: 2_000, overview: columns() });
}

fn columns() -> Overview {
    Overview::new(vec![Metric::CPU, Metric::MEMORY]).fill(
        &[(4u32, 90i64, 510u16), (7, 1_040, 0x7FF0)],
        |host| host.0,
        |host| host.1,
        |host, metric| Code(host.2 + metric.0 - 1),
    )
}

#[test]
fn close_codes_are_numbers_in_the_field() {
    let numbers = CloseCode::ALL.map(CloseCode::number);
    assert_eq!(numbers, [1000, 1001, 1003, 1009, 4400, 4406, 4408, 4409, 4410, 4429]);
}
