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
    waiting: VecDeque<Handshake>,
    count: Arc<AtomicUsize>,
}

/// One connection's place among the handshakes.
#[derive(Clone, Debug)]
pub(super) struct Handshake {
    evicted: CancellationToken,
    finished: Arc<AtomicBool>,
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
        let handshake = Handshake {
            evicted: CancellationToken::new(),
            finished: Arc::default(),
            count: self.count.clone(),
        };
        self.waiting.push_back(handshake.clone());
        (handshake, dropped)
    }
}

impl Handshake {
    /// The head of a request is complete, or the connection gone. Answers whether that is news.
    pub(super) fn finish(&self) -> bool {
        let news = !self.finished.swap(true, Ordering::Relaxed);
        if news {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
        news
    }

    /// Cancelled when the connection has to make room.
    pub(super) fn evicted(&self) -> CancellationToken {
        self.evicted.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_unfinished_makes_room() {
        let mut handshakes = Handshakes::new(2);
        let first = handshakes.begin().0;
        let second = handshakes.begin().0;
        assert!(first.finish());
        let third = handshakes.begin();
        assert_eq!(third.1, 0);
        let fourth = handshakes.begin();
        assert_eq!(fourth.1, 1);
        assert!(second.evicted().is_cancelled());
        assert!(!first.evicted().is_cancelled());
        assert!(!third.0.evicted().is_cancelled());
    }

    #[test]
    fn finished_handshakes_do_not_pile_up() {
        let mut handshakes = Handshakes::new(4);
        for _ in 0..1_000 {
            handshakes.begin().0.finish();
        }
        assert!(handshakes.waiting.len() <= 8);
        assert_eq!(handshakes.count.load(Ordering::Relaxed), 0);
    }
}
