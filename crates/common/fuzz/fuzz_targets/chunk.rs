//! Chunks of any width: what decodes encodes to something that decodes to the same rows.
#![no_main]
use cpumonitor_common::Chunk;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, Vec<u8>)| {
    let (width, bytes) = (usize::from(input.0) % 2_001, input.1);
    if let Ok(rows) = Chunk(bytes).decode(width) {
        assert_eq!(Chunk::encode(&rows).decode(width), Ok(rows));
    }
});
