//! One TCP connection, counted for as long as it is open, whoever owns it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tracing::debug;

use crate::telemetry::Counters;

/// Idle time after which the system asks whether the peer is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// Time in which a peer must take what was sent, or the system gives the connection up. Longer than the
/// write deadline of sessions, which can say why.
#[cfg(target_os = "linux")]
const UNTAKEN: Duration = Duration::from_secs(30);

/// One TCP connection, counted as open until it is dropped.
#[derive(Debug)]
pub(crate) struct Line {
    stream: TcpStream,
    counters: Arc<Counters>,
}

impl Line {
    /// Counts `stream` from here on.
    pub(super) fn new(stream: TcpStream, counters: Arc<Counters>) -> Line {
        counters.connections_open.count();
        Line { stream, counters }
    }

    /// The connection itself.
    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Settings that every connection wants. They are wishes: without them it works, only less well.
    pub(super) fn tune_for_requests(&self) {
        let socket = SockRef::from(&self.stream);
        let mut tuned = socket.set_tcp_nodelay(true);
        tuned = tuned.and(socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE)));
        #[cfg(target_os = "linux")]
        {
            tuned = tuned.and(socket.set_tcp_user_timeout(Some(UNTAKEN)));
        }
        if let Err(error) = tuned {
            debug!(%error, "cannot tune a connection");
        }
    }

    /// Bounds what the kernel holds for this connection: little for the peer to be behind with, little
    /// that a peer can make us hold.
    pub(crate) fn bound_buffers(&self, send_bytes: usize, receive_bytes: usize) {
        let socket = SockRef::from(&self.stream);
        let tuned = socket.set_send_buffer_size(send_bytes).and(socket.set_recv_buffer_size(receive_bytes));
        if let Err(error) = tuned {
            debug!(%error, "cannot bound the buffers of a connection");
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.counters.connections_open.release();
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
