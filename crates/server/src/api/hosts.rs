//! Hosts as JSON.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use cpumonitor_common::{Filter, HostId, Metric, Subject, Tag, Timestamp, Unit};
use http::StatusCode;
use serde::Serialize;

use super::ApiError;
use super::params::Params;
use crate::app::App;
use crate::fleet::HostState;

/// The answer of `/api/v1/hosts`.
#[derive(Serialize)]
pub(crate) struct Hosts {
    /// The server's clock, in milliseconds since the Unix epoch.
    at_ms: i64,
    /// Hosts there are.
    total: usize,
    /// Those that match, by name.
    hosts: Vec<Host>,
}

/// A host, how it fares, and its newest readings for the host as a whole.
#[derive(Serialize)]
struct Host {
    id: String,
    name: String,
    status: &'static str,
    /// When it was last heard, by the server's clock.
    seen_ms: i64,
    /// When the readings were taken, by the server's clock; `null` before the first.
    row_ms: Option<i64>,
    os: String,
    core_count: u32,
    memory_bytes: u64,
    tags: BTreeMap<String, String>,
    /// By short name; `null` where the host could not measure.
    readings: BTreeMap<String, Option<f64>>,
}

/// The answer of `/api/v1/hosts/{id}`.
#[derive(Serialize)]
pub(crate) struct HostInFull {
    #[serde(flatten)]
    host: Host,
    kernel: String,
    arch: String,
    cpu_model: String,
    swap_bytes: u64,
    /// When the kernel started, by the host's clock; `null` when not known.
    boot_ms: Option<i64>,
    agent_version: String,
    interval_ms: u32,
    /// The host's clock minus the server's.
    skew_ms: i64,
    /// Rows lost for good in this incarnation of the agent.
    rows_lost: u64,
    /// Ticks the agent did not get to run in time.
    rows_missed: u64,
    /// Every series of the newest row.
    series: Vec<Reading>,
}

#[derive(Serialize)]
struct Reading {
    series: String,
    unit: &'static str,
    value: Option<f64>,
}

/// `GET /api/v1/hosts?q=cpu > 80%`.
pub(crate) async fn hosts(State(app): State<App>, params: Params) -> Result<Json<Hosts>, ApiError> {
    params.only(&["q"])?;
    let filter = Filter::parse(params.one("q").unwrap_or_default())
        .map_err(|error| ApiError::bad(format!("at byte {} of q: {error}", error.span.start)))?;
    let at_ms = app.clock.now().as_ms();
    let (total, mut hosts) = app.relay.read(|fleet| {
        (fleet.len(), fleet.hosts().filter(|host| filter.matches(*host)).map(Host::of).collect::<Vec<_>>())
    });
    hosts.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Ok(Json(Hosts { at_ms, total, hosts }))
}

/// `GET /api/v1/hosts/{id}`.
pub(crate) async fn host(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<HostInFull>, ApiError> {
    let id: HostId = id.parse().map_err(|error| ApiError::bad(format!("{id:?} is no host: {error}")))?;
    let host = app.relay.read(|fleet| fleet.host(id).map(HostInFull::of));
    host.map(Json).ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, format!("there is no host {id}")))
}

impl Host {
    fn of(host: &HostState) -> Host {
        let info = host.info();
        let latest = host.latest();
        let readings = latest.map_or_else(BTreeMap::new, |latest| {
            let wholes = latest.layout.wholes().iter();
            wholes.map(|(metric, _)| (metric.to_string(), metric.decode(latest.code(*metric)))).collect()
        });
        Host {
            id: info.id.to_string(),
            name: info.name.clone(),
            status: host.status().word(),
            seen_ms: host.seen().as_ms(),
            row_ms: latest.map(|latest| latest.at.as_ms()),
            os: info.os.clone(),
            core_count: info.core_count,
            memory_bytes: info.memory_bytes,
            tags: info.tags.iter().map(|Tag { key, value }| (key.clone(), value.clone())).collect(),
            readings,
        }
    }
}

impl HostInFull {
    fn of(host: &HostState) -> HostInFull {
        let (info, health) = (host.info(), host.health());
        let series = host.latest().map_or_else(Vec::new, |latest| {
            let series = latest.layout.layout().series.iter().zip(&latest.codes);
            series
                .map(|(series, code)| Reading {
                    series: series.to_string(),
                    unit: unit_word(series.metric),
                    value: series.metric.decode(*code),
                })
                .collect()
        });
        HostInFull {
            host: Host::of(host),
            kernel: info.kernel.clone(),
            arch: info.arch.clone(),
            cpu_model: info.cpu_model.clone(),
            swap_bytes: info.swap_bytes,
            boot_ms: Some(info.boot_at).filter(|at| *at != Timestamp::EPOCH).map(Timestamp::as_ms),
            agent_version: info.agent_version.clone(),
            interval_ms: host.interval_ms(),
            skew_ms: health.skew_ms,
            rows_lost: health.lost,
            rows_missed: health.missed,
            series,
        }
    }
}

/// What the values of `metric` are counted in, as programs like it.
pub(super) fn unit_word(metric: Metric) -> &'static str {
    match metric.unit() {
        Unit::Ratio => "ratio",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "bytes_per_second",
        Unit::PerSecond => "per_second",
        Unit::Celsius => "celsius",
        Unit::Count => "count",
        Unit::Seconds => "seconds",
    }
}
