//! One copy of every layout in use.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use cpumonitor_common::{Layout, LayoutId, Series};

use super::SharedLayout;

/// The layouts in use, each under an id that is unique within the epoch.
///
/// A thousand machines of the same kind report the same series, and need one copy.
#[derive(Debug, Default)]
pub(super) struct Layouts {
    known: HashSet<BySeries>,
    next_id: u32,
}

impl Layouts {
    /// The copy of `layout`; its id is replaced by ours.
    pub(super) fn share(&mut self, layout: Layout) -> Arc<SharedLayout> {
        if let Some(known) = self.known.get(layout.series.as_slice()) {
            return known.0.clone();
        }
        let id = LayoutId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        let shared = Arc::new(SharedLayout::new(Layout { id, series: layout.series }));
        self.known.insert(BySeries(shared.clone()));
        shared
    }

    /// Lets go of the layouts that no row and no session needs any more.
    pub(super) fn sweep(&mut self) {
        self.known.retain(|known| Arc::strong_count(&known.0) > 1);
    }
}

/// A layout that is found by its series, whatever its id.
#[derive(Debug)]
struct BySeries(Arc<SharedLayout>);

impl Borrow<[Series]> for BySeries {
    fn borrow(&self) -> &[Series] {
        &self.0.layout().series
    }
}

impl Hash for BySeries {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Borrow::<[Series]>::borrow(self).hash(state);
    }
}

impl PartialEq for BySeries {
    fn eq(&self, other: &BySeries) -> bool {
        self.0.layout().series == other.0.layout().series
    }
}

impl Eq for BySeries {}

#[cfg(test)]
mod tests {
    use super::*;
    use cpumonitor_common::Metric;

    fn layout(metrics: &[Metric]) -> Layout {
        Layout { id: LayoutId(77), series: metrics.iter().copied().map(Series::whole).collect() }
    }

    #[test]
    fn the_same_series_are_one_copy_and_others_get_another_id() {
        let mut layouts = Layouts::default();
        let cpu = layouts.share(layout(&[Metric::CPU]));
        assert!(Arc::ptr_eq(&cpu, &layouts.share(layout(&[Metric::CPU]))));
        let both = layouts.share(layout(&[Metric::CPU, Metric::MEMORY]));
        assert_ne!(cpu.layout().id, both.layout().id);
    }

    #[test]
    fn what_nobody_needs_is_let_go_and_its_id_not_used_again() {
        let mut layouts = Layouts::default();
        let cpu = layouts.share(layout(&[Metric::CPU]));
        let memory_id = layouts.share(layout(&[Metric::MEMORY])).layout().id;
        layouts.sweep();
        assert_eq!(layouts.known.len(), 1);
        assert!(Arc::ptr_eq(&cpu, &layouts.share(layout(&[Metric::CPU]))));
        assert_ne!(layouts.share(layout(&[Metric::MEMORY])).layout().id, memory_id);
    }
}
