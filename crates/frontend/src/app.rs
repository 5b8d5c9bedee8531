//! The page as a whole: what it consists of and what is running while it is open.

pub(crate) mod clock;
mod events;
pub(crate) mod navigation;
pub(crate) mod screen;
mod shortcuts;

use leptos::prelude::*;

use crate::route;
use crate::view::{FleetPage, Header, HelpSheet, HostPage, NotFound, Notices, WelcomePage, theme, title};
use crate::{link, pump};
pub(crate) use screen::Screen;

/// Draws the page into the document and starts everything that keeps it current.
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(App);
    events::announce_start();
}

/// The page.
#[component]
fn App() -> impl IntoView {
    let screen = Screen::new();
    provide_context(screen);
    theme::follow(screen);
    title::follow(screen);
    navigation::follow(screen);
    shortcuts::follow(screen);
    events::follow(screen);
    pump::start(screen);
    link::start(screen);

    let page = Memo::new(move |_| screen.route.with(|route| route.page));
    let offline = Memo::new(move |_| {
        screen.health.listen();
        screen.read(|state| !state.model.link().is_live() && state.model.has_snapshot())
    });
    view! {
        <div class="app" data-link=move || if offline.get() { "offline" } else { "online" }>
            <a class="skip" href="#main">"Skip to the content"</a>
            <Header />
            <Notices />
            {move || match page.get() {
                route::Page::Fleet => view! { <FleetPage /> }.into_any(),
                route::Page::Host(id) => view! { <HostPage id=id /> }.into_any(),
                route::Page::Welcome => view! { <WelcomePage /> }.into_any(),
                route::Page::NotFound => view! { <NotFound /> }.into_any(),
            }}
            <HelpSheet />
        </div>
    }
}
