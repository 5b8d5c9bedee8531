//! The title of the tab: which page, and a warning while its numbers are not current.

use leptos::prelude::*;

use crate::app::Screen;
use crate::route::Page;

const PRODUCT: &str = "cpuMonitor";

/// Keeps the title current.
pub(crate) fn follow(screen: Screen) {
    let title = Memo::new(move |_| {
        screen.health.listen();
        screen.host.listen();
        let page = screen.route.with(|route| route.page);
        screen.read(|state| {
            let link = state.model.link();
            let warning = if link.is_live() || !state.model.has_snapshot() { "" } else { "⚠ " };
            match page {
                Page::Fleet => format!("{warning}{PRODUCT}"),
                Page::Host(id) => {
                    format!("{warning}{} · {PRODUCT}", state.model.name_of(id).unwrap_or("Host"))
                }
                Page::Welcome => format!("{warning}Add a host · {PRODUCT}"),
                Page::NotFound => format!("{warning}Nothing here · {PRODUCT}"),
            }
        })
    });
    Effect::new(move |_| title.with(|title| document().set_title(title)));
}
