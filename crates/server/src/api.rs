//! The state and the last minutes over HTTP, as JSON for people and programs, as bytes for the page.

mod error;
mod health;
mod hosts;
mod params;
mod points;
mod series;
mod trail;

pub(crate) use error::{ApiError, not_found, wrong_method};
pub(crate) use health::{health, metrics};
pub(crate) use hosts::{host, hosts};
pub(crate) use series::series;
pub(crate) use trail::trail;
