//! Numbers to shapes: pure geometry into buffers of the caller. Pixels with the origin at the top left.

pub mod bars;
pub mod heat;
pub mod ramp;
pub mod spark;
pub mod ticks;

pub use ramp::{Ramp, Theme};

/// An axis-parallel rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Extent to the right.
    pub width: f64,
    /// Extent downwards.
    pub height: f64,
}
