//! What standard output shows besides the fleet.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::log_tail::LogTail;

/// Messages of 2018 clients that wait to be printed; one more is not printed and counted.
const WAITING: usize = 256;

/// What standard output shows besides the fleet: log lines, and messages of 2018 clients. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Feed {
    log: LogTail,
    heard: Arc<Heard>,
}

#[derive(Debug, Default)]
struct Heard {
    reader: Mutex<Option<mpsc::Sender<String>>>,
    unprinted: AtomicU64,
}

impl Feed {
    /// Where log lines go.
    pub(crate) fn log(&self) -> LogTail {
        self.log.clone()
    }

    /// A 2018 client said `message`. Costs next to nothing when nobody prints it.
    pub(crate) fn heard(&self, message: &str) {
        let reader = self.heard.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let printed = reader.as_ref().is_none_or(|reader| reader.try_send(message.to_owned()).is_ok());
        if !printed {
            self.heard.unprinted.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every message from now on. The newest reader gets them.
    pub(super) fn messages(&self) -> mpsc::Receiver<String> {
        let (reader, messages) = mpsc::channel(WAITING);
        *self.heard.reader.lock().unwrap_or_else(PoisonError::into_inner) = Some(reader);
        messages
    }

    /// How many messages could not be printed since this was last asked.
    pub(super) fn unprinted(&self) -> u64 {
        self.heard.unprinted.swap(0, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_reader_nothing_is_kept() {
        let feed = Feed::default();
        feed.heard("before");
        let mut messages = feed.messages();
        feed.heard("after");
        assert_eq!(messages.try_recv().ok().as_deref(), Some("after"));
        assert_eq!(feed.unprinted(), 0);
    }

    #[test]
    fn beyond_the_bound_messages_are_counted() {
        let feed = Feed::default();
        let _messages = feed.messages();
        for _ in 0..WAITING + 2 {
            feed.heard("again");
        }
        assert_eq!((feed.unprinted(), feed.unprinted()), (2, 0));
    }
}
