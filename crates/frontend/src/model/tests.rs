use super::fleet::tests::{delta, entry, overview};
use super::*;
use cpumonitor_common::HostStatus;
use cpumonitor_common::wire::{Cursor, Epoch, FleetScope, HostEntry, HostScope, Overview, Revision};

const EPOCH: Epoch = Epoch(7);

fn welcome(epoch: Epoch, now: i64) -> ServerToViewer {
    ServerToViewer::Welcome(Welcome {
        server_version: env!("CARGO_PKG_VERSION").into(),
        epoch,
        now: Timestamp::from_ms(now),
        tail_ms: 300_000,
        notices: vec![Notice::Compat],
    })
}

/// The columns of the fleet page as long as nothing else is wanted.
fn table() -> Vec<Metric> {
    let mut metrics = TABLE.to_vec();
    metrics.sort_unstable();
    metrics
}

fn rows(metrics: &[Metric], rows: &[(u32, i64, u16)]) -> Overview {
    let codes: Vec<Vec<u16>> = rows.iter().map(|row| vec![row.2; metrics.len()]).collect();
    let rows: Vec<(u32, i64, &[u16])> =
        rows.iter().zip(&codes).map(|(row, codes)| (row.0, row.1, &codes[..])).collect();
    overview(metrics, &rows)
}

/// Connected at second 1, with one host at place 0; server and browser have the same clock.
fn live() -> Model {
    let mut model = Model::new(0.0);
    model.apply(welcome(EPOCH, 1_000), 1_000.0);
    assert!(ask(&mut model, &Route::default(), 1_000.0).is_some());
    let overview = rows(&table(), &[(0, 100, 500)]);
    let hosts = vec![HostEntry { seen: Timestamp::from_ms(900), ..entry(0, 1, "web-1") }];
    model.apply(ServerToViewer::Fleet(FleetDelta { hosts, overview, ..delta(0, 1, 1_000) }), 1_000.0);
    model
}

fn ask(model: &mut Model, route: &Route, now_ms: f64) -> Option<Subscription> {
    model.subscription(route, &Filter::default(), false, now_ms)
}

fn fleet(model: &mut Model, delta: FleetDelta, now_ms: f64) -> Dirty {
    model.apply(ServerToViewer::Fleet(delta), now_ms)
}

#[test]
fn nothing_is_asked_before_the_welcome_and_everything_once_after() {
    let mut model = Model::new(0.0);
    let route = Route::default();
    assert_eq!(ask(&mut model, &route, 0.0), None);
    let dirty = model.apply(welcome(EPOCH, 0), 0.0);
    assert!(dirty.notices && dirty.health);
    let asked = ask(&mut model, &route, 0.0).unwrap();
    assert_eq!(asked.fleet, Some(FleetScope { metrics: table(), from: Cursor::START }));
    assert_eq!((asked.host, asked.pace_ms), (None, 100));
    assert_eq!(ask(&mut model, &route, 1.0), None);
    assert_eq!((model.notices(), model.outdated()), (&[Notice::Compat][..], false));
}

#[test]
fn filter_sort_and_chip_bring_their_columns() {
    let mut model = live();
    let route = Route { chip: Metric::DISK_BUSY, sort: Sort::parse("-ctxt").unwrap(), ..Route::default() };
    let filter = Filter::parse("swap > 10% and cpu > 5%").unwrap();
    let asked = model.subscription(&route, &filter, false, 2_000.0).unwrap().fleet.unwrap();
    let mut metrics = table();
    metrics.extend([Metric::SWAP, Metric::DISK_BUSY, Metric::CONTEXT_SWITCHES]);
    metrics.sort_unstable();
    assert_eq!(asked, FleetScope { metrics, from: Cursor::START });
    // Another threshold of the same metric is nothing new for the server.
    let filter = Filter::parse("swap > 20% and cpu > 5%").unwrap();
    assert_eq!(model.subscription(&route, &filter, false, 2_001.0), None);
}

