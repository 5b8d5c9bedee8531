//! How full the file systems are, the fullest first. Never an average: one full disk is a problem
//! whatever the others do.

use leptos::prelude::*;

use crate::app::Screen;
use crate::format;
use crate::model::host::{FileSystem, OpenHost};

/// Bars shown; more are summed up in a line.
const MOST: usize = 8;
const WARN: f64 = 0.8;
const CRIT: f64 = 0.95;

/// A bar a file system.
#[component]
pub(super) fn FileSystems() -> impl IntoView {
    let screen = Screen::here();
    let all = Memo::new(move |_| {
        screen.host.listen();
        screen.read(|state| state.model.host().map(OpenHost::file_systems).unwrap_or_default())
    });
    let more = move || all.with(Vec::len).saturating_sub(MOST);
    view! {
        <Show when=move || all.with(|all| !all.is_empty())>
            <section class="panel chart" aria-labelledby="file-systems-title">
                <div class="chart-head">
                    <h2 id="file-systems-title">"File systems"</h2>
                </div>
                <ul class="file-systems">
                    {move || all.get().into_iter().take(MOST).map(|one| view! { <Bar one=one /> }).collect_view()}
                </ul>
                <Show when=move || { more() > 0 }>
                    <p class="hint">{move || format!("and {} less full", more())}</p>
                </Show>
            </section>
        </Show>
    }
}

#[component]
fn Bar(one: FileSystem) -> impl IntoView {
    let level = match one.used_ratio {
        share if share >= CRIT => "crit",
        share if share >= WARN => "warn",
        _ => "calm",
    };
    let used = format::percent(Some(one.used_ratio));
    let left = one.available_bytes.map(|bytes| format!("{} free", format::bytes(Some(bytes))));
    view! {
        <li class="file-system" data-testid="file-system" data-mount=one.mount.clone() data-used=used.clone()>
            <span class="mount" title=one.mount.clone()>{one.mount.clone()}</span>
            <span class="left">{left}</span>
            <b>{used.clone()}</b>
            <span class="bar" data-level=level>
                <i style:--share=format!("{:.3}", one.used_ratio.clamp(0.0, 1.0))></i>
            </span>
        </li>
    }
}
