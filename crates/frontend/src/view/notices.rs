//! Warnings about the server that everybody who looks at the page should know.

use cpumonitor_common::wire::Notice;
use leptos::prelude::*;

use crate::app::Screen;

/// A strip for each warning.
#[component]
pub(crate) fn Notices() -> impl IntoView {
    let screen = Screen::here();
    let insecure = Memo::new(move |_| {
        screen.notices.listen();
        screen.read(|state| state.model.notices().contains(&Notice::InsecureOpen))
    });
    view! {
        <Show when=move || insecure.get()>
            <p class="notice" role="note" data-testid="notice" data-notice="insecure-open">
                <b>"Open to the network."</b>
                " This server was started with "
                <code>"--insecure-open"</code>
                ": whoever can reach it sees everything here and can report hosts of their own."
            </p>
        </Show>
    }
}
