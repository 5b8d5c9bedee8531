//! What agents' and viewers' sessions have in common: how they end, and how much they may ask.

mod allowance;
mod error;

pub(crate) use allowance::Allowance;
pub(crate) use error::SessionError;
