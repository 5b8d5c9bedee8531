//! Which names and origins the server answers to: what keeps strange web pages out.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use http::uri::Authority;
use http::{HeaderValue, StatusCode};

use crate::api::ApiError;
use crate::app::App;
use crate::config::Config;

/// Names and origins the server answers to.
///
/// A page from elsewhere can point its own name at 127.0.0.1 (DNS rebinding) and then talk to us as if
/// it were ours; the `Host` it sends gives it away. It can also open a socket to us under our name,
/// which no browser forbids; there the `Origin` gives it away.
#[derive(Debug)]
pub(crate) struct Guard {
    listen: IpAddr,
    open: bool,
    names: Vec<String>,
    origins: Vec<String>,
}

impl Guard {
    /// What `config` allows.
    pub(crate) fn new(config: &Config) -> Guard {
        let lower = |texts: &[String]| texts.iter().map(|text| text.to_ascii_lowercase()).collect();
        Guard {
            listen: config.listen.ip(),
            open: config.is_open(),
            names: lower(&config.allow_hosts),
            origins: lower(&config.allow_origins),
        }
    }

    /// Whether the request is for a name of ours.
    pub(crate) fn check_host(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let host = text(headers, &HOST);
        let name =
            host.and_then(|host| host.parse::<Authority>().ok()).map(|host| host.host().to_ascii_lowercase());
        match name {
            Some(name) if self.is_ours(&name) => Ok(()),
            Some(name) => Err(ApiError::new(
                StatusCode::FORBIDDEN,
                format!(
                    "this server does not answer to the name {name:?}; if it should, start it with --allow-host {name}"
                ),
            )),
            None => {
                Err(ApiError::new(StatusCode::FORBIDDEN, "the request does not say which host it is for"))
            }
        }
    }

    fn is_ours(&self, name: &str) -> bool {
        let name = name.strip_suffix('.').unwrap_or(name);
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        match bare.parse::<IpAddr>() {
            // Nobody can point an address elsewhere.
            Ok(address) => self.open || address.is_loopback() || address == self.listen,
            Err(_) => name == "localhost" || self.names.iter().any(|ours| ours == name),
        }
    }

    /// Whether a page that opens a socket is ours. What is no page sends no origin, and is taken from
    /// this machine, or from anywhere when the server is open to all anyway.
    pub(crate) fn check_origin(&self, headers: &HeaderMap, peer: SocketAddr) -> Result<(), ApiError> {
        let Some(origin) = headers.get(ORIGIN) else {
            if self.open || peer.ip().to_canonical().is_loopback() {
                return Ok(());
            }
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "without an origin, viewers are taken from this machine only",
            ));
        };
        let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
        let same = text(headers, &HOST).is_some_and(|host| {
            let served = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            served.is_some_and(|served| served.eq_ignore_ascii_case(host))
        });
        if same || self.origins.contains(&origin) {
            return Ok(());
        }
        Err(ApiError::new(
            StatusCode::FORBIDDEN,
            format!(
                "pages of {origin:?} may not watch this server; if they should, start it with --allow-origin {origin}"
            ),
        ))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Refuses requests for a name that is not ours.
pub(crate) async fn check_host(State(app): State<App>, request: Request, next: Next) -> Response {
    match app.guard.check_host(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => {
            app.counters.requests_refused.count();
            refused.into_response()
        }
    }
}

/// What every answer says to browsers, unless it says something stricter itself.
pub(crate) async fn harden(mut response: Response) -> Response {
    const HEADERS: [(HeaderName, &str); 3] = [
        (http::header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (http::header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(listen: &str) -> Guard {
        let mut config = Config::listening_at(listen.parse().unwrap());
        config.allow_hosts = vec!["Monitor.example.org".to_owned()];
        config.allow_origins = vec!["https://monitor.example.org".to_owned()];
        Guard::new(&config)
    }

    #[track_caller]
    fn check_host(listen: &str, host: &'static str, allowed: bool) {
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
        assert_eq!(guard(listen).check_host(&headers).is_ok(), allowed, "{host}");
    }

    #[test]
    fn only_our_own_names_are_answered_to() {
        let loopback = "127.0.0.1:8080";
        for host in
            ["localhost", "localhost:8080", "LOCALHOST:1", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080"]
        {
            check_host(loopback, host, true);
        }
        check_host(loopback, "monitor.example.org:443", true);
        check_host(loopback, "localhost.:8080", true);
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1", "[2001:db8::1]:8080", "", "a b"] {
            check_host(loopback, host, false);
        }
        check_host("0.0.0.0:8080", "10.0.0.1:8080", true);
        check_host("0.0.0.0:8080", "evil.example", false);
        assert!(guard(loopback).check_host(&HeaderMap::new()).is_err());
    }

    #[track_caller]
    fn check_origin(listen: &str, origin: Option<&'static str>, peer: &str, allowed: bool) {
        let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("localhost:8080"))]);
        headers.extend(origin.map(|origin| (ORIGIN, HeaderValue::from_static(origin))));
        let peer = SocketAddr::new(peer.parse().unwrap(), 5);
        assert_eq!(guard(listen).check_origin(&headers, peer).is_ok(), allowed, "{origin:?}");
    }

    #[test]
    fn only_our_own_pages_may_watch() {
        let check = |origin, allowed| check_origin("127.0.0.1:8080", origin, "127.0.0.1", allowed);
        check(Some("http://localhost:8080"), true);
        check(Some("https://LOCALHOST:8080"), true);
        check(Some("https://monitor.example.org"), true);
        check(Some("http://localhost:8081"), false);
        check(Some("http://localhost"), false);
        check(Some("http://evil.example"), false);
        check(Some("null"), false);
        check(None, true);
        check_origin("127.0.0.1:8080", None, "::ffff:127.0.0.1", true);
        check_origin("127.0.0.1:8080", None, "10.0.0.1", false);
        check_origin("0.0.0.0:8080", None, "10.0.0.1", true);
    }
}
