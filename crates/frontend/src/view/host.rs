//! The page of one host: who it is, how it does now, and the last minutes of everything.

mod chart;
mod cores;
mod facts;
mod file_systems;
mod missing;
mod tiles;
mod watch;

use cpumonitor_common::HostId;
use leptos::prelude::*;

use crate::app::Screen;
use crate::app::navigation::Step;
use crate::model::host::Panel;
use crate::route::Span;
use chart::ChartPanel;
use cores::Cores;
use facts::Facts;
use file_systems::FileSystems;
use missing::Missing;
use tiles::Tiles;

/// The charts, in reading order.
const PANELS: [(Panel, &str, &str); 5] = [
    (Panel::Memory, "Memory", "chart-memory"),
    (Panel::Network, "Network", "chart-network"),
    (Panel::Disk, "Disk", "chart-disk"),
    (Panel::Temperature, "Temperatures", "chart-temperature"),
    (Panel::Swap, "Swap", "chart-swap"),
];

/// Everything about the host `id`.
#[component]
pub(crate) fn HostPage(id: HostId) -> impl IntoView {
    let screen = Screen::here();
    let known = Memo::new(move |_| {
        screen.host.listen();
        screen.read(|state| state.model.host().filter(|host| host.id() == id).and_then(|host| host.known()))
    });
    let fares = Memo::new(move |_| {
        screen.host.listen();
        screen.tally.track();
        facts::fares(screen, id).0.word()
    });
    view! {
        <main
            id="main" class="main host-page" tabindex="-1" data-testid="host-page" data-host=id.to_string()
            data-status=move || fares.get()
            data-known=move || known.get().map(|known| known.to_string())
        >
            <Show when=move || known.get() != Some(false) fallback=move || view! { <Missing id=id /> }>
                <Facts id=id />
                <div class="host-bar">
                    <Tiles />
                </div>
                <SpanSwitch />
                <div class="charts">
                    <ChartPanel panel=Panel::Cpu title="CPU" testid="chart-cpu" wide=true>
                        <Cores />
                    </ChartPanel>
                    <div class="side">
                        <FileSystems />
                        <ChartPanel panel=Panel::Load title="Load" testid="chart-load" />
                    </div>
                    {PANELS
                        .into_iter()
                        .map(|(panel, title, testid)| view! {
                            <Optional panel=panel title=title testid=testid />
                        })
                        .collect_view()}
                </div>
            </Show>
        </main>
    }
}

/// A chart that is there only while the host has something to draw in it.
#[component]
fn Optional(panel: Panel, title: &'static str, testid: &'static str) -> impl IntoView {
    let screen = Screen::here();
    let has = Memo::new(move |_| {
        screen.host.listen();
        screen.read(|state| state.model.host().is_some_and(|host| host.has(panel)))
    });
    view! {
        <Show when=move || has.get()>
            <ChartPanel panel=panel title=title testid=testid />
        </Show>
    }
}

/// How much of the past the charts show.
#[component]
fn SpanSwitch() -> impl IntoView {
    let screen = Screen::here();
    let span = Memo::new(move |_| screen.route.with(|route| route.span));
    let choice = move |choice: Span, testid: &'static str, label: &'static str| {
        view! {
            <button
                type="button" data-testid=testid aria-pressed=move || (span.get() == choice).to_string()
                on:click=move |_| screen.change(Step::Push, |route| route.span = choice)
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="charts-bar">
            <h2>
                {move || match span.get() {
                    Span::Minute => "The last minute",
                    Span::FiveMinutes => "The last five minutes",
                }}
            </h2>
            <div class="segments" role="group" aria-label="Time shown">
                {choice(Span::Minute, "span-1m", "1 min")}
                {choice(Span::FiveMinutes, "span-5m", "5 min")}
            </div>
        </div>
    }
}
