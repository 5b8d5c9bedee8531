//! The page: what a browser shows of the fleet.
//!
//! Everything that can be right or wrong lives in [`model`], [`plot`], [`mod@format`], [`route`] and
//! [`keys`]: pure, without a clock (time is an argument, in milliseconds since the Unix epoch by
//! the browser's clock), compiled natively for tests and to wasm for the page. The rest draws: it
//! exists only for `wasm32`.

pub mod format;
pub mod keys;
pub mod model;
pub mod plot;
pub mod route;

#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
pub mod link;
#[cfg(target_arch = "wasm32")]
pub mod paint;
#[cfg(target_arch = "wasm32")]
pub mod pump;
#[cfg(target_arch = "wasm32")]
pub mod uplot;
#[cfg(target_arch = "wasm32")]
pub mod view;
