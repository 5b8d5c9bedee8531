//! Load averages.

use cpumonitor_common::{Metric, RowWriter};

use super::text;

/// The three averages of `/proc/loadavg`.
#[derive(Debug, Default)]
pub(super) struct Load {
    known: bool,
    averages: Option<[f64; 3]>,
}

impl Load {
    /// Takes in `loadavg`, the content of `/proc/loadavg`.
    pub(super) fn read(&mut self, loadavg: Option<&[u8]>) {
        self.averages = loadavg.and_then(parse);
        self.known |= self.averages.is_some();
    }

    /// Puts the readings in catalogue order.
    pub(super) fn put(&self, row: &mut RowWriter) {
        if !self.known {
            return;
        }
        for (place, metric) in [Metric::LOAD_1, Metric::LOAD_5, Metric::LOAD_15].into_iter().enumerate() {
            row.put(metric, "", self.averages.map(|averages| averages[place]));
        }
    }
}

fn parse(loadavg: &[u8]) -> Option<[f64; 3]> {
    let mut fields = text::fields(text::first_line(loadavg)).map(text::fraction);
    Some([fields.next()??, fields.next()??, fields.next()??])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_averages_or_none() {
        assert_eq!(parse(b"0.02 1.07 12.11 1/92 19787\n"), Some([0.02, 1.07, 12.11]));
        assert_eq!(parse(b"0.02 1.07\n"), None);
        assert_eq!(parse(b""), None);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(text in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse(&text);
        }
    }
}
