//! The threshold slider: its track is the live histogram of the fleet.

use cpumonitor_common::Metric;

use super::Fleet;

/// Bins of a histogram.
pub const BINS: usize = 64;

/// Positions along a slider and the values they stand for: sensible stops at even distances.
///
/// Shares stop at whole percents and temperatures at whole degrees; everything else at zero and then 1, 2, 5, 10, and
/// so on (bytes in their binary units), which makes the axis logarithmic.
#[derive(Clone, Debug)]
pub struct Axis {
    metric: Metric,
    stops: Vec<f64>,
}

impl Axis {
    /// The axis of `metric`.
    #[must_use]
    pub fn of(metric: Metric) -> Axis {
        Axis { metric, stops: Vec::new() }
    }

    /// What it measures.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The stops, ascending: the first is position 0, the last position 1. For `<input type=range>`: `min=0`,
    /// `max=stops().len() - 1`, `step=1`.
    #[must_use]
    pub fn stops(&self) -> &[f64] {
        &self.stops
    }

    /// The stop nearest to `value`, for the slider's thumb.
    #[must_use]
    pub fn nearest_stop(&self, value: f64) -> usize {
        let _ = value;
        0
    }

    /// Where `value` lies, 0 to 1, between stops in proportion; values beyond the ends are at the ends.
    #[must_use]
    pub fn position(&self, value: f64) -> f64 {
        let _ = value;
        0.0
    }

    /// The value of the stop nearest to `position`.
    #[must_use]
    pub fn value_at(&self, position: f64) -> f64 {
        let _ = position;
        0.0
    }
}

/// How many hosts have their newest reading in each bin of an axis.
#[derive(Clone, Debug)]
pub struct Histogram {
    axis: Axis,
    bins: [u32; BINS],
}

impl Histogram {
    /// Empty, of `metric`.
    #[must_use]
    pub fn of(metric: Metric) -> Histogram {
        Histogram { axis: Axis::of(metric), bins: [0; BINS] }
    }

    /// Counts anew.
    pub fn refresh(&mut self, fleet: &Fleet) {
        let _ = fleet;
    }

    /// Its axis.
    #[must_use]
    pub fn axis(&self) -> &Axis {
        &self.axis
    }

    /// Hosts a bin, lowest values first.
    #[must_use]
    pub fn bins(&self) -> &[u32; BINS] {
        &self.bins
    }

    /// Hosts without a reading.
    #[must_use]
    pub fn absent(&self) -> u32 {
        0
    }
}
