//! Rows packed as bytes: the unit of transport, and later of storage.
//!
//! ```text
//! byte    format: 0 dense, 1 sparse
//! varint  rows, at least 1
//! varint  sequence number of the first row
//! zigzag  time of the first row, ms since the Unix epoch
//! then for every further row
//!   varint  sequence numbers skipped since the row before
//!   zigzag  ms since the row before
//! then for every row
//!   dense:  its codes, u16 little-endian
//!   sparse: a bit for every series, lowest first, set where the code is not 0; then those codes
//! ```
//! Varints are LEB128; zigzag maps signed to unsigned as Protocol Buffers do. The width is known
//! from the layout and is not repeated. An idle host is mostly zeros, so sparse is about 30 % smaller for
//! a row a second; the encoder takes whichever is shorter.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::wire::DecodeError;
use crate::{Code, Row, Rows, Timestamp};

/// Most bytes that the codes of one chunk may take once decoded. With times and sequence numbers a full
/// chunk still fits the frame limit of agents.
pub const MAX_DECODED_BYTES: usize = 192 * 1024;
/// Most rows of one chunk.
pub const MAX_ROWS: usize = 4_096;

const DENSE: u8 = 0;
const SPARSE: u8 = 1;

/// Rows packed as bytes. The bytes may come from a peer: [`Chunk::decode`] checks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk(pub Vec<u8>);

impl Chunk {
    /// How many rows of `width` series fit in one chunk.
    #[must_use]
    pub fn capacity(width: usize) -> usize {
        (MAX_DECODED_BYTES / (2 * width.max(1))).min(MAX_ROWS)
    }

    /// Packs `rows`. The caller keeps them within [`Chunk::capacity`]; what is beyond is not packed.
    #[must_use]
    pub fn encode(rows: &Rows) -> Chunk {
        Chunk::encode_iter(rows.width(), rows.iter())
    }

    /// Packs rows of `width` codes from anywhere.
    #[must_use]
    pub fn encode_iter<'a>(width: usize, rows: impl ExactSizeIterator<Item = Row<'a>> + Clone) -> Chunk {
        let count = rows.len().min(Chunk::capacity(width));
        let rows = rows.take(count);
        let present: usize =
            rows.clone().map(|row| row.codes.iter().filter(|code| code.0 != 0).count()).sum();
        let sparse_bytes = count * width.div_ceil(8) + 2 * present;
        let dense_bytes = count * width * 2;
        let sparse = sparse_bytes < dense_bytes;

        let mut out = Vec::with_capacity(16 + count * 3 + sparse_bytes.min(dense_bytes));
        out.push(if sparse { SPARSE } else { DENSE });
        write_varint(&mut out, count as u64);
        let mut before: Option<(u64, Timestamp)> = None;
        for row in rows.clone() {
            match before {
                None => {
                    write_varint(&mut out, row.seq);
                    write_zigzag(&mut out, row.at.as_ms());
                }
                Some((seq, at)) => {
                    write_varint(&mut out, row.seq.saturating_sub(seq).saturating_sub(1));
                    write_zigzag(&mut out, row.at.ms_since(at));
                }
            }
            before = Some((row.seq, row.at));
        }
        for row in rows {
            if sparse {
                let bits = out.len();
                out.resize(bits + width.div_ceil(8), 0);
                for (place, code) in row.codes.iter().enumerate().filter(|(_, code)| code.0 != 0) {
                    out[bits + place / 8] |= 1 << (place % 8);
                    out.extend_from_slice(&code.0.to_le_bytes());
                }
            } else {
                out.extend(row.codes.iter().flat_map(|code| code.0.to_le_bytes()));
            }
        }
        Chunk(out)
    }

    /// Unpacks rows of a layout of `width` series.
    ///
    /// # Errors
    /// When the bytes are not such a chunk. Nothing is allocated beyond [`MAX_DECODED_BYTES`] and a
    /// few bytes a row, whatever the bytes claim.
    pub fn decode(&self, width: usize) -> Result<Rows, DecodeError> {
        let mut reader = Reader(&self.0);
        let format = reader.byte()?;
        let count = usize::try_from(reader.varint()?).map_err(|_| DecodeError::TooLarge)?;
        if count == 0 {
            return Err(DecodeError::Malformed);
        }
        if count > Chunk::capacity(width) {
            return Err(DecodeError::TooLarge);
        }
        let mut times = Vec::with_capacity(count);
        let mut seq = reader.varint()?;
        let mut at = Timestamp::from_ms(reader.zigzag()?);
        times.push((seq, at));
        for _ in 1..count {
            let skipped = reader.varint()?;
            seq =
                seq.checked_add(skipped).and_then(|seq| seq.checked_add(1)).ok_or(DecodeError::Malformed)?;
            at = at.plus_ms(reader.zigzag()?);
            times.push((seq, at));
        }
        let mut rows = Rows::with_capacity(width, count);
        let mut codes = Vec::with_capacity(width);
        for (seq, at) in times {
            codes.clear();
            match format {
                DENSE => codes.extend(reader.take(width * 2)?.chunks_exact(2).map(code)),
                SPARSE => {
                    let bits = reader.take(width.div_ceil(8))?;
                    for place in 0..width {
                        let set = bits[place / 8] & (1 << (place % 8)) != 0;
                        codes.push(if set { code(reader.take(2)?) } else { Code(0) });
                    }
                }
                _ => return Err(DecodeError::UnknownFormat(format)),
            }
            rows.push(Row { seq, at, codes: &codes });
        }
        if reader.0.is_empty() { Ok(rows) } else { Err(DecodeError::Trailing) }
    }
}

