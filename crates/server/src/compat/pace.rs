//! How often a peer may speak.

use cpumonitor_common::Timestamp;

/// Messages that may come at once, and in every second after that. The clients of 2018 send one in two.
const MESSAGES: i64 = 8;
const WINDOW_MS: i64 = 1_000;

/// Judges whether messages come too fast: the generic cell rate algorithm (ITU-T I.371, annex A), which
/// needs a single instant where a list of recent messages would need eight.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// When a peer that had always spoken at the full rate would be where this one is.
    due: Timestamp,
}

impl Pace {
    /// Takes note of a message; `false` when it is one too many.
    pub(super) fn allows(&mut self, now: Timestamp) -> bool {
        let due = self.due.max(now).plus_ms(WINDOW_MS / MESSAGES);
        let allowed = due.ms_since(now) <= WINDOW_MS;
        if allowed {
            self.due = due;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(pace: &mut Pace, at_ms: i64, count: usize) -> usize {
        (0..count).filter(|_| pace.allows(Timestamp::from_ms(at_ms))).count()
    }

    #[test]
    fn eight_at_once_and_then_eight_a_second() {
        let mut pace = Pace::default();
        assert_eq!(allowed(&mut pace, 1_000_000, 20), 8);
        assert_eq!(allowed(&mut pace, 1_000_500, 20), 4);
        assert_eq!(allowed(&mut pace, 1_010_000, 20), 8, "quiet time is not saved up");
    }

    #[test]
    fn the_pace_of_2018_is_never_too_fast() {
        let mut pace = Pace::default();
        assert!((0..100).all(|n| pace.allows(Timestamp::from_ms(n * 2_000))));
    }
}
