//! Frames from viewers, and from servers to viewers: what decodes encodes to something that decodes to the same.
#![no_main]
use cpumonitor_common::wire::{ServerToViewer, Trail, ViewerToServer, decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|frame: &[u8]| {
    if let Ok(message) = decode::<ViewerToServer>(frame) {
        assert_eq!(decode(&encode(&message)), Ok(message));
    }
    if let Ok(message) = decode::<ServerToViewer>(frame) {
        assert_eq!(decode(&encode(&message)), Ok(message));
    }
    if let Ok(message) = decode::<Trail>(frame) {
        assert_eq!(decode(&encode(&message)), Ok(message));
    }
});
