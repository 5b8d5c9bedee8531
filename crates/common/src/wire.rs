//! Messages, frames, and the rules both ends of a socket agree on.
//!
//! The encoding is compact and not self-describing; only [`encode`] and [`decode`] know it. Golden
//! bytes in `fixtures/wire/` hold every released message still.

mod codec;
mod cursor;
mod message;
mod overview;
mod protocol;

pub use codec::{DecodeError, Message, decode, encode};
pub use cursor::{Cursor, Epoch, Revision};
pub use message::{
    AgentToServer, FleetDelta, FleetScope, GapReason, Hello, HostDelta, HostEntry, HostHealth, HostScope,
    MAX_METRICS, Notice, Run, ServerToAgent, ServerToViewer, Subscription, ViewerToServer, Welcome,
};
pub use overview::{Overview, Trail};
pub use protocol::{CloseCode, Protocol};
