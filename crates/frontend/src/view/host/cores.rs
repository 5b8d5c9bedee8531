//! One strip a core: which ones are busy, and since when.

use leptos::html::Canvas;
use leptos::prelude::*;

use crate::app::Screen;
use crate::model::host::{HeatMatrix, Window};
use crate::paint::Heat;
use crate::pump::{self, Frame};
use crate::route::Span;

/// Cells across: one a second for five minutes.
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
    pump::on_frame(screen, move |frame| {
        let Some(canvas) = canvas.get_untracked() else { return };
        let why = frame.due;
        if why.dirty.host || why.second || why.view || why.wish || why.theme {
            due.set_value(true);
        }
        if !due.get_value() || !frame.take_chart() {
            return;
        }
        due.set_value(false);
        let span = screen.route.with_untracked(|route| route.span);
        matrix.update_value(|matrix| fill(matrix, span, frame));
        heat.update_value(|heat| {
            let heat = heat.get_or_insert_with(|| Heat::on(canvas));
            heat.refit();
            matrix.with_value(|matrix| heat.draw(matrix, frame.ink));
        });
        matrix.with_value(|matrix| {
            if labels.with_untracked(|labels| *labels != matrix.labels) {
                labels.set(matrix.labels.clone());
            }
        });
    });
    let count = move || labels.with(Vec::len);
    let height = move || {
        let count = count() as f64;
        format!("{}px", (count * STRIP.1).min(ALL).max(count * STRIP.0).round())
    };
    view! {
        <div class="cores" class:none=move || count() == 0>
            <span class="cores-label">{move || match count() {
                0 => String::new(),
                1 => "1 core".to_owned(),
                count => format!("{count} cores"),
            }}</span>
            <canvas
                node_ref=canvas role="img" style:height=height data-testid="chart-cores"
                data-rows=move || count().to_string()
                aria-label=move || format!("Busy share of each of {} cores over time", count())
            ></canvas>
            <div class="ramp" aria-hidden="true"><span>"idle"</span><i></i><span>"busy"</span></div>
        </div>
    }
}

fn fill(matrix: &mut HeatMatrix, span: Span, frame: &Frame<'_>) {
    let window = Window::ending(frame.state.model.server_now(frame.now_ms), span.as_ms());
    match frame.state.model.host() {
        Some(host) => host.fill_cores(window, (span.as_ms() / SECOND_MS) as usize, matrix),
        None => *matrix = HeatMatrix::default(),
    }
}
