//! One connection of a client of 2018.

use std::collections::BTreeMap;
use std::sync::Arc;

use cpumonitor_common::wire::CloseCode;
use cpumonitor_common::{HostInfo, Incarnation, Layout, LayoutId, Metric, Row, Rows, Series, Tag, Timestamp};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, info, warn};

use super::roster::{Name, Seat};
use super::socket::{Heard, MAX_MESSAGE_BYTES, TextSocket};
use super::usage::{Usage, answer};
use crate::app::App;
use crate::fleet::{Departure, FleetFull, HostState, Joining, SessionId, SharedLayout, Source};
use crate::session::{Allowance, SessionError};
use crate::socket::{Beat, Pulse, SocketError};

/// Messages that may come at once, and in every second after that. The clients of 2018 send one in two.
const BURST: u16 = 8;
const PER_SECOND: u16 = 8;
/// Labels of one connection. Theirs use one.
const MAX_LABELS: usize = 4;
/// They measure for one second, and wait for one.
const INTERVAL_MS: u32 = 2_000;

/// How a session ends when nothing is wrong.
enum End {
    /// The client closed the socket.
    Left,
    /// The connection is gone without a word.
    Gone,
    /// The server stops.
    Stopping,
}

/// Takes one client's messages until it leaves, misbehaves, falls silent, or we stop.
///
/// A connection that says nothing that counts leaves no trace: the host is made by the first message
/// that is accepted.
pub(super) async fn run(mut socket: TextSocket, seat: Seat, app: App) {
    app.counters.compat_sessions.count();
    let mut client = Client::new(&app, seat);
    let ended = client.listen(&mut socket).await;
    if matches!(ended, Ok(End::Left)) {
        client.say_goodbye();
    }
    // Before the farewell, which may take its time.
    drop(client);
    let (code, reason) = match ended {
        Ok(End::Left | End::Gone) => (CloseCode::Normal, String::new()),
        Ok(End::Stopping) => (CloseCode::GoingAway, "the server stops".to_owned()),
        Err(error) => {
            let code = error.close_code();
            if matches!(code, CloseCode::Limit | CloseCode::TooLarge) {
                app.counters.compat_limited.count();
                warn!(%error, "session of a 2018 client ended");
            } else {
                debug!(%error, "session of a 2018 client ended");
            }
            let reason = match error {
                SessionError::Socket(SocketError::TooLarge { .. }) => {
                    format!("a message of more than {MAX_MESSAGE_BYTES} bytes")
                }
                error => error.to_string(),
            };
            (code, reason)
        }
    };
    socket.close(code, &reason).await;
}

/// One connection.
struct Client<'a> {
    app: &'a App,
    seat: Seat,
    /// By label.
    hosts: BTreeMap<String, Host>,
}

