//! Frames from agents, and from servers to agents: what decodes encodes to something that decodes to the same.
#![no_main]
use cpumonitor_common::wire::{AgentToServer, ServerToAgent, decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|frame: &[u8]| {
    if let Ok(message) = decode::<AgentToServer>(frame) {
        assert_eq!(decode(&encode(&message)), Ok(message));
    }
    if let Ok(message) = decode::<ServerToAgent>(frame) {
        assert_eq!(decode(&encode(&message)), Ok(message));
    }
});
