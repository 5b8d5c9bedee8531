//! One agent's session.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use cpumonitor_common::wire::{AgentToServer, CloseCode, Hello, Protocol, ServerToAgent, decode, encode};
use cpumonitor_common::{Chunk, HostId, Layout, LayoutId, Rows};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, debug, info, info_span, warn};

use super::layouts::Announced;
use crate::app::App;
use crate::fleet::{Departure, Joining, Replaced, SessionId, SharedLayout, Source};
use crate::session::{Allowance, SessionError};
use crate::socket::{Beat, Heard, Pulse, Socket, SocketError};

/// Messages an agent may send at once: a day of backlog comes in a few hundred chunks, layouts in between.
const BURST: u16 = 256;
/// Messages an agent may send on average: ten rows a second, and a backlog beside them.
const PER_SECOND: u16 = 64;
/// Shortest and longest time between two rows of a host.
const INTERVALS_MS: std::ops::RangeInclusive<u32> = 100..=3_600_000;
/// How long an agent waits before it looks for the server again, before jitter.
const RETRY_AFTER_MS: u32 = 1_000;

/// How a session ends when nothing is wrong.
enum End {
    /// The agent was told to stop.
    Goodbye,
    /// The agent closed the socket.
    Left,
    /// The server stops, or its clock was set and skew is to be measured anew.
    ComeBack(&'static str),
}

/// Receives one agent's messages until it leaves, misbehaves, falls silent, is replaced, or we stop.
///
/// Nothing is queued between socket and relay: recording is microseconds under a lock, so a server
/// that falls behind reads more slowly and TCP passes the news on.
pub(super) async fn run(mut socket: Socket, protocol: Option<Protocol>, app: App) {
    app.counters.agent_sessions.count();
    let ended = match protocol {
        Some(Protocol::AgentV1) => greet_and_listen(&mut socket, &app).await,
        _ => Err(SessionError::Version { ours: Protocol::AgentV1.name() }),
    };
    let (code, reason) = match ended {
        Ok(End::Goodbye | End::Left) => (CloseCode::Normal, String::new()),
        Ok(End::ComeBack(why)) => {
            let retry = ServerToAgent::Retry { after_ms: RETRY_AFTER_MS };
            // The close says it, too; the time to wait is a courtesy.
            let _ = socket.say(frame(&retry)).await;
            (CloseCode::GoingAway, why.to_owned())
        }
        Err(error) => {
            if error.is_fault() {
                app.counters.agent_faults.count();
                warn!(%error, "agent session ended");
            } else {
                debug!(%error, "agent session ended");
            }
            (error.close_code(), error.to_string())
        }
    };
    socket.close(code, &reason).await;
}

async fn greet_and_listen(socket: &mut Socket, app: &App) -> Result<End, SessionError> {
    let limits = &app.config.limits;
    let greeting = tokio::select! {
        biased;
        () = app.shutdown.cancelled() => return Ok(End::ComeBack("the server stops")),
        greeting = timeout(limits.hello, hello(socket)) => greeting,
    };
    let silent = SessionError::Silent { seconds: limits.hello.as_secs() };
    let Some(hello) = greeting.map_err(|_| silent)?? else { return Ok(End::Left) };
    if !INTERVALS_MS.contains(&hello.interval_ms) {
        return Err(SessionError::OutOfOrder("the interval is not between 100 ms and one hour"));
    }
    hello.host.check()?;

    let (id, name) = (hello.host.id, hello.host.name.clone());
    let now = app.clock.now();
    let joined = app.relay.join(
        Joining {
            info: hello.host,
            incarnation: hello.incarnation,
            interval_ms: hello.interval_ms,
            skew_ms: hello.now.ms_since(now),
            source: Source::Agent,
        },
        now,
    )?;
    let presence = Presence::of(app, joined.session);
    let welcome = ServerToAgent::Welcome { now, next_seq: joined.next_seq };
    socket.say(frame(&welcome)).await?;

    let span = info_span!("host", host.id = %id, host.name = %name);
    let agent = Agent {
        app,
        id,
        session: joined.session,
        announced: Announced::default(),
        next_seq: joined.next_seq,
        acked_seq: joined.next_seq,
    };
    async {
        info!("host joined");
        let ended = agent.listen(socket, joined.replaced).await;
        let how = if matches!(ended, Ok(End::Goodbye)) { Departure::Goodbye } else { Departure::Broken };
        presence.end(how);
        info!(stopped = how == Departure::Goodbye, "host left");
        ended
    }
    .instrument(span)
    .await
}

/// The first message; `None` when the agent leaves instead.
async fn hello(socket: &mut Socket) -> Result<Option<Hello>, SessionError> {
    loop {
        match socket.hear().await? {
            Heard::Alive => {}
            Heard::Closed => return Ok(None),
            Heard::Frame(frame) => {
                return match decode(&frame)? {
                    AgentToServer::Hello(hello) => Ok(Some(hello)),
                    _ => Err(SessionError::OutOfOrder("the first message is the hello")),
                };
            }
        }
    }
}

/// One agent that has said hello.
struct Agent<'a> {
    app: &'a App,
    id: HostId,
    session: SessionId,
    announced: Announced,
    next_seq: u64,
    acked_seq: u64,
}

