//! The bar at the top of every page.

use leptos::prelude::*;

use crate::app::Screen;
use crate::plot::Theme;
use crate::route::Page;
use crate::view::filter_box::FilterBox;
use crate::view::icon::{Glyph, Icon};
use crate::view::link_badge::LinkBadge;
use crate::view::theme;

/// Where we are, the filter, how the link fares, and the theme.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let screen = Screen::here();
    let page = Memo::new(move |_| screen.route.with(|route| route.page));
    let home = move || screen.route.with(|route| route.at(Page::Fleet).to_string());
    let here = Memo::new(move |_| match page.get() {
        Page::Fleet => String::new(),
        Page::Host(id) => {
            screen.host.listen();
            screen.tally.track();
            screen.read(|state| state.model.name_of(id).unwrap_or("Host").to_owned())
        }
        Page::Welcome => "Add a host".to_owned(),
        Page::NotFound => "Nothing here".to_owned(),
    });
    view! {
        <header class="header">
            <nav class="crumbs" aria-label="Breadcrumb">
                <a class="brand" href=home aria-label="cpuMonitor: all hosts">
                    <Glyph icon=Icon::Pulse />
                    <span>"cpuMonitor"</span>
                </a>
                <Show when=move || page.get() != Page::Fleet>
                    <span class="crumbs-step" aria-hidden="true">"/"</span>
                    <span class="crumbs-here" aria-current="page">{here}</span>
                </Show>
            </nav>
            <Show when=move || page.get() == Page::Fleet fallback=|| view! { <span class="header-gap"></span> }>
                <FilterBox />
            </Show>
            <div class="header-end">
                <Show when=move || page.get() != Page::Welcome>
                    <a class="button quiet add" href=move || screen.route.with(|route| route.at(Page::Welcome).to_string())>
                        "Add a host"
                    </a>
                </Show>
                <LinkBadge />
                <ThemeToggle />
                <button
                    class="button quiet icon help-button" type="button" aria-label="Keys" title="Keys (?)"
                    on:click=move |_| screen.help.set(true)
                >
                    "?"
                </button>
            </div>
        </header>
    }
}

#[component]
fn ThemeToggle() -> impl IntoView {
    let screen = Screen::here();
    let dark = move || screen.theme.get().theme() == Theme::Dark;
    let label = move || if dark() { "Switch to the light theme" } else { "Switch to the dark theme" };
    view! {
        <button
            class="button quiet icon" type="button" data-testid="theme-toggle" title="Theme (D)"
            aria-label=label
            data-theme=move || theme::word(screen.theme.get().theme())
            on:click=move |_| theme::toggle(screen)
        >
            {move || view! { <Glyph icon=if dark() { Icon::Sun } else { Icon::Moon } /> }}
        </button>
    }
}
