//! Who a host is: what does not change while it runs, and how it fares.

use cpumonitor_common::wire::HostHealth;
use cpumonitor_common::{HostId, HostInfo, HostStatus, Timestamp};
use leptos::prelude::*;

use crate::app::{Screen, clock};
use crate::format;
use crate::model::OpenHost;
use crate::view::status;

/// A clock that is wrong by less than this is right enough not to be mentioned.
const SKEW_WORTH_A_WORD_MS: i64 = 250;

/// Name, status, tags and facts.
#[component]
pub(super) fn Facts(id: HostId) -> impl IntoView {
    let screen = Screen::here();
    let name = Memo::new(move |_| {
        screen.host.listen();
        screen.tally.track();
        screen.read(|state| state.model.name_of(id).map(str::to_owned))
    });
    let info = Memo::new(move |_| {
        screen.host.listen();
        screen.read(|state| state.model.host().and_then(|host| host.info().cloned()))
    });
    let health = Memo::new(move |_| {
        screen.host.listen();
        screen.read(|state| state.model.host().and_then(OpenHost::health))
    });
    let fares = Memo::new(move |_| {
        screen.second.listen();
        screen.host.listen();
        screen.tally.track();
        fares(screen, id)
    });
    let tags = move || info.get().map(|info| info.tags).unwrap_or_default();
    view! {
        <header class="identity">
            <div class="identity-line">
                <h1 data-testid="host-name">{move || name.get().unwrap_or_else(|| "…".to_owned())}</h1>
                <span class="status" data-testid="host-status" data-status=move || fares.get().0.word()>
                    <i class="glyph" data-status=move || fares.get().0.word() aria-hidden="true"></i>
                    {move || fares.get().1}
                </span>
                <span class="tags">
                    {move || tags().into_iter().map(|tag| {
                        let text = if tag.value.is_empty() { tag.key } else { format!("{}={}", tag.key, tag.value) };
                        view! { <span class="tag">{text}</span> }
                    }).collect_view()}
                </span>
            </div>
            <dl class="identity-facts">
                {move || {
                    screen.second.listen();
                    let now = screen.read(|state| state.model.server_now(clock::now_ms()));
                    let facts = info.get().map(|info| facts(&info, now)).unwrap_or_default();
                    let troubles = health.get().map(troubles).unwrap_or_default();
                    facts
                        .into_iter()
                        .map(|fact| (fact, false))
                        .chain(troubles.into_iter().map(|trouble| (trouble, true)))
                        .map(|((label, value), trouble)| view! {
                            <div class:trouble=trouble>
                                <dt>{label}</dt>
                                <dd>{value}</dd>
                            </div>
                        })
                        .collect_view()
                }}
            </dl>
        </header>
    }
}

/// Status as it is to be shown, in a word or two. The fleet knows better than the host itself whether
/// the link is down.
pub(super) fn fares(screen: Screen, id: HostId) -> (HostStatus, String) {
    screen.read(|state| {
        let fleet = state.model.fleet();
        match fleet.place_of(id) {
            Some(place) => {
                let status = fleet.status(place);
                (status, status::sentence(status, state.model.age_ms(place, clock::now_ms())))
            }
            None => {
                let status =
                    state.model.host().and_then(OpenHost::health).map_or(HostStatus::Stale, |h| h.status);
                (status, status::sentence(status, None))
            }
        }
    })
}

type Fact = (&'static str, String);

fn facts(info: &HostInfo, now: Timestamp) -> Vec<Fact> {
    let text = |label, text: &str| (!text.is_empty()).then(|| (label, text.to_owned()));
    let cores = (info.core_count > 0).then(|| {
        let plural = if info.core_count == 1 { "core" } else { "cores" };
        ("CPU", [info.cpu_model.as_str(), &format!("{} {plural}", info.core_count)].join(", "))
    });
    let memory = (info.memory_bytes > 0).then(|| ("Memory", format::bytes(Some(info.memory_bytes as f64))));
    let booted = (info.boot_at != Timestamp::EPOCH).then(|| {
        let uptime = now.ms_since(info.boot_at).max(0) as f64 / 1_000.0;
        ("Up", format::duration(Some(uptime)))
    });
    let kernel = (!info.kernel.is_empty()).then(|| ("Kernel", format!("{} {}", info.kernel, info.arch)));
    [text("System", &info.os), kernel, cores, memory, booted, text("Agent", &info.agent_version)]
        .into_iter()
        .flatten()
        .map(|(label, value)| (label, value.trim_start_matches(", ").trim().to_owned()))
        .collect()
}

/// What is not as it should be.
fn troubles(health: HostHealth) -> Vec<Fact> {
    let mut troubles = Vec::new();
    if health.skew_ms.abs() > SKEW_WORTH_A_WORD_MS {
        let direction = if health.skew_ms > 0 { "ahead" } else { "behind" };
        let length = format::age(Some(health.skew_ms.unsigned_abs() as f64));
        troubles.push(("Clock", format!("{length} {direction}, corrected")));
    }
    let count = |n: u64| format::count(Some(n as f64));
    if health.lost > 0 {
        troubles.push(("Lost", format!("{} samples", count(health.lost))));
    }
    if health.missed > 0 {
        troubles.push(("Missed", format!("{} ticks", count(health.missed))));
    }
    troubles
}
