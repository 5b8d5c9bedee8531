//! The whole system: a real server, real and scripted agents, and the page's own model as viewer.
//!
//! One program, so that it is linked once. Every test has a server of its own on a port of its own; nothing
//! sleeps for a fixed time, waiting is for a condition, with a deadline.

mod compat;
mod faults;
mod filter;
mod hosts;
mod live;
mod programs;
mod refusals;
mod scale;
mod shutdown;
mod support;
