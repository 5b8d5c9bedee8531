//! The large numbers of a host.

use cpumonitor_common::{Metric, Unit};
use leptos::prelude::*;

use crate::app::Screen;
use crate::format;
use crate::model::OpenHost;

const TILES: [(Metric, &str); 9] = [
    (Metric::CPU, "CPU"),
    (Metric::MEMORY, "Memory"),
    (Metric::LOAD_1, "Load 1 min"),
    (Metric::FILESYSTEM, "Fullest disk"),
    (Metric::NETWORK_RECEIVE, "Net in"),
    (Metric::NETWORK_TRANSMIT, "Net out"),
    (Metric::DISK_READ, "Disk read"),
    (Metric::DISK_WRITE, "Disk write"),
    (Metric::TEMPERATURE, "Hottest sensor"),
];

/// One tile a metric that the host reports.
#[component]
pub(super) fn Tiles() -> impl IntoView {
    TILES.map(|(metric, label)| view! { <Tile metric=metric label=label /> }).into_iter().collect_view()
}

#[component]
fn Tile(metric: Metric, label: &'static str) -> impl IntoView {
    let screen = Screen::here();
    let value = Memo::new(move |_| {
        screen.host.listen();
        screen.read(|state| state.model.host().and_then(|host: &OpenHost| host.latest(metric)))
    });
    let text = Memo::new(move |_| format::reading(metric, value.get()));
    let share =
        move || value.get().filter(|_| metric.unit() == Unit::Ratio).map(|share| format!("{share:.3}"));
    // A tile stays once it was there, so that a missing reading does not make the others jump.
    let seen =
        Memo::new(move |before: Option<&bool>| before.copied().unwrap_or(false) || value.get().is_some());
    view! {
        <Show when=move || seen.get()>
            <div class="tile" data-testid=format!("tile-{metric}") data-value=text>
                <span class="tile-label">{label}</span>
                <b class="tile-value">{text}</b>
                <Show when=move || metric.unit() == Unit::Ratio>
                    <span class="bar"><i style:--share=share></i></span>
                </Show>
            </div>
        </Show>
    }
}
