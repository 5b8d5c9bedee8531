//! The agent's end of the socket, with reconnection.

mod dial;
mod error;
mod outage;
mod session;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use self::error::LinkError;
use self::outage::Outage;
use self::session::Session;
use crate::clock::Clock;
use crate::config::ServerUrl;
use crate::outbox::Outbox;
use cpumonitor_common::Backoff;

pub(crate) use self::session::Greeting;

/// How long the link waits for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// For a TCP connection.
    pub(crate) connect: Duration,
    /// For the WebSocket to open, and for the welcome.
    pub(crate) welcome: Duration,
    /// For anything at all from the server, which pings every ten seconds; and for it to take a piece.
    pub(crate) silence: Duration,
    /// For everything held and the goodbye to leave.
    pub(crate) farewell: Duration,
}

impl Patience {
    /// Two lost pings are forgiven, a third is not.
    pub(crate) const USUAL: Patience = Patience {
        connect: Duration::from_secs(10),
        welcome: Duration::from_secs(10),
        silence: Duration::from_secs(25),
        farewell: Duration::from_secs(2),
    };
}

/// Brings what is in the outbox to the server, for as long as it takes.
pub(crate) struct Link {
    pub(crate) server: ServerUrl,
    pub(crate) greeting: Greeting,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) clock: Clock,
    pub(crate) patience: Patience,
}

/// How one connection ended.
struct Ended {
    /// How long it held after the welcome.
    held: Duration,
    error: LinkError,
}

impl Link {
    /// Connects, and connects again, until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut backoff = Backoff::default();
        let mut outage = Outage::default();
        let mut connected_before = false;
        loop {
            let Err(Ended { held, error }) = self.connection(&stop, &mut outage, &mut connected_before).await
            else {
                return;
            };
            if stop.is_cancelled() {
                debug!("the server at {} did not see us off: {error}", self.server);
                return;
            }
            self.tell(&mut outage, &error);
            let wait = error.least_wait() + backoff.wait(held, rand::random());
            debug!("trying again in {} ms", wait.as_millis());
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// One connection from dialling to its end; `Ok` when the end was asked for.
    async fn connection(
        &self,
        stop: &CancellationToken,
        outage: &mut Outage,
        connected_before: &mut bool,
    ) -> Result<(), Ended> {
        // A stop in between may still find a server that takes what is held.
        let too_late = async {
            stop.cancelled().await;
            tokio::time::sleep(self.patience.farewell).await;
        };
        let opened = tokio::select! {
            biased;
            opened = self.open() => opened,
            () = too_late => return Ok(()),
        };
        let session = opened.map_err(|error| Ended { held: Duration::ZERO, error })?;
        let since = self.clock.now();
        match outage.over(since) {
            Some(away) if *connected_before => {
                let (held, seconds) = (session.lacking(), away.as_secs_f64().round());
                info!(
                    "connected again to {} after {seconds} s; {held} rows were held and are sent now",
                    self.server
                );
            }
            _ => info!("connected to {}", self.server),
        }
        *connected_before = true;
        session
            .run(stop)
            .await
            .map_err(|error| Ended { held: self.clock.now().since(since).unwrap_or_default(), error })
    }

    async fn open(&self) -> Result<Session, LinkError> {
        let socket = dial::dial(&self.server, &self.patience).await?;
        Session::open(socket, &self.greeting, Arc::clone(&self.outbox), self.clock, self.patience).await
    }

    fn tell(&self, outage: &mut Outage, error: &LinkError) {
        let told = outage.failed(self.clock.now(), error);
        let what = match error {
            LinkError::Connect(_) | LinkError::NoAnswer => "cannot reach",
            _ => "no link to",
        };
        let text = error.to_string();
        if told {
            let stop = if text.ends_with('?') { "" } else { ";" };
            warn!("{what} the server at {}: {text}{stop} trying again for as long as it takes", self.server);
        } else {
            debug!("{what} the server at {}: {text}", self.server);
        }
    }
}
