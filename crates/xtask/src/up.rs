//! `cargo xtask up`: from a clone to a live page with one command.
//!
//! The server keeps the terminal, since it draws there; what agent and swarm say goes to log files.

mod fleet;
mod health;
mod port;
mod window;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Result, bail};

use self::fleet::Fleet;
use crate::cli::Up;
use crate::native;
use crate::steps::Steps;
use crate::stop::Stopped;
use crate::workspace::Workspace;

/// Builds what is missing, starts everything, prints the URL and stays until it is told to stop.
pub(crate) fn run(workspace: &Workspace, steps: &mut Steps<'_>, wishes: &Up) -> Result<()> {
    // Before minutes of building.
    let listen = port::reserve(wishes.listen)?;
    native::all(workspace, steps)?;

    let reach = reachable(listen);
    let mut fleet = Fleet::new(workspace);
    steps.time("start", "the server, then an agent for this machine", || {
        fleet.server(listen, wishes.print.as_deref())?;
        health::wait(reach, || fleet.check())?;
        fleet.agent(reach)?;
        wishes.demo.map_or(Ok(()), |hosts| fleet.swarm(reach, hosts))
    })?;

    println!("\n{}", steps.table());
    for (name, log) in fleet.logs() {
        println!("  {name} writes to {}", log.display());
    }
    let url = format!("http://{reach}/");
    println!("\n  ➜  {url}\n\n  Ctrl-C stops everything\n");
    if wishes.open {
        window::open(workspace, &url);
    }
    match fleet.stay() {
        Err(error) if error.is::<Stopped>() => {
            fleet.end();
            println!("\nstopped; nothing is left running");
            Ok(())
        }
        Err(error) => {
            fleet.end();
            bail!(error)
        }
        Ok(()) => Ok(()),
    }
}

/// The address by which this machine reaches a server that may listen on all of them.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(listen: &str, expected: &str) {
        assert_eq!(reachable(listen.parse().unwrap()).to_string(), expected);
    }

    #[test]
    fn everywhere_includes_here() {
        check("127.0.0.1:8080", "127.0.0.1:8080");
        check("0.0.0.0:8080", "127.0.0.1:8080");
        check("[::]:8080", "[::1]:8080");
        check("192.0.2.7:1", "192.0.2.7:1");
    }
}
