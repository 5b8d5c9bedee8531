//! The threshold chip: metric, operator, a slider on the live histogram of the fleet, and the number.
//!
//! The chip stands for one threshold of the filter text: moving the slider rewrites that threshold
//! and nothing else, and editing the text moves the slider.

use cpumonitor_common::filter::{Op, Threshold};
use cpumonitor_common::metric::CATALOGUE;
use cpumonitor_common::{Filter, Metric, Unit};
use leptos::html::{Canvas, Input};
use leptos::prelude::*;

use crate::app::Screen;
use crate::app::navigation::Step;
use crate::model::Mode;
use crate::paint::Bars;
use crate::pump;
use crate::view::icon::{Glyph, Icon};

/// The metrics people look for, in the order of the list.
const METRICS: [Metric; 9] = [
    Metric::CPU,
    Metric::MEMORY,
    Metric::LOAD_1,
    Metric::FILESYSTEM,
    Metric::SWAP,
    Metric::NETWORK_RECEIVE,
    Metric::NETWORK_TRANSMIT,
    Metric::DISK_BUSY,
    Metric::TEMPERATURE,
];
const OPS: [Op; 6] = [Op::Above, Op::AtLeast, Op::Below, Op::AtMost, Op::Equal, Op::NotEqual];

/// The threshold of `metric` that `filter` requires, or else the one worth suggesting.
pub(crate) fn threshold_of(filter: &Filter, metric: Metric) -> Threshold {
    required(filter, metric).unwrap_or_else(|| Threshold::new(metric, Op::Above, suggestion(metric)))
}

fn required(filter: &Filter, metric: Metric) -> Option<Threshold> {
    filter.thresholds().into_iter().find(|threshold| threshold.metric() == metric)
}

/// A value beyond which a host is worth a look.
fn suggestion(metric: Metric) -> f64 {
    const MIB: f64 = 1024.0 * 1024.0;
    match metric.unit() {
        Unit::Ratio => 0.8,
        Unit::Celsius => 80.0,
        Unit::Bytes | Unit::BytesPerSecond => 10.0 * MIB,
        Unit::PerSecond => 1_000.0,
        Unit::Count => 4.0,
        Unit::Seconds => 86_400.0,
    }
}

/// The chip with the switch between hiding and dimming.
#[component]
pub(super) fn Chip() -> impl IntoView {
    let screen = Screen::here();
    let chip = Memo::new(move |_| screen.route.with(|route| route.chip));
    // The filter in force changes only together with the route.
    let set = Memo::new(move |_| {
        screen.route.track();
        screen.read(|state| required(&state.filter, chip.get()))
    });
    let shown = Memo::new(move |_| {
        screen.route.track();
        screen.read(|state| threshold_of(&state.filter, chip.get()))
    });
    let op = move || shown.get().op();
    let wrong = Signal::derive(move || screen.filter_error.with(Option::is_some));
    let replace = move |op: Op, value: f64| {
        let threshold = Threshold::new(chip.get_untracked(), op, value);
        let query = screen.read(|state| state.filter.with(threshold).to_string());
        screen.set_query(query, Step::Replace);
    };
    let choose_op = move |symbol: String| {
        if let Some(op) = OPS.into_iter().find(|op| op.symbol() == symbol) {
            replace(op, shown.get_untracked().value());
        }
    };
    let clear = move |_| {
        let query = screen.read(|state| state.filter.without(chip.get_untracked()).to_string());
        screen.set_query(query, Step::Push);
    };
    view! {
        <div class="chip" role="group" aria-label="Threshold" class:set=move || set.get().is_some()>
            <select
                class="select" aria-label="Metric of the threshold" data-testid="threshold-metric"
                prop:value=move || chip.get().to_string()
                on:change:target=move |event| {
                    if let Some(metric) = Metric::by_short(&event.target().value()) {
                        screen.change(Step::Push, |route| route.chip = metric);
                    }
                }
            >
                <Metrics chip=chip />
            </select>
            <select
                class="select op" aria-label="Comparison of the threshold" data-testid="threshold-op"
                disabled=wrong prop:value=move || op().symbol()
                on:change:target=move |event| choose_op(event.target().value())
            >
                {OPS.into_iter().map(|op| view! { <option value=op.symbol()>{op.symbol()}</option> }).collect_view()}
            </select>
            <Slider shown=shown wrong=wrong replace=replace />
            <Value shown=shown set=set wrong=wrong />
            <button
                class="button quiet icon" type="button" aria-label="Remove the threshold" data-testid="threshold-clear"
                disabled=move || set.get().is_none() || wrong.get() on:click=clear
            >
                <Glyph icon=Icon::Cross />
            </button>
            <ModeSwitch />
        </div>
    }
}

/// The metrics to choose from; one that came with the URL is among them.
#[component]
fn Metrics(chip: Memo<Metric>) -> impl IntoView {
    move || {
        let chip = chip.get();
        let others = Some(chip).filter(|chip| !METRICS.contains(chip));
        METRICS
            .into_iter()
            .chain(others)
            .filter_map(|metric| CATALOGUE.iter().find(|def| def.metric == metric))
            .map(|def| view! { <option value=def.short selected=def.metric == chip>{def.label}</option> })
            .collect_view()
    }
}

