//! What the browser tells the page: scrolled, resized, hidden, a quarter of a second went by.

use leptos::ev;
use leptos::prelude::*;
use web_sys::Event;

use crate::app::{Screen, clock, navigation};
use crate::pump::{self, Due};

/// How often time passes for the model.
const TICK_MS: u32 = 250;
/// Ticks a second.
const TICKS_A_SECOND: u32 = 1_000 / TICK_MS;

/// Listens until the page is closed.
pub(super) fn follow(screen: Screen) {
    let moved = move || pump::request(screen, Due { view: true, ..Due::default() });
    // Kept for the life of the page, like the page itself.
    _ = window_event_listener(ev::scroll, move |_| moved());
    _ = window_event_listener(ev::resize, move |_| moved());
    _ = window_event_listener(ev::Custom::<Event>::new("visibilitychange"), move |_| {
        screen.want();
        moved();
    });
    let ticks = StoredValue::new(0u32);
    gloo_timers::callback::Interval::new(TICK_MS, move || {
        let count = ticks.get_value().wrapping_add(1);
        ticks.set_value(count);
        tick(screen, count.is_multiple_of(TICKS_A_SECOND));
    })
    .forget();
}

fn tick(screen: Screen, second: bool) {
    let now_ms = clock::now_ms();
    let (dirty, wake) = screen.write(|state| {
        let dirty = state.model.tick(now_ms);
        let link = state.model.link();
        (dirty, link.is_silent(now_ms) || link.retry_due(now_ms))
    });
    screen.mark(dirty);
    if dirty.resubscribe {
        screen.want();
    }
    if wake {
        screen.nudge().wake();
    }
    navigation::write_url(screen);
    if second {
        screen.write(|state| state.traffic.second_passed());
        screen.second.beat();
        pump::request(screen, Due { second: true, ..Due::default() });
    }
}

/// Tells the boot script that the page is up, so that it takes the skeleton away.
pub(super) fn announce_start() {
    if let Ok(event) = Event::new("cpumonitor-started") {
        // The answer tells whether somebody prevented a default; there is none.
        _ = window().dispatch_event(&event);
    }
}
