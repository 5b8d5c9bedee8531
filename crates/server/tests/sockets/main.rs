//! The server as its peers meet it: over real sockets, on a port of its own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agents;
mod handshakes;
mod pages;
mod rest;
mod stopping;
mod support;
mod viewers;
