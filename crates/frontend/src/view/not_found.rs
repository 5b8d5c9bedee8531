//! An address that is none of ours.

use leptos::prelude::*;

use crate::app::Screen;
use crate::route::Page;

/// Says so, and where to go instead.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    let screen = Screen::here();
    view! {
        <main id="main" class="main" tabindex="-1">
            <div class="empty">
                <h1>"There is nothing at this address"</h1>
                <p>"The link may be old, or part of it was lost."</p>
                <a class="button primary" href=move || screen.route.with(|route| route.at(Page::Fleet).to_string())>
                    "Show all hosts"
                </a>
            </div>
        </main>
    }
}
