//! The pace of the server: publishes news, judges silence, follows the clock.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

use crate::app::App;

/// Between two looks at who is silent and what is too old.
const EXPIRE_EVERY: Duration = Duration::from_millis(500);

/// Publishes at the configured pace until the server stops.
pub(crate) async fn publish(app: App) {
    let pace = app.config.limits.pace;
    let mut ticks = interval(pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut since_expired = Duration::ZERO;
    loop {
        tokio::select! {
            biased;
            () = app.shutdown.cancelled() => return,
            _ = ticks.tick() => {}
        }
        since_expired += pace;
        if since_expired >= EXPIRE_EVERY {
            since_expired = Duration::ZERO;
            if let Some(jump_ms) = app.clock.follow() {
                app.counters.clock_jumps.count();
                warn!(
                    jump_ms,
                    "the clock jumped forward; agents are asked to come back and have their skew measured"
                );
            }
            app.relay.expire(app.clock.now());
        }
        app.relay.publish();
    }
}
