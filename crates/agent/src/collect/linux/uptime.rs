//! How long the kernel has been running.

use cpumonitor_common::{Metric, RowWriter};

use super::text;

/// The first number of `/proc/uptime`.
#[derive(Debug, Default)]
pub(super) struct Uptime {
    known: bool,
    seconds: Option<f64>,
}

impl Uptime {
    /// Takes in `uptime`, the content of `/proc/uptime`.
    pub(super) fn read(&mut self, uptime: Option<&[u8]>) {
        self.seconds =
            uptime.and_then(|uptime| text::fields(text::first_line(uptime)).next().and_then(text::fraction));
        self.known |= self.seconds.is_some();
    }

    /// Puts the reading.
    pub(super) fn put(&self, row: &mut RowWriter) {
        if self.known {
            row.put(Metric::UPTIME, "", self.seconds);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_first_number() {
        let mut uptime = Uptime::default();
        uptime.read(Some(b"1980.26 3495.46\n"));
        assert_eq!(uptime.seconds, Some(1980.26));
        uptime.read(Some(b"\n"));
        assert_eq!((uptime.seconds, uptime.known), (None, true));
    }
}
