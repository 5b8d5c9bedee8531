//! `window.__cpumonitor`: the page's own figures, for tests and benchmarks.
//!
//! ```js
//! __cpumonitor.frame_p95()   // ms of script work, 95 % of the last 600 frames stay below it; null before the first
//! __cpumonitor.frame_p50()   // the same for one half
//! __cpumonitor.frames()      // frames drawn since the page was opened
//! __cpumonitor.latency()     // { p50, p99, count }: ms from sample taken to number drawn; null before the first
//! __cpumonitor.hosts()       // hosts the page knows
//! __cpumonitor.link()        // "live", "connecting", "lagging", "reconnecting" or "refused"
//! ```

use js_sys::{Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use crate::app::Screen;
use crate::view::link_state_word;

/// Puts the figures where scripts find them.
pub(super) fn expose(screen: Screen) {
    let figures = Object::new();
    put(&figures, "frame_p95", move || number(screen.with_pump(|pump| pump.work.quantile(0.95))));
    put(&figures, "frame_p50", move || number(screen.with_pump(|pump| pump.work.quantile(0.5))));
    put(&figures, "frames", move || JsValue::from_f64(screen.with_pump(|pump| pump.work.total()) as f64));
    put(&figures, "latency", move || latency(screen));
    put(&figures, "hosts", move || JsValue::from_f64(screen.read(|state| state.model.fleet().len()) as f64));
    put(&figures, "link", move || {
        JsValue::from_str(screen.read(|state| link_state_word(state.model.link().state())))
    });
    set(&window(), "__cpumonitor", &figures);
}

fn latency(screen: Screen) -> JsValue {
    screen.read(|state| {
        let painted = state.model.latency().painted();
        let answer = Object::new();
        set(&answer, "p50", &number(painted.quantile(0.5)));
        set(&answer, "p99", &number(painted.quantile(0.99)));
        set(&answer, "count", &JsValue::from_f64(painted.count() as f64));
        answer.into()
    })
}

fn number(value: Option<f64>) -> JsValue {
    value.map_or(JsValue::NULL, JsValue::from_f64)
}

fn put(object: &Object, name: &str, answer: impl FnMut() -> JsValue + 'static) {
    let function = Closure::<dyn FnMut() -> JsValue>::new(answer);
    set(object, name, &function.into_js_value());
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Only a frozen object refuses, and these are our own.
    _ = Reflect::set(object, &JsValue::from_str(name), value);
}
