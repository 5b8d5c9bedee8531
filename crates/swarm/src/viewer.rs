//! One virtual viewer: a task that looks at the whole fleet, as a browser on the fleet page does.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use cpumonitor_common::wire::{
    CloseCode, Cursor, FleetDelta, FleetScope, Revision, ServerToViewer, Subscription, ViewerToServer,
};
use cpumonitor_common::{Backoff, Metric};
use tokio::time::timeout;

use crate::socket::{Door, Socket, SocketError};
use crate::swarm::Stage;
use crate::tally::add;

/// The columns of the fleet page, so that frames are shared with browsers.
const COLUMNS: [Metric; 7] = [
    Metric::CPU,
    Metric::LOAD_1,
    Metric::MEMORY,
    Metric::FILESYSTEM,
    Metric::NETWORK_RECEIVE,
    Metric::NETWORK_TRANSMIT,
    Metric::TEMPERATURE,
];
/// The server gives a sign of life every two seconds; one that has not for this long is gone.
const SILENCE: Duration = Duration::from_secs(10);

struct Viewer {
    stage: Arc<Stage>,
    place: u32,
    cursor: Cursor,
    /// Places of the hosts it knows.
    hosts: BTreeSet<u32>,
}

/// Looks until the run ends, over as many connections as it takes; returns how many hosts it knows.
pub(crate) async fn run(stage: Arc<Stage>, place: u32) -> u64 {
    let mut viewer =
        Viewer { stage: Arc::clone(&stage), place, cursor: Cursor::START, hosts: BTreeSet::new() };
    let mut backoff = Backoff::default();
    stage.pause(stage.ramp(place)).await;
    while !stage.shutdown.is_cancelled() {
        let began = stage.clock.elapsed();
        if let Err(error) = viewer.session().await {
            stage.note(&error);
        }
        let lasted = stage.clock.elapsed().saturating_sub(began);
        stage.pause(backoff.wait(lasted, rand::random()).min(stage.plan.longest_wait)).await;
    }
    viewer.hosts.len() as u64
}

impl Viewer {
    /// One connection. Without an error only when the run ends.
    async fn session(&mut self) -> Result<(), SocketError> {
        let origin = format!("http://{}", self.stage.plan.target.authority());
        let source = self.stage.source(self.stage.plan.hosts.saturating_add(self.place));
        let door = Door { origin: Some(&origin), source, ..Door::viewer() };
        let mut socket = {
            let _permit = self.stage.doors.acquire().await;
            tokio::select! {
                () = self.stage.shutdown.cancelled() => return Ok(()),
                socket = Socket::connect(&self.stage.plan.target, door) => socket?,
            }
        };
        let fleet = Some(FleetScope { metrics: COLUMNS.to_vec(), from: self.cursor });
        let subscription = Subscription { fleet, host: None, pace_ms: 0 };
        socket.send(&ViewerToServer::Subscribe(subscription)).await?;
        add(&self.stage.tally.viewers_connected, 1);
        let outcome = self.look(&mut socket).await;
        self.stage.tally.viewers_connected.fetch_sub(1, Relaxed);
        match outcome {
            Ok(()) => {
                socket.close(CloseCode::Normal, "the swarm stops").await;
                Ok(())
            }
            Err(error) => {
                add(&self.stage.tally.reconnects, 1);
                Err(error)
            }
        }
    }

    async fn look(&mut self, socket: &mut Socket) -> Result<(), SocketError> {
        let stage = Arc::clone(&self.stage);
        loop {
            let heard = tokio::select! {
                () = stage.shutdown.cancelled() => return Ok(()),
                heard = timeout(SILENCE, socket.hear::<ServerToViewer>()) => heard,
            };
            let (message, frame_bytes) = heard.map_err(|_| SocketError::Silent("speak", SILENCE))??;
            add(&stage.tally.viewer_bytes, frame_bytes);
            match message {
                ServerToViewer::Fleet(delta) => self.take(&delta),
                ServerToViewer::Welcome(_) | ServerToViewer::Host(_) => {}
            }
        }
    }

    fn take(&mut self, delta: &FleetDelta) {
        let tally = &self.stage.tally;
        if delta.since.revision == Revision::ZERO {
            if self.cursor != Cursor::START {
                add(&tally.viewer_restarts, 1);
            }
            self.hosts.clear();
        }
        self.hosts.extend(delta.hosts.iter().map(|host| host.place));
        for place in &delta.removed {
            self.hosts.remove(place);
        }
        let is_snapshot = delta.since.revision == Revision::ZERO;
        let on_the_way_ms = self.stage.clock.now().ms_since(delta.at);
        if !is_snapshot {
            // Rows of the snapshot were taken before this viewer came: their age says nothing.
            for age_ms in delta.overview.ages_ms() {
                tally.seen(i64::from(*age_ms) + on_the_way_ms);
            }
        }
        self.cursor = delta.until;
        add(&tally.deltas, 1);
        add(&tally.viewer_rows, delta.overview.hosts().len());
    }
}