#[test]
fn a_broken_link_resumes_where_it_was() {
    let mut model = live();
    assert!(model.closed(1006, "", 2_000.0, 1.0).health);
    assert_eq!(ask(&mut model, &Route::default(), 2_100.0), None);
    assert!(model.link().retry_due(2_500.0));
    model.connecting(2_500.0);
    model.apply(welcome(EPOCH, 2_600), 2_600.0);
    let asked = ask(&mut model, &Route::default(), 2_600.0).unwrap();
    let from = Cursor { epoch: EPOCH, revision: Revision(1) };
    assert_eq!(asked.fleet, Some(FleetScope { metrics: table(), from }));
    assert!(!fleet(&mut model, delta(1, 2, 2_700), 2_700.0).resubscribe);
    assert!(model.link().is_live());
}

#[test]
fn hosts_grow_stale_while_nobody_can_know_and_recover_with_the_first_news() {
    let mut model = live();
    model.closed(1001, "", 1_500.0, 1.0);
    assert!(!model.tick(3_000.0).membership);
    assert!(model.tick(4_000.0).membership);
    assert_eq!(model.fleet().status(0), HostStatus::Stale);
    assert_eq!(model.age_ms(0, 4_000.0), Some(3_100.0));
    model.connecting(4_000.0);
    model.apply(welcome(EPOCH, 4_100), 4_100.0);
    assert!(!model.tick(4_100.0).membership); // the welcome tells nothing of hosts yet
    assert!(ask(&mut model, &Route::default(), 4_100.0).is_some());
    assert!(fleet(&mut model, delta(1, 1, 4_200), 4_200.0).membership);
    assert_eq!(model.fleet().status(0), HostStatus::Live);
    assert!(!model.tick(4_300.0).any());
}

#[test]
fn a_host_page_asks_for_its_host_and_for_the_sparklines() {
    let mut model = live();
    let id = HostId(1);
    let route = Route { page: Page::Host(id), ..Route::default() };
    let asked = ask(&mut model, &route, 1_100.0).unwrap();
    assert_eq!(asked.host, Some(HostScope { id, from: Cursor::START }));
    assert_eq!(asked.fleet.map(|fleet| fleet.metrics), Some(vec![Metric::CPU]));
    assert_eq!((model.host().map(OpenHost::id), model.name_of(id)), (Some(id), Some("web-1")));
    let other = HostDelta {
        since: Cursor { epoch: EPOCH, revision: Revision::ZERO },
        until: Cursor { epoch: EPOCH, revision: Revision(1) },
        at: Timestamp::from_ms(1_200),
        id: HostId(2),
        known: true,
        info: None,
        health: None,
        runs: vec![],
    };
    assert!(!model.apply(ServerToViewer::Host(other.clone()), 1_200.0).host);
    assert!(model.apply(ServerToViewer::Host(HostDelta { id, ..other }), 1_200.0).host);
    assert_eq!(model.host().and_then(OpenHost::known), Some(true));
    // Resumes, too.
    model.closed(1006, "", 1_300.0, 0.0);
    model.connecting(1_300.0);
    model.apply(welcome(EPOCH, 1_400), 1_400.0);
    let asked = ask(&mut model, &route, 1_400.0).unwrap();
    assert_eq!(asked.host.map(|host| host.from.revision), Some(Revision(1)));
    // Back at the table.
    assert!(ask(&mut model, &Route::default(), 1_500.0).is_some());
    assert!(model.host().is_none());
}

#[test]
fn a_hidden_tab_slows_down_and_comes_back_without_a_snapshot() {
    let mut model = live();
    assert!(model.take_trail_wanted());
    let hidden = model.subscription(&Route::default(), &Filter::default(), true, 2_000.0).unwrap();
    assert_eq!(hidden.pace_ms, 10_000);
    fleet(&mut model, delta(1, 2, 12_000), 12_000.0);
    fleet(&mut model, delta(2, 3, 22_000), 22_000.0);
    assert!(model.link().is_live() && !model.take_trail_wanted());
    let shown = ask(&mut model, &Route::default(), 22_100.0).unwrap();
    assert_eq!(shown.fleet.map(|fleet| fleet.from.revision), Some(Revision(3)));
    fleet(&mut model, delta(3, 4, 22_200), 22_200.0);
    // What happened in between is missing in the sparklines.
    assert!(model.take_trail_wanted() && !model.take_trail_wanted());
}

