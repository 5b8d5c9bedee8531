//! A layout as the server keeps it: one copy for all hosts that report the same series.

use cpumonitor_common::{Code, Layout, Metric};

/// A layout with the places of its whole-host series looked up once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SharedLayout {
    layout: Layout,
    /// Metric and place of every series for the host as a whole, by metric.
    wholes: Vec<(Metric, usize)>,
}

impl SharedLayout {
    /// Looks up the places in `layout`.
    pub(crate) fn new(layout: Layout) -> SharedLayout {
        let mut wholes: Vec<(Metric, usize)> = layout
            .series
            .iter()
            .enumerate()
            .filter(|(_, series)| series.is_whole())
            .map(|(place, series)| (series.metric, place))
            .collect();
        wholes.sort_unstable();
        wholes.dedup_by_key(|(metric, _)| *metric);
        SharedLayout { layout, wholes }
    }

    /// The layout, under the id viewers know.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Series in a row.
    pub(crate) fn width(&self) -> usize {
        self.layout.series.len()
    }

    /// The metrics the host reports as a whole, with their places in a row, ascending.
    pub(crate) fn wholes(&self) -> &[(Metric, usize)] {
        &self.wholes
    }

    /// Where `metric` of the host as a whole stands in a row; `None` when it is not reported.
    pub(crate) fn whole(&self, metric: Metric) -> Option<usize> {
        let found = self.wholes.binary_search_by_key(&metric, |(metric, _)| *metric).ok()?;
        self.wholes.get(found).map(|(_, place)| *place)
    }

    /// The code of `metric` for the host as a whole in `codes`.
    pub(crate) fn code(&self, metric: Metric, codes: &[Code]) -> Code {
        self.whole(metric).and_then(|place| codes.get(place)).copied().unwrap_or(Code::ABSENT)
    }
}
