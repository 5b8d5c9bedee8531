//! What tests are written with: a fleet, its agents and viewers, and faults to put between them.

mod fleet;
mod http;
mod program;
mod proxy;
mod until;
mod viewer;

pub(crate) use fleet::{TestAgent, TestFleet};
pub(crate) use http::{get, send_raw};
pub(crate) use program::{AgentProgram, Program, ServerProgram};
pub(crate) use proxy::Proxy;
pub(crate) use until::{DEADLINE, until, within};
pub(crate) use viewer::TestViewer;
