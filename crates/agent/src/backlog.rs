//! Rows that the server does not have yet, and the newest that it has.
//!
//! ```text
//!   forgotten          dropped              acked                next_seq
//!       │  given up unsent │  held, server has │  held, server lacks │
//! ──────┴──────────────────┴───────────────────┴─────────────────────┴──▶ sequence numbers
//! ```
//! Every tick before `next_seq` is, exactly once, one of: forgotten after the server had it; given up when
//! the backlog was full (declared as dropped); held; or missed, which shows as a leap between held rows.
//! A missed tick among rows that are given up is given up with them: one gap, one count.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use cpumonitor_common::wire::GapReason;
use cpumonitor_common::{Chunk, Layout, Row, Rows};

/// Rows kept although the server has them: a server that restarts gets its five minutes back.
pub(crate) const RECALL_ROWS: usize = 300;
/// Largest chunk that is sent, before it is packed: one that fits the smallest link's patience.
const CHUNK_BYTES: usize = 64 * 1024;
/// What sequence number and time of a row take in a chunk, at most.
const ROW_OVERHEAD_BYTES: usize = 20;
/// Rows that are stored together; memory is given back in these steps.
const BLOCK_ROWS: usize = 64;
/// Most layouts held at a time; a host whose disks or interfaces come and go more often than that during
/// an outage gives up its oldest rows early.
const MAX_LAYOUTS: usize = 128;

/// A bounded queue of rows, with the ledger of what became of every tick. Pure: no clock, no I/O.
#[derive(Debug)]
pub(crate) struct Backlog {
    limit: usize,
    recall: usize,
    blocks: VecDeque<Block>,
    /// Rows held.
    held: usize,
    /// Those of them that the server has.
    recalled: usize,
    forgotten: u64,
    dropped: u64,
    acked: u64,
    next_seq: u64,
}

/// Rows of one layout; the first `gone` of them are not held any more.
#[derive(Debug)]
struct Block {
    layout: Arc<Layout>,
    rows: Rows,
    gone: usize,
}

/// What is to be said next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// These ticks have no row and never will.
    Gap {
        /// The first of them.
        first_seq: u64,
        /// How many.
        count: u64,
        /// Why.
        reason: GapReason,
    },
    /// Rows without a leap between them.
    Rows {
        /// Their layout.
        layout: Arc<Layout>,
        /// The rows.
        chunk: Chunk,
        /// The sequence number behind the last of them.
        next_seq: u64,
    },
}

impl Piece {
    /// Where the next piece begins.
    pub(crate) fn next_seq(&self) -> u64 {
        match self {
            Piece::Gap { first_seq, count, .. } => first_seq.saturating_add(*count),
            Piece::Rows { next_seq, .. } => *next_seq,
        }
    }
}

impl Backlog {
    /// An empty backlog that holds up to `limit` rows, at least one, and among them up to `recall` that the
    /// server has.
    pub(crate) fn new(limit: usize, recall: usize) -> Backlog {
        Backlog {
            limit: limit.max(1),
            recall,
            blocks: VecDeque::new(),
            held: 0,
            recalled: 0,
            forgotten: 0,
            dropped: 0,
            acked: 0,
            next_seq: 0,
        }
    }

    /// Takes in a row of `layout`. Sequence numbers that it leaps over were missed.
    pub(crate) fn push(&mut self, layout: &Layout, row: Row<'_>) {
        debug_assert!(row.seq >= self.next_seq, "sequence numbers ascend");
        match self.blocks.back_mut() {
            Some(block) if block.layout.id == layout.id && block.rows.len() < BLOCK_ROWS => {
                block.rows.push(row)
            }
            back => {
                let (layout, mut rows) = match back {
                    Some(block) if block.layout.id == layout.id => {
                        (Arc::clone(&block.layout), Rows::with_capacity(layout.series.len(), BLOCK_ROWS))
                    }
                    // A layout that just changed may change again soon, so this one grows as it is needed.
                    _ => (Arc::new(layout.clone()), Rows::new(layout.series.len())),
                };
                rows.push(row);
                self.blocks.push_back(Block { layout, rows, gone: 0 });
            }
        }
        self.held += 1;
        self.next_seq = row.seq + 1;
        self.trim();
    }

