//! How many hosts fare how. Each counter is a button that shows just those.

use cpumonitor_common::{Filter, HostStatus};
use leptos::prelude::*;

use crate::app::Screen;
use crate::app::navigation::Step;
use crate::format;
use crate::view::fleet::threshold_of;
use crate::view::status;

/// A counter for each status and one for hosts beyond the threshold.
#[component]
pub(super) fn Counters() -> impl IntoView {
    let screen = Screen::here();
    let over_label = move || {
        let chip = screen.route.with(|route| route.chip);
        screen.read(|state| threshold_of(&state.filter, chip).to_string())
    };
    view! {
        <div class="counters" role="group" aria-label="Hosts by status">
            {HostStatus::ALL
                .into_iter()
                .enumerate()
                .map(|(place, status)| view! {
                    <Counter
                        status=status.word()
                        label=Signal::derive(move || status::capital(status).to_owned())
                        count=Signal::derive(move || screen.tally.with(|tally| tally.counts[place]))
                        expression=Signal::derive(move || format!("status = {}", status.word()))
                    />
                })
                .collect_view()}
            <Counter
                status="over"
                label=Signal::derive(over_label)
                count=Signal::derive(move || screen.tally.with(|tally| tally.over))
                expression=Signal::derive(over_label)
            />
        </div>
    }
}

#[component]
fn Counter(
    /// Which glyph.
    status: &'static str,
    /// What is counted, in a word or two.
    label: Signal<String>,
    /// How many.
    count: Signal<usize>,
    /// The filter that shows them.
    expression: Signal<String>,
) -> impl IntoView {
    let screen = Screen::here();
    let pressed = Memo::new(move |_| {
        let asked = Filter::parse(&expression.get()).ok();
        let given = screen.route.with(|route| Filter::parse(&route.query).ok());
        asked.is_some() && asked == given
    });
    let count = Memo::new(move |_| count.get());
    let toggle = move |_| {
        let query = if pressed.get_untracked() { String::new() } else { expression.get_untracked() };
        screen.set_query(query, Step::Push);
    };
    view! {
        <button
            class="counter" type="button" data-testid="counter" data-status=status data-count=count
            aria-pressed=move || pressed.get().to_string() on:click=toggle
            class:zero=move || count.get() == 0
        >
            <b>{move || format::count(Some(count.get() as f64))}</b>
            <span class="counter-label">
                <i class="glyph" data-status=status aria-hidden="true"></i>
                {label}
            </span>
        </button>
    }
}
