//! Things the kernel lists by name, and what we remember of each.

use super::text;

/// What is remembered of cores, disks or interfaces, in the order of the kernel's list.
///
/// While the list stays as it is, finding an entry is one comparison and nothing is allocated. When it
/// changes, entries keep what they remember by their name.
#[derive(Debug)]
pub(super) struct Roster<T> {
    entries: Vec<Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    raw: Box<[u8]>,
    name: String,
    state: T,
}

impl<T> Default for Roster<T> {
    fn default() -> Roster<T> {
        Roster { entries: Vec::new() }
    }
}

impl<T> Roster<T> {
    /// The entry called `raw`, which the list names at `place`, counted from 0 and without leaps. A new
    /// one is made by `make` from its name.
    pub(super) fn at(&mut self, place: usize, raw: &[u8], make: impl FnOnce(&str) -> T) -> &mut T {
        let place = place.min(self.entries.len());
        let known = self.entries.iter().skip(place).position(|entry| *entry.raw == *raw);
        match known {
            Some(0) => {}
            Some(ahead) => self.entries[place..=place + ahead].rotate_right(1),
            None => {
                let name = text::name(raw);
                let state = make(&name);
                self.entries.insert(place, Entry { raw: raw.into(), name, state });
            }
        }
        &mut self.entries[place].state
    }

    /// Forgets everything behind the first `count`: the list named no more.
    pub(super) fn end(&mut self, count: usize) {
        self.entries.truncate(count);
    }

    /// Names and what is remembered, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.entries.iter().map(|entry| (entry.name.as_str(), &entry.state))
    }

    /// What is remembered, in order.
    pub(super) fn states_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().map(|entry| &mut entry.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(roster: &mut Roster<u32>, names: &[&str], fresh: u32) -> Vec<(String, u32)> {
        for (place, name) in names.iter().enumerate() {
            roster.at(place, name.as_bytes(), |_| fresh);
        }
        roster.end(names.len());
        roster.iter().map(|(name, state)| (name.to_owned(), *state)).collect()
    }

    #[track_caller]
    fn check(lists: &[&[&str]], last: &[(&str, u32)]) {
        let mut roster = Roster::default();
        let mut seen = Vec::new();
        for (round, names) in lists.iter().enumerate() {
            seen = list(&mut roster, names, round as u32);
        }
        let last: Vec<_> = last.iter().map(|(name, state)| ((*name).to_owned(), *state)).collect();
        assert_eq!(seen, last);
    }

    #[test]
    fn entries_keep_what_they_remember() {
        check(&[&["a", "b"], &["a", "b"]], &[("a", 0), ("b", 0)]);
        check(&[&["a", "b", "c"], &["a", "c"]], &[("a", 0), ("c", 0)]);
        check(&[&["a", "c"], &["a", "b", "c"]], &[("a", 0), ("b", 1), ("c", 0)]);
        check(&[&["a", "b", "c"], &["c", "b", "a"]], &[("c", 0), ("b", 0), ("a", 0)]);
    }

    #[test]
    fn what_was_gone_comes_back_as_new() {
        check(&[&["a", "b"], &["a"], &["a", "b"]], &[("a", 0), ("b", 2)]);
    }

    proptest! {
        #[test]
        fn the_list_is_always_followed(lists in prop::collection::vec(prop::collection::btree_set("[a-d]{1,2}", 0..6), 1..8)) {
            let mut roster = Roster::default();
            for names in lists {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let seen = list(&mut roster, &names, 0);
                prop_assert_eq!(seen.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
            }
        }
    }
}
