//! A chart with its heading and legend.

mod drawing;

use std::cell::RefCell;
use std::rc::Rc;

use leptos::html::Div;
use leptos::prelude::*;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::app::Screen;
use crate::model::host::Panel;
use crate::pump;
use drawing::Drawing;

/// Points that a page key moves the crosshair by.
const PAGE: isize = 30;

/// What stands beside a chart: one entry a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Legend {
    /// The time under the crosshair; empty when the values are the newest.
    at: String,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    label: String,
    colour: String,
    dashed: bool,
    value: String,
}

/// One chart. It is drawn by the pump: only while it is on the screen, and two in a frame at most.
#[component]
pub(super) fn ChartPanel(
    /// What it draws.
    panel: Panel,
    /// Its heading.
    title: &'static str,
    /// How tests find it.
    testid: &'static str,
    /// Whether it takes two columns where there are several.
    #[prop(optional)]
    wide: bool,
    /// What stands below it in the same panel.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let screen = Screen::here();
    let target = NodeRef::<Div>::new();
    let legend = RwSignal::new(Legend::default());
    let summary = RwSignal::new(String::new());
    let points = RwSignal::new(0usize);
    let drawing = StoredValue::new_local(None::<Rc<RefCell<Drawing>>>);
    pump::on_turn(screen, move |turn| {
        let Some(target) = target.get_untracked() else { return };
        let drawing = drawing.get_value().unwrap_or_else(|| {
            let made = Drawing::new(screen, panel, HtmlElement::clone(&target), legend);
            let made = Rc::new(RefCell::new(made));
            drawing.set_value(Some(made.clone()));
            made
        });
        let span = screen.route.with_untracked(|route| route.span);
        if let Some(told) = drawing.borrow_mut().paint(span, turn) {
            summary.set(told.summary);
            points.set(told.points);
        }
    });
    let press = move |event: &KeyboardEvent| {
        let steps = match event.key().as_str() {
            "ArrowLeft" => Some(-1),
            "ArrowRight" => Some(1),
            "PageUp" => Some(-PAGE),
            "PageDown" => Some(PAGE),
            "Escape" if legend.with_untracked(|legend| !legend.at.is_empty()) => None,
            _ => return,
        };
        event.prevent_default();
        if let Some(drawing) = drawing.get_value() {
            drawing.borrow().step(steps);
        }
    };
    let now = move || {
        legend.with(|legend| {
            let values = legend.entries.iter().map(|entry| format!("{} {}", entry.label, entry.value));
            values.collect::<Vec<_>>().join(", ")
        })
    };
    view! {
        <section class="panel chart" class:wide=wide>
            <div class="chart-head">
                <h2>{title}</h2>
                <span class="chart-at">{move || legend.with(|legend| legend.at.clone())}</span>
                <ul class="legend">{move || legend.get().entries.into_iter().map(entry).collect_view()}</ul>
            </div>
            <div
                class="plot" node_ref=target role="figure" tabindex="0" data-testid=testid
                on:keydown=move |event| press(&event)
                aria-label=move || format!("{title}: {}", summary.get())
                data-points=move || points.get().to_string() data-now=now
            ></div>
            {children.map(|children| children())}
        </section>
    }
}

fn entry(entry: Entry) -> impl IntoView {
    view! {
        <li>
            <i class="swatch" class:dashed=entry.dashed style:--line=entry.colour aria-hidden="true"></i>
            {entry.label}
            " "
            <b>{entry.value}</b>
        </li>
    }
}
