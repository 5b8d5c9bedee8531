//! Components: they draw what the model says and compute nothing.
//!
//! # Hooks for tests
//!
//! | `data-testid` | what | attributes |
//! |---|---|---|
//! | `filter-input` | the filter box | `aria-invalid` |
//! | `filter-error` | why the text is no filter; there only while it is none | |
//! | `filter-clear` | the button that empties it | |
//! | `host-count` | "7 of 240" | |
//! | `link-badge` | the state of the link | `data-state`: `connecting`, `live`, `lagging`, `reconnecting`, `refused` |
//! | `link-retry`, `link-reload` | its buttons, while there is a use for them | |
//! | `theme-toggle` | dark, light or the system's | `data-theme`: what is shown |
//! | `notice` | a warning strip | `data-notice`: `insecure-open`, `compat` |
//! | `counter` | a counter that sets the filter | `data-status`: `live`, `stale`, `down`, `stopped`, `over`; `data-count` |
//! | `threshold-metric`, `threshold-op`, `threshold-slider`, `threshold-value`, `threshold-clear` | the threshold chip | |
//! | `mode-filter`, `mode-highlight` | what happens to hosts that do not match | `aria-pressed` |
//! | `sort-` and a key, as in `sort-cpu` | the heading that sorts | |
//! | `order-held` | says that rows hold still; there only while that makes a difference | |
//! | `host-row` | a host of the table | `data-host`, `data-name`, `data-status`, `data-state`, `data-cpu`: the number shown, in percent |
//! | `no-match` | no host matches the filter | |
//! | `first-run` | how to add the first host | `data-step`: `waiting`, `connected` |
//! | `agent-command` | the command to copy | |
//! | `host-page` | the page of one host | `data-host`, `data-known`, `data-status` |
//! | `host-name`, `host-status` | its heading | |
//! | `tile-` and a metric, as in `tile-cpu` | a large number | `data-value`: the text shown |
//! | `chart-cpu`, `chart-memory`, `chart-swap`, `chart-network`, `chart-disk`, `chart-load`, `chart-temperature` | charts | `data-points`, `data-now`: current values |
//! | `chart-cores` | the heat strip | `data-rows` |
//! | `file-system` | a bar | `data-mount`, `data-used` |
//! | `span-1m`, `span-5m` | how much of the past is shown | `aria-pressed` |
//!
//! Figures for benchmarks are at `window.__cpumonitor`; see [`crate::pump`].

#![expect(unreachable_pub, reason = "`#[component]` makes the properties of every component public")]

mod filter_box;
mod fleet;
mod header;
mod help;
mod host;
mod icon;
mod link_badge;
mod not_found;
mod notices;
mod status;
pub(crate) mod theme;
pub(crate) mod title;
mod welcome;

pub(crate) use filter_box::FILTER_ID;
pub(crate) use fleet::{FleetPage, threshold_of};
pub(crate) use header::Header;
pub(crate) use help::HelpSheet;
pub(crate) use host::HostPage;
pub(crate) use link_badge::link_state_word;
pub(crate) use not_found::NotFound;
pub(crate) use notices::Notices;
pub(crate) use welcome::WelcomePage;