impl Agent<'_> {
    async fn listen(mut self, socket: &mut Socket, replaced: CancellationToken) -> Result<End, SessionError> {
        let app = self.app;
        let limits = &app.config.limits;
        let jumps = app.clock.jumps();
        let mut allowance = Allowance::new(BURST, PER_SECOND, app.clock.now());
        let mut pulse = Pulse::new(limits.beat, limits.agent_silence, limits.ping);
        let mut since_ack = Duration::ZERO;
        let mut beats = interval(limits.beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beats.reset();
        loop {
            tokio::select! {
                biased;
                () = app.shutdown.cancelled() => return Ok(End::ComeBack("the server stops")),
                () = replaced.cancelled() => return Err(Replaced.into()),
                heard = socket.hear() => {
                    pulse.heard();
                    if !allowance.take(app.clock.now()) {
                        return Err(SessionError::TooMany { per_second: PER_SECOND });
                    }
                    match heard? {
                        Heard::Alive => {}
                        Heard::Closed => return Ok(End::Left),
                        Heard::Frame(frame) => match self.take(&frame)? {
                            Taken::Acked(true) => self.ack(socket).await?,
                            Taken::Acked(false) => {}
                            Taken::Goodbye => return Ok(End::Goodbye),
                        },
                    }
                }
                _ = beats.tick() => {
                    if app.clock.jumps() != jumps {
                        return Ok(End::ComeBack("the server's clock was set"));
                    }
                    match pulse.beat() {
                        Beat::Rest => {}
                        Beat::Ping => socket.ping().await?,
                        Beat::Silent => return Err(SessionError::Silent { seconds: limits.agent_silence.as_secs() }),
                    }
                    since_ack += limits.beat;
                    if since_ack >= limits.ack {
                        since_ack = Duration::ZERO;
                        self.ack(socket).await?;
                    }
                }
            }
        }
    }

    /// Takes one message.
    fn take(&mut self, frame: &[u8]) -> Result<Taken, SessionError> {
        self.app.counters.agent_frames.count();
        self.app.counters.agent_bytes.add(frame.len() as u64);
        match decode(frame)? {
            AgentToServer::Hello(_) => Err(SessionError::OutOfOrder("a second hello")),
            AgentToServer::Layout(layout) => self.announce(layout),
            AgentToServer::Samples { layout, chunk } => self.record(layout, &chunk),
            AgentToServer::Gap { first_seq, count, reason } => {
                let now = self.app.clock.now();
                self.next_seq = self.app.relay.declare_gap(self.session, first_seq, count, reason, now)?;
                Ok(Taken::Acked(false))
            }
            AgentToServer::Goodbye { .. } => Ok(Taken::Goodbye),
        }
    }

    fn announce(&mut self, layout: Layout) -> Result<Taken, SessionError> {
        layout.check()?;
        let id = layout.id;
        let gone = self.announced.keep(id, self.app.relay.announce(layout));
        self.app.counters.layouts_forgotten.add(gone);
        Ok(Taken::Acked(false))
    }

    fn record(&mut self, layout: LayoutId, chunk: &Chunk) -> Result<Taken, SessionError> {
        let layout: &Arc<SharedLayout> = self
            .announced
            .get(layout)
            .ok_or(SessionError::OutOfOrder("samples of a layout that was not announced, or too long ago"))?;
        let rows: Rows = chunk.decode(layout.width())?;
        self.next_seq = self.app.relay.record(self.session, layout, &rows, self.app.clock.now())?;
        Ok(Taken::Acked(rows.len() > 1))
    }

    /// Tells the agent what it may forget, if there is news.
    async fn ack(&mut self, socket: &mut Socket) -> Result<(), SocketError> {
        if self.next_seq != self.acked_seq {
            self.acked_seq = self.next_seq;
            debug!(host.id = %self.id, next_seq = self.next_seq, "ack");
            socket.say(frame(&ServerToAgent::Ack { next_seq: self.next_seq })).await?;
        }
        Ok(())
    }
}

/// What became of a message.
enum Taken {
    /// It is taken; the flag tells whether the agent is to know at once.
    Acked(bool),
    /// The agent stops.
    Goodbye,
}

/// A host's presence in the fleet: leaves with the session, even if that panics.
struct Presence {
    app: App,
    session: SessionId,
    how: Departure,
}

impl Presence {
    fn of(app: &App, session: SessionId) -> Presence {
        app.counters.agents.count();
        Presence { app: app.clone(), session, how: Departure::Broken }
    }

    fn end(mut self, how: Departure) {
        self.how = how;
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.app.counters.agents.release();
        self.app.relay.leave(self.session, self.how, self.app.clock.now());
    }
}

fn frame(message: &ServerToAgent) -> Bytes {
    Bytes::from(encode(message))
}
