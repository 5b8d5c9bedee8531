//! Bytes from peers who wish us ill: decoding never takes more memory than allowed, and never panics.
//!
//! One test only: the counting allocator sees the whole process, and tests run in parallel.

use cpumonitor_common::Chunk;
use cpumonitor_common::wire::{
    AgentToServer, Message, ServerToAgent, ServerToViewer, Trail, ViewerToServer, decode,
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Memory that decoding one frame may take at most. A message's types are wider than its bytes (a
/// series of two bytes becomes 32, a host entry of a dozen 200), and a vector doubles as it grows.
/// From agents and viewers, whom the server does not trust, never more than the frame limit and 4 KiB.
fn allowance<M: Message>(frame: &[u8]) -> usize {
    let untrusted = M::MAX_FRAME_BYTES < ServerToViewer::MAX_FRAME_BYTES;
    4 * 1024 + if untrusted { (frame.len() * 32).min(M::MAX_FRAME_BYTES) } else { frame.len() * 256 }
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

const FIXTURES: [&str; 6] = [
    include_str!("../fixtures/wire/v1/agent-hello.hex"),
    include_str!("../fixtures/wire/v1/agent-layout.hex"),
    include_str!("../fixtures/wire/v1/agent-samples-after-outage.hex"),
    include_str!("../fixtures/wire/v1/viewer-subscribe.hex"),
    include_str!("../fixtures/wire/v1/server-fleet.hex"),
    include_str!("../fixtures/wire/v1/server-host.hex"),
];

fn bytes(fixture: &str) -> Vec<u8> {
    let digits: String = fixture.lines().filter(|line| !line.starts_with('#')).collect();
    let digit = |byte: u8| char::from(byte).to_digit(16).map_or(0, |digit| digit as u8);
    digits.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

#[test]
fn hostile_frames_take_no_more_memory_than_allowed() {
    // A layout (tag 1, id 0) that claims 2^32 - 1 series, and a subscription that claims as many metrics.
    check_all(&[1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]);
    check_all(&[0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]);

    // A layout that claims 120,000 series and brings as many as the frame holds.
    let mut frame = vec![1, 0, 0xC0, 0xA9, 0x07];
    frame.resize(AgentToServer::MAX_FRAME_BYTES, 1);
    frame.iter_mut().skip(6).step_by(2).for_each(|instance_length| *instance_length = 0);
    check_all(&frame);
    assert!(decode::<AgentToServer>(&frame).is_err());

    // Above the limit nothing is looked at.
    assert!(decode::<ServerToAgent>(&vec![0; ServerToAgent::MAX_FRAME_BYTES + 1]).is_err());

    // Every released message with every byte damaged, and cut everywhere.
    for fixture in FIXTURES {
        let good = bytes(fixture);
        for place in 0..good.len() {
            check_all(&good[..place]);
            for damage in [0x01, 0x7F, 0x80, 0xFF] {
                let mut frame = good.clone();
                frame[place] ^= damage;
                check_all(&frame);
            }
        }
    }
}
