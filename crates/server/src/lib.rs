//! Receives what agents measure, remembers the last five minutes, and shows it live.

mod app;
mod clock;
mod compat;
mod config;
mod error;
mod fleet;
mod relay;
mod router;
mod server;
mod spa;
mod telemetry;
mod terminal;

pub use config::{Config, Limits, Print};
pub use error::{RunError, StartError};
pub use server::Server;
