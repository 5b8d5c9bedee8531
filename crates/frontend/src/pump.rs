//! One animation frame at a time: whatever arrived since the last one is drawn once, by those it
//! concerns. There is no other `requestAnimationFrame` loop in the page, and none at all while
//! nothing changes.

mod figures;
mod work;

use std::rc::Rc;

use leptos::prelude::*;

use crate::app::screen::{State, Tally};
use crate::app::{Screen, clock};
use crate::model::{Dirty, order::Wish};
use crate::paint::Ink;
use crate::route::{Page, Route};
use crate::view::threshold_of;
use work::Work;

/// What may be drawn in one frame: two charts, or eight sparklines. The rest follows in the next ones.
const CREDIT: u32 = 8;
const CHART_COST: u32 = 4;
const SPARK_COST: u32 = 1;

/// Why a frame is due.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Due {
    /// What the model said has changed.
    pub(crate) dirty: Dirty,
    /// The filter, the sort or the chip changed.
    pub(crate) wish: bool,
    /// The page was scrolled, resized or shows another part.
    pub(crate) view: bool,
    /// Colours changed.
    pub(crate) theme: bool,
    /// A second went by: ages run, charts move on.
    pub(crate) second: bool,
}

impl Due {
    fn and(self, other: Due) -> Due {
        Due {
            dirty: self.dirty.and(other.dirty),
            wish: self.wish || other.wish,
            view: self.view || other.view,
            theme: self.theme || other.theme,
            second: self.second || other.second,
        }
    }
}

/// What a painter may look at.
pub(crate) struct Turn<'a> {
    /// Everything there is to draw.
    pub(crate) state: &'a State,
    /// Why this frame is drawn.
    pub(crate) due: Due,
    /// By the browser's clock.
    pub(crate) now_ms: f64,
    /// Colours of canvases.
    pub(crate) ink: &'a Ink,
    credit: u32,
    again: bool,
}

impl Turn<'_> {
    /// Whether a chart may still be drawn in this frame. If not, another frame follows.
    pub(crate) fn take_chart(&mut self) -> bool {
        self.take(CHART_COST)
    }

    /// The same for a sparkline.
    pub(crate) fn take_spark(&mut self) -> bool {
        self.take(SPARK_COST)
    }

    fn take(&mut self, cost: u32) -> bool {
        match self.credit.checked_sub(cost) {
            Some(left) => {
                self.credit = left;
                true
            }
            None => {
                self.again = true;
                false
            }
        }
    }
}

/// Draws something whenever it changed.
pub(crate) type Painter = Rc<dyn Fn(&mut Turn<'_>)>;

/// The state of the loop.
#[derive(Default)]
pub(crate) struct Pump {
    painters: Vec<(u32, Painter)>,
    ids: u32,
    due: Option<Due>,
    ink: Rc<Ink>,
    work: Work,
}

impl Pump {
    /// A number nobody has yet, to find a painter or response again.
    pub(crate) fn next_id(&mut self) -> u32 {
        self.ids = self.ids.wrapping_add(1);
        self.ids
    }
}

/// Gets ready to draw.
pub(crate) fn start(screen: Screen) {
    figures::expose(screen);
    refresh_ink(screen);
}

/// Reads the colours again, and draws everything with them.
pub(crate) fn refresh_ink(screen: Screen) {
    let ink = Rc::new(Ink::read());
    screen.with_pump(|pump| pump.ink = ink);
    request(screen, Due { theme: true, view: true, ..Due::default() });
}

/// Asks for a frame; however often that happens, one comes.
pub(crate) fn request(screen: Screen, due: Due) {
    let idle = screen.with_pump(|pump| {
        let idle = pump.due.is_none();
        pump.due = Some(pump.due.unwrap_or_default().and(due));
        idle
    });
    if idle {
        request_animation_frame(move || draw(screen));
    }
}

/// Has `painter` called in every frame until the running component is gone.
pub(crate) fn on_turn(screen: Screen, painter: impl Fn(&mut Turn<'_>) + 'static) {
    let id = screen.with_pump(|pump| {
        let id = pump.next_id();
        pump.painters.push((id, Rc::new(painter)));
        id
    });
    on_cleanup(move || screen.with_pump(|pump| pump.painters.retain(|(other, _)| *other != id)));
    request(screen, Due { view: true, ..Due::default() });
}

fn draw(screen: Screen) {
    let began_ms = clock::now_ms();
    let (due, painters, ink) = screen.with_pump(|pump| {
        let painters: Vec<Painter> = pump.painters.iter().map(|(_, painter)| painter.clone()).collect();
        (pump.due.take().unwrap_or_default(), painters, pump.ink.clone())
    });
    let route = screen.route.get_untracked();
    let held = screen.is_held();
    let tally = screen.write(|state| {
        state.order.freeze(held);
        refresh(state, &route, due, began_ms)
    });
    if screen.tally.with_untracked(|shown| *shown != tally) {
        screen.tally.set(tally);
    }
    beat(screen, due.dirty);
    let again = screen.read(|state| {
        let mut turn = Turn { state, due, now_ms: began_ms, ink: &ink, credit: CREDIT, again: false };
        painters.iter().for_each(|painter| painter(&mut turn));
        turn.again
    });
    screen.write(|state| state.model.painted(clock::now_ms()));
    if again {
        request(screen, Due::default());
    }
    // Effects run in tasks of their own, woken above; this one is behind them in the queue, so what
    // it measures is all of the frame's work.
    wasm_bindgen_futures::spawn_local(async move {
        let ms = clock::now_ms() - began_ms;
        screen.with_pump(|pump| pump.work.record(ms));
    });
}

/// Brings rows, histogram and tallies up to date.
fn refresh(state: &mut State, route: &Route, due: Due, now_ms: f64) -> Tally {
    let State { model, order, histogram, filter, .. } = state;
    let fleet = model.fleet();
    let changed = due.dirty.membership || due.dirty.readings || due.wish || due.second;
    if changed && route.page == Page::Fleet {
        order.refresh(fleet, Wish { filter, mode: route.mode, sort: route.sort }, now_ms);
        histogram.refresh(fleet);
    }
    let threshold = threshold_of(filter, route.chip);
    let over =
        fleet.places().iter().filter(|place| threshold.test(fleet.code(**place, route.chip)) == Some(true));
    Tally {
        counts: fleet.counts(),
        over: over.count(),
        shown: order.shown(),
        total: fleet.len(),
        leaving: order.leaving(),
        frozen: order.is_frozen(),
        out_of_order: order.is_out_of_order(),
        first_run: model.first_run(),
        has_snapshot: model.has_snapshot(),
    }
}

fn beat(screen: Screen, dirty: Dirty) {
    if dirty.health {
        screen.health.beat();
    }
    if dirty.host {
        screen.host.beat();
    }
    if dirty.notices {
        screen.notices.beat();
    }
}
