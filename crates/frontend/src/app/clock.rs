//! The one place of the page that asks for the time, the time zone and a random number.

use leptos::prelude::window;

/// Milliseconds since the Unix epoch by the browser's clock. It is anchored when the page loads and
/// monotonic from then on, so setting the machine's clock does not make it jump.
pub(crate) fn now_ms() -> f64 {
    match window().performance() {
        Some(performance) => performance.time_origin() + performance.now(),
        None => js_sys::Date::now(),
    }
}

/// What local time is ahead of UTC, in minutes.
pub(crate) fn utc_offset_minutes() -> i32 {
    -(js_sys::Date::new_0().get_timezone_offset() as i32)
}

/// From 0 to 1, for the jitter of reconnection.
pub(crate) fn random() -> f64 {
    js_sys::Math::random()
}
