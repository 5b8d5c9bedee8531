//! The way to standard output: a thread, because writing there can block for as long as somebody reads slowly.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

/// Texts that wait while one is being written. One more is refused: what is live is not worth queueing.
const WAITING: usize = 2;
/// Time for the last text to be written; a terminal that was stopped with Ctrl-S never takes it.
const PATIENCE: Duration = Duration::from_secs(1);

/// A thread that writes texts, one after the other.
#[derive(Debug)]
pub(super) struct Output {
    texts: SyncSender<String>,
    ended: oneshot::Receiver<()>,
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// It will be written.
    Taken,
    /// Earlier texts are still waiting; this one is gone.
    Busy,
    /// Nobody reads any more.
    Closed,
}

/// What a thread adds to the texts it writes.
pub(super) trait Frame: Send + 'static {
    /// Comes before `text`.
    fn before(&mut self) -> &'static str {
        ""
    }

    /// The last text of all.
    fn last(&mut self) -> String {
        String::new()
    }
}

/// Adds nothing.
#[derive(Debug)]
pub(super) struct Bare;

impl Frame for Bare {}

impl Output {
    /// Starts a thread that writes to `sink` what it is offered, within `frame`.
    ///
    /// # Errors
    /// When the system has no thread to spare.
    pub(super) fn start(sink: impl Write + Send + 'static, frame: impl Frame) -> io::Result<Output> {
        let (texts, waiting) = sync_channel(WAITING);
        let (end, ended) = oneshot::channel();
        thread::Builder::new().name("terminal".to_owned()).spawn(move || {
            // Whoever reads has gone: the next offer tells.
            let _ = write_all(sink, frame, &waiting);
            drop(waiting);
            let _ = end.send(());
        })?;
        Ok(Output { texts, ended })
    }

    /// Hands over `text`, unless earlier ones are still waiting.
    pub(super) fn offer(&self, text: String) -> Offer {
        match self.texts.try_send(text) {
            Ok(()) => Offer::Taken,
            Err(TrySendError::Full(_)) => Offer::Busy,
            Err(TrySendError::Disconnected(_)) => Offer::Closed,
        }
    }

    /// Waits for what was taken, and for the frame's last text, to be written; not for ever.
    pub(super) async fn finish(self) {
        drop(self.texts);
        // Either way there is nothing left to do.
        let _ = tokio::time::timeout(PATIENCE, self.ended).await;
    }
}

fn write_all(mut sink: impl Write, mut frame: impl Frame, texts: &Receiver<String>) -> io::Result<()> {
    let outcome = texts.iter().try_for_each(|text| {
        sink.write_all(frame.before().as_bytes())?;
        sink.write_all(text.as_bytes())?;
        sink.flush()
    });
    sink.write_all(frame.last().as_bytes())?;
    sink.flush()?;
    outcome
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::mpsc::channel;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Standard output as a test sees it.
    #[derive(Clone, Debug, Default)]
    pub(in crate::terminal) struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Paper {
        pub(in crate::terminal) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Paper {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_was_taken_is_written_in_order() {
        let paper = Paper::default();
        let output = Output::start(paper.clone(), Bare).unwrap();
        for text in ["one\n", "two\n"] {
            assert_eq!(output.offer(text.to_owned()), Offer::Taken);
        }
        output.finish().await;
        assert_eq!(paper.text(), "one\ntwo\n");
    }

    /// Standard output that takes nothing before it is told to.
    struct Stuck(Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_slow_reader_is_told_less_and_holds_nobody_up() {
        let (go_on, stuck) = channel();
        let output = Output::start(Stuck(stuck), Bare).unwrap();
        // At most two wait and one is with the writer.
        let offers: Vec<Offer> = (0..5).map(|_| output.offer("text".to_owned())).collect();
        assert_eq!(offers.last(), Some(&Offer::Busy));
        drop(go_on);
        output.finish().await;
    }

    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_reader_that_is_gone_is_noticed() {
        let mut output = Output::start(Gone, Bare).unwrap();
        assert_ne!(output.offer("text".to_owned()), Offer::Closed);
        (&mut output.ended).await.unwrap();
        assert_eq!(output.offer("text".to_owned()), Offer::Closed);
    }
}
