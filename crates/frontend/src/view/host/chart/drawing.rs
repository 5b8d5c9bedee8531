//! The picture of a chart, from the model to the library.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cpumonitor_common::{Timestamp, Unit};
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlElement;

use super::{Entry, Legend};
use crate::app::{Screen, clock};
use crate::format;
use crate::model::host::{Columns, Panel, Window};
use crate::paint::{Ink, SERIES};
use crate::plot::ticks;
use crate::pump::{self, Due, Turn};
use crate::route::Span;
use crate::uplot::{Axes, Chart, Line, Range, Style, cursor_of};
use crate::view::host::watch::Watch;

/// Charts of the same name share their crosshair.
const SYNC: &str = "host";
/// How far above all values a reference may lie and still be worth the room.
const REFERENCE_REACH: f64 = 3.0;
/// Labels of the y axis aimed at.
const Y_LABELS: usize = 4;
/// Distances of labels of the x axis, in seconds, below which seconds are worth showing.
const MINUTE: f64 = 60.0;

/// What the chart tells those who cannot see it.
pub(super) struct Told {
    /// Current, smallest and largest value of every line.
    pub(super) summary: String,
    /// Points of each line.
    pub(super) points: usize,
}

/// The picture and what it is made from.
pub(super) struct Drawing {
    panel: Panel,
    target: HtmlElement,
    watch: Watch,
    chart: Option<Chart>,
    lines: Vec<Line>,
    size: (f64, f64),
    due: bool,
    shared: Rc<Shared>,
    legend: RwSignal<Legend>,
}

/// What the functions that the library calls look at.
#[derive(Default)]
struct Shared {
    columns: RefCell<Columns>,
    lines: RefCell<Vec<Line>>,
    unit: Cell<Option<Unit>>,
    hovered: Cell<Option<usize>>,
    ticks: RefCell<Vec<f64>>,
}

impl Drawing {
    /// Nothing is drawn yet.
    pub(super) fn new(
        screen: Screen,
        panel: Panel,
        target: HtmlElement,
        legend: RwSignal<Legend>,
    ) -> Drawing {
        let watch = Watch::new(&target, move || pump::request(screen, Due { view: true, ..Due::default() }));
        Drawing {
            panel,
            target,
            watch,
            chart: None,
            lines: Vec::new(),
            size: (0.0, 0.0),
            due: true,
            shared: Rc::default(),
            legend,
        }
    }

    /// Draws, if there is news, it is on the screen, and the frame has time for it.
    pub(super) fn paint(&mut self, span: Span, turn: &mut Turn<'_>) -> Option<Told> {
        let due = turn.due;
        self.due |= due.dirty.host || due.second || due.view || due.wish || due.theme;
        if due.theme {
            self.chart = None;
        }
        if !self.due || !self.watch.is_visible() || !turn.take_chart() {
            return None;
        }
        self.due = false;
        let host = turn.state.model.host()?;
        let window = Window::ending(turn.state.model.server_now(turn.now_ms), span.as_ms());
        let mut columns = self.shared.columns.borrow_mut();
        host.fill(self.panel, window, &mut columns);
        drop(columns);
        self.draw(window, turn.ink);
        let columns = self.shared.columns.borrow();
        let told = Told { summary: summary(&columns), points: columns.x.len() };
        drop(columns);
        tell(&self.shared, self.legend);
        Some(told)
    }

    /// Moves the crosshair by `steps` points, from the newest when there was none; `None` takes it away.
    pub(super) fn step(&self, steps: Option<isize>) {
        let columns = self.shared.columns.borrow();
        let Some(last) = columns.x.len().checked_sub(1) else { return };
        let x = steps.map(|steps| {
            let from = self.shared.hovered.get().unwrap_or(last);
            columns.x[from.saturating_add_signed(steps).min(last)]
        });
        drop(columns); // the library calls back
        if let Some(chart) = &self.chart {
            chart.point(x);
        }
    }

    fn draw(&mut self, window: Window, ink: &Ink) {
        let columns = self.shared.columns.borrow();
        let lines = lines(self.panel, &columns, ink);
        let resized = self.watch.take_resized();
        if resized {
            self.size = (f64::from(self.target.client_width()), f64::from(self.target.client_height()));
        }
        let (width, height) = self.size;
        if lines != self.lines {
            self.chart = None;
            self.lines.clone_from(&lines);
            self.shared.lines.replace(lines);
        }
        self.shared.unit.set(columns.unit);
        if width <= 0.0 || height <= 0.0 {
            return;
        }
        if self.chart.is_none() {
            // What the library made before is gone with the chart; a fallback of ours may be left.
            self.target.set_text_content(None);
            let style = Style { ink, lines: self.lines.clone(), width, height, sync: SYNC };
            self.chart = Chart::new(&self.target, &style, axes(&self.shared, self.legend), &drawn(&columns));
            if self.chart.is_none() {
                self.target.set_text_content(Some(
                    "The chart library did not load; the numbers are live all the same.",
                ));
            }
        }
        if let Some(chart) = &self.chart {
            if resized {
                chart.resize(width, height);
            }
            let range = Range { x: (seconds(window.from), seconds(window.to)), y: (0.0, top(&columns)) };
            chart.show(&drawn(&columns), range);
        }
    }
}

fn seconds(at: Timestamp) -> f64 {
    at.as_ms() as f64 / 1_000.0
}

