//! The filter as text: parsed with every letter, and what is wrong said in words.

use cpumonitor_common::FilterError;
use leptos::prelude::*;

use crate::app::Screen;
use crate::app::navigation::Step;
use crate::format;
use crate::view::icon::{Glyph, Icon};

/// The id of the text field, for the key that focuses it.
pub(crate) const FILTER_ID: &str = "filter";

/// The text field, what is wrong with it, and how many hosts it leaves.
#[component]
pub(super) fn FilterBox() -> impl IntoView {
    let screen = Screen::here();
    let text = Memo::new(move |_| screen.route.with(|route| route.query.clone()));
    let wrong = move || screen.filter_error.with(Option::is_some);
    view! {
        <search class="filter">
            <div class="filter-box">
                <Glyph icon=Icon::Search />
                <input
                    id=FILTER_ID class="filter-input" type="text" spellcheck="false" autocomplete="off"
                    autocapitalize="off" enterkeyhint="search" data-testid="filter-input"
                    aria-label="Filter hosts" aria-describedby="filter-error"
                    placeholder="Filter: cpu > 80% and web"
                    aria-invalid=move || wrong().to_string()
                    prop:value=text
                    on:input:target=move |event| screen.set_query(event.target().value(), Step::Replace)
                />
                <Show when=move || !text.with(String::is_empty) fallback=|| view! { <kbd aria-hidden="true">"/"</kbd> }>
                    <button
                        class="button quiet icon small" type="button" aria-label="Clear the filter"
                        data-testid="filter-clear" on:click=move |_| screen.set_query(String::new(), Step::Push)
                    >
                        <Glyph icon=Icon::Cross />
                    </button>
                </Show>
            </div>
            <p class="filter-count" role="status" data-testid="host-count">{move || count(screen)}</p>
            {move || screen.filter_error.get().map(|error| view! { <Wrong text=text.get() error=error /> })}
        </search>
    }
}

fn count(screen: Screen) -> String {
    let tally = screen.tally.get();
    let number = |n: usize| format::count(Some(n as f64));
    if tally.total == 0 {
        String::new()
    } else if tally.leaving > 0 {
        format!("{} of {}, {} leaving", number(tally.shown), number(tally.total), number(tally.leaving))
    } else {
        format!("{} of {}", number(tally.shown), number(tally.total))
    }
}

/// The text with a caret under what the message is about.
#[component]
fn Wrong(text: String, error: FilterError) -> impl IntoView {
    let start = text.floor_char_boundary(error.span.start);
    let end = text.ceil_char_boundary(error.span.end).max(start);
    let (before, rest) = text.split_at(start);
    let (marked, after) = rest.split_at(end - start);
    let caret =
        format!("{}{}", " ".repeat(before.chars().count()), "^".repeat(marked.chars().count().max(1)));
    view! {
        <div class="filter-error" id="filter-error" data-testid="filter-error" role="alert">
            <pre aria-hidden="true">
                <code>{before.to_owned()}<mark>{marked.to_owned()}</mark>{after.to_owned()}"\n"{caret}</code>
            </pre>
            <p>{error.message}</p>
        </div>
    }
}
