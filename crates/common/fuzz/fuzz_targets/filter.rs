//! Filters: no text panics, and what parses reads back as the same filter.
#![no_main]
use cpumonitor_common::Filter;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(filter) = Filter::parse(text) {
        let written = filter.to_string();
        if written.len() <= cpumonitor_common::filter::MAX_TEXT_BYTES {
            assert_eq!(Filter::parse(&written), Ok(filter));
        }
    }
});
