//! Any history of the fleet, told in any steps, adds up to what it is.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use cpumonitor_common::wire::HostEntry;

/// What a viewer believes.
#[derive(Clone, Debug, Default, PartialEq)]
struct Belief {
    entries: BTreeMap<u32, HostEntry>,
    codes: BTreeMap<u32, Code>,
    cursor: Cursor,
}

impl Belief {
    fn apply(&mut self, delta: &FleetDelta) {
        if delta.since.revision == Revision::ZERO {
            *self = Belief::default();
        }
        for place in &delta.removed {
            self.entries.remove(place);
            self.codes.remove(place);
        }
        self.entries.extend(delta.hosts.iter().map(|entry| (entry.place, entry.clone())));
        self.codes
            .extend(delta.overview.hosts().iter().copied().zip(delta.overview.column(0).iter().copied()));
        self.cursor = delta.until;
    }
}

#[derive(Clone, Debug)]
enum Act {
    Join { id: u128, compat: bool },
    Record { id: u128 },
    Leave { id: u128, goodbye: bool },
    Wait { ms: i64 },
    Publish,
}

fn any_act() -> impl Strategy<Value = Act> {
    let id = 0u128..6;
    prop_oneof![
        2 => (id.clone(), any::<bool>()).prop_map(|(id, compat)| Act::Join { id, compat }),
        5 => id.clone().prop_map(|id| Act::Record { id }),
        2 => (id, any::<bool>()).prop_map(|(id, goodbye)| Act::Leave { id, goodbye }),
        3 => prop_oneof![Just(500), Just(3_000), Just(16_000), Just(301_000)].prop_map(|ms| Act::Wait { ms }),
        4 => Just(Act::Publish),
    ]
}

/// What the fleet must be, told in the plainest way.
#[derive(Debug, Default)]
struct Naive {
    hosts: BTreeMap<u128, NaiveHost>,
}

#[derive(Debug)]
struct NaiveHost {
    compat: bool,
    session: Option<SessionId>,
    left: i64,
    stopped: bool,
    seen: i64,
    /// The newest code, and when it came.
    newest: Option<(Code, i64)>,
}

impl Naive {
    fn forget(&mut self, now: i64) {
        self.hosts.retain(|_, host| !host.compat || host.session.is_some() || now - host.left < 300_000);
    }

    fn status(&self, id: u128, now: i64) -> HostStatus {
        let host = &self.hosts[&id];
        if host.stopped { HostStatus::Stopped } else { HostStatus::of_silence(now - host.seen, 1_000) }
    }
}

fn play(acts: &[Act], mut each: impl FnMut(&Bench, &Naive, i64)) {
    let (mut bench, mut naive, mut now, mut seq) = (Bench::new(), Naive::default(), 0, 0u64);
    for act in acts {
        match *act {
            Act::Join { id, compat } => {
                let source = if compat { Source::Compat } else { Source::Agent };
                let (session, _) = bench.join(Joining { source, ..joining(id) }, now);
                let newest = naive.hosts.get(&id).and_then(|host| host.newest);
                naive.hosts.insert(
                    id,
                    NaiveHost { compat, session: Some(session), left: 0, stopped: false, seen: now, newest },
                );
            }
            Act::Record { id } => {
                let Some(host) = naive.hosts.get_mut(&id) else { continue };
                let Some(session) = host.session else { continue };
                seq += 1;
                let mut rows = Rows::new(1);
                rows.push(Row { seq, at: ms(now), codes: &[Code(seq as u16)] });
                let layout = bench.cpu.clone();
                bench.fleet.record(session, &layout, &rows, ms(now)).unwrap();
                (host.seen, host.newest) = (now, Some((Code(seq as u16), now)));
            }
            Act::Leave { id, goodbye } => {
                let Some(host) = naive.hosts.get_mut(&id) else { continue };
                let Some(session) = host.session.take() else { continue };
                let how = if goodbye { Departure::Goodbye } else { Departure::Broken };
                bench.fleet.leave(session, how, ms(now));
                (host.left, host.stopped) = (now, goodbye);
                host.seen = if goodbye { now } else { host.seen };
            }
            Act::Wait { ms: waited } => now += waited,
            Act::Publish => {
                // Only `expire` lets time pass for hosts nobody hears.
                bench.fleet.expire(ms(now));
                naive.forget(now);
                bench.publish();
                each(&bench, &naive, now);
            }
        }
    }
}

proptest! {
    #[test]
    fn the_fleet_is_what_the_naive_model_says(acts in prop::collection::vec(any_act(), 0..80)) {
        play(&acts, |bench, naive, now| {
            let mut belief = Belief::default();
            belief.apply(&bench.delta(Cursor::START, now));
            let ids: Vec<u128> = naive.hosts.keys().copied().collect();
            let mut believed: Vec<u128> = belief.entries.values().map(|entry| entry.id.0).collect();
            believed.sort_unstable();
            assert_eq!(believed, ids);
            for (place, entry) in &belief.entries {
                let host = &naive.hosts[&entry.id.0];
                assert_eq!(entry.status, naive.status(entry.id.0, now), "host {}", entry.id.0);
                assert_eq!(belief.codes.get(place).copied(), host.newest.map(|(code, _)| code), "host {}", entry.id.0);
            }
        });
    }

    #[test]
    fn deltas_add_up_however_they_are_taken(
        acts in prop::collection::vec(any_act(), 0..80),
        pauses in prop::collection::vec(any::<bool>(), 80),
    ) {
        let (mut quick, mut lazy) = (Belief::default(), Belief::default());
        let mut pauses = pauses.into_iter();
        play(&acts, |bench, _, now| {
            quick.apply(&bench.delta(quick.cursor, now));
            if pauses.next().unwrap_or(false) {
                lazy.apply(&bench.delta(lazy.cursor, now));
                assert_eq!(seen_aside(&lazy), seen_aside(&quick));
            }
            let mut fresh = Belief::default();
            fresh.apply(&bench.delta(Cursor::START, now));
            assert_eq!(seen_aside(&quick), seen_aside(&fresh));
        });
    }

    #[test]
    fn every_row_comes_once_and_in_order(acts in prop::collection::vec(any_act(), 0..120)) {
        let mut seen: BTreeMap<u128, (Cursor, Vec<u64>)> = BTreeMap::new();
        play(&acts, |bench, naive, now| {
            for id in naive.hosts.keys() {
                let (cursor, rows) = seen.entry(*id).or_default();
                let delta = bench.host_delta(*id, *cursor, now);
                if !delta.known {
                    continue;
                }
                rows.extend(seqs(&delta, 1));
                *cursor = delta.until;
                assert!(rows.is_sorted_by(|a, b| a < b), "{rows:?}");
                // What nobody fetched for longer than the tail is gone.
                let newest = naive.hosts[id].newest.filter(|(_, at)| now - at <= TAIL_MS);
                if let Some((code, _)) = newest {
                    assert_eq!(rows.last().copied(), Some(u64::from(code.0)));
                }
            }
        });
    }
}

/// When a host was last heard travels only along with other news, so beliefs may differ in it.
fn seen_aside(belief: &Belief) -> Belief {
    let mut belief = belief.clone();
    belief.entries.values_mut().for_each(|entry| entry.seen = Timestamp::EPOCH);
    belief
}
