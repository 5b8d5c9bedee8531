//! Frames encoded once and sent to every viewer that stands at the same place.

use bytes::Bytes;
use cpumonitor_common::{Cursor, Metric};

/// Frames kept: viewers in step need one a set of metrics, and stragglers a few more.
const FRAMES: usize = 8;

/// The fleet frames of the present step, by metrics and the cursor they start from. All lead to the
/// same place, so publishing a new one empties the cache.
#[derive(Debug, Default)]
pub(crate) struct FrameCache {
    frames: Vec<(Vec<Metric>, Cursor, Bytes)>,
}

impl FrameCache {
    /// The frame for a viewer of `metrics` at `from`, if there is one.
    pub(crate) fn get(&self, metrics: &[Metric], from: Cursor) -> Option<Bytes> {
        self.frames.iter().find(|(m, f, _)| m == metrics && *f == from).map(|(_, _, frame)| frame.clone())
    }

    /// Keeps `frame` until the next step; the oldest goes when there are too many.
    pub(crate) fn keep(&mut self, metrics: &[Metric], from: Cursor, frame: Bytes) {
        if self.frames.len() >= FRAMES {
            self.frames.remove(0);
        }
        self.frames.push((metrics.to_vec(), from, frame));
    }

    /// A new step begins.
    pub(crate) fn clear(&mut self) {
        self.frames.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpumonitor_common::{Epoch, Revision};

    fn at(revision: u64) -> Cursor {
        Cursor { epoch: Epoch(1), revision: Revision(revision) }
    }

    #[test]
    fn a_frame_is_found_by_metrics_and_cursor() {
        let mut frames = FrameCache::default();
        frames.keep(&[Metric::CPU], at(5), Bytes::from_static(b"cpu"));
        assert_eq!(frames.get(&[Metric::CPU], at(5)), Some(Bytes::from_static(b"cpu")));
        assert_eq!(frames.get(&[Metric::CPU], at(4)), None);
        assert_eq!(frames.get(&[Metric::MEMORY], at(5)), None);
        frames.clear();
        assert_eq!(frames.get(&[Metric::CPU], at(5)), None);
    }

    #[test]
    fn the_oldest_frame_makes_room() {
        let mut frames = FrameCache::default();
        for revision in 0..=FRAMES as u64 {
            frames.keep(&[], at(revision), Bytes::new());
        }
        assert_eq!(frames.get(&[], at(0)), None);
        assert_eq!(frames.get(&[], at(1)), Some(Bytes::new()));
    }
}
