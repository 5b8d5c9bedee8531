//! One viewer's session.

use std::time::Duration;

use axum::body::Bytes;
use cpumonitor_common::wire::{
    CloseCode, Notice, Protocol, ServerToViewer, Subscription, ViewerToServer, Welcome, decode, encode,
};
use cpumonitor_common::{Cursor, HostId, Metric, Revision};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout_at};
use tracing::{debug, warn};

use crate::app::App;
use crate::config::Config;
use crate::fleet::TAIL_MS;
use crate::session::{Allowance, SessionError};
use crate::socket::{Beat, Heard, Pulse, Socket, SocketError};

/// Messages a viewer may send at once.
const BURST: u16 = 40;
/// Messages a viewer may send on average.
const PER_SECOND: u16 = 20;

/// How a session ends when nothing is wrong.
enum End {
    /// The viewer closed the socket.
    Left,
    /// The server stops.
    Stopping,
}

/// Tells one viewer what changed, as fast as it can listen and never faster.
pub(super) async fn run(mut socket: Socket, protocol: Option<Protocol>, app: App) {
    app.counters.viewer_sessions.count();
    app.counters.viewers.count();
    let _present = Present(&app);
    let ended = match protocol {
        Some(Protocol::ViewerV1) => Viewer::new(&app).talk(&mut socket).await,
        _ => Err(SessionError::Version { ours: Protocol::ViewerV1.name() }),
    };
    let (code, reason) = match ended {
        Ok(End::Left) => (CloseCode::Normal, String::new()),
        Ok(End::Stopping) => (CloseCode::GoingAway, "the server stops".to_owned()),
        Err(error) => {
            if matches!(error, SessionError::Socket(SocketError::Slow)) {
                app.counters.viewers_slow.count();
                debug!(%error, "viewer session ended");
            } else if error.is_fault() {
                app.counters.viewer_faults.count();
                warn!(%error, "viewer session ended");
            } else {
                debug!(%error, "viewer session ended");
            }
            (error.close_code(), error.to_string())
        }
    };
    socket.close(code, &reason).await;
}

/// A viewer counted as connected.
struct Present<'a>(&'a App);

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.counters.viewers.release();
    }
}

/// What one viewer wants, and what it has seen.
struct Viewer<'a> {
    app: &'a App,
    fleet: Option<FleetScope>,
    host: Option<HostScope>,
    /// Not before this is the next delta due.
    next_at: Instant,
    /// At the latest by this.
    life_sign_at: Instant,
    pace: Duration,
}

struct FleetScope {
    metrics: Vec<Metric>,
    seen: Cursor,
}

struct HostScope {
    id: HostId,
    seen: Cursor,
    /// Whether the viewer was told that the host is known; `None` before it was told anything.
    known: Option<bool>,
}

