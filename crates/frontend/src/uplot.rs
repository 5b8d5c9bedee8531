//! uPlot 1.6.32, the one JavaScript library of the page: loaded by `index.html` as a global, bound
//! here as far as it is used.
//!
//! Everything it styles goes through the CSSOM, which the page's Content-Security-Policy allows.

mod options;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Float64Array, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::model::host::Columns;
pub(crate) use options::{Axes, Line, Style, cursor_of};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = uPlot)]
    type UPlot;

    #[wasm_bindgen(constructor, catch, js_class = "uPlot")]
    fn new(options: &JsValue, data: &Array, target: &HtmlElement) -> Result<UPlot, JsValue>;

    #[wasm_bindgen(method, js_name = setData)]
    fn set_data(this: &UPlot, data: &Array, reset_scales: bool);

    #[wasm_bindgen(method, js_name = setScale)]
    fn set_scale(this: &UPlot, key: &str, range: &JsValue);

    #[wasm_bindgen(method, js_name = setSize)]
    fn set_size(this: &UPlot, size: &JsValue);

    #[wasm_bindgen(method, js_name = valToPos)]
    fn val_to_pos(this: &UPlot, value: f64, scale: &str) -> f64;

    #[wasm_bindgen(method, js_name = setCursor)]
    fn set_cursor(this: &UPlot, place: &JsValue, fire: bool, publish: bool);

    #[wasm_bindgen(method)]
    fn destroy(this: &UPlot);
}

/// Whether the library arrived. It does not when somebody blocks it; the page then goes without charts.
pub(crate) fn is_here() -> bool {
    Reflect::has(&js_sys::global(), &JsValue::from_str("uPlot")).unwrap_or(false)
}

/// What a chart shows of its axes: both edges of both scales.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    /// Seconds since the Unix epoch.
    pub(crate) x: (f64, f64),
    /// In the unit of the chart.
    pub(crate) y: (f64, f64),
}

/// One chart in the document; gone when dropped.
pub(crate) struct Chart {
    plot: UPlot,
    /// Functions the library calls; they must live as long as it does.
    axes: Option<Axes>,
}

impl Chart {
    /// Draws into `target`. `None` when the library is not there or refuses.
    pub(crate) fn new(target: &HtmlElement, style: &Style<'_>, axes: Axes, data: &Columns) -> Option<Chart> {
        if !is_here() {
            return None;
        }
        let plot = UPlot::new(&options::build(style, &axes), &to_js(data), target).ok()?;
        Some(Chart { plot, axes: Some(axes) })
    }

    /// Shows other data in another range.
    pub(crate) fn show(&self, data: &Columns, range: Range) {
        self.plot.set_data(&to_js(data), false);
        self.plot.set_scale("x", &options::edges(range.x));
        self.plot.set_scale("y", &options::edges(range.y));
    }

    /// Moves the crosshair, in all charts that share it, to `x`; `None` takes it away.
    pub(crate) fn point(&self, x: Option<f64>) {
        // The library takes a place outside of the chart for nowhere.
        let left = x.map_or(-10.0, |x| self.plot.val_to_pos(x, "x"));
        self.plot.set_cursor(&options::place(left), true, true);
    }

    /// Changes its size in CSS pixels.
    pub(crate) fn resize(&self, width: f64, height: f64) {
        self.plot.set_size(&options::size(width, height));
    }
}

impl Drop for Chart {
    fn drop(&mut self) {
        self.plot.destroy();
        // The library draws in a microtask of its own; one may be under way and call them once more.
        let axes = self.axes.take();
        Timeout::new(0, move || drop(axes)).forget();
    }
}

/// Columns as the library wants them. Copies, because memory of wasm may move.
fn to_js(data: &Columns) -> Array {
    let columns = Array::of1(&Float64Array::from(data.x.as_slice()));
    for column in &data.ys {
        columns.push(&column_to_js(column));
    }
    columns
}

/// A typed array knows no null, which is what a gap is; without gaps it is the faster way.
fn column_to_js(column: &[f64]) -> JsValue {
    if column.iter().all(|value| !value.is_nan()) {
        return Float64Array::from(column).into();
    }
    let values = Array::new_with_length(column.len() as u32);
    for (place, value) in column.iter().enumerate() {
        let value = if value.is_nan() { JsValue::NULL } else { JsValue::from_f64(*value) };
        values.set(place as u32, value);
    }
    values.into()
}
