//! From messages to bytes (RFC 6455 §5), without a socket.

use bytes::{Buf, BufMut, BytesMut};
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// Most bytes that pongs may wait in. A peer that asks and does not read gets no answers.
const MAX_PONG_BYTES: usize = 1_024;
/// Memory kept while there is nothing to send.
const KEPT_BYTES: usize = 256;

/// What is to be written to a peer. It is kept until it is written, so giving up on a write in the
/// middle loses nothing and garbles nothing.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    bytes: BytesMut,
}

impl Outbox {
    /// A part of a binary message.
    pub(super) fn part(&mut self, payload: &[u8], is_first: bool, is_last: bool) {
        let kind = if is_first { Data::Binary } else { Data::Continue };
        self.frame(OpCode::Data(kind), is_last, payload);
    }

    /// Asks for a sign of life.
    pub(super) fn ping(&mut self) {
        self.frame(OpCode::Control(Control::Ping), true, &[]);
    }

    /// Answers a ping.
    pub(super) fn pong(&mut self, payload: &[u8]) {
        if self.bytes.len() < MAX_PONG_BYTES {
            self.frame(OpCode::Control(Control::Pong), true, payload);
        }
    }

    /// The last frame: why.
    pub(super) fn close(&mut self, code: u16, reason: &str) {
        let payload = [&code.to_be_bytes(), reason.as_bytes()].concat();
        self.frame(OpCode::Control(Control::Close), true, &payload);
    }

    fn frame(&mut self, opcode: OpCode, is_final: bool, payload: &[u8]) {
        let head = FrameHeader { is_final, opcode, mask: None, ..FrameHeader::default() };
        self.bytes.reserve(head.len(payload.len() as u64) + payload.len());
        // Writing to memory cannot fail.
        let _ = head.format(payload.len() as u64, &mut (&mut self.bytes).writer());
        self.bytes.extend_from_slice(payload);
    }

    /// What is to be written next; empty when there is nothing.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The first `count` bytes are written.
    pub(super) fn wrote(&mut self, count: usize) {
        self.bytes.advance(count);
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT_BYTES {
            self.bytes = BytesMut::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};

    use super::*;

    #[test]
    fn tungstenite_reads_what_is_written() {
        let mut outbox = Outbox::default();
        outbox.pong(b"?");
        outbox.part(b"one", true, true);
        outbox.part(&[1; 70_000], true, false);
        outbox.part(&[2; 200], false, true);
        outbox.close(4_429, "too many");
        let mut client = WebSocket::from_raw_socket(Cursor::new(outbox.bytes().to_vec()), Role::Client, None);
        assert_eq!(client.read().unwrap(), Message::Pong("?".into()));
        assert_eq!(client.read().unwrap(), Message::binary("one"));
        assert_eq!(client.read().unwrap(), Message::binary([vec![1; 70_000], vec![2; 200]].concat()));
        let Message::Close(Some(close)) = client.read().unwrap() else { panic!("no close") };
        assert_eq!((u16::from(close.code), close.reason.as_str()), (4_429, "too many"));
    }

    #[test]
    fn a_ping_is_two_bytes() {
        let mut outbox = Outbox::default();
        outbox.ping();
        assert_eq!(outbox.bytes(), [0x89, 0]);
    }

    #[test]
    fn pongs_wait_only_so_long() {
        let mut outbox = Outbox::default();
        for _ in 0..1_000 {
            outbox.pong(&[0; 125]);
        }
        assert!(outbox.bytes().len() < MAX_PONG_BYTES + 130);
    }

    #[test]
    fn what_is_written_is_let_go() {
        let mut outbox = Outbox::default();
        outbox.part(&[0; 5_000], true, true);
        let length = outbox.bytes().len();
        outbox.wrote(1_000);
        assert_eq!(outbox.bytes().len(), length - 1_000);
        outbox.wrote(length - 1_000);
        assert_eq!((outbox.bytes().len(), outbox.bytes.capacity()), (0, 0));
    }
}
