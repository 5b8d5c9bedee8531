//! Which clients of 2018 are connected, and under which names.
//!
//! Every copy of their script has the same label, so label and address alone would make one flapping
//! host of two.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cpumonitor_common::HostId;

/// Connections from one address; one more is refused.
pub(super) const MAX_CONNECTIONS: usize = 64;

/// Everybody who is connected. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    present: Mutex<Present>,
    /// Chosen at random at the start, so that nobody can say which id somebody will get.
    ids: RandomState,
}

#[derive(Debug, Default)]
struct Present {
    connections: HashMap<IpAddr, usize>,
    names: BTreeSet<String>,
}

impl Roster {
    /// Lets one more connection from `address` in, as long as the answer is kept; `None` when there are
    /// [`MAX_CONNECTIONS`] already.
    pub(super) fn admit(&self, address: IpAddr) -> Option<Seat> {
        let mut present = self.lock();
        let count = present.connections.entry(address).or_default();
        if *count >= MAX_CONNECTIONS {
            return None;
        }
        *count += 1;
        Some(Seat { roster: self.clone(), address })
    }

    /// The id that goes with `name` in this life of the server. A client that comes back is the same host
    /// again, and no agent can have chosen the same one but by a chance of 2⁻¹²⁸.
    fn id_of(&self, name: &str) -> HostId {
        let half = |which: u8| u128::from(self.0.ids.hash_one((which, name)));
        HostId(half(0) << 64 | half(1))
    }

    fn lock(&self) -> MutexGuard<'_, Present> {
        // Nothing in here is half done when somebody panics.
        self.0.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's place among those of its address.
#[derive(Debug)]
pub(super) struct Seat {
    roster: Roster,
    address: IpAddr,
}

impl Seat {
    /// Gives the host that calls itself `label` on this connection a name that nobody has while it is
    /// kept: `client2@10.0.0.7`, and `client2@10.0.0.7 #2` for the second one. `is_taken` tells whether
    /// a host of another id has a name.
    pub(super) fn name(&self, label: &str, is_taken: impl Fn(&str, HostId) -> bool) -> Name {
        // An IPv4 peer of a socket that speaks both looks like ::ffff:10.0.0.7.
        let plain = format!("{label}@{}", self.address.to_canonical());
        let mut number = 1;
        loop {
            let name = if number == 1 { plain.clone() } else { format!("{plain} #{number}") };
            // Not under the lock: the answer may need another one.
            if !is_taken(&name, self.roster.id_of(&name)) && self.roster.lock().names.insert(name.clone()) {
                return Name { roster: self.roster.clone(), name };
            }
            number += 1;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut present = self.roster.lock();
        if let Some(count) = present.connections.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                present.connections.remove(&self.address);
            }
        }
    }
}

/// A name that nobody else has while this is kept.
#[derive(Debug)]
pub(super) struct Name {
    roster: Roster,
    name: String,
}

impl Name {
    /// As people read it.
    pub(super) fn as_str(&self) -> &str {
        &self.name
    }

    /// The id that goes with it.
    pub(super) fn id(&self) -> HostId {
        self.roster.id_of(&self.name)
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        self.roster.lock().names.remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn free(_: &str, _: HostId) -> bool {
        false
    }

    #[test]
    fn two_at_once_get_two_names_and_two_ids() {
        let roster = Roster::default();
        let (one, two) = (roster.admit(HERE).unwrap(), roster.admit(HERE).unwrap());
        let first = one.name("client2", free);
        let second = two.name("client2", free);
        assert_eq!((first.as_str(), second.as_str()), ("client2@127.0.0.1", "client2@127.0.0.1 #2"));
        assert_ne!(first.id(), second.id());
    }

    #[test]
    fn who_comes_back_is_the_same_host_again() {
        let roster = Roster::default();
        let seat = roster.admit(HERE).unwrap();
        let before = seat.name("client2", free).id();
        assert_eq!(seat.name("client2", free).id(), before);
        assert_ne!(Roster::default().admit(HERE).unwrap().name("client2", free).id(), before);
    }

    #[test]
    fn a_name_that_an_agent_has_is_not_given_away() {
        let seat = Roster::default().admit(HERE).unwrap();
        let name = seat.name("web", |name, _| name == "web@127.0.0.1");
        assert_eq!(name.as_str(), "web@127.0.0.1 #2");
    }

    #[test]
    fn an_address_has_a_bounded_number_of_connections() {
        let roster = Roster::default();
        let mut seats: Vec<Seat> = (0..MAX_CONNECTIONS).map(|_| roster.admit(HERE).unwrap()).collect();
        assert!(roster.admit(HERE).is_none());
        assert!(roster.admit("10.0.0.7".parse().unwrap()).is_some());
        seats.pop();
        assert!(roster.admit(HERE).is_some());
    }

    #[test]
    fn whoever_leaves_leaves_nothing_behind() {
        let roster = Roster::default();
        let seat = roster.admit("::ffff:10.0.0.7".parse().unwrap()).unwrap();
        let name = seat.name("client2", free);
        assert_eq!(name.as_str(), "client2@10.0.0.7");
        drop((seat, name));
        let present = roster.lock();
        assert!(present.connections.is_empty() && present.names.is_empty());
    }
}
