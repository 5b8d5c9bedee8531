//! One strip a core: which ones are busy, and since when.

use leptos::html::Canvas;
use leptos::prelude::*;
use web_sys::PointerEvent;

use crate::app::Screen;
use crate::format;
use crate::model::fleet::NO_LEVEL;
use crate::model::host::{HeatMatrix, Window};
use crate::paint::Heat;
use crate::pump::{self, Due, Turn};
use crate::route::Span;
use crate::view::host::watch::Watch;

/// One cell a second.
const SECOND_MS: i64 = 1_000;
/// Height of one strip, and of all of them together, in CSS pixels.
const STRIP: (f64, f64) = (2.0, 14.0);
const ALL: f64 = 168.0;

/// The heat strips below the CPU chart, aligned with its time axis.
#[component]
pub(super) fn Cores() -> impl IntoView {
    let screen = Screen::here();
    let canvas = NodeRef::<Canvas>::new();
    let heat = StoredValue::new_local(None::<Heat>);
    let matrix = StoredValue::new(HeatMatrix::default());
    let labels = RwSignal::new(Vec::<String>::new());
    let due = StoredValue::new(true);
    let watch = StoredValue::new_local(None::<Watch>);
    pump::on_turn(screen, move |turn| {
        let Some(canvas) = canvas.get_untracked() else { return };
        let why = turn.due;
        if why.dirty.host || why.second || why.view || why.wish || why.theme {
            due.set_value(true);
        }
        watch.update_value(|watch| {
            watch.get_or_insert_with(|| {
                Watch::new(&canvas, move || pump::request(screen, Due { view: true, ..Due::default() }))
            });
        });
        let visible = watch.with_value(|watch| watch.as_ref().is_some_and(Watch::is_visible));
        if !due.get_value() || !visible || !turn.take_chart() {
            return;
        }
        due.set_value(false);
        let resized = watch.with_value(|watch| watch.as_ref().is_some_and(Watch::take_resized));
        let span = screen.route.with_untracked(|route| route.span);
        matrix.update_value(|matrix| fill(matrix, span, turn));
        heat.update_value(|heat| {
            let heat = heat.get_or_insert_with(|| Heat::on(canvas));
            if resized {
                heat.refit();
            }
            matrix.with_value(|matrix| heat.draw(matrix, turn.ink));
        });
        matrix.with_value(|matrix| {
            if labels.with_untracked(|labels| *labels != matrix.labels) {
                labels.set(matrix.labels.clone());
            }
        });
    });
    let pointed = RwSignal::new(None::<String>);
    let point = move |event: &PointerEvent| {
        let Some(canvas) = canvas.get_untracked() else { return };
        let across = f64::from(event.offset_x()) / f64::from(canvas.client_width().max(1));
        let down = f64::from(event.offset_y()) / f64::from(canvas.client_height().max(1));
        pointed.set(matrix.with_value(|matrix| cell(matrix, across, down)));
    };
    let count = move || labels.with(Vec::len);
    let height = move || {
        let count = count() as f64;
        format!("{}px", (count * STRIP.1).min(ALL).max(count * STRIP.0).max(1.0).round())
    };
    view! {
        <div class="cores" class:none=move || count() == 0>
            <span class="cores-label">{move || pointed.get().unwrap_or_else(|| match count() {
                0 => String::new(),
                1 => "1 core".to_owned(),
                count => format!("{count} cores"),
            })}</span>
            <canvas
                node_ref=canvas role="img" style:height=height data-testid="chart-cores"
                on:pointermove=move |event| point(&event)
                on:pointerleave=move |_| pointed.set(None)
                data-rows=move || count().to_string()
                aria-label=move || format!("Busy share of each of {} cores over time", count())
            ></canvas>
            <div class="ramp" aria-hidden="true"><span>"idle"</span><i></i><span>"busy"</span></div>
        </div>
    }
}

/// The cell at these shares of width and height, in words.
fn cell(matrix: &HeatMatrix, across: f64, down: f64) -> Option<String> {
    let row = (down * matrix.labels.len() as f64) as usize;
    let column = ((across * matrix.columns as f64) as usize).min(matrix.columns.saturating_sub(1));
    let label = matrix.labels.get(row)?;
    let level = *matrix.levels.get(row * matrix.columns + column)?;
    let share = (level != NO_LEVEL).then(|| f64::from(level) / f64::from(NO_LEVEL - 1));
    Some(format!("core {label}, {} s ago: {}", matrix.columns - 1 - column, format::percent(share)))
}

fn fill(matrix: &mut HeatMatrix, span: Span, turn: &Turn<'_>) {
    let window = Window::ending(turn.state.model.server_now(turn.now_ms), span.as_ms());
    match turn.state.model.host() {
        Some(host) => host.fill_cores(window, (span.as_ms() / SECOND_MS) as usize, matrix),
        None => *matrix = HeatMatrix::default(),
    }
}
