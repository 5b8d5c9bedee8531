//! Every virtual agent and viewer is an open file to the system, and the usual limit is 1,024.

/// Files this process opens besides its sockets.
const BESIDES: u64 = 32;

/// Lets this process open `sockets` sockets.
///
/// # Errors
/// A sentence, when the system does not allow that many.
#[cfg(unix)]
pub fn allow(sockets: u64) -> Result<(), String> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let wanted = sockets + BESIDES;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((u64::MAX, u64::MAX));
    if soft >= wanted {
        return Ok(());
    }
    if hard >= wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok() {
        return Ok(());
    }
    Err(format!(
        "{sockets} connections need {wanted} open files and this process may have {hard}: \
         raise the limit with `ulimit -n`, or split the fleet over several swarms with --start-index"
    ))
}

/// Lets this process open `sockets` sockets.
///
/// # Errors
/// Never: there is no such limit here.
#[cfg(not(unix))]
pub fn allow(_sockets: u64) -> Result<(), String> {
    let _ = BESIDES;
    Ok(())
}
