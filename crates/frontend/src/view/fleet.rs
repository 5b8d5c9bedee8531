//! The fleet page: every host, and what makes some of them worth looking at.

mod counters;
mod empty;
mod heading;
mod rows;
mod slot;
mod table;
mod threshold;

use leptos::prelude::*;

use crate::app::{Screen, clock};
use crate::view::welcome::FirstRun;
use counters::Counters;
use empty::NoMatch;
use table::Table;
use threshold::Chip;
pub(crate) use threshold::threshold_of;

/// Counters, the threshold, the table; before there is any host, how to add the first.
#[component]
pub(crate) fn FleetPage() -> impl IntoView {
    let screen = Screen::here();
    let some = Memo::new(move |_| screen.tally.with(|tally| tally.total > 0));
    let none_match =
        Memo::new(move |_| screen.tally.with(|tally| tally.total > 0 && tally.shown + tally.leaving == 0));
    let sentence = Memo::new(move |_| {
        screen.health.listen();
        screen.read(|state| state.model.link().sentence(clock::now_ms()))
    });
    let waiting = Memo::new(move |_| screen.tally.with(|tally| !tally.has_snapshot));
    view! {
        <main id="main" class="main fleet" tabindex="-1">
            <h1 class="visually-hidden">"All hosts"</h1>
            <FirstRun />
            <Show when=move || waiting.get()>
                <p class="empty" role="status">{sentence}</p>
            </Show>
            <Show when=move || some.get()>
                <div class="deck">
                    <Counters />
                    <Chip />
                </div>
                <Table />
                <Show when=move || none_match.get()>
                    <NoMatch />
                </Show>
            </Show>
        </main>
    }
}
