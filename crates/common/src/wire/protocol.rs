//! Versions as WebSocket sub-protocols, and the reasons to close a socket.

/// A version of one of our protocols, spoken of as a WebSocket sub-protocol (RFC 6455 §1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// 2026-11: hello, layouts, samples as chunks, gaps, goodbye; welcome and acks.
    AgentV1,
    /// 2026-11: subscriptions, fleet deltas with a columnar overview, host deltas with chunks.
    ViewerV1,
}

impl Protocol {
    /// Versions agents speak, newest first.
    pub const AGENT: &[Protocol] = &[Protocol::AgentV1];
    /// Versions viewers speak, newest first.
    pub const VIEWER: &[Protocol] = &[Protocol::ViewerV1];

    /// The name in `Sec-WebSocket-Protocol`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Protocol::AgentV1 => "cpumonitor.agent.v1",
            Protocol::ViewerV1 => "cpumonitor.viewer.v1",
        }
    }

    /// The newest of `ours` that the peer offers, too. `offered` is the value of
    /// `Sec-WebSocket-Protocol`: names separated by commas.
    #[must_use]
    pub fn choose(ours: &[Protocol], offered: &str) -> Option<Protocol> {
        ours.iter().copied().find(|protocol| offered.split(',').any(|name| name.trim() == protocol.name()))
    }
}

/// Why a socket is closed (RFC 6455 §7.4; 4000-4999 are private).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// Done, as asked.
    Normal,
    /// The server stops or the page is left; come back later.
    GoingAway,
    /// A text frame where the protocol is binary.
    NotBinary,
    /// A frame above the limit.
    TooLarge,
    /// Bytes that are no message, or a message out of order.
    Malformed,
    /// No common version.
    Version,
    /// The peer did not read for too long.
    Slow,
    /// The same host or the same viewer connected again, and the newest wins.
    Replaced,
    /// Nothing was heard for too long.
    Silent,
    /// Too many of something.
    Limit,
}

impl CloseCode {
    /// All of them.
    pub const ALL: [CloseCode; 10] = [
        CloseCode::Normal,
        CloseCode::GoingAway,
        CloseCode::NotBinary,
        CloseCode::TooLarge,
        CloseCode::Malformed,
        CloseCode::Version,
        CloseCode::Slow,
        CloseCode::Replaced,
        CloseCode::Silent,
        CloseCode::Limit,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            CloseCode::Normal => 1000,
            CloseCode::GoingAway => 1001,
            CloseCode::NotBinary => 1003,
            CloseCode::TooLarge => 1009,
            CloseCode::Malformed => 4400,
            CloseCode::Version => 4406,
            CloseCode::Slow => 4408,
            CloseCode::Replaced => 4409,
            CloseCode::Silent => 4410,
            CloseCode::Limit => 4429,
        }
    }

    /// The meaning of `number`; `None` for one that is not ours.
    #[must_use]
    pub fn from_number(number: u16) -> Option<CloseCode> {
        CloseCode::ALL.into_iter().find(|code| code.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_common_version_is_chosen() {
        let chosen = |offered| Protocol::choose(Protocol::AGENT, offered);
        assert_eq!(chosen("cpumonitor.agent.v9, cpumonitor.agent.v1"), Some(Protocol::AgentV1));
        assert_eq!(chosen("cpumonitor.agent.v9"), None);
        assert_eq!(chosen("cpumonitor.viewer.v1"), None);
        assert_eq!(chosen(""), None);
    }

    #[test]
    fn every_close_code_has_its_own_number() {
        for code in CloseCode::ALL {
            assert_eq!(CloseCode::from_number(code.number()), Some(code));
        }
        assert_eq!(CloseCode::from_number(1006), None);
    }
}