impl<'a> Client<'a> {
    fn new(app: &'a App, seat: Seat) -> Client<'a> {
        Client { app, seat, hosts: BTreeMap::new() }
    }

    async fn listen(&mut self, socket: &mut TextSocket) -> Result<End, SessionError> {
        let app = self.app;
        let limits = &app.config.limits;
        let mut allowance = Allowance::new(BURST, PER_SECOND, app.clock.now());
        let mut pulse = Pulse::new(limits.beat, limits.agent_silence, limits.ping);
        let mut beats = interval(limits.beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beats.reset();
        loop {
            tokio::select! {
                biased;
                () = app.shutdown.cancelled() => return Ok(End::Stopping),
                heard = socket.hear() => {
                    pulse.heard();
                    if !allowance.take(app.clock.now()) {
                        return Err(SessionError::TooMany { per_second: PER_SECOND });
                    }
                    match heard? {
                        Heard::Text(message) => {
                            if self.take(&message, app.clock.now())? {
                                tokio::select! {
                                    biased;
                                    said = socket.say(answer(&message)) => said?,
                                    () = app.shutdown.cancelled() => return Ok(End::Stopping),
                                }
                            }
                        }
                        Heard::Binary => app.counters.compat_ignored.count(),
                        Heard::Alive => {}
                        Heard::Closed => return Ok(End::Left),
                        Heard::Gone => return Ok(End::Gone),
                    }
                }
                _ = beats.tick() => match pulse.beat() {
                    Beat::Rest => {}
                    Beat::Ping => socket.ping().await?,
                    Beat::Silent => return Err(SessionError::Silent { seconds: limits.agent_silence.as_secs() }),
                },
            }
        }
    }

    /// Takes one message; `false` when it says nothing about a processor.
    fn take(&mut self, message: &str, now: Timestamp) -> Result<bool, FleetFull> {
        let counters = &self.app.counters;
        let Some(usage) = Usage::parse(message) else {
            counters.compat_ignored.count();
            return Ok(false);
        };
        if !self.hosts.contains_key(usage.label) {
            if self.hosts.len() == MAX_LABELS {
                counters.compat_ignored.count();
                return Ok(false);
            }
            let host = Host::join(self.app, &self.seat, usage.label, now)?;
            self.hosts.insert(usage.label.to_owned(), host);
        }
        let recorded = self.hosts.get_mut(usage.label).is_some_and(|host| host.record(usage.ratio, now));
        if !recorded {
            // The fleet has forgotten it to make room; the next message makes it anew.
            self.hosts.remove(usage.label);
            counters.compat_ignored.count();
            return Ok(false);
        }
        counters.compat_messages.count();
        crate::terminal::feed().heard(message);
        Ok(true)
    }

    fn say_goodbye(&mut self) {
        for host in self.hosts.values_mut() {
            host.how = Departure::Goodbye;
        }
    }
}

/// One host: a label on a connection. Leaves the fleet's connected ones when dropped, even by a panic.
struct Host {
    app: App,
    session: SessionId,
    layout: Arc<SharedLayout>,
    next_seq: u64,
    how: Departure,
    /// Kept for as long as the host is connected.
    _name: Name,
}

impl Host {
    fn join(app: &App, seat: &Seat, label: &str, now: Timestamp) -> Result<Host, FleetFull> {
        let name = seat.name(label, |name, id| {
            app.relay.read(|fleet| {
                fleet.hosts().map(HostState::info).any(|info| info.name == name && info.id != id)
            })
        });
        let joining = Joining {
            info: info(&name),
            incarnation: Incarnation(rand::random()),
            interval_ms: INTERVAL_MS,
            // It sends no time, so its rows have ours.
            skew_ms: 0,
            source: Source::Compat,
        };
        let joined = app.relay.join(joining, now)?;
        info!(host.name = name.as_str(), "2018 client joined");
        let series = vec![Series::whole(Metric::CPU)];
        let layout = app.relay.announce(Layout { id: LayoutId(0), series });
        let next_seq = joined.next_seq;
        Ok(Host {
            app: app.clone(),
            session: joined.session,
            layout,
            next_seq,
            how: Departure::Broken,
            _name: name,
        })
    }

    /// `false` when the fleet does not know the host any more.
    fn record(&mut self, ratio: f64, now: Timestamp) -> bool {
        let mut rows = Rows::new(1);
        rows.push(Row { seq: self.next_seq, at: now, codes: &[Metric::CPU.encode(ratio)] });
        let recorded = self.app.relay.record(self.session, &self.layout, &rows, now);
        self.next_seq = recorded.unwrap_or(self.next_seq);
        recorded.is_ok()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.app.relay.leave(self.session, self.how, self.app.clock.now());
    }
}

fn info(name: &Name) -> HostInfo {
    HostInfo {
        id: name.id(),
        name: name.as_str().to_owned(),
        os: String::new(),
        kernel: String::new(),
        arch: String::new(),
        cpu_model: String::new(),
        core_count: 0,
        memory_bytes: 0,
        swap_bytes: 0,
        boot_at: Timestamp::EPOCH,
        agent_version: String::new(),
        tags: vec![Tag { key: "source".to_owned(), value: "2018".to_owned() }],
    }
}
