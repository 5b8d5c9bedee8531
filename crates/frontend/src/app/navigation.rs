//! Between the route and the address bar.

use cpumonitor_common::Filter;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

use crate::app::Screen;
use crate::model::Histogram;
use crate::pump::{self, Due};
use crate::route::Route;

/// Whether Back returns to what was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It does: pages, and what is chosen with one click.
    Push,
    /// It does not: text being typed, a slider being dragged.
    Replace,
}

/// The route of the address bar.
pub(crate) fn current() -> Route {
    let location = window().location();
    Route::parse(&location.pathname().unwrap_or_default(), &location.search().unwrap_or_default())
}

/// Follows links of this page and the Back button.
pub(super) fn follow(screen: Screen) {
    // Kept for the life of the page, like the page itself.
    _ = window_event_listener(ev::popstate, move |_| screen.show(current()));
    _ = window_event_listener(ev::click, move |event| follow_link(screen, &event));
}

/// Takes over a plain click on a link to a page of ours; everything else is the browser's.
fn follow_link(screen: Screen, event: &MouseEvent) {
    let plain = event.button() == 0
        && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key())
        && !event.default_prevented();
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a[href]").ok().flatten());
    let Some(link) = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()).filter(|_| plain) else {
        return;
    };
    let ours = Some(link.origin()) == window().location().origin().ok()
        && link.target().is_empty()
        && !link.pathname().starts_with("/api/")
        && link.hash().is_empty();
    if ours {
        event.prevent_default();
        screen.go(Route::parse(&link.pathname(), &link.search()), Step::Push);
    }
}

/// Brings the address bar up to date, if it is not. Browsers limit how often it may be written, so
/// continuous changes come here a few times a second.
pub(super) fn write_url(screen: Screen) {
    let url = screen.route.with_untracked(Route::to_string);
    if current().to_string() != url
        && let Ok(history) = window().history()
    {
        // Refused only when written too often; the next tick tries again.
        _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&url));
    }
}

impl Screen {
    /// Goes to `route` and writes the address bar.
    pub(crate) fn go(self, route: Route, step: Step) {
        let page_changed = self.route.with_untracked(|old| old.page != route.page);
        if step == Step::Push {
            write_url(self); // what Back is to return to
            if let Ok(history) = window().history() {
                // Refused only when written too often; then Back skips this step.
                _ = history.push_state_with_url(&JsValue::NULL, "", Some(&route.to_string()));
            }
        }
        self.show(route);
        if page_changed {
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    /// Shows `route`, which the address bar has already or will have.
    pub(crate) fn show(self, route: Route) {
        match Filter::parse(&route.query) {
            Ok(filter) => {
                self.write(|state| state.filter = filter);
                self.filter_error.set(None);
            }
            Err(error) => self.filter_error.set(Some(error)),
        }
        self.write(|state| {
            if state.histogram.axis().metric() != route.chip {
                state.histogram = Histogram::of(route.chip);
            }
        });
        self.route.set(route);
        self.want();
        pump::request(self, Due { wish: true, view: true, ..Due::default() });
    }

    /// The same page with another filter text.
    pub(crate) fn set_query(self, query: String, step: Step) {
        let route = self.route.get_untracked();
        if route.query != query {
            self.go(Route { query, ..route }, step);
        }
    }

    /// Changes one thing of the route.
    pub(crate) fn change(self, step: Step, change: impl FnOnce(&mut Route)) {
        let mut route = self.route.get_untracked();
        change(&mut route);
        self.go(route, step);
    }
}
