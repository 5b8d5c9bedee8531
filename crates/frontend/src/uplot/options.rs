//! What uPlot is told once, when a chart is made.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use crate::paint::Ink;

/// Room for the labels left of a chart, in CSS pixels; the same for all, so that they align.
pub(crate) const GUTTER: f64 = 70.0;
/// Right of it, so that the last label is not cut.
pub(crate) const MARGIN: f64 = 12.0;
const AXIS_HEIGHT: f64 = 24.0;
/// Dashes of lines beyond the colours there are, and of reference lines.
const DASH: [f64; 2] = [4.0, 4.0];

/// How a chart looks.
pub(crate) struct Style<'a> {
    /// Colours.
    pub(crate) ink: &'a Ink,
    /// Its lines, as [`Line`] says.
    pub(crate) lines: Vec<Line>,
    /// Width in CSS pixels.
    pub(crate) width: f64,
    /// Height in CSS pixels.
    pub(crate) height: f64,
    /// Charts of the same name share their crosshair.
    pub(crate) sync: &'static str,
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// What it is called.
    pub(crate) label: String,
    /// Its colour as CSS.
    pub(crate) colour: String,
    /// Whether the area below it is filled.
    pub(crate) filled: bool,
    /// Whether it is dashed.
    pub(crate) dashed: bool,
}

/// Where the axes are labelled, how, and who wants to know about the crosshair. Called by the library.
pub(crate) struct Axes {
    /// `(plot, axis, min, max) -> positions` of the y axis.
    pub(crate) y_positions: Closure<dyn FnMut(JsValue, JsValue, f64, f64) -> JsValue>,
    /// `(plot, positions) -> labels` of the y axis.
    pub(crate) y_labels: Closure<dyn FnMut(JsValue, Array) -> JsValue>,
    /// `(plot, positions, axis, space, step) -> labels` of the x axis.
    pub(crate) x_labels: Closure<dyn FnMut(JsValue, Array, JsValue, JsValue, f64) -> JsValue>,
    /// `(plot)`: the crosshair moved, or left.
    pub(crate) cursor: Closure<dyn FnMut(JsValue)>,
}

/// The point that the crosshair of `plot` is at; `None` when it is elsewhere.
pub(crate) fn cursor_of(plot: &JsValue) -> Option<usize> {
    let cursor = Reflect::get(plot, &"cursor".into()).ok()?;
    let place = Reflect::get(&cursor, &"idx".into()).ok()?.as_f64()?;
    Some(place as usize)
}

/// `{ min, max }`.
pub(super) fn edges((min, max): (f64, f64)) -> JsValue {
    object([("min", min.into()), ("max", max.into())])
}

/// `{ left, top }` of a crosshair without a horizontal line.
pub(super) fn place(left: f64) -> JsValue {
    object([("left", left.into()), ("top", left.min(0.0).into())])
}

/// `{ width, height }`.
pub(super) fn size(width: f64, height: f64) -> JsValue {
    object([("width", width.into()), ("height", height.into())])
}

/// The options of the library.
pub(super) fn build(style: &Style<'_>, axes: &Axes) -> JsValue {
    let ink = style.ink;
    let grid = object([("stroke", ink.grid.as_str().into()), ("width", 1.0.into())]);
    let no_ticks = object([("show", false.into())]);
    let font: JsValue = "11px system-ui, sans-serif".into();
    let x_axis = object([
        ("stroke", ink.label.as_str().into()),
        ("grid", object([("show", false.into())])),
        ("ticks", no_ticks.clone()),
        ("font", font.clone()),
        ("size", AXIS_HEIGHT.into()),
        ("gap", 6.0.into()),
        ("space", 52.0.into()),
        ("values", axes.x_labels.as_ref().clone()),
    ]);
    let y_axis = object([
        ("stroke", ink.label.as_str().into()),
        ("grid", grid),
        ("ticks", no_ticks),
        ("font", font),
        ("size", GUTTER.into()),
        ("gap", 8.0.into()),
        ("splits", axes.y_positions.as_ref().clone()),
        ("values", axes.y_labels.as_ref().clone()),
    ]);
    let by_hand = object([("auto", false.into())]);
    let series = Array::of1(&Object::new());
    for line in &style.lines {
        series.push(&self::line(line));
    }
    object([
        ("width", style.width.into()),
        ("height", style.height.into()),
        ("padding", Array::of4(&8.0.into(), &MARGIN.into(), &0.0.into(), &0.0.into()).into()),
        ("legend", object([("show", false.into())])),
        ("cursor", cursor(style.sync)),
        ("scales", object([("x", object([("time", true.into()), ("auto", false.into())])), ("y", by_hand)])),
        ("axes", Array::of2(&x_axis, &y_axis).into()),
        ("series", series.into()),
        ("hooks", object([("setCursor", Array::of1(axes.cursor.as_ref()).into())])),
    ])
}

fn cursor(sync: &str) -> JsValue {
    object([
        ("y", false.into()),
        ("sync", object([("key", sync.into()), ("setSeries", false.into())])),
        ("drag", object([("x", false.into()), ("y", false.into())])),
        ("points", object([("size", 7.0.into())])),
    ])
}

fn line(line: &Line) -> JsValue {
    let fill = if line.filled { JsValue::from_str(&translucent(&line.colour)) } else { JsValue::UNDEFINED };
    let dash =
        if line.dashed { Array::of2(&DASH[0].into(), &DASH[1].into()).into() } else { JsValue::UNDEFINED };
    object([
        ("label", line.label.as_str().into()),
        ("stroke", line.colour.as_str().into()),
        ("width", 1.5.into()),
        ("fill", fill),
        ("dash", dash),
        ("spanGaps", false.into()),
        ("points", object([("show", false.into())])),
    ])
}

/// `#rrggbb` as an area colour.
fn translucent(colour: &str) -> String {
    format!("{colour}26")
}

fn object<const N: usize>(entries: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in entries {
        // Only a frozen object refuses, and this one is ours.
        _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}
