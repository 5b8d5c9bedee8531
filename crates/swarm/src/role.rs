//! What a virtual host is for.

/// What a host does all day; hosts of one role rise and fall together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Answers requests: follows the traffic closely.
    Web,
    /// Keeps the records: follows the traffic a few seconds late, and writes checkpoints.
    Db,
    /// Keeps what is asked for often: much memory and network, little CPU.
    Cache,
    /// Works through jobs: idle or flat out.
    Batch,
}

/// Ten hosts in a row: what a small fleet looks like, so that even `--hosts 10` has one of each.
const MIX: [Role; 10] = [
    Role::Web,
    Role::Db,
    Role::Web,
    Role::Cache,
    Role::Web,
    Role::Batch,
    Role::Web,
    Role::Cache,
    Role::Web,
    Role::Db,
];

impl Role {
    /// The role of the host at `index` of a fleet, and its number among hosts of that role, from 1.
    #[must_use]
    pub fn of(index: u32) -> (Role, u32) {
        let (rounds, place) = (index / MIX.len() as u32, index as usize % MIX.len());
        let role = MIX[place];
        let count = |mix: &[Role]| mix.iter().filter(|other| **other == role).count() as u32;
        (role, rounds * count(&MIX) + count(&MIX[..=place]))
    }

    /// As it stands in names and tags.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Role::Web => "web",
            Role::Db => "db",
            Role::Cache => "cache",
            Role::Batch => "batch",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_count_up_within_a_role() {
        assert_eq!(Role::of(0), (Role::Web, 1));
        assert_eq!(Role::of(1), (Role::Db, 1));
        assert_eq!(Role::of(9), (Role::Db, 2));
        assert_eq!(Role::of(11), (Role::Db, 3));
        assert_eq!(Role::of(25), (Role::Batch, 3));
    }

    #[test]
    fn no_two_hosts_share_role_and_number() {
        assert_eq!((0..1_000).map(Role::of).collect::<BTreeSet<_>>().len(), 1_000);
    }
}
