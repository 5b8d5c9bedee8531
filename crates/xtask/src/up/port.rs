//! Whether the server will be able to listen, found out before the build.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use anyhow::{Result, anyhow};

/// The address, with a free port where it asks for any.
pub(super) fn reserve(wanted: SocketAddr) -> Result<SocketAddr> {
    let try_bind = || TcpListener::bind(wanted)?.local_addr();
    try_bind().map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            let other = SocketAddr::new(wanted.ip(), wanted.port().checked_add(1).unwrap_or(8080));
            anyhow!(
                "cannot listen on {wanted}: something else does; choose another port with `--listen {other}`"
            )
        }
        ErrorKind::AddrNotAvailable => {
            anyhow!(
                "cannot listen on {wanted}: this machine has no such address; choose another with `--listen`"
            )
        }
        ErrorKind::PermissionDenied => {
            anyhow!("cannot listen on {wanted}: not allowed; choose a port above 1023 with `--listen`")
        }
        _ => anyhow!("cannot listen on {wanted} ({error}); choose another address with `--listen`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_is_named_with_the_flag_that_helps() {
        let busy = TcpListener::bind("127.0.0.1:0").unwrap();
        let error = reserve(busy.local_addr().unwrap()).unwrap_err().to_string();
        assert!(error.contains("something else does") && error.contains("--listen 127.0.0.1:"), "{error}");
    }

    #[test]
    fn any_port_becomes_one() {
        assert_ne!(reserve("127.0.0.1:0".parse().unwrap()).unwrap().port(), 0);
    }

    #[test]
    fn a_foreign_address_is_refused() {
        let error = reserve("192.0.2.1:8080".parse().unwrap()).unwrap_err().to_string();
        assert!(error.contains("--listen"), "{error}");
    }
}
