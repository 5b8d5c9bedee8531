//! The layouts one connection has announced.

use std::collections::VecDeque;
use std::sync::Arc;

use cpumonitor_common::LayoutId;
use cpumonitor_common::layout::MAX_SERIES;

use crate::fleet::SharedLayout;

/// Most layouts of one connection.
const MAX_LAYOUTS: usize = 64;
/// Most series of all layouts of one connection.
const MAX_ALL_SERIES: usize = 4 * MAX_SERIES;

/// The layouts one connection has announced, by the agent's ids.
#[derive(Debug, Default)]
pub(super) struct Announced {
    layouts: VecDeque<(LayoutId, Arc<SharedLayout>)>,
}

impl Announced {
    /// Keeps `layout`; answers how many older ones had to go.
    pub(super) fn keep(&mut self, id: LayoutId, layout: Arc<SharedLayout>) -> u64 {
        self.layouts.retain(|(known, _)| *known != id);
        self.layouts.push_back((id, layout));
        let mut gone = 0;
        while self.layouts.len() > 1 && (self.layouts.len() > MAX_LAYOUTS || self.series() > MAX_ALL_SERIES) {
            self.layouts.pop_front();
            gone += 1;
        }
        gone
    }

    /// The layout the agent calls `id`; `None` when it was not announced, or too long ago.
    pub(super) fn get(&self, id: LayoutId) -> Option<&Arc<SharedLayout>> {
        // Nearly always the newest.
        self.layouts.iter().rev().find(|(known, _)| *known == id).map(|(_, layout)| layout)
    }

    fn series(&self) -> usize {
        self.layouts.iter().map(|(_, layout)| layout.width()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpumonitor_common::{Layout, Metric, Series};

    fn layout(width: usize) -> Arc<SharedLayout> {
        Arc::new(SharedLayout::new(Layout {
            id: LayoutId(0),
            series: vec![Series::whole(Metric::CPU); width],
        }))
    }

    #[test]
    fn the_oldest_layout_goes_first() {
        let mut announced = Announced::default();
        let gone: u64 = (0..=MAX_LAYOUTS as u32).map(|id| announced.keep(LayoutId(id), layout(1))).sum();
        assert_eq!(gone, 1);
        assert!(announced.get(LayoutId(0)).is_none());
        assert!(announced.get(LayoutId(1)).is_some());
    }

    #[test]
    fn few_wide_layouts_are_as_bad_as_many() {
        let mut announced = Announced::default();
        let gone: u64 = (0..5).map(|id| announced.keep(LayoutId(id), layout(MAX_SERIES))).sum();
        assert_eq!(gone, 1);
    }

    #[test]
    fn an_id_announced_again_means_the_new_layout() {
        let mut announced = Announced::default();
        announced.keep(LayoutId(1), layout(1));
        announced.keep(LayoutId(1), layout(2));
        assert_eq!(announced.get(LayoutId(1)).map(|layout| layout.width()), Some(2));
        assert_eq!(announced.layouts.len(), 1);
    }
}
