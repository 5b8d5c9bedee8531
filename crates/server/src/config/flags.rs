//! Flags as people give them, and what is wrong with them in a sentence.

/// Why the server cannot start with these flags.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);
