//! The headings of the table, which sort it; on narrow screens a list does.

use cpumonitor_common::Metric;
use leptos::prelude::*;

use crate::app::Screen;
use crate::app::navigation::Step;
use crate::model::{Sort, SortKey};

/// A column: what it is sorted by, what stands over it, and the class of its cells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// What a click sorts by.
    pub(super) key: SortKey,
    /// What stands over it.
    pub(super) label: &'static str,
    /// The same where there is no room for a row of headings.
    pub(super) short: &'static str,
    /// What it means, for the tooltip.
    pub(super) title: &'static str,
    /// The class of its cells.
    pub(super) class: &'static str,
}

/// The columns from left to right; the metrics are those of [`crate::model::TABLE`].
pub(super) const COLUMNS: [Column; 9] = [
    Column { key: SortKey::Name, label: "Host", short: "Host", title: "Name and tags", class: "c-host" },
    Column {
        key: SortKey::Metric(Metric::CPU),
        label: "CPU",
        short: "CPU",
        title: "CPU in use over all cores, and its last two minutes",
        class: "c-cpu",
    },
    Column {
        key: SortKey::Metric(Metric::MEMORY),
        label: "Memory",
        short: "Mem",
        title: "Physical memory in use",
        class: "c-mem",
    },
    Column {
        key: SortKey::Metric(Metric::LOAD_1),
        label: "Load",
        short: "Load",
        title: "Load over one minute",
        class: "c-load",
    },
    Column {
        key: SortKey::Metric(Metric::FILESYSTEM),
        label: "Disk full",
        short: "Disk",
        title: "The fullest file system",
        class: "c-fs",
    },
    Column {
        key: SortKey::Metric(Metric::NETWORK_RECEIVE),
        label: "Net in",
        short: "In",
        title: "Received over all interfaces",
        class: "c-rx",
    },
    Column {
        key: SortKey::Metric(Metric::NETWORK_TRANSMIT),
        label: "Net out",
        short: "Out",
        title: "Sent over all interfaces",
        class: "c-tx",
    },
    Column {
        key: SortKey::Metric(Metric::TEMPERATURE),
        label: "Temp",
        short: "Temp",
        title: "The hottest sensor",
        class: "c-temp",
    },
    Column {
        key: SortKey::Status,
        label: "Status",
        short: "Status",
        title: "How the host fares, and how old its numbers are",
        class: "c-status",
    },
];

/// The row of headings.
#[component]
pub(super) fn Headings() -> impl IntoView {
    let screen = Screen::here();
    let sort = Memo::new(move |_| screen.route.with(|route| route.sort));
    view! {
        <div class="head" role="rowgroup">
            <div class="row" role="row" aria-rowindex="1">
                {COLUMNS.into_iter().map(|column| view! { <Heading column=column sort=sort /> }).collect_view()}
            </div>
        </div>
    }
}

#[component]
fn Heading(column: Column, sort: Memo<Sort>) -> impl IntoView {
    let screen = Screen::here();
    let direction = move || match sort.get() {
        Sort { key, descending } if key == column.key => {
            if descending {
                "descending"
            } else {
                "ascending"
            }
        }
        _ => "none",
    };
    view! {
        <div class=format!("cell {}", column.class) role="columnheader" aria-sort=direction>
            <button
                type="button" title=column.title data-testid=format!("sort-{}", word(column.key))
                on:click=move |_| screen.change(Step::Push, |route| route.sort = route.sort.clicked(column.key))
            >
                {column.label}
                <i class="arrow" aria-hidden="true"></i>
            </button>
        </div>
    }
}

/// The list for narrow screens.
#[component]
pub(super) fn SortList() -> impl IntoView {
    let screen = Screen::here();
    let key = Memo::new(move |_| screen.route.with(|route| word(route.sort.key)));
    let choose = move |chosen: String| {
        if let Some(column) = COLUMNS.into_iter().find(|column| word(column.key) == chosen) {
            screen.change(Step::Push, |route| route.sort = route.sort.clicked(column.key));
        }
    };
    view! {
        <label class="sort-list">
            "Sort by "
            <select class="select" prop:value=key on:change:target=move |event| choose(event.target().value())>
                {COLUMNS
                    .into_iter()
                    .map(|column| {
                        let value = word(column.key);
                        let chosen = value.clone();
                        view! {
                            <option value=value selected=move || key.get() == chosen>{column.label}</option>
                        }
                    })
                    .collect_view()}
            </select>
        </label>
    }
}

/// The key as the URL spells it.
fn word(key: SortKey) -> String {
    Sort { key, descending: false }.to_string()
}