fn code(bytes: &[u8]) -> Code {
    Code(u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn write_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn write_zigzag(out: &mut Vec<u8>, n: i64) {
    write_varint(out, ((n << 1) ^ (n >> 63)) as u64);
}

/// Reads from the front of a slice; every read is checked.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(DecodeError::Truncated)?;
        self.0 = tail;
        Ok(head)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        Ok(self.take(1)?[0])
    }

    fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 {
                return Err(DecodeError::Malformed);
            }
            n |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(n);
            }
        }
        Err(DecodeError::Malformed)
    }

    fn zigzag(&mut self) -> Result<i64, DecodeError> {
        let n = self.varint()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }
}

impl Serialize for Chunk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Chunk, D::Error> {
        struct Bytes;
        impl de::Visitor<'_> for Bytes {
            type Value = Chunk;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the bytes of a chunk")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Chunk, E> {
                Ok(Chunk(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(width: usize, rows: &[(u64, i64, &[u16])]) -> Rows {
        let mut out = Rows::new(width);
        for (seq, at, codes) in rows {
            let codes: Vec<Code> = codes.iter().copied().map(Code).collect();
            out.push(Row { seq: *seq, at: Timestamp::from_ms(*at), codes: &codes });
        }
        out
    }

    #[test]
    fn these_bytes_are_in_the_field() {
        let dense = rows(3, &[(300, 1_000, &[1, 2, 0xFFFF])]);
        assert_eq!(Chunk::encode(&dense).0, [0, 1, 0xAC, 0x02, 0xD0, 0x0F, 1, 0, 2, 0, 0xFF, 0xFF]);
        let sparse = rows(9, &[(0, -1, &[0, 7, 0, 0, 0, 0, 0, 0, 5]), (2, 1_000, &[0; 9])]);
        assert_eq!(Chunk::encode(&sparse).0, [1, 2, 0, 1, 1, 0xD2, 0x0F, 2, 1, 7, 0, 5, 0, 0, 0]);
    }

    #[test]
    fn a_claim_of_many_rows_is_refused_before_anything_is_allocated() {
        let mut bytes = vec![SPARSE];
        write_varint(&mut bytes, u64::MAX);
        assert_eq!(Chunk(bytes).decode(10), Err(DecodeError::TooLarge));
        let mut bytes = vec![SPARSE];
        write_varint(&mut bytes, MAX_ROWS as u64);
        assert_eq!(Chunk(bytes).decode(2_000), Err(DecodeError::TooLarge));
    }

    #[test]
    fn damage_is_an_error() {
        let good = Chunk::encode(&rows(3, &[(300, 1_000, &[1, 2, 3])])).0;
        assert_eq!(Chunk(good[..good.len() - 1].to_vec()).decode(3), Err(DecodeError::Truncated));
        assert_eq!(Chunk([&good[..], &[0]].concat()).decode(3), Err(DecodeError::Trailing));
        assert_eq!(Chunk([&[9], &good[1..]].concat()).decode(3), Err(DecodeError::UnknownFormat(9)));
        assert_eq!(Chunk(vec![0, 0, 0, 0]).decode(3), Err(DecodeError::Malformed));
        assert_eq!(Chunk(vec![]).decode(3), Err(DecodeError::Truncated));
    }

    fn any_rows() -> impl Strategy<Value = Rows> {
        (1usize..40).prop_flat_map(|width| {
            let row = (
                0u64..1_000,
                -5_000i64..5_000,
                prop::collection::vec(prop_oneof![Just(0u16), any::<u16>()], width),
            );
            (Just(width), any::<u32>(), 0i64..4_000_000_000_000, prop::collection::vec(row, 1..50)).prop_map(
                |(width, first, start, steps)| {
                    let (mut seq, mut at) = (u64::from(first), start);
                    let mut out = Rows::new(width);
                    for (skip, step, codes) in steps {
                        let codes: Vec<Code> = codes.into_iter().map(Code).collect();
                        out.push(Row { seq, at: Timestamp::from_ms(at), codes: &codes });
                        seq += 1 + skip;
                        at += step;
                    }
                    out
                },
            )
        })
    }

    proptest! {
        #[test]
        fn rows_survive_a_round_trip(rows in any_rows()) {
            prop_assert_eq!(Chunk::encode(&rows).decode(rows.width()), Ok(rows));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), width in 0usize..3_000) {
            let _ = Chunk(bytes).decode(width);
        }
    }
}
