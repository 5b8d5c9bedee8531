//! Numbers to shapes: pure geometry into buffers of the caller. Pixels, the origin at the top left.

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

impl Rect {
    /// Whether anything can be drawn in it: it has an extent, and all of it is a number.
    fn is_drawable(self) -> bool {
        self.x.is_finite()
            && self.y.is_finite()
            && (f64::MIN_POSITIVE..1e6).contains(&self.width)
            && (f64::MIN_POSITIVE..1e6).contains(&self.height)
    }

    /// Whether `inner` lies within, up to the rounding of a sum.
    #[cfg(test)]
    fn holds(self, inner: Rect) -> bool {
        let slack = 1e-6;
        inner.x >= self.x - slack
            && inner.y >= self.y - slack
            && inner.width >= 0.0
            && inner.height >= 0.0
            && inner.x + inner.width <= self.x + self.width + slack
            && inner.y + inner.height <= self.y + self.height + slack
    }
}
