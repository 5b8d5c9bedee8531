//! Series of one host over the tail, as JSON.

use axum::Json;
use axum::extract::State;
use cpumonitor_common::{HostId, Metric, Series, Timestamp};
use http::StatusCode;
use serde::Serialize;

use super::ApiError;
use super::hosts::unit_word;
use super::params::{self, Params};
use super::points::{Point, Points};
use crate::app::App;
use crate::fleet::{Fleet, HostState, TAIL_MS};

/// Most points of one answer.
const MAX_POINTS: usize = 250_000;
/// Most metrics of one question.
const MAX_METRICS: usize = 64;

/// The answer of `/api/v1/series`.
#[derive(Serialize)]
pub(crate) struct Answer {
    host: String,
    name: String,
    from_ms: i64,
    to_ms: i64,
    /// `null` when every row is a point of its own.
    step_ms: Option<u32>,
    /// What the numbers of a point are.
    columns: &'static [&'static str],
    series: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    series: String,
    metric: &'static str,
    instance: String,
    unit: &'static str,
    points: Vec<Point>,
}

/// What is asked of one metric.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Instance(String),
    EveryInstance,
}

/// `GET /api/v1/series?host=&metric=cpu&metric=cpu[*]&from=-5m&to=now&step=10s`.
pub(crate) async fn series(State(app): State<App>, params: Params) -> Result<Json<Answer>, ApiError> {
    params.only(&["host", "metric", "from", "to", "step"])?;
    let now = app.clock.now();
    let host = params.one("host").ok_or_else(|| ApiError::bad("which host? give its id or name as host"))?;
    let wanted = params.list("metric").map(wanted).collect::<Result<Vec<_>, _>>()?;
    if wanted.is_empty() || wanted.len() > MAX_METRICS {
        return Err(ApiError::bad(format!(
            "give 1 to {MAX_METRICS} metrics, as in metric=cpu,mem or metric=cpu[*]"
        )));
    }
    let instant = |name, default: Timestamp| {
        params.one(name).map_or(Ok(default), |text| params::instant(name, text, now))
    };
    let (from, to) = (instant("from", now.plus_ms(-TAIL_MS))?, instant("to", now)?);
    if from >= to {
        return Err(ApiError::bad("from is not before to"));
    }
    let step_ms = params.one("step").map(|text| params::step("step", text)).transpose()?;
    app.relay.read(|fleet| {
        let host = find(fleet, host)?;
        // A step no longer than the interval asks for the rows as they are.
        let points = Points { from, to, step_ms: step_ms.filter(|ms| *ms > host.interval_ms()) };
        answer(host, &wanted, points).map(Json)
    })
}

fn wanted(text: &str) -> Result<(Metric, Wanted), ApiError> {
    let Some((metric, instance)) = text.strip_suffix(']').and_then(|text| text.split_once('[')) else {
        return Ok((params::metric(text)?, Wanted::Whole));
    };
    let wanted = if instance == "*" { Wanted::EveryInstance } else { Wanted::Instance(instance.to_owned()) };
    Ok((params::metric(metric)?, wanted))
}

/// The host of that id, else the only one of that name.
fn find<'a>(fleet: &'a Fleet, host: &str) -> Result<&'a HostState, ApiError> {
    let not_found = |sentence: String| ApiError::new(StatusCode::NOT_FOUND, sentence);
    if let Ok(id) = host.parse::<HostId>() {
        return fleet.host(id).ok_or_else(|| not_found(format!("there is no host {id}")));
    }
    let mut named = fleet.hosts().filter(|known| known.info().name == host);
    match (named.next(), named.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => {
            Err(ApiError::bad(format!("several hosts are called {host:?}; give the id of one")))
        }
        (None, _) => Err(not_found(format!("there is no host called {host:?}"))),
    }
}

fn answer(host: &HostState, wanted: &[(Metric, Wanted)], points: Points) -> Result<Answer, ApiError> {
    let mut all: Vec<Series> = Vec::new();
    for (metric, wanted) in wanted {
        match wanted {
            Wanted::Whole => push_new(&mut all, Series::whole(*metric)),
            Wanted::Instance(instance) => push_new(&mut all, Series::of(*metric, instance.as_str())),
            Wanted::EveryInstance => {
                for segment in host.tail().segments() {
                    for (_, instance) in segment.layout().layout().instances(*metric) {
                        push_new(&mut all, Series::of(*metric, instance));
                    }
                }
            }
        }
    }
    if points.most(host.tail()).saturating_mul(all.len()) > MAX_POINTS {
        return Err(ApiError::bad(format!(
            "that would be more than {MAX_POINTS} points: ask for fewer series, a shorter time or a longer step"
        )));
    }
    Ok(Answer {
        host: host.info().id.to_string(),
        name: host.info().name.clone(),
        from_ms: points.from.as_ms(),
        to_ms: points.to.as_ms(),
        step_ms: points.step_ms,
        columns: points.columns(),
        series: all
            .into_iter()
            .map(|series| Line {
                points: points.of(host.tail(), &series),
                metric: series.metric.def().map_or("", |def| def.name),
                unit: unit_word(series.metric),
                series: series.to_string(),
                instance: series.instance,
            })
            .collect(),
    })
}

fn push_new(all: &mut Vec<Series>, series: Series) {
    if !all.contains(&series) {
        all.push(series);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_may_have_an_instance() {
        let check = |text, expected| assert_eq!(wanted(text).ok(), expected, "{text}");
        check("cpu", Some((Metric::CPU, Wanted::Whole)));
        check("cpu[3]", Some((Metric::CPU, Wanted::Instance("3".into()))));
        check("fs[/mnt/a b]", Some((Metric::FILESYSTEM, Wanted::Instance("/mnt/a b".into()))));
        check("cpu[*]", Some((Metric::CPU, Wanted::EveryInstance)));
        check("cpu[3", None);
        check("nothing", None);
    }
}
