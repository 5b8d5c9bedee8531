//! One virtual agent: a task that speaks the agents' protocol for a virtual host.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use cpumonitor_common::wire::{AgentToServer, CloseCode, GapReason, Hello, ServerToAgent};
use cpumonitor_common::{Backoff, Chunk, Incarnation, Row, RowWriter, Rows};
use tokio::time::sleep_until;

use crate::host::Host;
use crate::schedule::Schedule;
use crate::socket::{Door, Socket, SocketError};
use crate::swarm::Stage;
use crate::tally::add;

/// Rows of the past that a virtual agent has when the swarm starts, at most: five minutes at one a second.
const PAST_ROWS: i64 = 300;
/// Rows a virtual agent can still deliver after an outage: those, and half a minute to get connected in.
const HELD_ROWS: u64 = 330;
/// Longest wait for the answer to the hello.
const WELCOME_DEADLINE: Duration = Duration::from_secs(10);
/// A server acks every few seconds; one that has not for this long is gone.
const SILENCE_MS: i64 = 30_000;

/// A server may ask for a longer wait, but not for any.
const MOST_ASKED: Duration = Duration::from_secs(60);

struct Agent {
    stage: Arc<Stage>,
    host: Host,
    place: u32,
    schedule: Schedule,
    incarnation: Incarnation,
    writer: RowWriter,
    /// Rows before this one are the server's, or were.
    acked: u64,
    /// How long the server asked us to stay away.
    asked: Duration,
}

/// Reports one host until the run ends, over as many connections as it takes.
pub(crate) async fn run(stage: Arc<Stage>, place: u32) {
    let plan = &stage.plan;
    let past_ms = (plan.history.as_millis() as i64).min(PAST_ROWS * i64::from(plan.interval_ms));
    let start = stage.start.plus_ms(-past_ms);
    let mut agent = Agent {
        host: Host::new(plan.seed, plan.start_index.saturating_add(place)),
        schedule: Schedule::in_turn(start, plan.interval_ms, place, plan.hosts),
        place,
        incarnation: Incarnation(rand::random()),
        writer: RowWriter::default(),
        acked: 0,
        asked: Duration::ZERO,
        stage: Arc::clone(&stage),
    };
    let mut backoff = Backoff::default();
    stage.pause(stage.ramp(place)).await;
    while !stage.shutdown.is_cancelled() {
        let began = stage.clock.elapsed();
        if let Err(error) = agent.session().await {
            stage.note(&error);
        }
        let lasted = stage.clock.elapsed().saturating_sub(began);
        let wait = backoff.wait(lasted, rand::random()).min(stage.plan.longest_wait);
        stage.pause(agent.asked.min(MOST_ASKED) + wait).await;
    }
}

impl Agent {
    /// One connection, from hello to its end. Without an error only when the run ends.
    async fn session(&mut self) -> Result<(), SocketError> {
        let door = Door { source: self.stage.source(self.place), ..Door::agent() };
        let mut socket = {
            // Closed only when the run is over.
            let _permit = self.stage.doors.acquire().await;
            tokio::select! {
                () = self.stage.shutdown.cancelled() => return Ok(()),
                socket = Socket::connect(&self.stage.plan.target, door) => socket?,
            }
        };
        let next = self.introduce(&mut socket).await?;
        add(&self.stage.tally.agents_connected, 1);
        let outcome = self.report(&mut socket, next).await;
        self.stage.tally.agents_connected.fetch_sub(1, Relaxed);
        match outcome {
            Ok(next_seq) => {
                self.say(&mut socket, &AgentToServer::Goodbye { next_seq }).await?;
                socket.close(CloseCode::Normal, "the swarm stops").await;
                Ok(())
            }
            Err(error) => {
                add(&self.stage.tally.reconnects, 1);
                Err(error)
            }
        }
    }

