//! Whole screens, as they are drawn.

use cpumonitor_common::{Filter, Metric};
use proptest::prelude::*;

use super::super::row::tests::{NOW, TestHost, host};
use super::*;

const PLAIN: Surroundings<'_> =
    Surroundings { url: "http://127.0.0.1:8080/", filter: "", log: "", color: false };

fn busy(name: &str, cpu_ratio: f64) -> TestHost {
    let readings = [
        (Metric::CPU, cpu_ratio),
        (Metric::MEMORY, 0.341),
        (Metric::LOAD_1, cpu_ratio * 4.0),
        (Metric::NETWORK_RECEIVE, 1_258_291.0),
        (Metric::NETWORK_TRANSMIT, 90_112.0),
        (Metric::DISK_READ, 0.0),
        (Metric::DISK_WRITE, 3_145_728.0),
        (Metric::TEMPERATURE, 54.0),
    ];
    host(name, HostStatus::Live, 300, &readings)
}

fn fleet() -> Vec<TestHost> {
    vec![
        busy("web-1", 0.125),
        busy("database-primary-eu", 0.97),
        busy("web-2", 0.83),
        host("client2@10.0.0.7", HostStatus::Live, 1_900, &[(Metric::CPU, 0.07)]),
        host("build-3", HostStatus::Stale, 4_200, &[(Metric::CPU, 0.5), (Metric::MEMORY, 0.5)]),
        host("old", HostStatus::Down, 125_000, &[(Metric::CPU, 0.5)]),
        host("resting", HostStatus::Stopped, 3_600_000, &[]),
    ]
}

/// What is drawn, line by line, with a bar at the right end of the screen.
#[track_caller]
fn check(hosts: &[TestHost], around: Surroundings<'_>, columns: usize, lines: usize, screen: &str) {
    let filter = Filter::parse(around.filter).unwrap();
    let picture = Picture::hottest_first(hosts, &filter, NOW);
    let drawn = draw(&picture, &around, Size { columns, lines }).join("\n");
    assert_eq!(drawn, screen.trim_matches('\n'), "\n{drawn}\n");
}

#[test]
fn a_wide_screen_shows_everything() {
    check(
        &fleet(),
        PLAIN,
        132,
        24,
        r"
cpuMonitor 0.1.0  http://127.0.0.1:8080/
● 4 live  ◌ 1 stale  × 1 down  ■ 1 stopped

  HOST                    CPU                               MEM    LOAD     NET IN    NET OUT       READ      WRITE   TEMP    AGE
▲ database-primary-eu   97.0%  ███████████████████████▎   34.1%    3.88   1.2MiB/s    88KiB/s       0B/s   3.0MiB/s   54°C   0.3s
◆ web-2                 83.0%  ███████████████████▉       34.1%    3.32   1.2MiB/s    88KiB/s       0B/s   3.0MiB/s   54°C   0.3s
◌ build-3               50.0%  stale                      50.0%       -          -          -          -          -      -   4.2s
● web-1                 12.5%  ███                        34.1%    0.50   1.2MiB/s    88KiB/s       0B/s   3.0MiB/s   54°C   0.3s
● client2@10.0.0.7       7.0%  █▋                             -       -          -          -          -          -      -   1.9s
× old                       -  down                           -       -          -          -          -          -      -     2m
■ resting                   -  stopped                        -       -          -          -          -          -      -    60m
",
    );
}

#[test]
fn eighty_columns_leave_out_disks_and_temperature() {
    check(
        &fleet(),
        PLAIN,
        80,
        24,
        r"
cpuMonitor 0.1.0  http://127.0.0.1:8080/
● 4 live  ◌ 1 stale  × 1 down  ■ 1 stopped

  HOST              CPU                 MEM    LOAD     NET IN    NET OUT    AGE
▲ database-pri…   97.0%  █████████▊   34.1%    3.88   1.2MiB/s    88KiB/s   0.3s
◆ web-2           83.0%  ████████▎    34.1%    3.32   1.2MiB/s    88KiB/s   0.3s
◌ build-3         50.0%  stale        50.0%       -          -          -   4.2s
● web-1           12.5%  █▎           34.1%    0.50   1.2MiB/s    88KiB/s   0.3s
● client2@10.0…    7.0%  ▊                -       -          -          -   1.9s
× old                 -  down             -       -          -          -     2m
■ resting             -  stopped          -       -          -          -    60m
",
    );
}

