//! Where the server is.

use std::fmt;

use tokio_tungstenite::tungstenite::http::Uri;

/// Where agents knock.
const PATH: &str = "/api/v1/agent";

/// The server's address, as in `ws://monitor:8080/api/v1/agent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUrl {
    uri: Uri,
    host: String,
    port: u16,
}

impl ServerUrl {
    /// Reads `ws://HOST:PORT`. A path is kept as the prefix a proxy may need; the port is 80 when missing.
    ///
    /// # Errors
    /// A sentence that says what to write instead.
    pub fn parse(text: &str) -> Result<ServerUrl, String> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(format!("`{text}` is not an address; write it like ws://{text}"));
        };
        match scheme {
            "ws" => {}
            "wss" => {
                return Err(
                    "wss:// (TLS) comes with a later release; until then put the agent behind a TLS \
                            proxy or tunnel on this machine, and give its ws:// address"
                        .to_owned(),
                );
            }
            "http" | "https" => {
                return Err(format!("{scheme}:// is the address of the page; agents connect to ws://{rest}"));
            }
            _ => return Err(format!("`{scheme}://` is not understood; write ws://HOST:8080")),
        }
        let wrong = || format!("`{text}` is not an address; write ws://HOST:8080");
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let authority = uri.authority().ok_or_else(wrong)?;
        if authority.as_str().contains('@') {
            return Err("a user name in the address is not supported; write ws://HOST:8080".to_owned());
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(format!("`{text}` has a query or fragment; write ws://HOST:8080"));
        }
        let port = match authority.as_str().rsplit_once(':') {
            Some((_, port)) if !port.ends_with(']') => {
                port.parse().ok().filter(|port| *port > 0).ok_or_else(wrong)?
            }
            _ => 80,
        };
        let host = authority.host().to_owned();
        if host.is_empty() {
            return Err(wrong());
        }
        let prefix = uri.path().trim_end_matches('/');
        let prefix = prefix.strip_suffix(PATH).unwrap_or(prefix);
        let uri = format!("ws://{host}:{port}{prefix}{PATH}").parse().map_err(|_| wrong())?;
        Ok(ServerUrl { uri, host, port })
    }

    /// The whole address, agents' path included.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Host name or address to connect to, without the brackets of IPv6.
    #[must_use]
    pub fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// Port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// As people gave it: `ws://HOST:PORT`.
impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ws://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_completed() {
        #[track_caller]
        fn check(text: &str, uri: &str, host: &str, port: u16) {
            let url = ServerUrl::parse(text).unwrap();
            assert_eq!((url.uri().to_string().as_str(), url.host(), url.port()), (uri, host, port));
        }
        check("ws://monitor:8080", "ws://monitor:8080/api/v1/agent", "monitor", 8080);
        check("ws://monitor/", "ws://monitor:80/api/v1/agent", "monitor", 80);
        check("ws://[::1]:9", "ws://[::1]:9/api/v1/agent", "::1", 9);
        check("ws://[::1]", "ws://[::1]:80/api/v1/agent", "::1", 80);
        check("ws://a:1/fleet/", "ws://a:1/fleet/api/v1/agent", "a", 1);
        check("ws://a:1/api/v1/agent", "ws://a:1/api/v1/agent", "a", 1);
        assert_eq!(ServerUrl::parse("ws://a:1/x").unwrap().to_string(), "ws://a:1");
    }

    #[test]
    fn a_wrong_address_says_what_to_write() {
        #[track_caller]
        fn check(text: &str, says: &str) {
            let error = ServerUrl::parse(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        check("monitor:8080", "write it like ws://monitor:8080");
        check("http://monitor:8080", "agents connect to ws://monitor:8080");
        check("wss://monitor", "TLS proxy or tunnel");
        check("ftp://monitor", "ws://HOST:8080");
        for text in ["ws://", "ws://:8080", "ws://a:99999", "ws://a:0", "ws://a b", "ws://a:x", "ws://a/?q"] {
            check(text, "write ws://HOST:8080");
        }
        check("ws://me:secret@a", "user name");
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "(ws://)?.{0,30}") {
            let _ = ServerUrl::parse(&text);
        }
    }
}
