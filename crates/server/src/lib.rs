//! Receives what agents measure, remembers the last five minutes, and shows it live.
//!
//! ```text
//! accept → router ─┬ ingest ─→ relay ─┬─→ live ─→ viewers
//!                  │ compat ─→        ├─→ api
//!                  └ spa              └─→ terminal
//! ```
//! `fleet` is pure state; `relay` holds the one lock around it and announces revisions, never data;
//! every session pulls what it has not seen. No queue stands between any two of these.

mod accept;
mod api;
mod app;
mod clock;
mod compat;
mod config;
mod error;
mod fleet;
mod guard;
mod ingest;
mod live;
pub mod open_files;
mod relay;
mod router;
mod server;
mod session;
mod socket;
mod spa;
pub mod telemetry;
mod terminal;

pub use config::{Config, ConfigError, Limits, Print};
pub use error::{RunError, StartError};
pub use server::Server;
