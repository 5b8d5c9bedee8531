use std::collections::BTreeMap;

use cpumonitor_common::{Code, LayoutId, Metric, Series, Timestamp};
use proptest::prelude::*;

use super::*;

fn layout(id: u32, width: usize) -> Layout {
    Layout { id: LayoutId(id), series: vec![Series::whole(Metric::CPU); width] }
}

/// A row whose one code tells its sequence number.
fn push(backlog: &mut Backlog, layout: &Layout, seq: u64) {
    let codes = vec![Code(seq as u16); layout.series.len()];
    backlog.push(layout, Row { seq, at: Timestamp::from_ms(seq as i64 * 1_000), codes: &codes });
}

fn seqs(piece: &Piece) -> Vec<u64> {
    match piece {
        Piece::Gap { .. } => Vec::new(),
        Piece::Rows { layout, chunk, .. } => {
            let rows = chunk.decode(layout.series.len()).unwrap();
            rows.iter().map(|row| row.seq).collect()
        }
    }
}

/// Everything that is said to a server which has what is before `position`.
fn pieces(backlog: &Backlog, mut position: u64) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let Some(piece) = backlog.next_piece(position) {
        assert!(piece.next_seq() > position, "it goes on");
        position = piece.next_seq();
        pieces.push(piece);
    }
    pieces
}

/// Pieces as a person reads them: `0-4`, `missed 5-5`, `dropped 0-9`.
fn said(backlog: &Backlog, position: u64) -> Vec<String> {
    let say = |piece: &Piece| match piece {
        Piece::Gap { first_seq, count, reason } => {
            format!("{} {first_seq}-{}", format!("{reason:?}").to_lowercase(), first_seq + count - 1)
        }
        Piece::Rows { .. } => {
            let seqs = seqs(piece);
            format!("{}-{}", seqs[0], seqs[seqs.len() - 1])
        }
    };
    pieces(backlog, position).iter().map(say).collect()
}

fn filled(limit: usize, recall: usize, seqs: impl IntoIterator<Item = u64>) -> Backlog {
    let (mut backlog, layout) = (Backlog::new(limit, recall), layout(1, 1));
    seqs.into_iter().for_each(|seq| push(&mut backlog, &layout, seq));
    backlog
}

#[test]
fn rows_are_said_oldest_first_and_only_once() {
    let backlog = filled(100, 10, 0..90);
    assert_eq!(said(&backlog, 0), ["0-89"]);
    assert_eq!(said(&backlog, 70), ["70-89"]);
    assert_eq!(said(&backlog, 90), [""; 0]);
}

#[test]
fn missed_ticks_are_said_between_the_rows() {
    assert_eq!(said(&filled(100, 10, [0, 1, 5, 6]), 0), ["0-1", "missed 2-4", "5-6"]);
    assert_eq!(said(&filled(100, 10, [3]), 0), ["missed 0-2", "3-3"]);
}

#[test]
fn a_full_backlog_gives_up_the_oldest_and_says_so() {
    let backlog = filled(5, 2, 0..12);
    assert_eq!(said(&backlog, 0), ["dropped 0-6", "7-11"]);
    assert_eq!(said(&backlog, 4), ["dropped 4-6", "7-11"]);
    assert_eq!((backlog.oldest_seq(), backlog.unacked()), (7, 5));
}

#[test]
fn acknowledged_rows_are_kept_for_a_server_that_restarts() {
    let mut backlog = filled(100, 3, 0..10);
    backlog.ack(10);
    assert_eq!((backlog.oldest_seq(), backlog.unacked()), (7, 0));
    assert_eq!(said(&backlog, 10), [""; 0]);
    backlog.resume(0);
    assert_eq!(said(&backlog, 0), ["7-9"], "what the server once had is not declared lost");
    assert_eq!(backlog.unacked(), 3);
}

#[test]
fn acknowledged_rows_go_first_when_the_backlog_is_full() {
    let (mut backlog, layout) = (filled(5, 3, 0..3), layout(1, 1));
    backlog.ack(3);
    (3..8).for_each(|seq| push(&mut backlog, &layout, seq));
    assert_eq!(said(&backlog, 3), ["3-7"]);
    push(&mut backlog, &layout, 8);
    assert_eq!(said(&backlog, 3), ["dropped 3-3", "4-8"]);
    backlog.ack(9);
    assert_eq!(said(&backlog, 0), ["6-8"], "declared and acknowledged: not declared again");
}

#[test]
fn what_was_declared_and_acknowledged_is_not_declared_to_a_server_that_restarts() {
    let mut backlog = filled(5, 5, 0..7);
    assert_eq!(said(&backlog, 0), ["dropped 0-1", "2-6"]);
    backlog.ack(7);
    assert_eq!(said(&backlog, 0), ["2-6"]);
}

#[test]
fn an_ack_from_the_future_is_cut() {
    let mut backlog = filled(100, 3, 0..3);
    backlog.ack(u64::MAX);
    push(&mut backlog, &layout(1, 1), 3);
    assert_eq!(said(&backlog, 3), ["3-3"]);
    backlog.resume(u64::MAX);
    assert_eq!(backlog.unacked(), 0);
}

