//! How long frames take.

use std::collections::VecDeque;

/// Frames remembered: a minute at ten a second.
const FRAMES: usize = 600;

/// The work of the last frames.
#[derive(Debug, Default)]
pub(super) struct Work {
    frames_ms: VecDeque<f64>,
    total: u64,
}

impl Work {
    /// A frame took this long, drawing and effects together, in milliseconds.
    pub(super) fn record(&mut self, ms: f64) {
        if self.frames_ms.len() == FRAMES {
            self.frames_ms.pop_front();
        }
        self.frames_ms.push_back(ms);
        self.total += 1;
    }

    /// The work that `share` (0 to 1) of the remembered frames do not exceed; `None` before the first.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let mut sorted: Vec<f64> = self.frames_ms.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let place = (sorted.len() as f64 * share).ceil() as usize;
        sorted.get(place.saturating_sub(1)).copied()
    }

    /// Frames drawn since the page was opened.
    pub(super) fn total(&self) -> u64 {
        self.total
    }
}