#[test]
fn a_phone_shows_who_and_how_much() {
    check(
        &fleet(),
        PLAIN,
        40,
        10,
        r"
cpuMonitor 0.1.0  http://127.0.0.1:8080/
● 4 live  ◌ 1 stale  × 1 down  ■ 1 stop…
  HOST                CPU     MEM    AGE
▲ database-prima…   97.0%   34.1%   0.3s
◆ web-2             83.0%   34.1%   0.3s
◌ build-3           50.0%   50.0%   4.2s
● web-1             12.5%   34.1%   0.3s
● client2@10.0.0…    7.0%       -   1.9s
× old                   -       -     2m
■ resting               -       -    60m
",
    );
}

#[test]
fn what_does_not_fit_is_counted_and_the_log_has_the_last_line() {
    let around = Surroundings { filter: "cpu > 5%", log: "WARN agent link broke", ..PLAIN };
    check(
        &fleet(),
        around,
        60,
        7,
        r"
cpuMonitor 0.1.0  http://127.0.0.1:8080/
6 of 7  cpu > 5%  ● 4 live  ◌ 1 stale  × 1 down  ■ 1 stopped
  HOST                CPU                 MEM    LOAD    AGE
▲ database-prima…   97.0%  █████████▊   34.1%    3.88   0.3s
◆ web-2             83.0%  ████████▎    34.1%    3.32   0.3s
  +4 more
WARN agent link broke
",
    );
}

#[test]
fn an_empty_fleet_says_how_to_begin() {
    check(
        &[],
        PLAIN,
        80,
        24,
        r"
cpuMonitor 0.1.0  http://127.0.0.1:8080/
● 0 live  ◌ 0 stale  × 0 down  ■ 0 stopped

No host yet. On a machine to be watched:
  cpumonitor-agent --server ws://127.0.0.1:8080
",
    );
    check(
        &fleet(),
        Surroundings { filter: "cpu > 99%", ..PLAIN },
        80,
        8,
        r"
cpuMonitor 0.1.0  http://127.0.0.1:8080/
0 of 7  cpu > 99%  ● 4 live  ◌ 1 stale  × 1 down  ■ 1 stopped
No host matches the filter.
",
    );
}

#[test]
fn a_name_cannot_paint_the_screen() {
    let hosts = [host("a\x1b[31m\u{202e}b", HostStatus::Live, 0, &[])];
    let picture = Picture::hottest_first(&hosts, &Filter::default(), NOW);
    let screen = draw(&picture, &PLAIN, Size { columns: 80, lines: 24 }).join("\n");
    assert!(!screen.contains('\x1b') && !screen.contains('\u{202e}'), "{screen:?}");
}

#[test]
fn colours_say_what_glyphs_say_too() {
    let picture = Picture::hottest_first(&fleet(), &Filter::default(), NOW);
    let lines = draw(&picture, &Surroundings { color: true, ..PLAIN }, Size { columns: 40, lines: 12 });
    let of = |name: &str| lines.iter().find(|line| line.contains(name)).cloned().unwrap_or_default();
    assert!(of("database").starts_with("\x1b[31m▲ \x1b[0m"), "{:?}", of("database"));
    assert!(of("web-2").starts_with("\x1b[33m◆ \x1b[0m"), "{:?}", of("web-2"));
    assert!(of("web-1").starts_with("\x1b[32m● \x1b[0m"), "{:?}", of("web-1"));
    assert!(of("old").starts_with("\x1b[2m× \x1b[0m"), "{:?}", of("old"));
}

proptest! {
    #[test]
    fn no_screen_is_overfull(columns in 0usize..200, lines in 0usize..40, count in 0usize..60, log in "\\PC{0,90}") {
        let hosts: Vec<_> = (0..count).map(|n| busy(&format!("host-{n}"), n as f64 / 60.0)).collect();
        let picture = Picture::hottest_first(&hosts, &Filter::default(), NOW);
        let drawn = draw(&picture, &Surroundings { log: &log, ..PLAIN }, Size { columns, lines });
        prop_assert!(drawn.len() <= lines);
        for line in drawn {
            prop_assert!(line.width() <= columns, "{}", line);
        }
    }
}
