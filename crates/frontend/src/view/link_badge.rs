//! The state of the link: always in sight, with what can be done about it.

use leptos::prelude::*;

use crate::app::{Screen, clock};
use crate::format;
use crate::model::{Link, LinkState};

/// As tests and style sheets call the state.
pub(crate) fn link_state_word(state: &LinkState) -> &'static str {
    match state {
        LinkState::Connecting => "connecting",
        LinkState::Live => "live",
        LinkState::Lagging => "lagging",
        LinkState::Reconnecting { .. } => "reconnecting",
        LinkState::Refused { .. } => "refused",
    }
}

/// The state in a word or two; a wait says how long it still is.
fn word(link: &Link, now_ms: f64) -> String {
    match link.state() {
        LinkState::Reconnecting { retry_at_ms, .. } => {
            let seconds = ((retry_at_ms - now_ms) / 1_000.0).ceil().max(0.0);
            format!("{} in {seconds:.0} s", link.word())
        }
        _ => link.word().to_owned(),
    }
}

/// The badge, its button and its popover.
#[component]
pub(super) fn LinkBadge() -> impl IntoView {
    let screen = Screen::here();
    let state = Memo::new(move |_| {
        screen.health.listen();
        screen.read(|state| link_state_word(state.model.link().state()))
    });
    let word = Memo::new(move |_| {
        screen.health.listen();
        screen.read(|state| word(state.model.link(), clock::now_ms()))
    });
    let sentence = Memo::new(move |_| {
        screen.health.listen();
        screen.read(|state| state.model.link().sentence(clock::now_ms()))
    });
    // Spoken when the state changes, not with every second of a countdown.
    let spoken = Memo::new(move |_| {
        state.track();
        sentence.get_untracked()
    });
    view! {
        <div class="link">
            <button
                class="badge" type="button" popovertarget="link-facts" data-testid="link-badge"
                data-state=state title=sentence
            >
                <i class="badge-dot" aria-hidden="true"></i>
                <span>{word}</span>
            </button>
            <Show when=move || state.get() == "reconnecting">
                <button class="button" type="button" data-testid="link-retry" on:click=move |_| screen.retry()>
                    "Retry"
                </button>
            </Show>
            <Show when=move || state.get() == "refused">
                <button class="button primary" type="button" data-testid="link-reload" on:click=|_| reload()>
                    "Reload"
                </button>
            </Show>
            <p class="visually-hidden" role="status">{spoken}</p>
            <div class="popover" id="link-facts" popover="auto">
                <p class="popover-lead">{sentence}</p>
                <Facts />
            </div>
        </div>
    }
}

/// How the page and its link do, in numbers.
#[component]
fn Facts() -> impl IntoView {
    let screen = Screen::here();
    let fact = move |tell: fn(&crate::app::screen::State) -> String| {
        move || {
            screen.second.listen();
            screen.read(tell)
        }
    };
    let version = fact(|state| state.model.server_version().unwrap_or(format::ABSENT).to_owned());
    let page = env!("CARGO_PKG_VERSION");
    let applied = fact(|state| delays(state.model.latency().applied()));
    let painted = fact(|state| delays(state.model.latency().painted()));
    let deltas = fact(|state| format!("{} /s", state.traffic.frames_per_sec()));
    let bytes = fact(|state| format::rate(Some(state.traffic.bytes_per_sec() as f64)));
    let heard = fact(|state| format::age(state.model.link().silent_ms(clock::now_ms())));
    view! {
        <dl class="facts">
            <dt>"Server"</dt>
            <dd>{version}</dd>
            <dt>"Page"</dt>
            <dd>{page}</dd>
            <dt>"Last message"</dt>
            <dd>{heard}" ago"</dd>
            <dt>"Messages"</dt>
            <dd>{deltas}</dd>
            <dt>"Traffic"</dt>
            <dd>{bytes}</dd>
            <dt>"Sample to page, p50 / p99"</dt>
            <dd>{applied}</dd>
            <dt>"Sample to screen, p50 / p99"</dt>
            <dd>{painted}</dd>
        </dl>
    }
}

fn delays(delays: &crate::model::latency::Delays) -> String {
    match (delays.quantile(0.5), delays.quantile(0.99)) {
        (Some(half), Some(most)) => format!("{half:.0} / {most:.0} ms"),
        _ => format::ABSENT.to_owned(),
    }
}

/// Loads the page again, which is the cure when the server has become another version.
fn reload() {
    // Refused only in the middle of leaving the page.
    _ = window().location().reload();
}
