//! Rows: one sample as codes, many of them in a run, and the way from readings to a row.

use crate::layout::{MAX_INSTANCE_BYTES, MAX_SERIES};
use crate::{Code, Layout, LayoutId, Metric, Series, Timestamp};

/// One sample as codes in the order of its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Which tick of the incarnation this is, counted from 0, missed ticks included.
    pub seq: u64,
    /// When the readings were taken.
    pub at: Timestamp,
    /// One code a series of the layout.
    pub codes: &'a [Code],
}

/// Rows of one layout, oldest first, sequence numbers strictly ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    width: usize,
    seqs: Vec<u64>,
    ats: Vec<Timestamp>,
    codes: Vec<Code>,
}

impl Rows {
    /// No rows yet, for a layout of `width` series.
    #[must_use]
    pub fn new(width: usize) -> Rows {
        Rows { width, ..Rows::default() }
    }

    /// No rows yet, with room for `count` of them.
    #[must_use]
    pub fn with_capacity(width: usize, count: usize) -> Rows {
        Rows {
            width,
            seqs: Vec::with_capacity(count),
            ats: Vec::with_capacity(count),
            codes: Vec::with_capacity(count * width),
        }
    }

    /// Appends a row. Codes beyond the width are cut, missing ones are absent.
    pub fn push(&mut self, row: Row<'_>) {
        debug_assert!(self.seqs.last().is_none_or(|last| *last < row.seq), "sequence numbers ascend");
        self.seqs.push(row.seq);
        self.ats.push(row.at);
        self.codes.extend_from_slice(&row.codes[..row.codes.len().min(self.width)]);
        self.codes.resize(self.seqs.len() * self.width, Code::ABSENT);
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seqs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seqs.is_empty()
    }

    /// Series in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The row at `place`, 0 being the oldest; `None` behind the end.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<Row<'_>> {
        let codes = self.codes.get(place * self.width..(place + 1) * self.width)?;
        Some(Row { seq: *self.seqs.get(place)?, at: *self.ats.get(place)?, codes })
    }

    /// The newest row.
    #[must_use]
    pub fn last(&self) -> Option<Row<'_>> {
        self.get(self.len().checked_sub(1)?)
    }

    /// All rows, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Row<'_>> + ExactSizeIterator + Clone {
        (0..self.len()).map(|place| Row {
            seq: self.seqs[place],
            at: self.ats[place],
            codes: &self.codes[place * self.width..(place + 1) * self.width],
        })
    }
}

/// Turns the readings of one sample after another into rows, and notices when the layout changes.
///
/// Collectors [`put`](RowWriter::put) their readings in the same order every tick. As long as they
/// name the same series, a tick costs one comparison a series and no allocation.
#[derive(Debug, Default)]
pub struct RowWriter {
    layout: Layout,
    codes: Vec<Code>,
    changed: bool,
    refused: u64,
}

impl Default for Layout {
    fn default() -> Layout {
        Layout { id: LayoutId(0), series: Vec::new() }
    }
}

impl RowWriter {
    /// Begins the next sample; what the previous one put is forgotten.
    pub fn start(&mut self) {
        self.codes.clear();
        self.changed = false;
    }

    /// Adds one reading. `instance` is empty for the host as a whole; `None` means it could not be
    /// measured this time. Beyond [`MAX_SERIES`] readings a sample the rest is refused and counted.
    pub fn put(&mut self, metric: Metric, instance: &str, value: Option<f64>) {
        let place = self.codes.len();
        if place >= MAX_SERIES {
            self.refused += 1;
            return;
        }
        let instance = cut(instance, MAX_INSTANCE_BYTES);
        let known =
            self.layout.series.get(place).is_some_and(|s| s.metric == metric && s.instance == instance);
        if !known {
            self.changed = true;
            self.layout.series.truncate(place);
            self.layout.series.push(Series::of(metric, instance));
        }
        self.codes.push(value.map_or(Code::ABSENT, |value| metric.encode(value)));
    }

    /// Ends the sample. The flag tells whether the layout is a new one, with a new id.
    pub fn finish(&mut self) -> (&Layout, bool, &[Code]) {
        if self.layout.series.len() != self.codes.len() {
            self.layout.series.truncate(self.codes.len());
            self.changed = true;
        }
        if self.changed {
            self.layout.id = LayoutId(self.layout.id.0.wrapping_add(1));
        }
        (&self.layout, self.changed, &self.codes)
    }

    /// Readings refused so far because a sample had too many.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }
}

/// `text` cut to at most `max` bytes at a character boundary.
fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(
        writer: &mut RowWriter,
        readings: &[(Metric, &str, Option<f64>)],
    ) -> (LayoutId, bool, Vec<Code>) {
        writer.start();
        for (metric, instance, value) in readings {
            writer.put(*metric, instance, *value);
        }
        let (layout, new, codes) = writer.finish();
        assert_eq!(layout.series.len(), codes.len());
        (layout.id, new, codes.to_vec())
    }

    #[test]
    fn the_layout_is_new_once_and_then_known() {
        let mut writer = RowWriter::default();
        let readings = [(Metric::CPU, "", Some(0.5)), (Metric::CPU, "0", None)];
        let first = sample(&mut writer, &readings);
        let second = sample(&mut writer, &readings);
        assert_eq!(first, (LayoutId(1), true, vec![Code(500), Code::ABSENT]));
        assert_eq!(second, (LayoutId(1), false, vec![Code(500), Code::ABSENT]));
    }

    #[test]
    fn a_series_that_comes_or_goes_makes_a_new_layout() {
        let mut writer = RowWriter::default();
        let eth0 = (Metric::NETWORK_RECEIVE, "eth0", Some(1.0));
        let wg0 = (Metric::NETWORK_RECEIVE, "wg0", Some(2.0));
        assert!(sample(&mut writer, &[eth0]).1);
        assert_eq!(sample(&mut writer, &[eth0, wg0]), (LayoutId(2), true, vec![Code(1), Code(2)]));
        assert_eq!(sample(&mut writer, &[wg0]), (LayoutId(3), true, vec![Code(2)]));
        assert_eq!(sample(&mut writer, &[wg0]), (LayoutId(3), false, vec![Code(2)]));
    }

    #[test]
    fn more_readings_than_allowed_are_refused_and_counted() {
        let mut writer = RowWriter::default();
        writer.start();
        for core in 0..MAX_SERIES + 3 {
            writer.put(Metric::CPU, &core.to_string(), Some(0.0));
        }
        assert_eq!(writer.finish().2.len(), MAX_SERIES);
        assert_eq!(writer.refused(), 3);
    }

    #[test]
    fn a_short_row_is_filled_with_absence() {
        let mut rows = Rows::new(2);
        rows.push(Row { seq: 4, at: Timestamp::EPOCH, codes: &[Code(1)] });
        assert_eq!(rows.last().unwrap().codes, [Code(1), Code::ABSENT]);
        assert_eq!(rows.get(1), None);
    }
}
