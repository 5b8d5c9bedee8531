//! Keys to actions, and the actions that belong to no component.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::app::navigation::Step;
use crate::app::{Screen, clock};
use crate::keys::{Action, Keys};
use crate::model::Order;
use crate::pump::{self, Due};
use crate::route::Page;
use crate::view::{FILTER_ID, theme};

/// Listens to keys until the page is closed.
pub(super) fn follow(screen: Screen) {
    let keys = StoredValue::new(Keys::default());
    // Kept for the life of the page, like the page itself.
    _ = window_event_listener(ev::keydown, move |event| {
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        let mut state = keys.get_value();
        let action = state.press(&event.key(), is_typing(&event), modified, clock::now_ms());
        keys.set_value(state);
        if let Some(action) = action
            && !event.default_prevented()
            && (screen.act(action) || act(screen, action))
        {
            event.prevent_default();
        }
    });
}

/// Whether the key belongs to the control that has the focus.
fn is_typing(event: &KeyboardEvent) -> bool {
    let Some(focused) = document().active_element() else { return false };
    match focused.tag_name().as_str() {
        "SELECT" | "TEXTAREA" => true,
        // A slider moves with the arrows and lets every other key through.
        "INPUT" => {
            let slider = focused.dyn_ref::<HtmlInputElement>().is_some_and(|input| input.type_() == "range");
            !slider || event.key().starts_with("Arrow")
        }
        _ => false,
    }
}

/// What is left when no component had a use for the action.
fn act(screen: Screen, action: Action) -> bool {
    match action {
        Action::FocusFilter => {
            if screen.route.with_untracked(|route| route.page) != Page::Fleet {
                screen.change(Step::Push, |route| route.page = Page::Fleet);
            }
            if !focus(FILTER_ID) {
                // The box is mounted once effects have run.
                request_animation_frame(|| _ = focus(FILTER_ID));
            }
            true
        }
        Action::GoFleet => {
            screen.change(Step::Push, |route| route.page = Page::Fleet);
            true
        }
        Action::Escape => escape(screen),
        Action::ToggleTheme => {
            theme::toggle(screen);
            true
        }
        Action::Help => {
            screen.help.update(|open| *open = !*open);
            true
        }
        Action::Resort => {
            screen.write(|state| Order::resort(&mut state.order));
            pump::request(screen, Due { wish: true, ..Due::default() });
            true
        }
        Action::Live => {
            screen.retry();
            true
        }
        Action::Next | Action::Previous | Action::Open => false,
    }
}

/// Closes what is open, or leaves what has the focus, or climbs back to the fleet.
fn escape(screen: Screen) -> bool {
    if screen.help.get_untracked() {
        screen.help.set(false);
        return true;
    }
    let focused = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = focused.filter(|element| element.tag_name() != "BODY") {
        // An element that cannot be left keeps the focus, which harms nobody.
        _ = element.blur();
        return true;
    }
    if screen.route.with_untracked(|route| route.page) != Page::Fleet {
        screen.change(Step::Push, |route| route.page = Page::Fleet);
        return true;
    }
    false
}

/// Gives the focus to the text field called `id`; `false` when there is none.
fn focus(id: &str) -> bool {
    let field =
        document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
    if let Some(field) = &field {
        // An element that cannot take it leaves it where it was.
        _ = field.focus();
        field.select();
    }
    field.is_some()
}
