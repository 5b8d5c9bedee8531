//! Waiting until the server answers.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::{clock, stop};

/// It takes a tenth of a second; this is for a machine that is busy with something else.
const DEADLINE: Duration = Duration::from_secs(20);
/// For one question.
const PATIENCE: Duration = Duration::from_millis(500);

/// Returns when `GET /healthz` is answered, or with `alive`'s error.
pub(super) fn wait(server: SocketAddr, mut alive: impl FnMut() -> Result<()>) -> Result<()> {
    let deadline = clock::now() + DEADLINE;
    loop {
        alive()?;
        if answers(server) {
            // Somebody else's server may have answered while ours found the port taken.
            stop::glance();
            return alive();
        }
        if clock::now() > deadline {
            bail!("the server does not answer http://{server}/healthz; look at what it printed above");
        }
        stop::glance();
    }
}

fn answers(server: SocketAddr) -> bool {
    ask(server).is_ok_and(|line| is_success(&line))
}

fn ask(server: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut socket = TcpStream::connect_timeout(&server, PATIENCE)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    write!(socket, "GET /healthz HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n")?;
    let mut line = vec![0; 12];
    socket.read_exact(&mut line)?;
    Ok(line)
}

/// `HTTP/1.1 200`, and its like.
fn is_success(line: &[u8]) -> bool {
    line.starts_with(b"HTTP/1.") && line.get(8..10) == Some(b" 2")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn only_a_success_counts() {
        assert!(is_success(b"HTTP/1.1 200"));
        assert!(is_success(b"HTTP/1.0 204"));
        assert!(!is_success(b"HTTP/1.1 503"));
        assert!(!is_success(b"SSH-2.0-Open"));
    }

    #[test]
    fn an_answer_ends_the_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut request = [0; 13];
            socket.read_exact(&mut request).unwrap();
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            request
        });
        wait(address, || Ok(())).unwrap();
        assert_eq!(&server.join().unwrap(), b"GET /healthz ");
    }

    #[test]
    fn a_server_that_ended_ends_the_wait() {
        let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = wait(unused, || bail!("the server ended")).unwrap_err();
        assert_eq!(error.to_string(), "the server ended");
    }
}
