//! A host the server does not know.

use cpumonitor_common::HostId;
use leptos::prelude::*;

use crate::app::Screen;
use crate::route::Page;

/// Says so, why that may be, and where to go.
#[component]
pub(super) fn Missing(id: HostId) -> impl IntoView {
    let screen = Screen::here();
    view! {
        <div class="empty">
            <h1>"The server does not know this host"</h1>
            <p>
                "It may not have reported since the server started. This page shows it as soon as it does."
            </p>
            <code>{id.to_string()}</code>
            <a class="button primary" href=move || screen.route.with(|route| route.at(Page::Fleet).to_string())>
                "Show all hosts"
            </a>
        </div>
    }
}
