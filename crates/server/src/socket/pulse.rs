//! When to ask a peer for a sign of life, and when to give it up.

use std::time::Duration;

/// Counts time in beats, so that a clock that is set moves nothing.
#[derive(Debug)]
pub(crate) struct Pulse {
    beat: Duration,
    silence: Duration,
    ping: Duration,
    quiet: Duration,
    since_ping: Duration,
}

/// What a beat calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    /// Nothing.
    Rest,
    /// A ping.
    Ping,
    /// Giving up: the peer was silent for too long.
    Silent,
}

impl Pulse {
    /// A peer just heard.
    pub(crate) fn new(beat: Duration, silence: Duration, ping: Duration) -> Pulse {
        Pulse { beat, silence, ping, quiet: Duration::ZERO, since_ping: Duration::ZERO }
    }

    /// The peer said something.
    pub(crate) fn heard(&mut self) {
        self.quiet = Duration::ZERO;
    }

    /// Another beat has passed.
    pub(crate) fn beat(&mut self) -> Beat {
        self.quiet += self.beat;
        self.since_ping += self.beat;
        if self.quiet > self.silence {
            Beat::Silent
        } else if self.since_ping >= self.ping {
            self.since_ping = Duration::ZERO;
            Beat::Ping
        } else {
            Beat::Rest
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_peer_is_asked_and_then_given_up() {
        let second = Duration::from_secs(1);
        let mut pulse = Pulse::new(second, 3 * second, 2 * second);
        let beats = [(); 4].map(|()| pulse.beat());
        assert_eq!(beats, [Beat::Rest, Beat::Ping, Beat::Rest, Beat::Silent]);
    }

    #[test]
    fn a_peer_that_answers_stays() {
        let second = Duration::from_secs(1);
        let mut pulse = Pulse::new(second, 3 * second, 2 * second);
        for _ in 0..100 {
            assert_ne!(pulse.beat(), Beat::Silent);
            pulse.heard();
        }
    }
}
