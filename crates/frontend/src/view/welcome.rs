//! How to add a host: the command, and a list that ticks itself off.

use cpumonitor_common::{HostId, Metric};
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::app::Screen;
use crate::app::screen::State;
use crate::format;
use crate::link;
use crate::route::Page;
use crate::view::icon::{Glyph, Icon};

/// The page `/welcome`, there at any time.
#[component]
pub(crate) fn WelcomePage() -> impl IntoView {
    view! {
        <main id="main" class="main" tabindex="-1">
            <h1 class="visually-hidden">"Add a host"</h1>
            <Guide title="Add a host" />
        </main>
    }
}

/// The same above the fleet, from the moment somebody looks at a server without hosts until they
/// have seen their first one appear and close it.
#[component]
pub(crate) fn FirstRun() -> impl IntoView {
    let screen = Screen::here();
    let seen = RwSignal::new(false);
    let closed = RwSignal::new(false);
    Effect::new(move |_| {
        if screen.tally.with(|tally| tally.first_run) {
            seen.set(true);
        }
    });
    view! {
        <Show when=move || seen.get() && !closed.get()>
            <Guide title="Add your first agent" closed=closed />
        </Show>
    }
}

/// The host that came since the command was shown.
#[derive(Clone, PartialEq, Eq)]
struct Arrived {
    id: HostId,
    name: String,
    cpu: Option<String>,
}

/// What tells a host that came from those that were there.
#[derive(Clone, Default)]
struct Watched {
    /// Hosts that were there when the fleet was first known; `None` before.
    before: Option<Vec<HostId>>,
    /// The first one that was not.
    arrived: Option<HostId>,
}

impl Watched {
    fn look(&mut self, state: &State) -> Option<Arrived> {
        let fleet = state.model.fleet();
        if !state.model.has_snapshot() {
            return None;
        }
        let ids = || fleet.places().iter().filter_map(|place| fleet.entry(*place)).map(|entry| entry.id);
        let before = self.before.get_or_insert_with(|| ids().collect());
        self.arrived = self.arrived.or_else(|| ids().find(|id| !before.contains(id)));
        let entry = fleet.entry(fleet.place_of(self.arrived?)?)?;
        let cpu = fleet.value(entry.place, Metric::CPU).map(|ratio| format::percent(Some(ratio)));
        Some(Arrived { id: entry.id, name: entry.name.clone(), cpu })
    }
}

/// Command and list.
#[component]
fn Guide(
    /// What stands above it until a host came.
    title: &'static str,
    /// Set when somebody has seen enough.
    #[prop(optional)]
    closed: Option<RwSignal<bool>>,
) -> impl IntoView {
    let screen = Screen::here();
    let watched = StoredValue::new(Watched::default());
    let host = Memo::new(move |_| {
        screen.tally.track();
        screen.second.listen();
        watched.try_update_value(|watched| screen.read(|state| watched.look(state))).flatten()
    });
    let connected = Memo::new(move |_| host.with(Option::is_some));
    let sampled = Memo::new(move |_| host.with(|host| host.as_ref().and_then(|host| host.cpu.clone())));
    let from_source = || format!("cargo run --release -p cpumonitor-agent -- --server {}", link::origin());
    let installed = || format!("cpumonitor-agent --server {}", link::origin());
    let href = move || {
        let page = host.with(|host| host.as_ref().map_or(Page::Fleet, |host| Page::Host(host.id)));
        screen.route.with(|route| route.at(page).to_string())
    };
    view! {
        <section
            class="guide panel" aria-labelledby="guide-title" data-testid="first-run"
            data-step=move || if connected.get() { "connected" } else { "waiting" }
        >
            <div class="guide-head">
                <h2 id="guide-title">
                    {move || host.with(|host| match host {
                        None => title.to_owned(),
                        Some(host) => format!("{} is reporting", host.name),
                    })}
                </h2>
                {closed.map(|closed| view! {
                    <Show when=move || connected.get()>
                        <button
                            class="button quiet icon" type="button" aria-label="Close"
                            on:click=move |_| closed.set(true)
                        >
                            <Glyph icon=Icon::Cross />
                        </button>
                    </Show>
                })}
            </div>
            <Show when=move || !connected.get()>
                <p>"Run one of these on the machine you want to watch. It needs no account and no open port."</p>
                <Command label="From this source checkout" command=from_source() testid="agent-command-source" />
                <Command label="With the agent installed" command=installed() testid="agent-command" />
            </Show>
            <ol class="steps">
                <Step done=connected>
                    {move || host.with(|host| match host {
                        None => "Waiting for an agent to connect …".to_owned(),
                        Some(host) => format!("{} is connected", host.name),
                    })}
                </Step>
                <Step done=Memo::new(move |_| sampled.with(Option::is_some))>
                    {move || sampled.with(|cpu| match cpu {
                        None => "First sample".to_owned(),
                        Some(cpu) => format!("First sample: CPU at {cpu}"),
                    })}
                </Step>
            </ol>
            <Show
                when=move || connected.get()
                fallback=|| view! {
                    <p class="hint">
                        "No machine at hand? "<code>"cargo xtask up --demo 200"</code>
                        " starts a simulated fleet. An agent on another machine needs this server's address in place of "
                        <code>"127.0.0.1"</code>", and a server that listens there."
                    </p>
                }
            >
                <div class="actions">
                    <a class="button primary" href=href data-testid="open-first-host">
                        "Open "
                        {move || host.with(|host| host.as_ref().map(|host| host.name.clone()))}
                    </a>
                </div>
            </Show>
        </section>
    }
}

#[component]
fn Step(done: Memo<bool>, children: Children) -> impl IntoView {
    view! {
        <li class="step" class:done=done>
            <span class="step-mark" aria-hidden="true">
                <Show when=move || done.get()>
                    <Glyph icon=Icon::Check />
                </Show>
            </span>
            <span>{children()}</span>
        </li>
    }
}

#[component]
fn Command(label: &'static str, command: String, testid: &'static str) -> impl IntoView {
    let copied = RwSignal::new(false);
    let text = command.clone();
    // Browsers lend the clipboard only to pages that came over TLS or from this machine.
    let can_copy = window().is_secure_context();
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            // Refused without permission or focus; then people select the text themselves.
            let written = JsFuture::from(window().navigator().clipboard().write_text(&text)).await;
            // The button may be gone by now.
            copied.try_set(written.is_ok());
        });
    };
    view! {
        <div class="command">
            <span class="command-label">{label}</span>
            <div class="command-line">
                <code data-testid=testid>{command}</code>
                {can_copy.then(|| view! {
                    <button class="button" type="button" on:click=copy>
                        {move || if copied.get() { "Copied" } else { "Copy" }}
                    </button>
                })}
            </div>
        </div>
    }
}
