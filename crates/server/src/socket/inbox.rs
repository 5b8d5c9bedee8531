//! From bytes to messages (RFC 6455 §5), without a socket.

use std::io::Cursor;

use axum::body::Bytes;
use bytes::{Buf, BytesMut};
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::SocketError;

/// Bytes read at a time while the size of the next message is not known.
const SMALL: usize = 4 * 1024;
/// Bytes read at a time while a larger message is on its way. Memory follows what has come, not what a
/// header claims.
const LARGE: usize = 32 * 1024;
/// Longest payload of a control frame (RFC 6455 §5.5).
const MAX_CONTROL_BYTES: u64 = 125;

/// What has come from a peer and is no message yet. Between messages it holds no memory: that is why
/// this is not tungstenite's reader, whose buffer stays as large as the largest message for as long as
/// the connection lives.
#[derive(Debug)]
pub(super) struct Inbox {
    bytes: BytesMut,
    /// The head of the frame on its way, and the length of its payload.
    head: Option<(FrameHeader, usize)>,
    /// The first parts of a message that comes in several.
    parts: Option<BytesMut>,
    max_message_bytes: usize,
}

/// What a peer said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A binary message.
    Message(Bytes),
    /// Asks for a pong with the same payload.
    Ping(Bytes),
    /// Answers a ping.
    Pong,
    /// Says that it is done.
    Close,
}

impl Inbox {
    /// For messages of at most `max_message_bytes`, beginning with what has come `early`.
    pub(super) fn new(max_message_bytes: usize, early: &[u8]) -> Inbox {
        Inbox { bytes: BytesMut::from(early), head: None, parts: None, max_message_bytes }
    }

    /// Where the next bytes belong, with room for some.
    pub(super) fn room(&mut self) -> &mut BytesMut {
        let missing = self.head.as_ref().map_or(0, |(_, length)| length.saturating_sub(self.bytes.len()));
        self.bytes.reserve(missing.clamp(SMALL, LARGE));
        &mut self.bytes
    }

    /// Nothing has come into the room after all: lets go of it.
    pub(super) fn rest(&mut self) {
        if self.bytes.is_empty() {
            self.bytes = BytesMut::new();
        }
    }

    /// What is complete; `None` when more bytes are needed.
    pub(super) fn next(&mut self) -> Result<Option<Event>, SocketError> {
        loop {
            let Some((head, payload)) = self.next_frame()? else { return Ok(None) };
            match head.opcode {
                OpCode::Control(Control::Ping) => return Ok(Some(Event::Ping(payload.freeze()))),
                OpCode::Control(Control::Pong) => return Ok(Some(Event::Pong)),
                OpCode::Control(_) => return Ok(Some(Event::Close)),
                OpCode::Data(_) => {
                    if let Some(message) = self.next_part(head.is_final, payload) {
                        return Ok(Some(Event::Message(message)));
                    }
                }
            }
        }
    }

    fn next_frame(&mut self) -> Result<Option<(FrameHeader, BytesMut)>, SocketError> {
        if self.head.is_none() {
            let mut cursor = Cursor::new(&self.bytes);
            let Some((head, length)) = FrameHeader::parse(&mut cursor).map_err(fault)? else {
                return Ok(None);
            };
            let head_length = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
            self.head = Some((head.clone(), self.check(&head, length)?));
            self.bytes.advance(head_length);
        }
        let complete = self.head.take_if(|(_, length)| *length <= self.bytes.len());
        let Some((head, length)) = complete else { return Ok(None) };
        let mut payload = self.bytes.split_to(length);
        if let Some(mask) = head.mask {
            unmask(&mut payload, mask);
        }
        // The payload may still use the memory; nobody else does.
        self.rest();
        Ok(Some((head, payload)))
    }

