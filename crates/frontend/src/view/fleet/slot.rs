//! One row of the table on the screen. Slots are made once and shown different hosts while the table
//! scrolls and sorts; a slot writes to the document only what differs from what it shows.
//!
//! Built by hand rather than with `view!`: forty rows of ten cells would be four hundred effects,
//! each a task to wake ten times a second.

use cpumonitor_common::{Code, HostId, HostStatus, Metric, Tag};
use wasm_bindgen::JsCast;
use web_sys::{HtmlAnchorElement, HtmlElement};

use super::heading::COLUMNS;
use crate::format;
use crate::model::fleet::{NO_LEVEL, TRAIL_POINTS};
use crate::model::order::{OrderedRow, RowState};
use crate::model::{SortKey, TABLE};
use crate::paint::{Shown, ShownAttribute, Spark, element};
use crate::pump::Turn;
use crate::route::{Page, Route};
use crate::view::status;

/// Tags shown in a row; the host page has all.
const TAGS: usize = 3;
/// From here on a share is worth a warning colour, and from there on an alarming one.
const WARN: f64 = 0.8;
const CRIT: f64 = 0.95;

/// One row.
pub(super) struct Slot {
    root: HtmlElement,
    link: HtmlAnchorElement,
    host: Option<HostId>,
    name: Shown,
    tags_root: HtmlElement,
    tags: Vec<Tag>,
    href: ShownAttribute,
    glyph: ShownAttribute,
    status: Shown,
    id: ShownAttribute,
    named: ShownAttribute,
    fares: ShownAttribute,
    state: ShownAttribute,
    position: ShownAttribute,
    cpu: ShownAttribute,
    readings: Vec<Reading>,
    spark: Spark,
    /// Shows another host than a moment ago.
    fresh: bool,
    /// The sparkline is older than it should be.
    trail_due: bool,
}

/// One number of the row.
struct Reading {
    metric: Metric,
    code: Option<Code>,
    text: Shown,
    bar: Option<Bar>,
}

/// The bar under a share.
struct Bar {
    fill: HtmlElement,
    level: ShownAttribute,
}

impl Slot {
    /// An empty row.
    pub(super) fn new() -> Slot {
        let root: HtmlElement = element("div", "row host");
        let root_attribute = |name| ShownAttribute::of(&root, name);
        for (name, value) in [("role", "row"), ("data-testid", "host-row")] {
            root_attribute(name).set(value);
        }
        let glyph: HtmlElement = element("i", "glyph");
        ShownAttribute::of(&glyph, "aria-hidden").set("true");
        let link: HtmlAnchorElement = element("a", "name");
        let tags_root: HtmlElement = element("span", "tags");
        let mut status = None;
        let mut readings = Vec::new();
        let canvas: HtmlElement = element("canvas", "spark");
        ShownAttribute::of(&canvas, "aria-hidden").set("true");
        for column in COLUMNS {
            let cell: HtmlElement = element("div", &format!("cell {}", column.class));
            ShownAttribute::of(&cell, "role").set("cell");
            ShownAttribute::of(&cell, "data-label").set(column.short);
            match column.key {
                SortKey::Name => append(&cell, &[&glyph, &link, &tags_root]),
                SortKey::Metric(metric) => {
                    let canvas = Some(&canvas).filter(|_| metric == Metric::CPU);
                    readings.push(Reading::in_cell(&cell, metric, canvas));
                }
                SortKey::Status | SortKey::Age => status = Some(Shown::of(cell.clone())),
            }
            append(&root, &[&cell]);
        }
        debug_assert!(
            readings.iter().map(|reading| reading.metric).eq(TABLE),
            "columns are those of the model"
        );
        Slot {
            host: None,
            name: Shown::of(link.clone().unchecked_into()),
            href: ShownAttribute::of(&link, "href"),
            glyph: ShownAttribute::of(&glyph, "data-status"),
            status: status.unwrap_or_else(|| Shown::of(element("div", "cell"))),
            id: root_attribute("data-host"),
            named: root_attribute("data-name"),
            fares: root_attribute("data-status"),
            state: root_attribute("data-state"),
            position: root_attribute("aria-rowindex"),
            cpu: root_attribute("data-cpu"),
            tags: Vec::new(),
            spark: Spark::on(canvas.unchecked_into()),
            fresh: true,
            trail_due: true,
            root,
            link,
            tags_root,
            readings,
        }
    }

    /// The element of the row.
    pub(super) fn root(&self) -> &HtmlElement {
        &self.root
    }

    /// The link in it, which takes the focus.
    pub(super) fn link(&self) -> &HtmlAnchorElement {
        &self.link
    }

    /// The host it shows; `None` when it shows none.
    pub(super) fn host(&self) -> Option<HostId> {
        self.host
    }

    /// How large the place of the sparkline is, in CSS pixels. Reads layout.
    pub(super) fn spark_size(&self) -> (f64, f64) {
        self.spark.place()
    }

