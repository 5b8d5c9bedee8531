//! Virtual agents and viewers: a believable fleet in one process, for demos, load and fault tests.
//!
//! A virtual host is a pure function of seed, index and time ([`host`], [`weather`], [`machine`]), so a
//! virtual agent needs no backlog: what was not delivered is computed again. [`run`] plays a [`Plan`];
//! [`scripted`] has an agent and a viewer that do what a test tells them, on the same [`Socket`].

mod agent;
mod clock;
mod config;
pub mod dice;
pub mod host;
pub mod limit;
pub mod machine;
pub mod role;
mod schedule;
pub mod scripted;
mod socket;
mod swarm;
mod tally;
mod target;
mod viewer;
pub mod weather;

pub use clock::Clock;
pub use config::{Config, Interval, Request};
pub use host::Host;
pub use socket::{Door, Socket, SocketError};
pub use swarm::{Plan, run};
pub use tally::Summary;
pub use target::{InvalidTarget, Target};
pub use weather::Weather;
