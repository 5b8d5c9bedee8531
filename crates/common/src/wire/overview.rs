//! Many hosts, few metrics, one instant: the columns of the fleet page.

use serde::{Deserialize, Serialize};

use super::Epoch;
use crate::{Code, Metric, Timestamp};

/// The newest codes of some hosts, a column a metric.
///
/// One frame of it serves every viewer that wants the same metrics from the same cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked<'_>")]
pub struct Overview {
    metrics: Vec<Metric>,
    #[serde(serialize_with = "write_gaps")]
    hosts: Vec<u32>,
    #[serde(serialize_with = "write_u16s")]
    ages_ms: Vec<u16>,
    #[serde(serialize_with = "write_codes")]
    codes: Vec<Code>,
}

impl Overview {
    /// Columns for `metrics`, no hosts yet.
    #[must_use]
    pub fn new(metrics: Vec<Metric>) -> Overview {
        Overview { metrics, ..Overview::default() }
    }

    /// Fills the columns from `hosts`: place, age of the newest row in ms, and its code of a metric.
    /// Places must ascend.
    #[must_use]
    pub fn fill<H>(
        mut self,
        hosts: &[H],
        place: impl Fn(&H) -> u32,
        age_ms: impl Fn(&H) -> i64,
        code: impl Fn(&H, Metric) -> Code,
    ) -> Overview {
        self.hosts = hosts.iter().map(place).collect();
        debug_assert!(self.hosts.is_sorted_by(|a, b| a < b), "places ascend");
        self.ages_ms = hosts.iter().map(|host| age_ms(host).clamp(0, i64::from(u16::MAX)) as u16).collect();
        self.codes =
            self.metrics.iter().flat_map(|metric| hosts.iter().map(|host| code(host, *metric))).collect();
        self
    }

    /// The metrics, in column order.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// The places of the hosts that are in the columns, ascending.
    #[must_use]
    pub fn hosts(&self) -> &[u32] {
        &self.hosts
    }

    /// How old each host's row was when the delta was made, in ms; 65,535 means at least that.
    #[must_use]
    pub fn ages_ms(&self) -> &[u16] {
        &self.ages_ms
    }

    /// The codes of the metric at `column`, one a host; empty for a column that does not exist.
    #[must_use]
    pub fn column(&self, column: usize) -> &[Code] {
        let start = column * self.hosts.len();
        self.codes.get(start..start + self.hosts.len()).unwrap_or(&[])
    }
}

/// The recent past of one metric for every host: what a sparkline shows before the first live second.
///
/// Answered over HTTP and merged under the live overview of the same epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// The server life that `overview` gives places of.
    pub epoch: Epoch,
    /// The server's clock: the end of the last step.
    pub at: Timestamp,
    /// Milliseconds a step.
    pub step_ms: u32,
    /// One column a step, oldest first, each the host's last code within the step; every column is
    /// of the same metric.
    pub overview: Overview,
}

/// What came off the wire, before its parts are known to fit together.
#[derive(Deserialize)]
struct Unchecked<'a> {
    metrics: Vec<Metric>,
    gaps: Vec<u32>,
    #[serde(borrow)]
    ages_ms: &'a [u8],
    #[serde(borrow)]
    codes: &'a [u8],
}

impl TryFrom<Unchecked<'_>> for Overview {
    type Error = &'static str;

    fn try_from(unchecked: Unchecked<'_>) -> Result<Overview, &'static str> {
        let Unchecked { metrics, gaps, ages_ms, codes } = unchecked;
        let count = gaps.len();
        if ages_ms.len() != count * 2 || codes.len() != count * 2 * metrics.len() {
            return Err("the columns of an overview differ in length");
        }
        let mut hosts = gaps;
        let mut next = Some(0u32);
        for host in &mut hosts {
            // Each gap counts the places skipped since the host before.
            *host = next.and_then(|next| next.checked_add(*host)).ok_or("a host's place is out of range")?;
            next = host.checked_add(1);
        }
        let pairs = |bytes: &[u8]| -> Vec<u16> {
            bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
        };
        Ok(Overview {
            metrics,
            hosts,
            ages_ms: pairs(ages_ms),
            codes: pairs(codes).into_iter().map(Code).collect(),
        })
    }
}

fn write_gaps<S: serde::Serializer>(hosts: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
    let mut next = 0;
    serializer.collect_seq(hosts.iter().map(|host| {
        let gap = host.wrapping_sub(next);
        next = host.wrapping_add(1);
        gap
    }))
}

fn write_u16s<S: serde::Serializer>(values: &[u16], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

fn write_codes<S: serde::Serializer>(codes: &[Code], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(&codes.iter().flat_map(|code| code.0.to_le_bytes()).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(overview: &Overview) -> Result<Overview, postcard::Error> {
        postcard::from_bytes(&postcard::to_stdvec(overview).unwrap())
    }

    #[test]
    fn columns_that_do_not_fit_are_refused() {
        // One metric, one host, an age, but no code.
        let bytes =
            postcard::to_stdvec(&(vec![Metric::CPU], vec![0u32], &[0u8, 0][..].to_vec(), Vec::<u8>::new()))
                .unwrap();
        assert!(postcard::from_bytes::<Overview>(&bytes).is_err());
        // Places beyond 32 bits.
        let bytes =
            postcard::to_stdvec(&(Vec::<Metric>::new(), vec![u32::MAX, 0], vec![0u8; 4], Vec::<u8>::new()))
                .unwrap();
        assert!(postcard::from_bytes::<Overview>(&bytes).is_err());
    }

    #[test]
    fn a_column_is_found_by_its_place() {
        let overview = Overview::new(vec![Metric::CPU, Metric::MEMORY]).fill(
            &[(3u32, 10i64, 100u16), (9, 70_000, 200)],
            |host| host.0,
            |host| host.1,
            |host, metric| Code(host.2 + metric.0),
        );
        assert_eq!(overview.column(0), [Code(101), Code(201)]);
        assert_eq!(overview.column(1), [Code(116), Code(216)]);
        assert_eq!(overview.column(2), []);
        assert_eq!(overview.ages_ms(), [10, u16::MAX]);
    }

    proptest! {
        #[test]
        fn an_overview_survives_a_round_trip(
            metrics in prop::collection::vec(any::<u16>().prop_map(Metric), 0..5),
            places in prop::collection::btree_set(any::<u32>(), 0..50),
            seed: u16,
        ) {
            let places: Vec<u32> = places.into_iter().collect();
            let overview = Overview::new(metrics).fill(
                &places, |place| *place, |place| i64::from(*place % 70_000),
                |place, metric| Code((*place as u16) ^ metric.0 ^ seed),
            );
            prop_assert_eq!(round_trip(&overview), Ok(overview));
        }
    }
}
