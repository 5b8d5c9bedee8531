//! The only two functions that know how a message becomes bytes.

use serde::{Serialize, de::DeserializeOwned};

use super::message::{AgentToServer, ServerToAgent, ServerToViewer, ViewerToServer};

/// What travels in one direction of one socket.
///
/// Sealed by the list below: a new kind of message is a new protocol.
pub trait Message: Serialize + DeserializeOwned {
    /// Largest frame that is read; a larger one closes the connection with
    /// [`CloseCode::TooLarge`](super::CloseCode::TooLarge).
    const MAX_FRAME_BYTES: usize;
}

impl Message for AgentToServer {
    const MAX_FRAME_BYTES: usize = 256 * 1024;
}
impl Message for ServerToAgent {
    const MAX_FRAME_BYTES: usize = 4 * 1024;
}
impl Message for ViewerToServer {
    const MAX_FRAME_BYTES: usize = 16 * 1024;
}
impl Message for super::Trail {
    const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;
}
impl Message for ServerToViewer {
    const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;
}

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end in the middle of a value.
    #[error("the frame is cut short")]
    Truncated,
    /// Bytes are left over behind the message.
    #[error("the frame has bytes behind its message")]
    Trailing,
    /// A count or size is beyond what the protocol allows.
    #[error("the frame is larger than the protocol allows")]
    TooLarge,
    /// A chunk is in a format that this build does not know.
    #[error("the chunk is in the unknown format {0}")]
    UnknownFormat(u8),
    /// Anything else that no peer of this protocol would send.
    #[error("the frame is not a message of this protocol")]
    Malformed,
}

/// The frame of `message`.
#[must_use]
pub fn encode<M: Message>(message: &M) -> Vec<u8> {
    // Only types with a fallible `Serialize` of their own can fail here, and messages have none.
    postcard::to_stdvec(message).unwrap_or_default()
}

/// The message in `frame`.
///
/// # Errors
/// When `frame` is not exactly one message of this kind. Never panics, and never allocates more than
/// a small multiple of the frame.
pub fn decode<M: Message>(frame: &[u8]) -> Result<M, DecodeError> {
    if frame.len() > M::MAX_FRAME_BYTES {
        return Err(DecodeError::TooLarge);
    }
    match postcard::take_from_bytes(frame) {
        Ok((message, [])) => Ok(message),
        Ok(_) => Err(DecodeError::Trailing),
        Err(postcard::Error::DeserializeUnexpectedEnd) => Err(DecodeError::Truncated),
        Err(_) => Err(DecodeError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;
    use crate::wire::{GapReason, Overview};
    use proptest::prelude::*;

    #[test]
    fn bytes_behind_a_message_are_refused() {
        let frame = encode(&AgentToServer::Goodbye { next_seq: 1 });
        assert_eq!(decode::<AgentToServer>(&[&frame[..], &[0]].concat()), Err(DecodeError::Trailing));
        assert_eq!(decode::<AgentToServer>(&frame[..1]), Err(DecodeError::Truncated));
        assert_eq!(decode::<AgentToServer>(&[100]), Err(DecodeError::Malformed));
        assert_eq!(decode::<ServerToAgent>(&vec![0; 5_000]), Err(DecodeError::TooLarge));
    }

    proptest! {
        #[test]
        fn arbitrary_frames_never_panic(frame in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = decode::<AgentToServer>(&frame);
            let _ = decode::<ServerToAgent>(&frame);
            let _ = decode::<ViewerToServer>(&frame);
            let _ = decode::<ServerToViewer>(&frame);
        }

        #[test]
        fn small_messages_survive_a_round_trip(first_seq: u64, count: u64, dropped: bool, next_seq: u64) {
            let reason = if dropped { GapReason::Dropped } else { GapReason::Missed };
            let gap = AgentToServer::Gap { first_seq, count, reason };
            prop_assert_eq!(decode(&encode(&gap)), Ok(gap));
            let ack = ServerToAgent::Ack { next_seq };
            prop_assert_eq!(decode(&encode(&ack)), Ok(ack));
        }

        #[test]
        fn an_overview_in_a_trail_survives(count in 0u32..300, code: u16) {
            let hosts: Vec<u32> = (0..count).map(|host| host * 3).collect();
            let overview = Overview::new(vec![crate::Metric::CPU]).fill(&hosts, |h| *h, |_| 0, |_, _| Code(code));
            let trail = crate::wire::Trail { epoch: crate::Epoch(1), at: crate::Timestamp::EPOCH, step_ms: 1, overview };
            prop_assert_eq!(decode(&encode(&trail)), Ok(trail));
        }
    }
}