impl<'a> Viewer<'a> {
    fn new(app: &'a App) -> Viewer<'a> {
        let now = app.clock.instant();
        let limits = &app.config.limits;
        let life_sign_at = now + limits.life_sign;
        Viewer { app, fleet: None, host: None, next_at: now, life_sign_at, pace: limits.pace }
    }

    async fn talk(mut self, socket: &mut Socket) -> Result<End, SessionError> {
        let app = self.app;
        let limits = &app.config.limits;
        self.say(socket, welcome(app)).await?;
        let mut revisions = app.relay.revisions();
        let mut allowance = Allowance::new(BURST, PER_SECOND, app.clock.now());
        let mut pulse = Pulse::new(limits.beat, limits.viewer_silence, limits.ping);
        let mut beats = interval(limits.beat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beats.reset();
        loop {
            let subscribed = self.fleet.is_some() || self.host.is_some();
            tokio::select! {
                biased;
                () = app.shutdown.cancelled() => return Ok(End::Stopping),
                heard = socket.hear() => {
                    pulse.heard();
                    if !allowance.take(app.clock.now()) {
                        return Err(SessionError::TooMany { per_second: PER_SECOND });
                    }
                    match heard? {
                        Heard::Alive => {}
                        Heard::Closed => return Ok(End::Left),
                        Heard::Frame(frame) => {
                            let ViewerToServer::Subscribe(wanted) = decode(&frame)?;
                            self.subscribe(wanted);
                            revisions.mark_changed();
                        }
                    }
                }
                _ = beats.tick() => match pulse.beat() {
                    Beat::Rest => {}
                    Beat::Ping => socket.ping().await?,
                    Beat::Silent => return Err(SessionError::Silent { seconds: limits.viewer_silence.as_secs() }),
                },
                life_sign = news(&mut revisions, self.next_at, self.life_sign_at), if subscribed => {
                    tokio::select! {
                        biased;
                        told = self.tell(socket, life_sign) => told?,
                        () = app.shutdown.cancelled() => return Ok(End::Stopping),
                    }
                }
            }
        }
    }

    fn subscribe(&mut self, wanted: Subscription) {
        self.fleet = wanted.fleet.map(|scope| {
            let mut metrics = scope.metrics;
            // The same columns in the same order share a frame.
            metrics.sort_unstable();
            metrics.dedup();
            FleetScope { metrics, seen: scope.from }
        });
        self.host = wanted.host.map(|scope| HostScope { id: scope.id, seen: scope.from, known: None });
        let wanted_pace = Duration::from_millis(u64::from(wanted.pace_ms));
        // Signs of life come anyway, and may as well carry the news.
        self.pace = wanted_pace.min(self.app.config.limits.life_sign).max(self.app.config.limits.pace);
        self.next_at = self.app.clock.instant();
    }

    /// Sends what the viewer has not seen.
    async fn tell(&mut self, socket: &mut Socket, life_sign: bool) -> Result<(), SocketError> {
        let app = self.app;
        let now = app.clock.now();
        let mut told = false;
        if let Some(scope) = &mut self.fleet {
            let (frame, until) = app.relay.fleet_frame(&scope.metrics, scope.seen, now);
            scope.seen = until;
            told = true;
            self.say(socket, frame).await?;
        }
        // The fleet's delta is a sign of life, too.
        let life_sign = life_sign && self.fleet.is_none();
        if let Some(scope) = &mut self.host
            && let Some((frame, until, known)) =
                app.relay.host_frame(scope.id, scope.seen, scope.known, life_sign, now)
        {
            scope.seen = until;
            scope.known = Some(known);
            told = true;
            self.say(socket, frame).await?;
        }
        let now = app.clock.instant();
        if told {
            self.life_sign_at = now + app.config.limits.life_sign;
        }
        // Half a step early, so that the next publication is not missed by a hair.
        self.next_at = now + self.pace - app.config.limits.pace / 2;
        Ok(())
    }

    async fn say(&self, socket: &mut Socket, frame: Bytes) -> Result<(), SocketError> {
        self.app.counters.viewer_frames.count();
        self.app.counters.viewer_bytes.add(frame.len() as u64);
        socket.say(frame).await
    }
}

/// Waits until a delta is due: for news, not before `next_at`; without news until `life_sign_at`. Answers
/// whether it is only a sign of life.
///
/// In this order on purpose: when `select!` drops us halfway, losing a wait costs nothing; losing a
/// change would cost the change.
async fn news(revisions: &mut watch::Receiver<Revision>, next_at: Instant, life_sign_at: Instant) -> bool {
    sleep_until(next_at).await;
    timeout_at(life_sign_at, revisions.changed()).await.is_err()
}

fn welcome(app: &App) -> Bytes {
    let welcome = Welcome {
        server_version: env!("CARGO_PKG_VERSION").to_owned(),
        epoch: app.relay.read(|fleet| fleet.epoch()),
        now: app.clock.now(),
        tail_ms: u32::try_from(TAIL_MS).unwrap_or(u32::MAX),
        notices: notices(&app.config),
    };
    Bytes::from(encode(&ServerToViewer::Welcome(welcome)))
}

/// What everybody who looks at the page should know.
fn notices(config: &Config) -> Vec<Notice> {
    let open = config.is_open().then_some(Notice::InsecureOpen);
    let compat = config.compat.then_some(Notice::Compat);
    open.into_iter().chain(compat).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_beyond_this_machine_says_so() {
        let at = |listen: &str| Config { compat: false, ..Config::listening_at(listen.parse().unwrap()) };
        assert_eq!(notices(&at("0.0.0.0:8080")), [Notice::InsecureOpen]);
        assert_eq!(notices(&at("192.0.2.1:8080")), [Notice::InsecureOpen]);
        assert_eq!(notices(&at("127.0.0.1:8080")), []);
        assert_eq!(notices(&at("[::1]:8080")), []);
    }
}
