//! Connections that have not finished the head of their first request.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;

/// At most so many connections may take their time over the first request head; for one more, the one
/// that has waited longest goes. A thousand slow handshakes so push each other out, and an agent,
/// which needs a moment, gets in between.
#[derive(Debug)]
pub(super) struct Handshakes {
    limit: usize,
    /// Oldest first; finished ones stay until they are noticed.
    waiting: VecDeque<Arc<Place>>,
    count: Arc<AtomicUsize>,
}

/// One connection's handshake. It is over when this is dropped, at the latest.
#[derive(Debug)]
pub(super) struct Handshake(Arc<Place>);

#[derive(Debug)]
struct Place {
    evicted: CancellationToken,
    finished: AtomicBool,
    count: Arc<AtomicUsize>,
}

impl Handshakes {
    /// Room for `limit` handshakes.
    pub(super) fn new(limit: usize) -> Handshakes {
        Handshakes { limit, waiting: VecDeque::new(), count: Arc::default() }
    }

    /// A handshake begins. Answers how many were dropped to make room for it.
    pub(super) fn begin(&mut self) -> (Handshake, u64) {
        let mut dropped = 0;
        while self.count.load(Ordering::Relaxed) >= self.limit {
            let Some(oldest) = self.waiting.pop_front() else { break };
            if oldest.finish() {
                oldest.evicted.cancel();
                dropped += 1;
            }
        }
        if self.waiting.len() >= self.limit.saturating_mul(2) {
            self.waiting.retain(|handshake| !handshake.finished.load(Ordering::Relaxed));
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        let place = Arc::new(Place {
            evicted: CancellationToken::new(),
            finished: AtomicBool::new(false),
            count: self.count.clone(),
        });
        self.waiting.push_back(place.clone());
        (Handshake(place), dropped)
    }
}

impl Handshake {
    /// The head of a request is complete.
    pub(super) fn finish(&self) {
        self.0.finish();
    }

    /// Cancelled when the connection has to make room.
    pub(super) fn evicted(&self) -> CancellationToken {
        self.0.evicted.clone()
    }
}

impl Drop for Handshake {
    fn drop(&mut self) {
        self.0.finish();
    }
}

impl Place {
    /// Answers whether it was not finished yet.
    fn finish(&self) -> bool {
        let news = !self.finished.swap(true, Ordering::Relaxed);
        if news {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_unfinished_makes_room() {
        let mut handshakes = Handshakes::new(2);
        let (first, _) = handshakes.begin();
        let (second, _) = handshakes.begin();
        first.finish();
        let (third, dropped) = handshakes.begin();
        assert_eq!(dropped, 0);
        let (_fourth, dropped) = handshakes.begin();
        assert_eq!(dropped, 1);
        assert!(second.evicted().is_cancelled());
        assert!(!first.evicted().is_cancelled() && !third.evicted().is_cancelled());
    }

    #[test]
    fn connections_that_are_gone_need_no_room() {
        let mut handshakes = Handshakes::new(4);
        for _ in 0..1_000 {
            let (_gone, dropped) = handshakes.begin();
            assert_eq!(dropped, 0);
        }
        assert!(handshakes.waiting.len() <= 8);
        assert_eq!(handshakes.count.load(Ordering::Relaxed), 0);
    }
}
