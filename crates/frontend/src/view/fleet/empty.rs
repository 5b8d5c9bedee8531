//! A filter that leaves nothing.

use leptos::prelude::*;

use crate::app::Screen;
use crate::app::navigation::Step;

/// Says what was asked, and offers to ask nothing.
#[component]
pub(super) fn NoMatch() -> impl IntoView {
    let screen = Screen::here();
    view! {
        <div class="empty" data-testid="no-match">
            <p>"No host matches"</p>
            <code>
                {move || {
                    screen.route.track();
                    screen.read(|state| state.filter.to_string())
                }}
            </code>
            <button
                class="button primary" type="button"
                on:click=move |_| screen.set_query(String::new(), Step::Push)
            >
                "Show all hosts"
            </button>
        </div>
    }
}
