use cpumonitor_common::wire::{FleetDelta, decode};
use cpumonitor_common::{Code, HostInfo, Incarnation, LayoutId, Row, Series};

use super::*;
use crate::fleet::Source;

fn joining(id: u128) -> Joining {
    let text = String::new;
    let info = HostInfo {
        id: HostId(id),
        name: format!("host-{id}"),
        os: text(),
        kernel: text(),
        arch: text(),
        cpu_model: text(),
        core_count: 1,
        memory_bytes: 0,
        swap_bytes: 0,
        boot_at: Timestamp::EPOCH,
        agent_version: text(),
        tags: vec![],
    };
    Joining { info, incarnation: Incarnation(1), interval_ms: 1_000, skew_ms: 0, source: Source::Agent }
}

/// A relay with one host that has joined.
fn relay() -> (Relay, SessionId, Arc<SharedLayout>) {
    let relay = Relay::new(Epoch(1), Arc::new(Counters::default()));
    let session = relay.join(joining(1), Timestamp::EPOCH).unwrap().session;
    let layout = relay.announce(Layout { id: LayoutId(0), series: vec![Series::whole(Metric::CPU)] });
    (relay, session, layout)
}

fn record(relay: &Relay, session: SessionId, layout: &Arc<SharedLayout>, seq: u64) {
    let mut rows = Rows::new(1);
    rows.push(Row { seq, at: Timestamp::EPOCH, codes: &[Code(seq as u16)] });
    relay.record(session, layout, &rows, Timestamp::EPOCH).unwrap();
}

fn fleet(relay: &Relay, from: Cursor) -> (FleetDelta, Cursor) {
    let (frame, until) = relay.fleet_frame(&[Metric::CPU], from, Timestamp::EPOCH);
    match decode(&frame).unwrap() {
        ServerToViewer::Fleet(delta) => (delta, until),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_frame_is_shared_within_a_step_and_made_anew_in_the_next() {
    let (relay, session, layout) = relay();
    record(&relay, session, &layout, 1);
    relay.publish();
    let (first, until) = fleet(&relay, Cursor::START);
    assert_eq!(fleet(&relay, Cursor::START), (first.clone(), until));
    assert_eq!(relay.counters.frames_shared.get(), 1);
    assert_eq!((first.until, first.overview.column(0)), (until, &[Code(1)][..]));

    record(&relay, session, &layout, 2);
    relay.publish();
    assert_eq!(fleet(&relay, Cursor::START).0.overview.column(0), [Code(2)]);
    assert_eq!(fleet(&relay, until).0.overview.column(0), [Code(2)]);
}

#[test]
fn news_is_announced_once_a_step_and_only_when_there_is_some() {
    let (relay, session, layout) = relay();
    let mut revisions = relay.revisions();
    relay.publish();
    assert!(revisions.has_changed().unwrap());
    revisions.mark_unchanged();
    relay.publish();
    assert!(!revisions.has_changed().unwrap());
    record(&relay, session, &layout, 1);
    assert!(!revisions.has_changed().unwrap(), "not before it is published");
    relay.publish();
    assert!(revisions.has_changed().unwrap());
}

#[test]
fn whoever_is_replaced_is_told() {
    let (relay, ..) = relay();
    let old = relay.join(joining(1), Timestamp::EPOCH).unwrap();
    let new = relay.join(joining(1), Timestamp::EPOCH).unwrap();
    assert!(old.replaced.is_cancelled() && !new.replaced.is_cancelled());
    relay.leave(old.session, Departure::Broken, Timestamp::EPOCH);
    relay.leave(new.session, Departure::Broken, Timestamp::EPOCH);
    assert!(relay.lock().sessions.is_empty());
}

#[test]
fn a_session_that_panics_with_the_lock_does_not_stop_the_others() {
    let (relay, session, layout) = relay();
    let panicked =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| relay.read(|_| panic!("on purpose"))));
    assert!(panicked.is_err());
    record(&relay, session, &layout, 1);
}
