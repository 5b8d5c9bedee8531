//! The fleet in the terminal: a live table, or lines for whoever reads a pipe.
//!
//! What is shown is a pure function of the hosts, the filter, the time and the size of the screen. A
//! thread of its own does the writing, so a reader that is slow or gone holds nobody up.

mod bar;
mod column;
mod feed;
mod format;
mod lines;
mod log_tail;
mod output;
mod row;
mod screen;
mod table;
mod text;

use std::io::{self, IsTerminal as _, Write};
use std::sync::LazyLock;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::Print;
use crate::app::App;
use output::{Bare, Offer, Output};
use row::Picture;
use screen::Screen;
use table::Surroundings;

pub(crate) use feed::Feed;

/// Between two drawings of the table.
const REDRAW: Duration = Duration::from_millis(500);
/// Between two lines of one host.
const LINE: Duration = Duration::from_secs(1);

impl Print {
    /// What [`Print::Auto`] stands for: a table when standard output is a terminal, otherwise lines.
    #[must_use]
    pub fn resolve(self) -> Print {
        match self {
            Print::Auto if io::stdout().is_terminal() => Print::Table,
            Print::Auto => Print::Lines,
            chosen => chosen,
        }
    }
}

/// What standard output shows besides the fleet. A process has one standard output and one log, and so
/// one of these; give `feed().log()` to `tracing_subscriber` as the writer when the table will be shown.
pub(crate) fn feed() -> &'static Feed {
    static FEED: LazyLock<Feed> = LazyLock::new(Feed::default);
    &FEED
}

/// Shows the fleet on standard output until `shutdown`.
pub(crate) async fn run(app: App, mode: Print, shutdown: CancellationToken) {
    let stdout = io::stdout();
    let outcome = match mode.resolve() {
        Print::Table => show_table(&app, stdout, &shutdown).await,
        Print::Lines => show_lines(&app, stdout, &shutdown).await,
        Print::Auto | Print::None => Ok(()),
    };
    if let Err(error) = outcome {
        warn!(%error, "standard output shows nothing any more");
    }
}

async fn show_table(
    app: &App,
    stdout: impl Write + Send + 'static,
    shutdown: &CancellationToken,
) -> io::Result<()> {
    let screen = Screen::new(feed().log());
    screen.leave_on_panic();
    let output = Output::start(stdout, screen)?;
    let url = format!("http://{}/", app.config.listen);
    let filter = app.config.filter.to_string();
    let mut before = String::new();
    let mut ticks = interval(REDRAW);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while tick(&mut ticks, shutdown).await {
        let picture = Picture::hottest_first(&app.relay.view(), &app.config.filter, app.clock.now());
        let log = feed().log().last();
        let around = Surroundings { url: &url, filter: &filter, log: &log, color: app.config.color };
        let size = screen::size();
        let painting = screen::paint(&table::draw(&picture, &around, size), size);
        if painting == before {
            continue;
        }
        match output.offer(painting.clone()) {
            Offer::Taken => before = painting,
            // The next drawing is newer anyway.
            Offer::Busy => {}
            Offer::Closed => return Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
    output.finish().await;
    Ok(())
}

async fn tick(ticks: &mut tokio::time::Interval, shutdown: &CancellationToken) -> bool {
    tokio::select! {
        biased;
        () = shutdown.cancelled() => false,
        _ = ticks.tick() => true,
    }
}

async fn show_lines(
    app: &App,
    stdout: impl Write + Send + 'static,
    shutdown: &CancellationToken,
) -> io::Result<()> {
    let output = Output::start(stdout, Bare)?;
    let mut messages = feed().messages();
    let mut ticks = interval(LINE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut skipped = 0;
    loop {
        let text = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            Some(message) = messages.recv() => heard(&message, &mut messages),
            _ = ticks.tick() => {
                let now = app.clock.now();
                lines::lines(&Picture::by_name(&app.relay.view(), &app.config.filter, now), now)
            }
        };
        skipped += feed().unprinted();
        if text.is_empty() {
            continue;
        }
        match output.offer(notice(skipped) + &text) {
            Offer::Taken => skipped = 0,
            Offer::Busy => skipped += text.lines().count() as u64,
            Offer::Closed => return Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
    output.finish().await;
    Ok(())
}

/// `first` and whatever else waits, as lines.
fn heard(first: &str, messages: &mut mpsc::Receiver<String>) -> String {
    let mut text = lines::heard(first);
    while let Ok(message) = messages.try_recv() {
        text.push_str(&lines::heard(&message));
    }
    text
}

/// Says how many lines are missing, as a comment.
fn notice(skipped: u64) -> String {
    if skipped == 0 {
        String::new()
    } else {
        format!("# {skipped} lines were left out: they are read too slowly\n")
    }
}