/// The lines of the library: those of the model, and the reference if there is one.
fn drawn(columns: &Columns) -> Columns {
    let mut drawn = columns.clone();
    if let Some(reference) = columns.reference {
        drawn.ys.push(vec![reference; columns.x.len()]);
    }
    drawn
}

fn lines(panel: Panel, columns: &Columns, ink: &Ink) -> Vec<Line> {
    let filled = matches!(panel, Panel::Cpu | Panel::Memory | Panel::Swap);
    let line = |(place, label): (usize, &String)| Line {
        label: label.clone(),
        colour: ink.line(place).to_owned(),
        filled: filled && place == 0,
        dashed: place >= SERIES,
    };
    let reference = columns.reference.map(|_| Line {
        label: "Cores".to_owned(),
        colour: ink.muted.clone(),
        filled: false,
        dashed: true,
    });
    columns.labels.iter().enumerate().map(line).chain(reference).collect()
}

/// Where the y axis ends: at the reference, too, unless that would flatten everything else.
fn top(columns: &Columns) -> f64 {
    columns.ceiling.unwrap_or_else(|| {
        let values = columns.ys.iter().flatten().copied().filter(|value| !value.is_nan());
        let largest = values.fold(0.0, f64::max);
        let reference = columns.reference.filter(|reference| *reference <= largest * REFERENCE_REACH);
        let largest = reference.map_or(largest, |reference| largest.max(reference));
        ticks::round_top(columns.unit.unwrap_or(Unit::Count), largest)
    })
}

fn axes(shared: &Rc<Shared>, legend: RwSignal<Legend>) -> Axes {
    let offset = clock::utc_offset_minutes();
    let positions = shared.clone();
    let labels = shared.clone();
    let hovered = shared.clone();
    Axes {
        y_positions: Closure::new(move |_, _, low, high| {
            let mut places = positions.ticks.borrow_mut();
            ticks::ticks(positions.unit.get().unwrap_or(Unit::Count), low, high, Y_LABELS, &mut places);
            places.iter().map(|place| JsValue::from_f64(*place)).collect::<Array>().into()
        }),
        y_labels: Closure::new(move |_, places: Array| {
            let unit = labels.unit.get().unwrap_or(Unit::Count);
            places
                .iter()
                .map(|place| JsValue::from_str(&tick(unit, place.as_f64())))
                .collect::<Array>()
                .into()
        }),
        x_labels: Closure::new(move |_, places: Array, _, _, step: f64| {
            let label = |place: JsValue| {
                let at = Timestamp::from_ms((place.as_f64().unwrap_or(0.0) * 1_000.0) as i64);
                let time = format::time_of_day(at, offset);
                let time = if step < MINUTE { time.as_str() } else { time.get(..5).unwrap_or(&time) };
                JsValue::from_str(time)
            };
            places.iter().map(label).collect::<Array>().into()
        }),
        cursor: Closure::new(move |plot: JsValue| {
            let place = cursor_of(&plot);
            if hovered.hovered.replace(place) != place {
                tell(&hovered, legend);
            }
        }),
    }
}

/// A value at an axis: round, so zeros behind the point say nothing.
fn tick(unit: Unit, value: Option<f64>) -> String {
    let text = format::value(unit, value);
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-'))).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let number =
        if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number };
    format!("{number}{suffix}")
}

/// Writes the legend: values under the crosshair, or else the newest.
fn tell(shared: &Shared, legend: RwSignal<Legend>) {
    let columns = shared.columns.borrow();
    let hovered = shared.hovered.get().filter(|place| *place < columns.x.len());
    let place = hovered.or(columns.x.len().checked_sub(1));
    let unit = columns.unit.unwrap_or(Unit::Count);
    let value = |line: usize| {
        let column = columns.ys.get(line);
        let value = match column {
            Some(column) => place.and_then(|place| column.get(place)).copied(),
            None => columns.reference,
        };
        format::value(unit, value.filter(|value| !value.is_nan()))
    };
    let lines = shared.lines.borrow();
    let entries = lines.iter().enumerate().map(|(place, line)| Entry {
        label: line.label.clone(),
        colour: line.colour.clone(),
        dashed: line.dashed,
        value: value(place),
    });
    let at = hovered.and_then(|place| columns.x.get(place)).map_or(String::new(), |at| {
        format::time_of_day(Timestamp::from_ms((at * 1_000.0) as i64), clock::utc_offset_minutes())
    });
    let told = Legend { at, entries: entries.collect() };
    // The chart may be on its way out of the document, and its signals with it.
    if legend.try_with_untracked(|shown| *shown != told) == Some(true) {
        legend.try_set(told);
    }
}

/// The chart in words.
fn summary(columns: &Columns) -> String {
    let unit = columns.unit.unwrap_or(Unit::Count);
    let words = columns.labels.iter().zip(&columns.ys).filter_map(|(label, column)| {
        let values = || column.iter().copied().filter(|value| !value.is_nan());
        let newest = values().next_back()?;
        let (low, high) =
            values().fold((newest, newest), |(low, high), value| (low.min(value), high.max(value)));
        let word = |value| format::value(unit, Some(value));
        Some(format!("{label} now {}, least {}, most {}", word(newest), word(low), word(high)))
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { "no readings".to_owned() } else { words.join("; ") }
}
