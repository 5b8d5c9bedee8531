//! A flag that one task waits for.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Wakes the one task that waits, now or the next time it waits.
#[derive(Debug, Default)]
pub(crate) struct Nudge {
    raised: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Nudge {
    /// Raises the flag.
    pub(crate) fn wake(&self) {
        self.raised.set(true);
        let waker = self.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits until the flag is up, and takes it down. Dropped halfway it loses nothing.
    pub(crate) async fn woken(&self) {
        poll_fn(|context| {
            if self.raised.take() {
                return Poll::Ready(());
            }
            *self.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
