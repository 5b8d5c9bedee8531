//! What a host is: its identity, what does not change while it runs, and how it fares.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Timestamp, bounded};

/// Names a host across restarts and renames. Chosen once at random by its agent and kept on disk;
/// shown as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostId(pub u128);

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a host id is 32 hexadecimal digits")]
pub struct InvalidHostId;

impl FromStr for HostId {
    type Err = InvalidHostId;

    fn from_str(text: &str) -> Result<HostId, InvalidHostId> {
        // `from_str_radix` alone would take a sign and shorter numbers.
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidHostId);
        }
        u128::from_str_radix(text, 16).map(HostId).map_err(|_| InvalidHostId)
    }
}

/// One life of an agent process: a random number drawn at its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Incarnation(pub u64);

/// A label the operator gave a host, as in `env=prod`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tag {
    /// Left of the equals sign; not empty.
    pub key: String,
    /// Right of it; may be empty.
    pub value: String,
}

/// What does not change while a host runs. Empty strings and zeros mean "not known".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostInfo {
    /// Names the host across restarts.
    pub id: HostId,
    /// What people call it: `--name`, or the host name.
    pub name: String,
    /// Operating system and its version, as in `Debian GNU/Linux 12`.
    pub os: String,
    /// Kernel release, as in `6.1.0-18-amd64`.
    pub kernel: String,
    /// Machine architecture, as in `x86_64`.
    pub arch: String,
    /// Marketing name of the processor.
    pub cpu_model: String,
    /// Logical cores online at the agent's start.
    pub core_count: u32,
    /// Physical memory the kernel manages.
    pub memory_bytes: u64,
    /// Swap space.
    pub swap_bytes: u64,
    /// When the kernel started, by the host's clock; [`Timestamp::EPOCH`] when not known.
    pub boot_at: Timestamp,
    /// Version of the agent.
    pub agent_version: String,
    /// Labels given with `--tag`.
    #[serde(deserialize_with = "bounded::vec::<_, _, MAX_TAGS>")]
    pub tags: Vec<Tag>,
}

/// Longest name, tag or other text of a [`HostInfo`], in bytes.
pub const MAX_TEXT_BYTES: usize = 128;
/// Most tags of one host.
pub const MAX_TAGS: usize = 32;

impl HostInfo {
    /// Checks every bound that a peer could exceed.
    ///
    /// # Errors
    /// Says which part is too long, empty or unprintable.
    pub fn check(&self) -> Result<(), InvalidHostInfo> {
        let texts = [&self.name, &self.os, &self.kernel, &self.arch, &self.cpu_model, &self.agent_version];
        let tags = self.tags.iter().flat_map(|tag| [&tag.key, &tag.value]);
        for text in texts.into_iter().chain(tags) {
            if text.len() > MAX_TEXT_BYTES {
                return Err(InvalidHostInfo::TextTooLong);
            }
            if text.chars().any(char::is_control) {
                return Err(InvalidHostInfo::ControlCharacter);
            }
        }
        if self.name.trim().is_empty() {
            return Err(InvalidHostInfo::NoName);
        }
        if self.tags.len() > MAX_TAGS {
            return Err(InvalidHostInfo::TooManyTags);
        }
        Ok(())
    }
}

/// Why a [`HostInfo`] is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHostInfo {
    /// The name is empty.
    #[error("the host has no name")]
    NoName,
    /// A text is longer than [`MAX_TEXT_BYTES`].
    #[error("a name, tag or other text is longer than {MAX_TEXT_BYTES} bytes")]
    TextTooLong,
    /// A text could change how a terminal or a log line reads.
    #[error("a name, tag or other text contains a control character")]
    ControlCharacter,
    /// There are more than [`MAX_TAGS`].
    #[error("there are more than {MAX_TAGS} tags")]
    TooManyTags,
}

/// How a host fares, judged by the server's clock alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum HostStatus {
    /// Heard from within [`STALE_AFTER_MS`].
    Live,
    /// Silent for longer than that.
    Stale,
    /// Silent for [`DOWN_AFTER_MS`], or its connection broke and it has not come back.
    Down,
    /// Its agent said goodbye: somebody stopped it on purpose.
    Stopped,
}

/// Silence after which a host that samples once a second is stale.
pub const STALE_AFTER_MS: i64 = 3_000;
/// Silence after which a host is down.
pub const DOWN_AFTER_MS: i64 = 15_000;

impl HostStatus {
    /// The status of a host that has been silent for `silent_ms` and samples every `interval_ms`.
    ///
    /// Slow samplers get two and a half intervals before they are stale: a 2018 client sends every
    /// 2 s and so is stale after 5 s.
    #[must_use]
    pub fn of_silence(silent_ms: i64, interval_ms: u32) -> HostStatus {
        let stale_after = STALE_AFTER_MS.max(i64::from(interval_ms) * 5 / 2);
        if silent_ms >= DOWN_AFTER_MS.max(stale_after * 2) {
            HostStatus::Down
        } else if silent_ms >= stale_after {
            HostStatus::Stale
        } else {
            HostStatus::Live
        }
    }

    /// The word for people and for filters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            HostStatus::Live => "live",
            HostStatus::Stale => "stale",
            HostStatus::Down => "down",
            HostStatus::Stopped => "stopped",
        }
    }

    /// All four, most alive first.
    pub const ALL: [HostStatus; 4] =
        [HostStatus::Live, HostStatus::Stale, HostStatus::Down, HostStatus::Stopped];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_written() {
        let id = HostId(0x0123_4567_89ab_cdef_0011_2233_4455_6677);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string(), "0123456789abcdef0011223344556677");
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "12", "+123456789abcdef0011223344556677", "g123456789abcdef0011223344556677"] {
            assert_eq!(text.parse::<HostId>(), Err(InvalidHostId), "{text}");
        }
    }

    #[test]
    fn silence_is_judged_by_the_interval() {
        #[track_caller]
        fn check(silent_ms: i64, interval_ms: u32, status: HostStatus) {
            assert_eq!(HostStatus::of_silence(silent_ms, interval_ms), status);
        }
        check(0, 1_000, HostStatus::Live);
        check(2_999, 1_000, HostStatus::Live);
        check(3_000, 1_000, HostStatus::Stale);
        check(15_000, 1_000, HostStatus::Down);
        check(4_999, 2_000, HostStatus::Live);
        check(5_000, 2_000, HostStatus::Stale);
        check(60_000, 60_000, HostStatus::Live);
    }

    fn info() -> HostInfo {
        HostInfo {
            id: HostId(1),
            name: "web-1".into(),
            os: String::new(),
            kernel: String::new(),
            arch: String::new(),
            cpu_model: String::new(),
            core_count: 1,
            memory_bytes: 0,
            swap_bytes: 0,
            boot_at: Timestamp::EPOCH,
            agent_version: String::new(),
            tags: vec![],
        }
    }

    #[test]
    fn bounds_are_checked() {
        assert_eq!(info().check(), Ok(()));
        assert_eq!(HostInfo { name: " ".into(), ..info() }.check(), Err(InvalidHostInfo::NoName));
        assert_eq!(HostInfo { os: "x".repeat(129), ..info() }.check(), Err(InvalidHostInfo::TextTooLong));
        assert_eq!(
            HostInfo { name: "a\x1b[2J".into(), ..info() }.check(),
            Err(InvalidHostInfo::ControlCharacter)
        );
        let tag = Tag { key: "k".into(), value: "v".into() };
        assert_eq!(HostInfo { tags: vec![tag; 33], ..info() }.check(), Err(InvalidHostInfo::TooManyTags));
    }
}
