//! The page: embedded by `build.rs`, served from memory.
//!
//! Files whose name holds a hash of their bytes are kept by the browser for good; everything else is
//! asked for again each time and answered with 304 when it has not changed. Compression happened when
//! the server was built.

#[cfg(test)]
mod csp;
mod encoding;
#[cfg(test)]
mod pack;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use tracing::info;

use encoding::Encoding;

/// Everything that has no other route: `/`, its files, and `index.html` for the page's own routes.
///
/// Answers GET and HEAD; other methods get 405.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    if PAGE.is_fallback {
        info!(
            "this server was built without the page and shows how to build it; `cargo xtask up` builds both"
        );
    }
    Router::new()
        .fallback_service(get(async |uri: Uri, headers: HeaderMap| PAGE.answer(uri.path(), &headers)))
}

static PAGE: Page = include!(concat!(env!("OUT_DIR"), "/page.rs"));

struct Page {
    /// Whether there was no `dist/` when this server was built.
    is_fallback: bool,
    /// In ascending order of path.
    assets: &'static [Asset],
}

/// One file. What the parts mean is said where they are made, at `pack::Packed`.
struct Asset {
    path: &'static str,
    content_type: &'static str,
    immutable: bool,
    digest: &'static str,
    policy: Option<&'static str>,
    identity: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

impl Page {
    fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        match self.find(path) {
            Some(asset) => asset.answer(headers),
            None => (StatusCode::NOT_FOUND, common_headers(), "there is nothing here\n").into_response(),
        }
    }

    /// The file at `path`; the page itself for paths that only the page knows.
    fn find(&self, path: &str) -> Option<&Asset> {
        let of = |path: &str| self.assets.binary_search_by_key(&path, |asset| asset.path).ok();
        let place = of(path).or_else(|| if is_route_of_the_page(path) { of("/index.html") } else { None });
        place.and_then(|place| self.assets.get(place))
    }
}

/// A missing file or API endpoint is an error that shall be seen as one; any other path may be a
/// bookmark of something in the page.
fn is_route_of_the_page(path: &str) -> bool {
    let names_a_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let first = path.trim_start_matches('/').split('/').next();
    !names_a_file && !matches!(first, Some("api" | "webservices"))
}

impl Asset {
    fn answer(&self, asked: &HeaderMap) -> Response {
        let encoding = Encoding::choose(asked, &self.encodings());
        let bytes = match encoding {
            Encoding::Brotli => self.brotli,
            Encoding::Gzip => self.gzip,
            Encoding::Identity => None,
        }
        .unwrap_or(self.identity);
        // Strong, so each encoding has its own (RFC 9110 §8.8.3.3).
        let tag = match encoding.name() {
            Some(name) => format!("\"{}-{name}\"", self.digest),
            None => format!("\"{}\"", self.digest),
        };

        let known = asked.get_all(IF_NONE_MATCH).iter().any(|value| matches(value, &tag));
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Body::from(Bytes::from_static(bytes)).into_response()
        };
        let headers = response.headers_mut();
        headers.extend(common_headers());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache_control()));
        headers.extend(HeaderValue::try_from(tag).map(|tag| (ETAG, tag)));
        if self.brotli.is_some() || self.gzip.is_some() {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        if let Some(name) = encoding.name().filter(|_| !known) {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        if let Some(policy) = self.policy {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
            headers.extend(page_headers());
        }
        response
    }

    fn encodings(&self) -> Vec<Encoding> {
        let brotli = self.brotli.map(|_| Encoding::Brotli);
        brotli.into_iter().chain(self.gzip.map(|_| Encoding::Gzip)).collect()
    }

    fn cache_control(&self) -> &'static str {
        if self.immutable { "public, max-age=31536000, immutable" } else { "no-cache" }
    }
}

/// Whether `If-None-Match` names `tag`. The comparison is the weak one (RFC 9110 §13.1.2).
fn matches(value: &HeaderValue, tag: &str) -> bool {
    value.to_str().is_ok_and(|list| {
        list.split(',')
            .map(str::trim)
            .any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag)
    })
}

/// For every answer: the type is what we say it is, and other sites may not embed it.
fn common_headers() -> [(HeaderName, HeaderValue); 2] {
    [
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ]
}

/// For pages: no address leaves by way of a link, no window of another site holds on to this one, and
/// no sensor of the device is asked for.
fn page_headers() -> [(HeaderName, HeaderValue); 3] {
    [
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static(
                "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), \
                 midi=(), payment=(), serial=(), usb=()",
            ),
        ),
    ]
}

#[cfg(test)]
mod tests;
