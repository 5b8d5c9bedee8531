//! Waiting: always for a condition, always with a deadline.

use std::time::Duration;

use tokio::time::{sleep, timeout};

/// Longest wait for anything that should happen soon.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// Waits until `look` sees what it looks for, and returns that.
#[track_caller]
pub(crate) fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> impl Future<Output = T> {
    within(DEADLINE, what, look)
}

/// The same with a deadline of its own, for what takes its time by design.
#[track_caller]
pub(crate) fn within<T>(
    deadline: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> impl Future<Output = T> {
    let asked_at = std::panic::Location::caller();
    async move {
        let seen = timeout(deadline, async {
            loop {
                if let Some(seen) = look().await {
                    return seen;
                }
                sleep(Duration::from_millis(20)).await;
            }
        });
        seen.await.unwrap_or_else(|_| panic!("{asked_at}: {what} did not happen within {deadline:?}"))
    }
}