    /// Hello, welcome, layout; returns the first row the server wants and we still have.
    async fn introduce(&mut self, socket: &mut Socket) -> Result<u64, SocketError> {
        let now = self.stage.clock.now();
        let next_seq = self.schedule.due(now);
        let oldest_seq = next_seq.saturating_sub(HELD_ROWS);
        let hello = Hello {
            host: self.host.info(now),
            incarnation: self.incarnation,
            interval_ms: self.schedule.interval_ms(),
            oldest_seq,
            next_seq,
            now,
        };
        self.say(socket, &AgentToServer::Hello(hello)).await?;
        self.asked = Duration::ZERO;
        let wanted = match socket.hear_within(WELCOME_DEADLINE).await? {
            ServerToAgent::Welcome { next_seq, .. } => next_seq,
            ServerToAgent::Retry { after_ms } => {
                self.asked = Duration::from_millis(u64::from(after_ms));
                return Err(SocketError::Unexpected);
            }
            ServerToAgent::Ack { .. } => return Err(SocketError::Unexpected),
        };
        // A server that lost what it acked gets what we have; only what it never had is declared.
        let first_lost = wanted.max(self.acked);
        if first_lost < oldest_seq {
            let count = oldest_seq - first_lost;
            add(&self.stage.tally.rows_dropped, count as usize);
            let gap = AgentToServer::Gap { first_seq: first_lost, count, reason: GapReason::Dropped };
            self.say(socket, &gap).await?;
        }
        self.host.sample(&self.stage.weather, now, &mut self.writer);
        let layout = self.writer.finish().0.clone();
        self.say(socket, &AgentToServer::Layout(layout)).await?;
        Ok(wanted.clamp(oldest_seq, next_seq))
    }

    /// Delivers rows from `next` on until the run ends, and returns the number of the next tick.
    async fn report(&mut self, socket: &mut Socket, mut next: u64) -> Result<u64, SocketError> {
        let stage = Arc::clone(&self.stage);
        let mut heard_at = stage.clock.now();
        let tick = sleep_until(stage.clock.instant_of(self.schedule.at(next)));
        tokio::pin!(tick);
        loop {
            tokio::select! {
                biased;
                () = stage.shutdown.cancelled() => return Ok(next),
                heard = socket.hear() => {
                    heard_at = stage.clock.now();
                    match heard?.0 {
                        ServerToAgent::Ack { next_seq } => {
                            self.acked = self.acked.max(next_seq.min(next));
                            add(&stage.tally.acks, 1);
                        }
                        ServerToAgent::Retry { after_ms } => {
                            self.asked = Duration::from_millis(u64::from(after_ms));
                        }
                        ServerToAgent::Welcome { .. } => return Err(SocketError::Unexpected),
                    }
                }
                () = &mut tick => {
                    let now = stage.clock.now();
                    if now.ms_since(heard_at) > SILENCE_MS.max(i64::from(self.schedule.interval_ms()) * 3) {
                        return Err(SocketError::Silent("ack", Duration::from_millis(SILENCE_MS as u64)));
                    }
                    let due = self.schedule.due(now);
                    while next < due {
                        let (message, count) = self.samples(next, due);
                        self.say(socket, &message).await?;
                        add(&stage.tally.rows_sent, count);
                        next += count as u64;
                    }
                    tick.as_mut().reset(stage.clock.instant_of(self.schedule.at(next)));
                }
            }
        }
    }

    /// The rows from `first` up to `end`, as many as fit in one message, and how many those are.
    fn samples(&mut self, first: u64, end: u64) -> (AgentToServer, usize) {
        let Agent { host, stage, schedule, writer, .. } = self;
        let row = |seq: u64, writer: &mut RowWriter| {
            let at = schedule.at(seq);
            host.sample(&stage.weather, at, writer);
            at
        };
        let at = row(first, writer);
        let (layout, _, codes) = writer.finish();
        let (id, width) = (layout.id, codes.len());
        let count = (end - first).min(Chunk::capacity(width) as u64) as usize;
        let only = Row { seq: first, at, codes };
        let chunk = if count == 1 {
            Chunk::encode_iter(width, std::iter::once(only))
        } else {
            let mut rows = Rows::with_capacity(width, count);
            rows.push(only);
            for seq in first + 1..first + count as u64 {
                let at = row(seq, writer);
                rows.push(Row { seq, at, codes: writer.finish().2 });
            }
            Chunk::encode(&rows)
        };
        (AgentToServer::Samples { layout: id, chunk }, count)
    }

    async fn say(&self, socket: &mut Socket, message: &AgentToServer) -> Result<(), SocketError> {
        let sent_bytes = socket.send(message).await?;
        add(&self.stage.tally.bytes_sent, sent_bytes);
        Ok(())
    }
}
