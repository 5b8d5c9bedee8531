//! Some rows of one host in a row: same layout, same incarnation.

use std::sync::Arc;

use cpumonitor_common::{Code, Incarnation, Revision, Row, Timestamp};

use super::SharedLayout;

/// Most rows of a segment. Room for all of them is taken at once, and they are forgotten at once: fewer
/// would cost more segments, more would hold more rows that are not there yet or not needed any more.
pub(super) const ROWS: usize = 30;

/// Rows of one layout and incarnation, oldest first: twelve bytes a row besides its codes.
#[derive(Debug)]
pub(crate) struct Segment {
    layout: Arc<SharedLayout>,
    incarnation: Incarnation,
    /// The revision at which the host came to this layout, maybe in a segment before this one.
    announced: Revision,
    /// What the marks count from.
    first: (u64, Timestamp, Revision),
    marks: Vec<Mark>,
    codes: Vec<Code>,
}

/// What a row is besides its codes, counted from the first row of the segment.
#[derive(Clone, Copy, Debug)]
struct Mark {
    seq: u32,
    at_ms: u32,
    revision: u32,
}

impl Segment {
    /// A segment that begins with `row`.
    pub(super) fn begin(
        row: Row<'_>,
        layout: &Arc<SharedLayout>,
        incarnation: Incarnation,
        announced: Revision,
        revision: Revision,
    ) -> Segment {
        let mut segment = Segment {
            layout: layout.clone(),
            incarnation,
            announced,
            first: (row.seq, row.at, revision),
            marks: Vec::with_capacity(ROWS),
            codes: Vec::with_capacity(ROWS * layout.width()),
        };
        segment.push(row, layout, incarnation, revision);
        segment
    }

    /// Appends `row`; `false` when it needs another segment.
    pub(super) fn push(
        &mut self,
        row: Row<'_>,
        layout: &Arc<SharedLayout>,
        incarnation: Incarnation,
        revision: Revision,
    ) -> bool {
        let fits = self.marks.len() < ROWS
            && self.incarnation == incarnation
            && Arc::ptr_eq(&self.layout, layout)
            && row.codes.len() == layout.width();
        let Some(mark) = self.mark(row, revision).filter(|_| fits) else { return false };
        self.marks.push(mark);
        self.codes.extend_from_slice(row.codes);
        true
    }

    /// `None` when the row is too far from the first one.
    fn mark(&self, row: Row<'_>, revision: Revision) -> Option<Mark> {
        let (seq, at, first_revision) = self.first;
        Some(Mark {
            seq: u32::try_from(row.seq.checked_sub(seq)?).ok()?,
            at_ms: u32::try_from(row.at.ms_since(at)).ok()?,
            revision: u32::try_from(revision.0.checked_sub(first_revision.0)?).ok()?,
        })
    }

    /// What the codes mean.
    pub(crate) fn layout(&self) -> &Arc<SharedLayout> {
        &self.layout
    }

    /// All rows, oldest first.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> + DoubleEndedIterator + Clone {
        self.rows_in(0..self.marks.len())
    }

    /// The rows after `since` and up to `until`, oldest first.
    pub(super) fn rows_between(
        &self,
        since: Revision,
        until: Revision,
    ) -> impl ExactSizeIterator<Item = Row<'_>> + DoubleEndedIterator + Clone {
        let behind = |limit: Revision| self.marks.partition_point(|mark| self.revision(*mark) <= limit);
        self.rows_in(behind(since)..behind(until))
    }

    fn rows_in(
        &self,
        places: std::ops::Range<usize>,
    ) -> impl ExactSizeIterator<Item = Row<'_>> + DoubleEndedIterator + Clone {
        let width = self.layout.width();
        let (first_seq, first_at, _) = self.first;
        // `get` instead of an index: a layout without series has rows without codes.
        places.map(move |place| {
            let mark = self.marks[place];
            Row {
                seq: first_seq + u64::from(mark.seq),
                at: first_at.plus_ms(i64::from(mark.at_ms)),
                codes: self.codes.get(place * width..(place + 1) * width).unwrap_or(&[]),
            }
        })
    }

    fn revision(&self, mark: Mark) -> Revision {
        Revision(self.first.2.0 + u64::from(mark.revision))
    }

    pub(super) fn announced(&self) -> Revision {
        self.announced
    }

    /// The revision of the newest row.
    pub(super) fn newest(&self) -> Revision {
        self.marks.last().map_or(self.first.2, |mark| self.revision(*mark))
    }

    /// The time of the newest row.
    pub(super) fn newest_at(&self) -> Timestamp {
        self.marks.last().map_or(self.first.1, |mark| self.first.1.plus_ms(i64::from(mark.at_ms)))
    }

    pub(super) fn len(&self) -> usize {
        self.marks.len()
    }

    /// Bytes it takes, filled or not.
    pub(super) fn bytes(&self) -> usize {
        self.marks.capacity() * size_of::<Mark>()
            + self.codes.capacity() * size_of::<Code>()
            + size_of::<Segment>()
    }
}
