//! The part of the table that is on the screen: as many slots as fit and a few more, whatever the
//! number of hosts. Padding above and below stands for the rest.

use cpumonitor_common::HostId;
use leptos::prelude::{document, window};
use web_sys::{HtmlElement, ScrollToOptions};

use super::slot::Slot;
use crate::model::Fleet;
use crate::model::order::{OrderedRow, RowState};
use crate::pump::Turn;
use crate::route::Route;

/// Rows kept ready beyond each edge of the screen.
const SPARE: usize = 4;
/// What a row is taken to be high before the first one was measured.
const ROW_HEIGHT: f64 = 36.0;
/// The bars that stay at the top of the screen and cover rows.
const COVERED: f64 = 96.0;

/// The rows on the screen.
pub(super) struct Rows {
    body: HtmlElement,
    slots: Vec<Slot>,
    /// Which row of the table the first slot shows.
    first: usize,
    /// Rows of the table.
    count: usize,
    row_height: f64,
    padding: (usize, usize),
    /// The row that is to get the focus once it is on the screen.
    wanted: Option<usize>,
}

impl Rows {
    /// Nothing in `body` yet.
    pub(super) fn new(body: HtmlElement) -> Rows {
        Rows {
            body,
            slots: Vec::new(),
            first: 0,
            count: 0,
            row_height: ROW_HEIGHT,
            padding: (0, 0),
            wanted: None,
        }
    }

    /// Shows `rows` as far as they are on the screen.
    pub(super) fn paint(&mut self, rows: &[OrderedRow], route: &Route, turn: &mut Turn<'_>) {
        if turn.due.view || rows.len() != self.count {
            self.count = rows.len();
            self.look();
        }
        let shown = rows.get(self.first..self.first + self.slots.len()).unwrap_or_default();
        self.arrange(shown, turn.state.model.fleet());
        for (place, (slot, row)) in self.slots.iter_mut().zip(shown).enumerate() {
            slot.show(*row, self.first + place, route, turn);
        }
        if let Some(slot) = self.wanted.take().and_then(|wanted| self.slot_at(wanted)) {
            // A link in the document takes the focus; if it cannot, nothing is lost.
            _ = slot.link().focus();
        }
    }

    /// A host that stays on the screen keeps its slot while rows scroll and sort, and so its
    /// sparkline, the focus and most of its text; hosts that come take the slots of those that went.
    /// The document keeps the order that people see.
    fn arrange(&mut self, rows: &[OrderedRow], fleet: &Fleet) {
        let host = |row: &OrderedRow| {
            let entry = fleet.entry(row.place).filter(|_| row.state != RowState::Gone);
            entry.map(|entry| entry.id)
        };
        if rows.iter().map(host).eq(self.slots.iter().map(Slot::host)) {
            return;
        }
        let focused = self.focused();
        let mut before = std::mem::take(&mut self.slots);
        let mut stays = |row| {
            let host = host(row)?;
            let place = before.iter().position(|slot| slot.host() == Some(host))?;
            Some(before.swap_remove(place))
        };
        let staying: Vec<Option<Slot>> = rows.iter().map(&mut stays).collect();
        self.slots = staying.into_iter().filter_map(|slot| slot.or_else(|| before.pop())).collect();
        let mut next = self.body.first_element_child();
        for slot in &self.slots {
            if next.as_ref().is_some_and(|next| slot.root().is_same_node(Some(next))) {
                next = next.and_then(|next| next.next_element_sibling());
            } else {
                // Both are in the table, so neither contains the other.
                _ = self.body.insert_before(slot.root(), next.as_deref());
            }
        }
        // A browser takes the focus from what is moved in the document.
        let slot = focused.and_then(|host| self.slots.iter().find(|slot| slot.host() == Some(host)));
        if let Some(slot) = slot.filter(|_| self.focused().is_none()) {
            _ = slot.link().focus();
        }
    }

    /// Works out which rows are on the screen, and moves the slots there. All that is read from the
    /// layout is read first: reading between writes makes the browser lay out the page each time.
    fn look(&mut self) {
        let spark = self.slots.first().map(Slot::spark_size);
        if let Some(slot) = self.slots.first() {
            let height = slot.root().get_bounding_client_rect().height();
            if height > 0.0 {
                self.row_height = height;
            }
        }
        let top = self.body.get_bounding_client_rect().top();
        let screen = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
        let hidden = ((COVERED - top) / self.row_height).floor().max(0.0) as usize;
        let fitting = (screen / self.row_height).ceil() as usize + 2 * SPARE;
        let slots = fitting.min(self.count);
        let first = hidden.saturating_sub(SPARE).min(self.count - slots);
        self.resize(slots);
        self.first = first;
        if let Some(size) = spark.or_else(|| self.slots.first().map(Slot::spark_size)) {
            self.slots.iter_mut().for_each(|slot| slot.fit_spark(size));
        }
        let padding = (first, self.count - first - slots);
        if self.padding != padding {
            self.padding = padding;
            let pixels = |rows: usize| format!("{}px", rows as f64 * self.row_height);
            let style = self.body.style();
            // Setting a property to a length does not fail.
            _ = style.set_property("padding-top", &pixels(padding.0));
            _ = style.set_property("padding-bottom", &pixels(padding.1));
        }
    }

    fn resize(&mut self, slots: usize) {
        while self.slots.len() > slots {
            if let Some(slot) = self.slots.pop() {
                slot.root().remove();
            }
        }
        while self.slots.len() < slots {
            let slot = Slot::new();
            // Appending a new element to one in the document does not fail.
            _ = self.body.append_child(slot.root());
            self.slots.push(slot);
        }
    }

    fn slot_at(&self, index: usize) -> Option<&Slot> {
        self.slots.get(index.checked_sub(self.first)?)
    }

    /// The host whose row has the focus.
    pub(super) fn focused(&self) -> Option<HostId> {
        self.focused_slot().and_then(|place| self.slots.get(place)).and_then(Slot::host)
    }

    fn focused_slot(&self) -> Option<usize> {
        let focused = document().active_element()?;
        self.slots.iter().position(|slot| slot.root().contains(Some(&focused)))
    }

    /// Moves the focus a row down or up; without a focus to the first row on the screen.
    pub(super) fn step(&mut self, down: bool) {
        let current = self.focused_slot().map(|place| self.first + place);
        let target = match current {
            None => {
                let top = self.body.get_bounding_client_rect().top();
                ((COVERED - top) / self.row_height).ceil().max(0.0) as usize
            }
            Some(index) if down => index + 1,
            Some(index) => index.saturating_sub(1),
        };
        let target = target.min(self.count.saturating_sub(1));
        self.reveal(target);
        match self.slot_at(target) {
            Some(slot) => _ = slot.link().focus(),
            None => self.wanted = Some(target),
        }
    }

    /// Scrolls so far that row `index` is on the screen.
    fn reveal(&self, index: usize) {
        let top = self.body.get_bounding_client_rect().top() + index as f64 * self.row_height;
        let bottom = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
        let beyond = (top + self.row_height * 2.0 - bottom).max(0.0);
        let short = (top - COVERED).min(0.0);
        let options = ScrollToOptions::new();
        options.set_top(if short < 0.0 { short } else { beyond });
        window().scroll_by_with_scroll_to_options(&options);
    }
}
