//! The one place in xtask that asks for the time.

use std::time::{Duration, Instant};

/// Now, by the clock that never goes back.
pub(crate) fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "this file is where xtask asks for the time")]
    Instant::now()
}

/// A time for people: `0.4 s`, `12.0 s`, `3 min 05 s`.
pub(crate) fn spoken(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    format!("{} min {:02} s", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(millis: u64, expected: &str) {
        assert_eq!(spoken(Duration::from_millis(millis)), expected);
    }

    #[test]
    fn short_times_have_tenths() {
        check(0, "0.0 s");
        check(440, "0.4 s");
        check(59_940, "59.9 s");
    }

    #[test]
    fn long_times_have_minutes() {
        check(59_990, "1 min 00 s");
        check(185_400, "3 min 05 s");
    }
}
