//! `cargo xtask up`: from a clone to a live page with one command.
//!
//! The server keeps the terminal, since it draws there; what agent and swarm say goes to log files.

mod fleet;
mod health;
mod port;
mod window;

use std::io::IsTerminal as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::Result;

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

    let server = reachable(listen);
    let mut fleet = Fleet::new(workspace);
    if draws_table(wishes) {
        // The server's table fills the screen and shows the URL. What is said now is seen again when it goes.
        announce(steps, &fleet, server, wishes);
        fleet.start(listen, server, wishes)?;
    } else {
        let about = "the server, then an agent for this machine";
        steps.time("start", about, || fleet.start(listen, server, wishes))?;
        announce(steps, &fleet, server, wishes);
    }
    if wishes.open {
        window::open(workspace, &url(server));
    }
    let end = fleet.stay();
    fleet.end();
    match end {
        Err(error) if error.is::<Stopped>() => {
            println!("\nstopped; nothing is left running");
            Ok(())
        }
        other => other,
    }
}

/// Whether the server will take the whole screen.
fn draws_table(wishes: &Up) -> bool {
    match wishes.print.as_deref() {
        None | Some("auto") => std::io::stdout().is_terminal(),
        Some(mode) => mode == "table",
    }
}

fn announce(steps: &Steps<'_>, fleet: &Fleet<'_>, server: SocketAddr, wishes: &Up) {
    println!("\n{}", steps.table());
    println!("  the agent writes to {}", fleet.log("agent").display());
    if wishes.demo.is_some() {
        println!("  the swarm writes to {}", fleet.log("swarm").display());
    }
    println!("\n  ➜  {}\n\n  Ctrl-C stops everything\n", url(server));
}

fn url(server: SocketAddr) -> String {
    format!("http://{server}/")
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