#[test]
fn the_trail_is_wanted_after_a_restart_but_not_after_another_column() {
    let mut model = live();
    assert!(model.take_trail_wanted());
    let overview = rows(&[Metric::CPU], &[]);
    fleet(&mut model, FleetDelta { overview, ..delta(0, 2, 1_100) }, 1_100.0);
    assert!(!model.take_trail_wanted());
    let since = Cursor { epoch: Epoch(8), revision: Revision::ZERO };
    fleet(&mut model, FleetDelta { since, until: since, ..delta(0, 0, 1_200) }, 1_200.0);
    assert!(model.take_trail_wanted());
}

#[test]
fn out_of_step_it_asks_again_and_not_too_often() {
    let mut model = live();
    assert_eq!(ask(&mut model, &Route::default(), 1_100.0), None);
    assert!(fleet(&mut model, delta(5, 6, 1_200), 1_200.0).resubscribe);
    assert_eq!(ask(&mut model, &Route::default(), 1_999.0), None); // what was asked may yet be answered
    assert!(model.tick(2_000.0).resubscribe);
    let asked = ask(&mut model, &Route::default(), 2_000.0).unwrap();
    assert_eq!(asked.fleet.map(|fleet| fleet.from.revision), Some(Revision(1)));
    fleet(&mut model, delta(5, 7, 2_100), 2_100.0);
    assert_eq!(ask(&mut model, &Route::default(), 2_200.0), None);
    assert!(!fleet(&mut model, delta(1, 7, 2_300), 2_300.0).resubscribe);
}

#[test]
fn delays_are_measured_from_sample_to_screen() {
    let mut model = live();
    model.painted(1_010.0);
    assert_eq!(model.latency().painted().count(), 0); // the snapshot is no news
    let told = |since, at, age| FleetDelta {
        overview: rows(&table(), &[(0, age, 100)]),
        ..delta(since, since + 1, at)
    };
    fleet(&mut model, told(1, 2_000, 30), 2_005.0);
    model.painted(2_020.0);
    assert_eq!(model.latency().applied().quantile(1.0), Some(36.0));
    assert_eq!(model.latency().painted().quantile(1.0), Some(51.0));
    fleet(&mut model, told(2, 2_100, 130), 2_105.0); // the same row again
    fleet(&mut model, told(3, 3_000, 70_000), 3_000.0); // nobody knows how old
    assert_eq!(model.latency().applied().count(), 1);
}

#[test]
fn ages_are_by_the_servers_clock() {
    let mut model = Model::new(0.0);
    // The browser is an hour ahead.
    let hour = 3_600_000.0;
    model.apply(welcome(EPOCH, 1_000), hour + 1_010.0);
    ask(&mut model, &Route::default(), hour + 1_010.0);
    let overview = rows(&table(), &[(0, 250, 500)]);
    let hosts = vec![entry(0, 1, "web-1")];
    fleet(&mut model, FleetDelta { hosts, overview, ..delta(0, 1, 2_000) }, hour + 2_010.0);
    assert_eq!(model.server_now(hour + 2_510.0), Timestamp::from_ms(2_500));
    assert_eq!(model.age_ms(0, hour + 2_510.0), Some(750.0));
    assert_eq!(model.age_ms(1, hour + 2_510.0), None);
    let mut trail = [0; fleet::TRAIL_POINTS];
    model.trail(0, hour + 3_010.0, &mut trail);
    assert_eq!(trail[118..], [255, 127]);
}

#[test]
fn the_first_run_is_over_with_the_first_host() {
    let mut model = Model::new(0.0);
    assert!(!model.first_run() && !model.has_snapshot());
    model.apply(welcome(EPOCH, 0), 0.0);
    fleet(&mut model, delta(0, 1, 0), 0.0);
    assert!(model.first_run());
    let mut model = live();
    fleet(&mut model, FleetDelta { removed: vec![0], ..delta(1, 2, 2_000) }, 2_000.0);
    assert!(model.fleet().is_empty() && !model.first_run());
}

#[test]
fn a_message_that_makes_no_sense_ends_it() {
    let mut model = live();
    assert!(model.undecodable(DecodeError::Malformed).health);
    assert_eq!(model.link().word(), "Refused");
    assert_eq!(ask(&mut model, &Route::default(), 2_000.0), None);
}
