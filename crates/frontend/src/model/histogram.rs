//! How the newest readings of the fleet are distributed: the track of the threshold slider.

mod axis;

use cpumonitor_common::{Code, Metric};

pub use self::axis::Axis;
use super::Fleet;

/// Bins of a histogram.
pub const BINS: usize = 64;

/// How many hosts have their newest reading in each bin of an axis.
#[derive(Clone, Debug)]
pub struct Histogram {
    axis: Axis,
    /// The first code of every bin but the lowest.
    edges: [Code; BINS - 1],
    bins: [u32; BINS],
    absent: u32,
}

impl Histogram {
    /// Empty, of `metric`.
    #[must_use]
    pub fn of(metric: Metric) -> Histogram {
        let axis = Axis::of(metric);
        let mut edges = [Code::ABSENT; BINS - 1];
        for (nth, edge) in edges.iter_mut().enumerate() {
            let value = axis.value_between(((nth + 1) as f64) / BINS as f64);
            *edge = metric.def().map_or(Code::ABSENT, |def| def.encoding.first_code(value, false));
        }
        Histogram { axis, edges, bins: [0; BINS], absent: 0 }
    }

    /// Counts anew.
    pub fn refresh(&mut self, fleet: &Fleet) {
        self.bins = [0; BINS];
        self.absent = 0;
        let column = fleet.column(self.axis.metric());
        for place in fleet.places() {
            match column.get(*place as usize) {
                Some(code) if code.is_present() => {
                    self.bins[self.edges.partition_point(|edge| edge <= code)] += 1;
                }
                _ => self.absent += 1,
            }
        }
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
        self.absent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fleet::tests::fleet_of;
    use proptest::prelude::*;

    #[test]
    fn a_host_is_counted_where_the_slider_would_cut_it_off() {
        let fleet = fleet_of(Metric::CPU, &[Some(0.0), Some(0.5), Some(0.999), Some(1.0), None, Some(3.0)]);
        let mut histogram = Histogram::of(Metric::CPU);
        histogram.refresh(&fleet);
        let full: Vec<(usize, u32)> =
            histogram.bins().iter().copied().enumerate().filter(|(_, hosts)| *hosts > 0).collect();
        assert_eq!(full, [(0, 1), (32, 1), (63, 3)]);
        assert_eq!(histogram.absent(), 1);
    }

    proptest! {
        #[test]
        fn every_host_is_counted_once(values in prop::collection::vec(prop::option::of(0f64..1e12), 0..60)) {
            for metric in [Metric::CPU, Metric::NETWORK_RECEIVE, Metric::TEMPERATURE, Metric(60_000)] {
                let fleet = fleet_of(metric, &values);
                let mut histogram = Histogram::of(metric);
                histogram.refresh(&fleet);
                histogram.refresh(&fleet);
                let counted: u32 = histogram.bins().iter().sum();
                prop_assert_eq!(counted as usize + histogram.absent() as usize, fleet.len());
            }
        }
    }
}