/// The slider. Its track is the histogram, its stops are those of the axis.
#[component]
fn Slider(
    /// Where the thumb is.
    shown: Memo<Threshold>,
    /// The text is no filter, so there is nothing to rewrite.
    wrong: Signal<bool>,
    /// Called with operator and value when the thumb moves.
    replace: impl Fn(Op, f64) + Copy + 'static,
) -> impl IntoView {
    let screen = Screen::here();
    let canvas = NodeRef::<Canvas>::new();
    let bars = StoredValue::new_local(None::<Bars>);
    pump::on_turn(screen, move |turn| {
        let Some(canvas) = canvas.get_untracked() else { return };
        let due = turn.due;
        if !(due.dirty.readings || due.dirty.membership || due.wish || due.view || due.theme) {
            return;
        }
        bars.update_value(|bars| {
            let bars = bars.get_or_insert_with(|| Bars::on(canvas));
            if due.view || due.theme {
                bars.refit();
            }
            let threshold = shown.get_untracked();
            let meets = |value| threshold.test(threshold.metric().encode(value)) == Some(true);
            bars.draw(&turn.state.histogram, meets, turn.ink);
        });
    });
    let stop = move || {
        let threshold = shown.get();
        screen.read(|state| state.histogram.axis().nearest_stop(threshold.value()))
    };
    let last = move || {
        shown.track();
        screen.read(|state| state.histogram.axis().stops().len().saturating_sub(1))
    };
    let moved = move |position: String| {
        let value = position
            .parse::<usize>()
            .ok()
            .and_then(|stop| screen.read(|state| state.histogram.axis().stops().get(stop).copied()));
        if let Some(value) = value {
            replace(shown.get_untracked().op(), value);
        }
    };
    // In this order: a value beyond the old axis would be cut to its end.
    let slider = NodeRef::<Input>::new();
    Effect::new(move |_| {
        let (last, stop) = (last(), stop());
        if let Some(slider) = slider.get() {
            slider.set_max(&last.to_string());
            slider.set_value(&stop.to_string());
        }
    });
    view! {
        <div class="slider">
            <canvas node_ref=canvas aria-hidden="true"></canvas>
            <input
                type="range" min="0" step="1" data-testid="threshold-slider" aria-label="Threshold"
                aria-valuetext=move || written(shown.get())
                disabled=wrong node_ref=slider
                on:input:target=move |event| moved(event.target().value())
            />
        </div>
    }
}

/// The number, with its unit, as it stands in the filter.
#[component]
fn Value(shown: Memo<Threshold>, set: Memo<Option<Threshold>>, wrong: Signal<bool>) -> impl IntoView {
    let screen = Screen::here();
    let input = NodeRef::<Input>::new();
    let refused = RwSignal::new(false);
    let commit = move || {
        let Some(input) = input.get_untracked() else { return };
        let threshold = shown.get_untracked();
        let typed = format!("{} {} {}", threshold.metric(), threshold.op().symbol(), input.value());
        match Filter::parse(&typed).ok().and_then(|filter| required(&filter, threshold.metric())) {
            Some(threshold) => {
                refused.set(false);
                let query = screen.read(|state| state.filter.with(threshold).to_string());
                screen.set_query(query, Step::Push);
            }
            None => refused.set(true),
        }
    };
    view! {
        <input
            class="field value" type="text" inputmode="decimal" size="7" autocomplete="off" node_ref=input
            data-testid="threshold-value" aria-label="Value of the threshold"
            aria-invalid=move || refused.get().to_string()
            disabled=wrong
            class:unset=move || set.get().is_none()
            prop:value=move || written(shown.get())
            on:change=move |_| commit()
        />
    }
}

/// The value of a threshold as the filter writes it: `80%`.
fn written(threshold: Threshold) -> String {
    let text = threshold.to_string();
    let start = format!("{} {} ", threshold.metric(), threshold.op().symbol());
    text.strip_prefix(&start).unwrap_or(&text).to_owned()
}

/// Whether other hosts are hidden or dimmed.
#[component]
fn ModeSwitch() -> impl IntoView {
    let screen = Screen::here();
    let mode = Memo::new(move |_| screen.route.with(|route| route.mode));
    let choice = move |choice: Mode, testid: &'static str, label: &'static str, title: &'static str| {
        view! {
            <button
                type="button" data-testid=testid title=title
                aria-pressed=move || (mode.get() == choice).to_string()
                on:click=move |_| screen.change(Step::Push, |route| route.mode = choice)
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="segments" role="group" aria-label="Hosts that do not match">
            {choice(Mode::Filter, "mode-filter", "Filter", "Hide hosts that do not match")}
            {choice(Mode::Highlight, "mode-highlight", "Highlight", "Dim hosts that do not match")}
        </div>
    }
}
