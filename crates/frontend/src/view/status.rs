//! How a host fares, as a shape and a word.

use cpumonitor_common::HostStatus;

use crate::format;

/// The word, and for how long there has been silence when that matters.
pub(super) fn sentence(status: HostStatus, age_ms: Option<f64>) -> String {
    match (status, age_ms) {
        (HostStatus::Live, _) => "Live".to_owned(),
        (_, None) => capital(status).to_owned(),
        (_, age) => format!("{} {}", capital(status), format::age(age)),
    }
}

/// The word at the start of a sentence.
pub(super) fn capital(status: HostStatus) -> &'static str {
    match status {
        HostStatus::Live => "Live",
        HostStatus::Stale => "Stale",
        HostStatus::Down => "Down",
        HostStatus::Stopped => "Stopped",
    }
}
