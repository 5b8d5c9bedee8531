//! HTTP as it stands on the wire.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::within;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The value of a header, if it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// Asks for `path` under the name the server listens at.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    get_as(address, path, &format!("host: {address}\r\n")).await
}

/// Asks for `path` with these header lines.
pub(crate) async fn get_as(address: SocketAddr, path: &str, headers: &str) -> Answer {
    within(&format!("an answer to {path}"), async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\n{headers}connection: close\r\n\r\n");
        // A server that has heard enough may hang up before it has heard all.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        parse(&answer)
    })
    .await
}

fn parse(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let bytes = answer.get(end + 4..).unwrap_or_default().to_vec();
    Answer { status, head, body: String::from_utf8_lossy(&bytes).into_owned(), bytes }
}