    /// Refuses what breaks the rules or a bound before its payload has come; answers the payload's length.
    fn check(&self, head: &FrameHeader, length: u64) -> Result<usize, SocketError> {
        let broken = |rule| Err(fault(Error::Protocol(rule)));
        if head.rsv1 || head.rsv2 || head.rsv3 {
            return broken(ProtocolError::NonZeroReservedBits);
        }
        if head.mask.is_none() {
            return broken(ProtocolError::UnmaskedFrameFromClient);
        }
        match head.opcode {
            OpCode::Control(_) if !head.is_final => return broken(ProtocolError::FragmentedControlFrame),
            OpCode::Control(_) if length > MAX_CONTROL_BYTES => {
                return broken(ProtocolError::ControlFrameTooBig);
            }
            OpCode::Control(_) => {}
            OpCode::Data(Data::Continue) if self.parts.is_none() => {
                return broken(ProtocolError::UnexpectedContinueFrame);
            }
            OpCode::Data(Data::Continue) => {}
            OpCode::Data(other) if self.parts.is_some() => {
                return broken(ProtocolError::ExpectedFragment(other));
            }
            OpCode::Data(Data::Text) => return Err(SocketError::NotBinary),
            OpCode::Data(_) => {}
        }
        let so_far = self.parts.as_ref().map_or(0, BytesMut::len);
        let room = self.max_message_bytes.saturating_sub(so_far);
        usize::try_from(length)
            .ok()
            .filter(|length| matches!(head.opcode, OpCode::Control(_)) || *length <= room)
            .ok_or(SocketError::TooLarge { max_bytes: self.max_message_bytes })
    }

    /// The message that `payload` completes; `None` when it goes on.
    fn next_part(&mut self, is_last: bool, payload: BytesMut) -> Option<Bytes> {
        let message = match self.parts.take() {
            None => payload,
            Some(mut parts) => {
                parts.extend_from_slice(&payload);
                parts
            }
        };
        if is_last {
            return Some(message.freeze());
        }
        self.parts = Some(message);
        None
    }
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    for (byte, mask) in payload.iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= mask;
    }
}