#[test]
fn a_chunk_has_one_layout_and_a_bounded_size() {
    let mut backlog = Backlog::new(10_000, 0);
    let (narrow, wide) = (layout(1, 1), layout(2, 2_000));
    (0..70).for_each(|seq| push(&mut backlog, &narrow, seq));
    (70..140).for_each(|seq| push(&mut backlog, &wide, seq));
    assert_eq!(said(&backlog, 0)[..2], ["0-69", "70-85"]);
    for piece in pieces(&backlog, 0) {
        if let Piece::Rows { chunk, .. } = piece {
            assert!(chunk.0.len() <= CHUNK_BYTES);
        }
    }
    let many = filled(10_000, 0, 0..9_000);
    assert!(pieces(&many, 0).iter().all(|piece| seqs(piece).len() <= Chunk::capacity(1)));
}

#[test]
fn a_layout_that_changes_all_the_time_stays_within_bounds() {
    let mut backlog = Backlog::new(640, 0);
    (0..1_000).for_each(|seq| push(&mut backlog, &layout(seq as u32, 1), seq));
    assert_eq!(backlog.blocks.len(), 10 + MAX_LAYOUTS);
    assert_eq!(said(&backlog, 0)[0], "dropped 0-861");
}

/// What one life of a server knows of every tick.
#[derive(Default)]
struct Server {
    fates: BTreeMap<u64, Fate>,
    next_seq: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stored,
    Missed,
    Dropped,
}

impl Server {
    fn take(&mut self, piece: &Piece) {
        let fate = match piece {
            Piece::Gap { reason: GapReason::Missed, .. } => Fate::Missed,
            Piece::Gap { reason: GapReason::Dropped, .. } => Fate::Dropped,
            Piece::Rows { .. } => Fate::Stored,
        };
        let seqs = match piece {
            Piece::Gap { first_seq, count, .. } => (*first_seq..first_seq + count).collect(),
            Piece::Rows { layout, chunk, .. } => {
                let rows = chunk.decode(layout.series.len()).unwrap();
                assert!(rows.iter().all(|row| row.codes == [Code(row.seq as u16)]));
                seqs(piece)
            }
        };
        for seq in seqs {
            assert_eq!(self.fates.insert(seq, fate), None, "tick {seq} is said once");
            self.next_seq = seq + 1;
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push { missed: u64, new_layout: bool },
    Say,
    Arrive,
    Ack,
    CutAndReconnect,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (prop_oneof![5 => Just(0u64), 1 => 1u64..4], prop::bool::weighted(0.1))
            .prop_map(|(missed, new_layout)| Step::Push { missed, new_layout }),
        4 => Just(Step::Say),
        4 => Just(Step::Arrive),
        2 => Just(Step::Ack),
        1 => Just(Step::CutAndReconnect),
    ]
}

proptest! {
    /// The ledger: every tick is stored, declared missed, declared dropped, or still held, exactly one of
    /// them, whatever is lost on the way.
    #[test]
    fn every_tick_has_one_fate(
        limit in 1usize..90,
        recall in 0usize..20,
        steps in prop::collection::vec(step(), 0..400),
    ) {
        let mut backlog = Backlog::new(limit, recall);
        let mut server = Server::default();
        let (mut position, mut layout_id, mut pushed) = (0, 1, Vec::new());
        let mut on_the_way: VecDeque<Piece> = VecDeque::new();
        for step in steps {
            match step {
                Step::Push { missed, new_layout } => {
                    layout_id += u32::from(new_layout);
                    let seq = backlog.next_seq() + missed;
                    push(&mut backlog, &layout(layout_id, 1), seq);
                    pushed.push(seq);
                }
                Step::Say => if let Some(piece) = backlog.next_piece(position) {
                    position = piece.next_seq();
                    on_the_way.push_back(piece);
                },
                Step::Arrive => if let Some(piece) = on_the_way.pop_front() {
                    server.take(&piece);
                },
                Step::Ack => backlog.ack(server.next_seq),
                Step::CutAndReconnect => {
                    on_the_way.clear();
                    position = server.next_seq;
                    backlog.resume(position);
                }
            }
            prop_assert!(backlog.lacking(0) <= limit);
            prop_assert_eq!(backlog.lacking(0), backlog.held);
            prop_assert_eq!(backlog.unacked(), backlog.lacking(backlog.acked));
            prop_assert!(backlog.held - backlog.unacked() <= recall);
        }
        on_the_way.iter().for_each(|piece| server.take(piece));
        pieces(&backlog, position).iter().for_each(|piece| server.take(piece));

        prop_assert_eq!(server.next_seq, backlog.next_seq());
        prop_assert!(server.fates.keys().copied().eq(0..backlog.next_seq()), "no tick is left out");
        for (seq, fate) in &server.fates {
            match fate {
                Fate::Stored => prop_assert!(pushed.contains(seq)),
                Fate::Missed => prop_assert!(!pushed.contains(seq)),
                Fate::Dropped => {}
            }
        }
        if pushed.len() <= limit {
            prop_assert!(!server.fates.values().any(|fate| *fate == Fate::Dropped), "nothing is given up early");
        }
    }

    /// A server that restarts is told everything that is held, and nothing twice.
    #[test]
    fn a_restarted_server_gets_what_is_held(limit in 1usize..90, recall in 0usize..20, count in 0u64..200, acked in 0u64..200) {
        let mut backlog = filled(limit, recall, 0..count);
        backlog.ack(acked);
        let held = backlog.held;
        backlog.resume(0);
        let mut server = Server::default();
        pieces(&backlog, 0).iter().for_each(|piece| server.take(piece));
        prop_assert_eq!(server.fates.values().filter(|fate| **fate == Fate::Stored).count(), backlog.held);
        prop_assert!(backlog.held == held, "a restart alone gives nothing up");
    }
}
