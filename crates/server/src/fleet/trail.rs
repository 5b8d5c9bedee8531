//! The recent past of one metric for every host.

use std::cell::Cell;

use cpumonitor_common::wire::{Overview, Trail};
use cpumonitor_common::{Code, Metric, Timestamp};

use super::{Fleet, HostState};

impl Fleet {
    /// The last `steps` steps of `step_ms` up to `now`: of each host and step the last code of `metric`.
    /// Hosts without a row in this time are left out.
    pub(crate) fn trail(&self, metric: Metric, steps: usize, step_ms: u32, now: Timestamp) -> Trail {
        let tracks: Vec<Track> =
            self.hosts().filter_map(|host| Track::of(host, metric, steps, step_ms, now)).collect();
        // The columns are asked for one after the other, and all by the same metric: count along.
        let asked = Cell::new(0);
        let overview = Overview::new(vec![metric; steps]).fill(
            &tracks,
            |track| track.place,
            |track| now.ms_since(track.newest_at),
            |track, _| {
                let column = asked.get() / tracks.len();
                asked.set(asked.get() + 1);
                track.codes.get(column).copied().unwrap_or(Code::ABSENT)
            },
        );
        Trail { epoch: self.epoch(), at: now, step_ms, overview }
    }
}

/// One host's line.
struct Track {
    place: u32,
    newest_at: Timestamp,
    codes: Vec<Code>,
}

impl Track {
    /// `None` when the host has no row in this time.
    fn of(host: &HostState, metric: Metric, steps: usize, step_ms: u32, now: Timestamp) -> Option<Track> {
        let newest_at = host.latest()?.at;
        let span_ms = i64::try_from(steps).ok()?.saturating_mul(i64::from(step_ms));
        let start = now.plus_ms(-span_ms);
        let mut codes = vec![Code::ABSENT; steps];
        let mut any = false;
        for segment in host.tail().segments().filter(|segment| segment.newest_at() > start) {
            let Some(place) = segment.layout().whole(metric) else { continue };
            for row in segment.rows() {
                // The step ends with its last millisecond: a row at `now` belongs to the last one.
                let step = (row.at.ms_since(start) - 1).div_euclid(i64::from(step_ms.max(1)));
                let step = usize::try_from(step).ok().map(|step| step.min(steps.saturating_sub(1)));
                if let (Some(code), Some(reading)) =
                    (step.and_then(|step| codes.get_mut(step)), row.codes.get(place))
                {
                    *code = *reading;
                    any = true;
                }
            }
        }
        any.then_some(Track { place: host.place(), newest_at, codes })
    }
}