    /// The server has everything before `next_seq`, says its welcome: the truth, even where an ack said
    /// otherwise, since a server that restarted has nothing.
    pub(crate) fn resume(&mut self, next_seq: u64) {
        self.acknowledge(next_seq.min(self.next_seq));
    }

    /// The server has everything before `next_seq`, says its ack.
    pub(crate) fn ack(&mut self, next_seq: u64) {
        self.acknowledge(self.acked.max(next_seq.min(self.next_seq)));
    }

    /// What is to be said to a server that has everything before `position`; `None` when that is all.
    pub(crate) fn next_piece(&self, position: u64) -> Option<Piece> {
        let from = position.max(self.forgotten);
        if from < self.dropped {
            return Some(Piece::Gap {
                first_seq: from,
                count: self.dropped - from,
                reason: GapReason::Dropped,
            });
        }
        let first = self.first_block(from)?;
        let layout = &self.blocks.get(first)?.layout;
        let width = layout.series.len();
        let most = (CHUNK_BYTES / (2 * width + ROW_OVERHEAD_BYTES)).clamp(1, Chunk::capacity(width).max(1));
        let mut rows: Vec<Row<'_>> = Vec::new();
        let blocks = self.blocks.range(first..).take_while(|block| block.layout.id == layout.id);
        for row in blocks.flat_map(Block::held).filter(|row| row.seq >= from).take(most) {
            if rows.last().is_some_and(|before| before.seq + 1 != row.seq) {
                break;
            }
            rows.push(row);
        }
        let (first_row, last_row) = (rows.first()?, rows.last()?);
        if first_row.seq > from {
            return Some(Piece::Gap {
                first_seq: from,
                count: first_row.seq - from,
                reason: GapReason::Missed,
            });
        }
        let next_seq = last_row.seq + 1;
        let chunk = Chunk::encode_iter(width, rows.into_iter());
        Some(Piece::Rows { layout: Arc::clone(layout), chunk, next_seq })
    }

    /// The sequence number of the next tick, as far as ticks are known.
    pub(crate) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// The oldest row held; the next tick when there is none.
    pub(crate) fn oldest_seq(&self) -> u64 {
        self.blocks.front().and_then(|block| block.held().next()).map_or(self.next_seq, |row| row.seq)
    }

    /// Rows held that a server lacks which has everything before `position`.
    pub(crate) fn lacking(&self, position: u64) -> usize {
        let Some(first) = self.first_block(position) else { return 0 };
        let mut blocks = self.blocks.range(first..);
        let in_first =
            blocks.next().map_or(0, |block| block.held().filter(|row| row.seq >= position).count());
        in_first + blocks.map(|block| block.rows.len() - block.gone).sum::<usize>()
    }

    /// Rows held that the server has not acknowledged.
    pub(crate) fn unacked(&self) -> usize {
        self.held - self.recalled
    }

    /// The block that holds the first row at or behind `seq`.
    fn first_block(&self, seq: u64) -> Option<usize> {
        let place = self.blocks.partition_point(|block| block.last_seq() < seq);
        (place < self.blocks.len()).then_some(place)
    }

    fn acknowledge(&mut self, acked: u64) {
        self.acked = acked;
        self.recalled = self.held - self.lacking(acked);
        self.trim();
    }

    /// Lets go of what is beyond the bounds: the oldest rows, which are those that the server has.
    fn trim(&mut self) {
        let most_blocks = self.limit / BLOCK_ROWS + MAX_LAYOUTS;
        while self.held > self.limit || self.recalled > self.recall || self.blocks.len() > most_blocks {
            let Some(seq) = self.pop() else { break };
            self.dropped = seq + 1;
            if seq < self.acked {
                self.recalled = self.recalled.saturating_sub(1);
                self.forgotten = seq + 1;
            }
        }
        // What was declared and acknowledged need not be declared again.
        self.forgotten = self.forgotten.max(self.acked.min(self.dropped));
    }

    /// Lets go of the oldest row; its sequence number.
    fn pop(&mut self) -> Option<u64> {
        let block = self.blocks.front_mut()?;
        let seq = block.held().next()?.seq;
        block.gone += 1;
        self.held -= 1;
        if block.gone == block.rows.len() {
            self.blocks.pop_front();
        }
        Some(seq)
    }
}

impl Block {
    fn held(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().skip(self.gone)
    }

    fn last_seq(&self) -> u64 {
        self.rows.last().map_or(0, |row| row.seq)
    }
}
