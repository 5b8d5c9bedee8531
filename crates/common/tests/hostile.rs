//! Bytes from peers who wish us ill: decoding never panics and never takes more memory than allowed.

use cpumonitor_common::Chunk;
use cpumonitor_common::wire::{
    AgentToServer, Message, ServerToAgent, ServerToViewer, Trail, ViewerToServer, decode, encode,
};
use peak_alloc::PeakAlloc;
use proptest::prelude::*;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Memory that decoding one frame may take at most: what a chunk may unpack to, twice, since rows are
/// collected beside it, or a small multiple of the frame.
fn allowance<M: Message>(frame: &[u8]) -> usize {
    (frame.len() * 32).max(1024 * 1024).min(M::MAX_FRAME_BYTES * 32)
}

#[track_caller]
fn check<M: Message>(frame: &[u8]) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let message = decode::<M>(frame);
    let taken = MEMORY.peak_usage().saturating_sub(before);
    assert!(taken <= allowance::<M>(frame), "{taken} bytes for a frame of {}", frame.len());
    drop(message);
}

fn check_all(frame: &[u8]) {
    check::<AgentToServer>(frame);
    check::<ServerToAgent>(frame);
    check::<ViewerToServer>(frame);
    check::<ServerToViewer>(frame);
    check::<Trail>(frame);
    for width in [0, 1, 35, 2_000] {
        let _ = Chunk(frame.to_vec()).decode(width);
    }
}

#[test]
fn a_frame_above_the_limit_is_not_even_looked_at() {
    let frame = vec![0; ServerToAgent::MAX_FRAME_BYTES + 1];
    assert!(decode::<ServerToAgent>(&frame).is_err());
}

#[test]
fn a_count_without_content_takes_no_memory() {
    // A layout (tag 1, id 0) that claims 2^32 - 1 series, and a subscription that claims as many metrics.
    check_all(&[1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]);
    check_all(&[0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]);
}

proptest! {
    #[test]
    fn arbitrary_bytes(frame in prop::collection::vec(any::<u8>(), 0..2_000)) {
        check_all(&frame);
    }

    #[test]
    fn a_damaged_message(at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>()) {
        let mut frame = encode(&AgentToServer::Goodbye { next_seq: u64::MAX });
        let fixtures = [
            include_str!("../fixtures/wire/v1/agent-hello.hex"),
            include_str!("../fixtures/wire/v1/agent-samples-after-outage.hex"),
            include_str!("../fixtures/wire/v1/server-fleet.hex"),
            include_str!("../fixtures/wire/v1/server-host.hex"),
        ];
        for fixture in fixtures {
            let digits: String = fixture.lines().filter(|line| !line.starts_with('#')).collect();
            frame = (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).unwrap()).collect();
            let place = at.index(frame.len());
            frame[place] = byte;
            frame.truncate(cut.index(frame.len()) + 1);
            check_all(&frame);
        }
        drop(frame);
    }
}
