//! Where the server is, and whether it may be loaded.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use http::Uri;

/// A server to connect to: `ws://HOST[:PORT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// As in the URL, without brackets.
    host: String,
    port: u16,
}

/// A text that is not such a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTarget {
    /// Neither `ws://` nor `http://`.
    #[error("the server is named by a URL such as ws://127.0.0.1:8080")]
    NoUrl,
    /// `wss://` or `https://`.
    #[error("TLS is not spoken yet: use ws:// on this machine")]
    Tls,
    /// Something behind the host and port.
    #[error("the URL names a server only, without a path: ws://127.0.0.1:8080")]
    Path,
}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Target, InvalidTarget> {
        let uri: Uri = text.parse().map_err(|_| InvalidTarget::NoUrl)?;
        match uri.scheme_str() {
            Some("ws" | "http") => {}
            Some("wss" | "https") => return Err(InvalidTarget::Tls),
            _ => return Err(InvalidTarget::NoUrl),
        }
        if uri.path() != "/" || uri.query().is_some() {
            return Err(InvalidTarget::Path);
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(InvalidTarget::NoUrl)?;
        Ok(Target {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: uri.port_u16().unwrap_or(80),
        })
    }
}

impl From<SocketAddr> for Target {
    fn from(address: SocketAddr) -> Target {
        Target { host: address.ip().to_string(), port: address.port() }
    }
}

impl Target {
    /// Whether it is this machine for certain. Other names would have to be looked up to know.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }

    /// Host and port as in a `Host` header.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The addresses to try, in order.
    ///
    /// # Errors
    /// When the name is not known.
    pub async fn addresses(&self) -> std::io::Result<Vec<SocketAddr>> {
        if self.host.eq_ignore_ascii_case("localhost") {
            let ips = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            return Ok(ips.map(|ip| SocketAddr::new(ip, self.port)).into());
        }
        Ok(tokio::net::lookup_host((self.host.as_str(), self.port)).await?.collect())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ws://{}", self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, read: Result<(&str, bool), InvalidTarget>) {
        let target = text.parse::<Target>();
        let seen = target.as_ref().map(|target| (target.to_string(), target.is_loopback())).map_err(|e| *e);
        assert_eq!(seen, read.map(|(text, loopback)| (text.to_owned(), loopback)), "{text}");
    }

    #[test]
    fn loopback_is_told_from_everything_else() {
        check("ws://127.0.0.1:8080", Ok(("ws://127.0.0.1:8080", true)));
        check("ws://127.9.9.9:8080/", Ok(("ws://127.9.9.9:8080", true)));
        check("http://localhost", Ok(("ws://localhost:80", true)));
        check("ws://[::1]:8080", Ok(("ws://[::1]:8080", true)));
        check("ws://192.0.2.1:8080", Ok(("ws://192.0.2.1:8080", false)));
        check("ws://localhost.example:1", Ok(("ws://localhost.example:1", false)));
    }

    #[test]
    fn what_is_no_server_is_refused() {
        check("127.0.0.1:8080", Err(InvalidTarget::NoUrl));
        check("ftp://127.0.0.1", Err(InvalidTarget::NoUrl));
        check("", Err(InvalidTarget::NoUrl));
        check("wss://127.0.0.1", Err(InvalidTarget::Tls));
        check("ws://127.0.0.1/api/v1/agent", Err(InvalidTarget::Path));
    }
}
