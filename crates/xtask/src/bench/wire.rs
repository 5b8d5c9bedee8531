//! What an agent sends, counted on the socket: WebSocket framing and masks included, TCP and IP not.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::rig::{self, Rig};
use super::{Figure, Goal};
use crate::clock;
use crate::steps::Steps;
use crate::workspace::Workspace;

/// The first seconds carry the hello and the layout.
const SETTLE: Duration = Duration::from_secs(4);
/// Long enough that one second more or less does not show.
const MEASURE: Duration = Duration::from_secs(30);

/// Bytes a second of the real agent of this machine, and how many series they carry.
pub(super) fn run(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<Vec<Figure>> {
    rig::ready(workspace, steps)?;
    let mut rig = Rig::start(workspace)?;
    let (door, sent) = counting_proxy(rig.address)?;
    rig.agent(door)?;
    rig.hosts(1)?;
    rig.run_for(SETTLE)?;
    let (before, started) = (sent.load(Ordering::Relaxed), clock::now());
    rig.run_for(MEASURE)?;
    let bytes = sent.load(Ordering::Relaxed) - before;
    let per_second = bytes as f64 / started.elapsed().as_secs_f64();
    Ok(vec![
        Figure::new("agent to server", "B/s", Goal::AtMost(90.0), per_second),
        Figure::new("series carried", "", Goal::None, series(&rig)? as f64),
    ])
}

fn series(rig: &Rig<'_>) -> Result<usize> {
    let hosts: serde_json::Value = serde_json::from_str(&rig.get("/api/v1/hosts")?)?;
    let id = hosts["hosts"][0]["id"].as_str().context("the host has no id")?.to_owned();
    let host: serde_json::Value = serde_json::from_str(&rig.get(&format!("/api/v1/hosts/{id}"))?)?;
    host["series"].as_array().map(Vec::len).context("the host has no series")
}

/// Passes one connection on to `server` and counts what the client sends.
fn counting_proxy(server: SocketAddr) -> Result<(SocketAddr, Arc<AtomicU64>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot open the counting proxy")?;
    let address = listener.local_addr().context("cannot open the counting proxy")?;
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(upstream) = TcpStream::connect(server) else { continue };
            let _ = (client.set_nodelay(true), upstream.set_nodelay(true));
            let (Ok(client_end), Ok(upstream_end)) = (client.try_clone(), upstream.try_clone()) else {
                continue;
            };
            let counter = Arc::clone(&counter);
            thread::spawn(move || pass(client, upstream_end, &counter));
            thread::spawn(move || pass(upstream, client_end, &AtomicU64::new(0)));
        }
    });
    Ok((address, sent))
}

fn pass(mut from: TcpStream, mut to: TcpStream, counter: &AtomicU64) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        counter.fetch_add(count as u64, Ordering::Relaxed);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
