//! How the server itself fares.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use cpumonitor_common::HostStatus;
use http::header::CONTENT_TYPE;
use serde::Serialize;

use crate::app::App;
use crate::telemetry::expose;

/// The answer of `/healthz`.
#[derive(Serialize)]
pub(crate) struct Health {
    /// `ok`, as long as there is an answer.
    status: &'static str,
    version: &'static str,
    /// Hosts known, whatever their status.
    hosts: usize,
}

/// `GET /healthz`.
pub(crate) async fn health(State(app): State<App>) -> Json<Health> {
    let hosts = app.relay.read(|fleet| fleet.len());
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION"), hosts })
}

/// `GET /metrics`, in the text format of Prometheus.
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let (census, revision) = app.relay.read(|fleet| (fleet.census(), fleet.newest().revision));
    let mut out = app.counters.render();
    let statuses = HostStatus::ALL
        .iter()
        .zip(census.by_status)
        .map(|(status, count)| (Some(("status", status.word())), count as u64));
    expose(&mut out, "gauge", "cpumonitor_hosts", "Hosts known, by status.", statuses);
    let one = |value: u64| [(None, value)];
    expose(
        &mut out,
        "gauge",
        "cpumonitor_tail_bytes",
        "Memory held by the rows of all hosts.",
        one(census.tail_bytes as u64),
    );
    expose(
        &mut out,
        "counter",
        "cpumonitor_revision_total",
        "Changes of the fleet published.",
        one(revision.0),
    );
    expose(
        &mut out,
        "counter",
        "cpumonitor_rows_over_bound_total",
        "Rows forgotten early because a host sent more than its share.",
        one(census.over_bound),
    );
    expose(
        &mut out,
        "counter",
        "cpumonitor_hosts_forgotten_total",
        "Hosts forgotten to make room, longest gone first.",
        one(census.forgotten),
    );
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out)
}
