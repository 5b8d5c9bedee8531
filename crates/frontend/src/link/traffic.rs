//! What came over the link, counted.

/// Frames and bytes: of the second that runs, and of the last full one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    running: (u32, usize),
    last: (u32, usize),
}

impl Traffic {
    /// Counts a frame.
    pub(crate) fn heard(&mut self, size_bytes: usize) {
        self.running.0 += 1;
        self.running.1 += size_bytes;
    }

    /// Begins the next second.
    pub(crate) fn second_passed(&mut self) {
        self.last = std::mem::take(&mut self.running);
    }

    /// Frames in the last full second.
    pub(crate) fn frames_per_sec(self) -> u32 {
        self.last.0
    }

    /// Payload bytes in the last full second.
    pub(crate) fn bytes_per_sec(self) -> usize {
        self.last.1
    }
}