fn fault(error: Error) -> SocketError {
    SocketError::Protocol(Box::new(error))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket, WebSocketConfig};
    use tokio_tungstenite::tungstenite::{Message, protocol::frame::Frame};

    use super::*;

    /// What tungstenite, as the client, writes for `messages`.
    fn written(messages: impl IntoIterator<Item = Message>) -> Vec<u8> {
        let config = WebSocketConfig::default().max_write_buffer_size(usize::MAX);
        let mut client = WebSocket::from_raw_socket(Cursor::new(Vec::new()), Role::Client, Some(config));
        for message in messages {
            client.send(message).unwrap();
        }
        client.into_inner().into_inner()
    }

    fn part(kind: Data, text: &'static [u8], is_last: bool) -> Message {
        Message::Frame(Frame::message(text, OpCode::Data(kind), is_last))
    }

    /// Feeds `bytes` in pieces of `piece`.
    fn read(inbox: &mut Inbox, bytes: &[u8], piece: usize) -> Result<Vec<Event>, SocketError> {
        let mut events = Vec::new();
        for piece in bytes.chunks(piece) {
            inbox.room().extend_from_slice(piece);
            while let Some(event) = inbox.next()? {
                events.push(event);
            }
        }
        Ok(events)
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &[Event]) {
        for piece in [1, 2, 3, 7, usize::MAX] {
            let mut inbox = Inbox::new(300, &[]);
            assert_eq!(read(&mut inbox, bytes, piece).unwrap(), expected, "in pieces of {piece}");
            assert_eq!(inbox.bytes.capacity(), 0, "nothing is held between messages");
        }
    }

    fn message(text: &'static [u8]) -> Event {
        Event::Message(Bytes::from_static(text))
    }

    #[test]
    fn messages_come_whole_however_they_are_cut() {
        check(
            &written([Message::binary("one"), Message::binary(""), Message::binary("two")]),
            &[message(b"one"), message(b""), message(b"two")],
        );
        check(&written([Message::binary(vec![7; 300])]), &[Event::Message(Bytes::from(vec![7; 300]))]);
    }

    #[test]
    fn parts_are_put_together_and_pings_may_come_in_between() {
        let bytes = written([
            part(Data::Binary, b"to", false),
            Message::Ping(Bytes::from_static(b"?")),
            part(Data::Continue, b"get", false),
            part(Data::Continue, b"her", true),
            Message::Pong(Bytes::new()),
        ]);
        check(&bytes, &[Event::Ping(Bytes::from_static(b"?")), message(b"together"), Event::Pong]);
    }

    #[test]
    fn a_close_is_told() {
        check(&written([Message::binary("x"), Message::Close(None)]), &[message(b"x"), Event::Close]);
    }

    #[track_caller]
    fn check_refused(bytes: &[u8], part: &str) {
        for piece in [1, usize::MAX] {
            let refused = read(&mut Inbox::new(300, &[]), bytes, piece).unwrap_err().to_string();
            assert!(refused.contains(part), "{refused}");
        }
    }

    #[test]
    fn what_breaks_the_rules_is_refused_before_it_has_come() {
        let masked = |first: u8, length: &[u8]| [&[first, 0x80 | length[0]], &length[1..], &[0; 4]].concat();
        check_refused(&[0x82, 0x01, b'x'], "mask");
        check_refused(&masked(0xC2, &[0]), "eserved bits");
        check_refused(&masked(0x83, &[0]), "opcode");
        check_refused(&masked(0x09, &[0]), "ragmented control");
        check_refused(&masked(0x89, &[126, 0, 126]), "ontrol frame");
        check_refused(&masked(0x80, &[0]), "ontinue frame");
        check_refused(&[masked(0x02, &[0]), masked(0x82, &[0])].concat(), "fragment");
        check_refused(&masked(0x81, &[1]), "text");
        check_refused(&masked(0x82, &[126, 1, 45]), "more than 0 KiB");
        check_refused(&masked(0x82, &[127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), "more than");
        let second = [masked(0x02, &[126, 0, 200]), vec![0; 200], masked(0x80, &[101])].concat();
        check_refused(&second, "more than");
    }

    #[test]
    fn a_claim_takes_no_memory() {
        let mut inbox = Inbox::new(usize::MAX, &[]);
        let claim = [0x82, 0xFF, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(read(&mut inbox, &claim, 20).unwrap(), []);
        assert!(inbox.room().capacity() <= 2 * LARGE);
    }

    #[test]
    fn room_that_is_not_used_is_let_go() {
        let mut inbox = Inbox::new(300, &[]);
        inbox.room();
        inbox.rest();
        assert_eq!(inbox.bytes.capacity(), 0);
        inbox.room().extend_from_slice(&[0x82]);
        inbox.rest();
        assert_eq!(inbox.bytes[..], [0x82], "half a head is kept");
    }

    #[test]
    fn what_came_with_the_handshake_counts() {
        let bytes = written([Message::binary("early")]);
        assert_eq!(Inbox::new(300, &bytes).next().unwrap(), Some(message(b"early")));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), piece in 1usize..50) {
            let _ = read(&mut Inbox::new(300, &[]), &bytes, piece);
        }

        #[test]
        fn what_tungstenite_writes_is_read(
            lengths in prop::collection::vec(prop_oneof![0usize..300, 65_000usize..66_000], 1..6),
            piece in 1usize..70_000,
        ) {
            let messages: Vec<Vec<u8>> = lengths.iter().map(|length| (0..*length).map(|i| i as u8).collect()).collect();
            let bytes = written(messages.iter().cloned().map(Message::binary));
            let events = read(&mut Inbox::new(100_000, &[]), &bytes, piece).unwrap();
            let expected: Vec<Event> = messages.into_iter().map(|message| Event::Message(message.into())).collect();
            prop_assert_eq!(events, expected);
        }
    }
}
