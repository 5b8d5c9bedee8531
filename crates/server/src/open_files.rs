//! How many connections the system lets this process have.

/// File descriptors that are no connections: standard streams, the listener, the event loop, and some to
/// spare.
const RESERVED: u64 = 64;

/// Raises the limit on open files as far as the system allows, and answers how many of `wanted`
/// connections fit under it.
///
/// Most systems start processes with room for 1,024 files, and let them ask for more.
#[must_use]
#[cfg(unix)]
pub fn allow_connections(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let needed = wanted as u64 + RESERVED;
    let enough = |files: Option<u64>| files.is_none_or(|files| files >= needed);
    let allowed = if enough(limit.current) {
        limit.current
    } else {
        let raised = if enough(limit.maximum) { Some(needed) } else { limit.maximum };
        let granted = setrlimit(Resource::Nofile, Rlimit { current: raised, maximum: limit.maximum });
        if granted.is_ok() { raised } else { limit.current }
    };
    let connections = allowed.map_or(wanted as u64, |files| files.saturating_sub(RESERVED).max(1));
    let connections = usize::try_from(connections).unwrap_or(wanted).min(wanted);
    if connections < wanted {
        tracing::warn!(
            connections,
            wanted,
            "the limit on open files leaves room for fewer connections than wanted"
        );
    }
    connections
}

/// Other systems have no such limit.
#[must_use]
#[cfg(not(unix))]
pub fn allow_connections(wanted: usize) -> usize {
    wanted
}
