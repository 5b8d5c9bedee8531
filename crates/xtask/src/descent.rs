//! Who descends from a process, on Linux by `/proc`; elsewhere nobody is found, and process groups must do.

use std::fs;

/// A process that can be recognised again: numbers are reused, start times are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relative {
    id: u32,
    parent: u32,
    started_ticks: u64,
    zombie: bool,
}

/// All that `ancestor` started, directly or not.
pub(crate) fn of(ancestor: u32) -> Vec<Relative> {
    let everybody: Vec<_> = running();
    let mut family: Vec<Relative> = Vec::new();
    let mut parents = vec![ancestor];
    while let Some(parent) = parents.pop() {
        for child in everybody.iter().filter(|process| process.parent == parent) {
            if !family.contains(child) {
                family.push(*child);
                parents.push(child.id);
            }
        }
    }
    family
}

/// Those of `family` that have not ended.
pub(crate) fn still_running(family: &[Relative]) -> Vec<u32> {
    family
        .iter()
        .filter(|then| read(then.id).is_some_and(|now| same(now, **then)))
        .map(|then| then.id)
        .collect()
}

fn same(now: Relative, then: Relative) -> bool {
    now.started_ticks == then.started_ticks && !now.zombie
}

fn running() -> Vec<Relative> {
    let Ok(folder) = fs::read_dir("/proc") else { return Vec::new() };
    folder.flatten().filter_map(|entry| read(entry.file_name().to_str()?.parse().ok()?)).collect()
}

fn read(id: u32) -> Option<Relative> {
    parse(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

/// `stat` is `pid (name) state ppid … starttime …`; the name may hold spaces and parentheses.
fn parse(stat: &str) -> Option<Relative> {
    let (id, rest) = stat.split_once(' ')?;
    let (_, rest) = rest.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let zombie = fields.next()? == "Z";
    let parent = fields.next()?.parse().ok()?;
    // Start time is field 22 of the whole line; state was 3 and parent 4.
    let started_ticks = fields.nth(17)?.parse().ok()?;
    Some(Relative { id: id.parse().ok()?, parent, started_ticks, zombie })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_look_like_anything() {
        let stat = "42 (a) b (c) S 7 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 987654 1 1";
        let expected = Relative { id: 42, parent: 7, started_ticks: 987_654, zombie: false };
        assert_eq!(parse(stat), Some(expected));
    }

    #[test]
    fn garbage_is_nobody() {
        assert_eq!(parse(""), None);
        assert_eq!(parse("1 (x) S"), None);
    }
}
