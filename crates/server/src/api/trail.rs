//! The recent past of one metric for every host, as bytes for the page.

use axum::extract::State;
use axum::response::IntoResponse;
use cpumonitor_common::Metric;
use cpumonitor_common::wire::encode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::ApiError;
use super::params::{self, Params};
use crate::app::App;
use crate::fleet::TAIL_MS;

/// Most steps of one answer.
const MAX_STEPS: usize = 300;

/// `GET /api/v1/trail?metric=cpu&seconds=120&step=2`: the bytes of a [`cpumonitor_common::wire::Trail`].
pub(crate) async fn trail(State(app): State<App>, params: Params) -> Result<impl IntoResponse, ApiError> {
    params.only(&["metric", "seconds", "step"])?;
    let metric = params.one("metric").map_or(Ok(Metric::CPU), params::metric)?;
    let span_ms = params.one("seconds").map_or(Ok(120_000), |text| params::step("seconds", text))?;
    let step_ms = params.one("step").map_or(Ok(2_000), |text| params::step("step", text))?;
    let steps = (span_ms / step_ms) as usize;
    if i64::from(span_ms) > TAIL_MS || !(1..=MAX_STEPS).contains(&steps) {
        return Err(ApiError::bad(format!(
            "a trail has 1 to {MAX_STEPS} steps within the last {} s",
            TAIL_MS / 1_000
        )));
    }
    let now = app.clock.now();
    let trail = app.relay.read(|fleet| fleet.trail(metric, steps, step_ms, now));
    Ok(([(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, "no-store")], encode(&trail)))
}
