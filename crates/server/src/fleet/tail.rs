//! The rows of one host in the last minutes.

use std::collections::VecDeque;
use std::sync::Arc;

use cpumonitor_common::{Incarnation, Revision, Row, Timestamp};

use super::SharedLayout;
use super::segment::Segment;

/// How far back rows are kept.
pub(crate) const TAIL_MS: i64 = 300_000;
/// Most rows of one host: ten a second and some to spare.
const MAX_ROWS: usize = 3_600;
/// Most bytes of one host: 2,000 series a second and some to spare.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// The rows of one host in the last [`TAIL_MS`], oldest first; times never go back.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    segments: VecDeque<Segment>,
    rows: usize,
    bytes: usize,
}

impl Tail {
    /// Appends `row`. Answers how many of the oldest rows went early because there are too many.
    pub(super) fn push(
        &mut self,
        row: Row<'_>,
        layout: &Arc<SharedLayout>,
        incarnation: Incarnation,
        revision: Revision,
    ) -> u64 {
        self.rows += 1;
        let taken =
            self.segments.back_mut().is_some_and(|newest| newest.push(row, layout, incarnation, revision));
        if taken {
            return 0;
        }
        let same_layout = self.segments.back().filter(|newest| Arc::ptr_eq(newest.layout(), layout));
        let announced = same_layout.map_or(revision, Segment::announced);
        let segment = Segment::begin(row, layout, incarnation, announced, revision);
        self.bytes += segment.bytes();
        self.segments.push_back(segment);
        let mut early = 0;
        while self.segments.len() > 1 && (self.rows > MAX_ROWS || self.bytes > MAX_BYTES) {
            early += self.forget_oldest() as u64;
        }
        early
    }

    /// Forgets the segments whose rows are all older than the tail.
    pub(super) fn expire(&mut self, now: Timestamp) {
        while self.segments.front().is_some_and(|oldest| now.ms_since(oldest.newest_at()) > TAIL_MS) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) -> usize {
        let Some(oldest) = self.segments.pop_front() else { return 0 };
        self.rows -= oldest.len();
        self.bytes -= oldest.bytes();
        oldest.len()
    }

    /// The segments, oldest first.
    pub(crate) fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.segments.iter()
    }

    /// The time of the newest row; `None` when there is none.
    pub(super) fn newest_at(&self) -> Option<Timestamp> {
        self.segments.back().map(Segment::newest_at)
    }

    /// Rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpumonitor_common::{Code, Layout, LayoutId, Metric, Series};

    fn layout(width: usize) -> Arc<SharedLayout> {
        let series = (0..width).map(|core| Series::of(Metric::CPU, core.to_string())).collect();
        Arc::new(SharedLayout::new(Layout { id: LayoutId(0), series }))
    }

    fn push(tail: &mut Tail, layout: &Arc<SharedLayout>, seq: u64) -> u64 {
        let codes = vec![Code(seq as u16); layout.width()];
        let row = Row { seq, at: Timestamp::from_ms(seq as i64 * 1_000), codes: &codes };
        tail.push(row, layout, Incarnation(1), Revision(seq))
    }

    fn seqs(tail: &Tail) -> Vec<u64> {
        tail.segments().flat_map(|segment| segment.rows().map(|row| row.seq)).collect()
    }

    #[test]
    fn rows_older_than_the_tail_go_a_segment_at_a_time() {
        let (mut tail, layout) = (Tail::default(), layout(2));
        for seq in 0..150 {
            assert_eq!(push(&mut tail, &layout, seq), 0);
        }
        tail.expire(Timestamp::from_ms(29_000 + TAIL_MS));
        assert_eq!(seqs(&tail), (0..150).collect::<Vec<_>>());
        tail.expire(Timestamp::from_ms(29_001 + TAIL_MS));
        assert_eq!(seqs(&tail), (30..150).collect::<Vec<_>>());
        tail.expire(Timestamp::from_ms(i64::MAX));
        assert_eq!((seqs(&tail), tail.rows, tail.bytes()), (vec![], 0, 0));
    }

    #[test]
    fn a_host_that_sends_too_many_rows_forgets_its_oldest() {
        let (mut tail, layout) = (Tail::default(), layout(1));
        let early: u64 = (0..MAX_ROWS as u64 + 31).map(|seq| push(&mut tail, &layout, seq)).sum();
        assert_eq!(early, 60);
        assert!(tail.rows <= MAX_ROWS);
    }

    #[test]
    fn a_host_that_changes_its_layout_with_every_row_stays_within_its_bytes() {
        let mut tail = Tail::default();
        let layouts = [layout(1_999), layout(2_000)];
        let early: u64 = (0..100).map(|seq| push(&mut tail, &layouts[seq as usize % 2], seq)).sum();
        assert!(early > 0);
        assert!(tail.bytes() <= MAX_BYTES);
    }

    #[test]
    fn twelve_bytes_a_row_besides_the_codes() {
        let (mut tail, layout) = (Tail::default(), layout(35));
        (0..300).for_each(|seq| {
            push(&mut tail, &layout, seq);
        });
        let per_row = tail.bytes() as f64 / 300.0;
        assert!(per_row < 86.0, "{per_row}");
    }

    #[test]
    fn a_layout_stays_announced_over_segments_and_is_announced_again_when_it_returns() {
        let mut tail = Tail::default();
        let (a, b) = (layout(1), layout(2));
        (10..60).for_each(|seq| {
            push(&mut tail, &a, seq);
        });
        push(&mut tail, &b, 60);
        push(&mut tail, &a, 61);
        let announced: Vec<u64> = tail.segments().map(|segment| segment.announced().0).collect();
        assert_eq!(announced, [10, 10, 60, 61]);
    }
}
