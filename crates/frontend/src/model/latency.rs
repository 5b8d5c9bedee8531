//! How long a number is on its way from the sensor to the screen.

/// A bounded histogram of delays, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Delays {
    count: u64,
}

impl Delays {
    /// How many delays there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The delay that `share` (0 to 1) of all delays do not exceed, in ms; `None` when there are none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let _ = share;
        None
    }
}

/// From sample taken to number believed, and to number on the screen.
#[derive(Clone, Debug, Default)]
pub struct Latency {
    applied: Delays,
    painted: Delays,
}

impl Latency {
    /// From sample to model.
    #[must_use]
    pub fn applied(&self) -> &Delays {
        &self.applied
    }

    /// From sample to screen.
    #[must_use]
    pub fn painted(&self) -> &Delays {
        &self.painted
    }
}
