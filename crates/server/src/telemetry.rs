//! What the server tells about itself: log lines and counters.

mod counters;

pub(crate) use counters::Counters;
