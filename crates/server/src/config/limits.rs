//! Every bound that a peer can run into, as a number.

use std::time::Duration;

/// Numbers that bound what peers can ask for. Each has a counter in `/metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections; one more is closed at once.
    pub connections: usize,
    /// Connections that have not finished the head of their first request. For one more the oldest
    /// goes, so that slow handshakes cannot keep an agent out.
    pub handshakes: usize,
    /// Time for the head of a request.
    pub head: Duration,
    /// Time for an agent's hello.
    pub hello: Duration,
    /// An agent that says nothing for this long, pongs included, is gone.
    pub agent_silence: Duration,
    /// The same for a viewer.
    pub viewer_silence: Duration,
    /// Between two pings to one peer.
    pub ping: Duration,
    /// Between two looks at what is due in a session: pings, silence, acks.
    pub beat: Duration,
    /// Between two acks of single rows.
    pub ack: Duration,
    /// Time for a peer to take one message.
    pub write: Duration,
    /// Between two publications of the revision, and so between two deltas for one viewer.
    pub pace: Duration,
    /// Without news a viewer gets an empty delta after this long.
    pub life_sign: Duration,
    /// Time for sessions to end when the server stops.
    pub grace: Duration,
}

impl Limits {
    /// What has proved good.
    pub const RECOMMENDED: Limits = Limits {
        connections: 16_000,
        handshakes: 1_024,
        head: Duration::from_secs(5),
        hello: Duration::from_secs(5),
        agent_silence: Duration::from_secs(25),
        viewer_silence: Duration::from_secs(30),
        ping: Duration::from_secs(10),
        beat: Duration::from_millis(2_500),
        ack: Duration::from_secs(5),
        write: Duration::from_secs(20),
        pace: Duration::from_millis(100),
        life_sign: Duration::from_secs(2),
        grace: Duration::from_secs(3),
    };
}
