//! What all components share: the state outside the reactive graph, and the few signals that say
//! what of it changed.

use std::rc::Rc;

use cpumonitor_common::wire::Subscription;
use cpumonitor_common::{Filter, FilterError};
use leptos::prelude::*;

use crate::app::clock;
use crate::keys::Action;
use crate::link::{Nudge, Traffic};
use crate::model::{Dirty, Histogram, Model, Order};
use crate::pump::{Due, Pump};
use crate::route::Route;
use crate::view::theme::Choice;

/// Everything that changes many times a second. Signals for thousands of readings would cost more
/// than the readings; views read this when the pump or a [`Pulse`] tells them to.
pub(crate) struct State {
    /// The whole truth of the page.
    pub(crate) model: Model,
    /// The rows of the table.
    pub(crate) order: Order,
    /// The track of the threshold slider.
    pub(crate) histogram: Histogram,
    /// The filter in force: the last that parsed.
    pub(crate) filter: Filter,
    /// What the server is to be told; the link takes it.
    pub(crate) wanted: Option<Subscription>,
    /// What came over the link.
    pub(crate) traffic: Traffic,
}

/// Says that something changed, without saying what it is now.
#[derive(Clone, Copy)]
pub(crate) struct Pulse(RwSignal<u32>);

impl Pulse {
    fn new() -> Pulse {
        Pulse(RwSignal::new(0))
    }

    /// Runs every effect that listens.
    pub(crate) fn beat(self) {
        self.0.update(|beats| *beats = beats.wrapping_add(1));
    }

    /// Makes the running effect run again with the next beat.
    pub(crate) fn listen(self) {
        self.0.track();
    }
}

/// The small numbers that many parts of the fleet page show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Hosts by status, in the order of `HostStatus::ALL`.
    pub(crate) counts: [usize; 4],
    /// Hosts that meet the threshold of the chip.
    pub(crate) over: usize,
    /// Hosts that match the filter.
    pub(crate) shown: usize,
    /// Hosts there are.
    pub(crate) total: usize,
    /// Hosts that no longer match and are about to go.
    pub(crate) leaving: usize,
    /// Whether rows hold still.
    pub(crate) frozen: bool,
    /// Whether holding still makes a difference.
    pub(crate) out_of_order: bool,
    /// Whether the server never had a host.
    pub(crate) first_run: bool,
    /// Whether the fleet is known at all.
    pub(crate) has_snapshot: bool,
}

type Response = Rc<dyn Fn(Action) -> bool>;

/// Handed to every component as context. It is created under the root, so whatever outlives a
/// component may still write to it.
#[derive(Clone, Copy)]
pub(crate) struct Screen {
    state: StoredValue<State, LocalStorage>,
    pump: StoredValue<Pump, LocalStorage>,
    nudge: StoredValue<Rc<Nudge>, LocalStorage>,
    responses: StoredValue<Vec<(u32, Response)>, LocalStorage>,
    held: StoredValue<bool>,
    /// What the URL says.
    pub(crate) route: RwSignal<Route>,
    /// Why the text in the filter box is not the filter in force.
    pub(crate) filter_error: RwSignal<Option<FilterError>>,
    /// The small numbers of the fleet.
    pub(crate) tally: RwSignal<Tally>,
    /// Dark or light, and who decides.
    pub(crate) theme: RwSignal<Choice>,
    /// Whether the list of keys is open.
    pub(crate) help: RwSignal<bool>,
    /// The link's state or its text changed.
    pub(crate) health: Pulse,
    /// The open host changed.
    pub(crate) host: Pulse,
    /// Notices or the server's version changed.
    pub(crate) notices: Pulse,
    /// A second went by.
    pub(crate) second: Pulse,
}

impl Screen {
    /// Reads the URL; knows nothing of the fleet yet.
    pub(crate) fn new() -> Screen {
        let route = crate::app::navigation::current();
        let parsed = Filter::parse(&route.query);
        let state = State {
            model: Model::new(clock::now_ms()),
            order: Order::default(),
            histogram: Histogram::of(route.chip),
            filter: parsed.clone().unwrap_or_default(),
            wanted: None,
            traffic: Traffic::default(),
        };
        let screen = Screen {
            state: StoredValue::new_local(state),
            pump: StoredValue::new_local(Pump::default()),
            nudge: StoredValue::new_local(Rc::default()),
            responses: StoredValue::new_local(Vec::new()),
            held: StoredValue::new(false),
            route: RwSignal::new(route),
            filter_error: RwSignal::new(parsed.err()),
            tally: RwSignal::new(Tally::default()),
            theme: RwSignal::new(Choice::stored()),
            help: RwSignal::new(false),
            health: Pulse::new(),
            host: Pulse::new(),
            notices: Pulse::new(),
            second: Pulse::new(),
        };
        screen.want();
        screen
    }

    /// The screen of the running component.
    pub(crate) fn here() -> Screen {
        expect_context()
    }

    /// Looks at the state.
    pub(crate) fn read<R>(self, look: impl FnOnce(&State) -> R) -> R {
        self.state.with_value(look)
    }

    /// Changes the state. Signals are set afterwards, never within.
    pub(crate) fn write<R>(self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.write_value();
        change(&mut state)
    }

    /// Changes the pump's own state.
    pub(crate) fn with_pump<R>(self, change: impl FnOnce(&mut Pump) -> R) -> R {
        let mut pump = self.pump.write_value();
        change(&mut pump)
    }

    /// Wakes the link's task.
    pub(crate) fn nudge(self) -> Rc<Nudge> {
        self.nudge.get_value()
    }

    /// Does not wait any longer for the next attempt to connect, if the link is waiting for one.
    pub(crate) fn retry(self) {
        self.mark(self.write(|state| state.model.retry_now(clock::now_ms())));
        self.nudge().wake();
    }

    /// Makes rows hold still from the next frame on, or lets them go. Browsers report a change of focus
    /// in the middle of whatever caused it, drawing included, so the state is not touched here.
    pub(crate) fn hold(self, held: bool) {
        self.held.set_value(held);
        crate::pump::request(self, Due { wish: true, ..Due::default() });
    }

    /// Whether rows are to hold still.
    pub(crate) fn is_held(self) -> bool {
        self.held.get_value()
    }

    /// Has what changed drawn in the next frame.
    pub(crate) fn mark(self, dirty: Dirty) {
        if dirty.any() {
            crate::pump::request(self, Due { dirty, ..Due::default() });
        }
    }

    /// Has the link tell the server what the page wants to see, if that is news to it.
    pub(crate) fn want(self) {
        let hidden = document().hidden();
        let told = self.route.with_untracked(|route| {
            self.write(|state| {
                let wanted = state.model.subscription(route, &state.filter, hidden, clock::now_ms());
                let told = wanted.is_some();
                state.wanted = wanted.or(state.wanted.take());
                told
            })
        });
        if told {
            self.nudge().wake();
        }
    }

    /// Lets the running component answer key presses until it is gone. The newest is asked first; one
    /// that answers `true` has dealt with it.
    pub(crate) fn respond(self, response: impl Fn(Action) -> bool + 'static) {
        let id = self.with_pump(Pump::next_id);
        self.responses.update_value(|all| all.push((id, Rc::new(response))));
        on_cleanup(move || self.responses.update_value(|all| all.retain(|(other, _)| *other != id)));
    }

    /// Asks everybody who responds, newest first.
    pub(crate) fn act(self, action: Action) -> bool {
        let responses: Vec<Response> =
            self.responses.with_value(|all| all.iter().rev().map(|(_, response)| response.clone()).collect());
        responses.iter().any(|response| response(action))
    }
}