    /// Fits the sparkline to a place of this size.
    pub(super) fn fit_spark(&mut self, size: (f64, f64)) {
        self.spark.fit(size);
    }

    /// Shows `row`, which is the `index`th of the table.
    pub(super) fn show(&mut self, row: OrderedRow, index: usize, route: &Route, turn: &mut Turn<'_>) {
        let model = &turn.state.model;
        let fleet = model.fleet();
        let entry = fleet.entry(row.place).filter(|_| row.state != RowState::Gone);
        // Headings are row 1.
        self.position.set(&(index + 2).to_string());
        self.state.set(match row.state {
            RowState::Matching => "matching",
            RowState::Leaving => "leaving",
            RowState::Dimmed => "dimmed",
            RowState::Gone => "gone",
        });
        let Some(entry) = entry else {
            self.host = None;
            self.name.set("–");
            self.status.set("Gone");
            return;
        };
        if self.host != Some(entry.id) {
            self.host = Some(entry.id);
            self.id.set(&entry.id.to_string());
            self.href.set(&route.at(Page::Host(entry.id)).to_string());
            self.fresh = true;
        }
        self.name.set(&entry.name);
        self.named.set(&entry.name);
        self.show_tags(&entry.tags);
        let fares = fleet.status(row.place);
        self.glyph.set(fares.word());
        self.fares.set(fares.word());
        let due = turn.due;
        if self.fresh || due.second || due.view || fares != HostStatus::Live {
            self.status.set(&status::sentence(fares, model.age_ms(row.place, turn.now_ms)));
        }
        for reading in &mut self.readings {
            let code = fleet.code(row.place, reading.metric);
            if reading.show(code) && reading.metric == Metric::CPU {
                let text = format::reading(Metric::CPU, reading.metric.decode(code));
                self.cpu.set(text.trim_end_matches('%').trim());
            }
        }
        self.show_trail(row.place, turn);
        self.fresh = false;
    }

    fn show_tags(&mut self, tags: &[Tag]) {
        if self.tags == tags {
            return;
        }
        self.tags_root.set_text_content(None);
        for tag in tags.iter().take(TAGS) {
            let chip: HtmlElement = element("span", "tag");
            // The value says most; the key is there for those who point at it.
            chip.set_text_content(Some(if tag.value.is_empty() { &tag.key } else { &tag.value }));
            ShownAttribute::of(&chip, "title").set(&format!("{}={}", tag.key, tag.value));
            append(&self.tags_root, &[&chip]);
        }
        self.tags = tags.to_vec();
    }

    /// Moves the sparkline on once a second, and when something else makes it different: a few rows a
    /// frame, because drawing is what costs most.
    fn show_trail(&mut self, place: u32, turn: &mut Turn<'_>) {
        let due = turn.due;
        if self.fresh || due.theme {
            self.spark.clear();
        }
        self.trail_due |= self.fresh || due.second || due.view || due.theme || due.dirty.membership;
        // A row that is new on the screen does not wait: it would be seen without its line.
        let granted = self.trail_due && (self.fresh || turn.take_spark());
        if !granted {
            return;
        }
        self.trail_due = false;
        let mut levels = [NO_LEVEL; TRAIL_POINTS];
        turn.state.model.trail(place, turn.now_ms, &mut levels);
        self.spark.draw(&levels, turn.ink);
    }
}

impl Reading {
    fn in_cell(cell: &HtmlElement, metric: Metric, canvas: Option<&HtmlElement>) -> Reading {
        let text: HtmlElement = element("span", "number");
        append(cell, &[&text]);
        if let Some(canvas) = canvas {
            append(cell, &[canvas]);
        }
        let bar = (metric.unit() == cpumonitor_common::Unit::Ratio).then(|| {
            let (bar, fill): (HtmlElement, HtmlElement) = (element("span", "bar"), element("i", ""));
            append(&bar, &[&fill]);
            append(cell, &[&bar]);
            Bar { level: ShownAttribute::of(&bar, "data-level"), fill }
        });
        Reading { metric, code: None, text: Shown::of(text), bar }
    }

    /// Shows `code`; the answer tells whether it is another one than before.
    fn show(&mut self, code: Code) -> bool {
        if self.code == Some(code) {
            return false;
        }
        self.code = Some(code);
        let value = self.metric.decode(code);
        self.text.set(&format::reading(self.metric, value));
        if let Some(bar) = &mut self.bar {
            let share = value.unwrap_or(0.0).clamp(0.0, 1.0);
            // Setting a custom property of an element in the document does not fail.
            _ = bar.fill.style().set_property("--share", &format!("{share:.3}"));
            bar.level.set(match share {
                share if share >= CRIT => "crit",
                share if share >= WARN => "warn",
                _ => "calm",
            });
        }
        true
    }
}

fn append(parent: &HtmlElement, children: &[&HtmlElement]) {
    for child in children {
        // Refused only for a parent inside its child.
        _ = parent.append_child(child);
    }
}
