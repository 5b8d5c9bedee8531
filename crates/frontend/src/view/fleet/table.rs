//! The table of hosts.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, MouseEvent};

use super::heading::{COLUMNS, Headings, SortList};
use super::rows::Rows;
use crate::app::Screen;
use crate::app::navigation::Step;
use crate::keys::Action;
use crate::pump;
use crate::route::Page;

/// Headings and rows. Rows hold still while the pointer or the focus is in the table.
#[component]
pub(super) fn Table() -> impl IntoView {
    let screen = Screen::here();
    let body = NodeRef::<Div>::new();
    let rows = StoredValue::new_local(None::<Rc<RefCell<Rows>>>);
    pump::on_turn(screen, move |turn| {
        let Some(body) = body.get_untracked() else { return };
        let rows = rows.get_value().unwrap_or_else(|| {
            let made = Rc::new(RefCell::new(Rows::new(HtmlElement::clone(&body))));
            rows.set_value(Some(made.clone()));
            made
        });
        screen.route.with_untracked(|route| rows.borrow_mut().paint(turn.state.order.rows(), route, turn));
    });
    screen.respond(move |action| {
        let Some(rows) = rows.get_value() else { return false };
        match action {
            Action::Next | Action::Previous => {
                rows.borrow_mut().step(action == Action::Next);
                true
            }
            Action::Open => {
                let host = rows.borrow().focused();
                if let Some(host) = host {
                    screen.change(Step::Push, |route| route.page = Page::Host(host));
                }
                host.is_some()
            }
            _ => false,
        }
    });
    let (pointed, focused) = (StoredValue::new(false), StoredValue::new(false));
    let hold = move |flag: StoredValue<bool>, on: bool| {
        // A browser takes the focus from a row as it removes the table, when the flags are gone already.
        if flag.try_set_value(on).is_some() {
            return;
        }
        screen.hold(pointed.get_value() || focused.get_value());
    };
    on_cleanup(move || screen.hold(false));
    let row_count = Memo::new(move |_| screen.tally.with(|tally| tally.total + 1));
    view! {
        <div class="table-bar">
            <SortList />
            <Held />
        </div>
        <div
            class="table" role="table" aria-label="Hosts" aria-rowcount=row_count aria-colcount=COLUMNS.len()
            on:pointerenter=move |event| hold(pointed, event.pointer_type() == "mouse")
            on:pointerleave=move |_| hold(pointed, false)
        >
            <Headings />
            <div
                class="body" role="rowgroup" node_ref=body
                on:focusin=move |_| hold(focused, true)
                on:focusout=move |_| hold(focused, false)
                on:click=move |event| open(screen, &event)
            ></div>
        </div>
    }
}

/// Says that rows hold still, while that makes a difference.
#[component]
fn Held() -> impl IntoView {
    let screen = Screen::here();
    let held = Memo::new(move |_| screen.tally.with(|tally| tally.frozen && tally.out_of_order));
    view! {
        <p class="held" class:on=held>
            <Show when=move || held.get()>
                <span data-testid="order-held">"Order held"</span>
                <button class="button quiet" type="button" on:click=move |_| _ = screen.act(Action::Resort)>
                    "Sort now "
                    <kbd>"R"</kbd>
                </button>
            </Show>
        </p>
    }
}

/// A click anywhere in a row opens its host; on the link the browser and the router see to it.
fn open(screen: Screen, event: &MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(target) = target.filter(|target| target.closest("a").ok().flatten().is_none()) else { return };
    let row = target.closest("[data-host]").ok().flatten();
    let host = row.and_then(|row| row.get_attribute("data-host")).and_then(|id| id.parse().ok());
    let plain = event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key());
    if let Some(host) = host.filter(|_| plain) {
        screen.change(Step::Push, |route| route.page = Page::Host(host));
    }
}
