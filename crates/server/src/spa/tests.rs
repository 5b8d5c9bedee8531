//! The page as a browser meets it, over a directory such as trunk makes.

use std::fs;
use std::io::Read as _;

use axum::body::to_bytes;
use http::{Method, Request};
use tower::ServiceExt as _;

use super::*;

const INDEX: &str = "<!doctype html><title>cpuMonitor</title><script type=\"module\">init()</script>";
const WASM: &str = "page-0123456789abcdef_bg.wasm";

/// Packs a small page and serves it.
fn page() -> Router {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("snippets")).unwrap();
    fs::create_dir_all(dir.path().join(".stage")).unwrap();
    let files: [(&str, &[u8]); 6] = [
        ("index.html", INDEX.as_bytes()),
        (WASM, &[b'\0'; 5_000]),
        ("style-0123456789abcdef.css", "p{margin:0}".repeat(100).as_bytes()),
        ("favicon.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>".as_bytes()),
        ("snippets/inline0.js", "export {}".as_bytes()),
        (".stage/half.js", b"broken"),
    ]
    .map(|(name, bytes)| (name, bytes.to_vec().leak() as &[u8]));
    for (name, bytes) in files {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    let assets = pack::pack(dir.path(), 5).unwrap().into_iter().map(embedded).collect::<Vec<_>>().leak();
    let page: &'static Page = Box::leak(Box::new(Page { is_fallback: false, assets }));
    Router::new()
        .fallback_service(get(async |uri: Uri, headers: HeaderMap| page.answer(uri.path(), &headers)))
}

fn embedded(packed: pack::Packed) -> Asset {
    let leak = |bytes: Vec<u8>| -> &'static [u8] { bytes.leak() };
    Asset {
        path: packed.path.leak(),
        content_type: packed.content_type,
        immutable: packed.immutable,
        digest: packed.digest.leak(),
        policy: packed.policy.map(|policy| policy.leak() as &str),
        identity: leak(packed.identity),
        brotli: packed.brotli.map(leak),
        gzip: packed.gzip.map(leak),
    }
}

async fn ask(method: Method, path: &str, headers: &[(HeaderName, &str)]) -> Response {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    page().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn get_with(path: &str, headers: &[(HeaderName, &str)]) -> Response {
    ask(Method::GET, path, headers).await
}

fn header(response: &Response, name: HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn body(response: Response) -> Vec<u8> {
    to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()
}

const ACCEPT: HeaderName = http::header::ACCEPT_ENCODING;

#[tokio::test]
async fn paths_of_the_page_give_the_page_and_missing_files_are_missed() {
    #[track_caller]
    fn same(path: &str, status: StatusCode, expected: StatusCode) {
        assert_eq!(status, expected, "{path}");
    }
    for path in ["/", "/index.html", "/host/0123", "/fleet?q=cpu%20%3E%2080%25", "/a.b/c"] {
        let response = get_with(path, &[]).await;
        same(path, response.status(), StatusCode::OK);
        assert_eq!(body(response).await, INDEX.as_bytes(), "{path}");
    }
    for path in [
        "/gone.js",
        "/api",
        "/api/v9/hosts",
        "/webservices/else/",
        "/.stage/half.js",
        "/../Cargo.toml",
        "//api/x",
    ] {
        same(path, get_with(path, &[]).await.status(), StatusCode::NOT_FOUND);
    }
    same("/snippets/inline0.js", get_with("/snippets/inline0.js", &[]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn wasm_comes_compressed_with_its_type_and_for_good() {
    let path = format!("/{WASM}");
    let response = get_with(&path, &[(ACCEPT, "gzip, br")]).await;
    assert_eq!(header(&response, CONTENT_ENCODING), "br");
    assert_eq!(header(&response, CONTENT_TYPE), "application/wasm");
    assert_eq!(header(&response, CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert_eq!(header(&response, VARY), "accept-encoding");
    let mut plain = Vec::new();
    brotli::Decompressor::new(&body(response).await[..], 4096).read_to_end(&mut plain).unwrap();
    assert_eq!(plain, [0; 5_000]);

    let response = get_with(&path, &[(ACCEPT, "gzip")]).await;
    assert_eq!(header(&response, CONTENT_ENCODING), "gzip");
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&body(response).await[..]).read_to_end(&mut plain).unwrap();
    assert_eq!(plain, [0; 5_000]);

    let response = get_with(&path, &[]).await;
    assert_eq!(header(&response, CONTENT_ENCODING), "");
    assert_eq!(body(response).await, [0; 5_000]);
}

#[tokio::test]
async fn what_has_no_hash_in_its_name_is_asked_for_again() {
    for path in ["/", "/favicon.svg", "/snippets/inline0.js"] {
        assert_eq!(header(&get_with(path, &[]).await, CACHE_CONTROL), "no-cache", "{path}");
    }
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let path = "/style-0123456789abcdef.css";
    let plain = header(&get_with(path, &[]).await, ETAG).to_owned();
    let packed = header(&get_with(path, &[(ACCEPT, "br")]).await, ETAG).to_owned();
    assert!(plain.starts_with('"') && plain.ends_with('"'), "{plain}");
    assert_ne!(plain, packed, "a strong tag names bytes, and these differ");

    for known in [plain.clone(), format!("W/{plain}"), format!("\"other\", {plain}"), "*".into()] {
        let response = get_with(path, &[(IF_NONE_MATCH, &known)]).await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(header(&response, ETAG), plain);
        assert!(body(response).await.is_empty());
    }
    let response = get_with(path, &[(ACCEPT, "br"), (IF_NONE_MATCH, &plain)]).await;
    assert_eq!(response.status(), StatusCode::OK);
    let response = get_with(path, &[(ACCEPT, "br"), (IF_NONE_MATCH, &packed)]).await;
    assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header(&response, CONTENT_ENCODING), "");
}

#[tokio::test]
async fn head_tells_the_length_and_other_methods_are_refused() {
    let response = ask(Method::HEAD, "/", &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, http::header::CONTENT_LENGTH), INDEX.len().to_string());
    assert!(body(response).await.is_empty());
    let response = ask(Method::POST, "/", &[]).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header(&response, http::header::ALLOW), "GET,HEAD");
}

#[tokio::test]
async fn the_page_allows_its_own_script_and_nothing_else() {
    let response = get_with("/host/0123", &[(ACCEPT, "br")]).await;
    let policy = header(&response, CONTENT_SECURITY_POLICY);
    assert_eq!(policy, csp::policy(INDEX));
    assert!(policy.contains("'sha256-"), "{policy}");
    assert_eq!(header(&response, X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(header(&response, REFERRER_POLICY), "no-referrer");
    assert_eq!(header(&response, HeaderName::from_static("cross-origin-opener-policy")), "same-origin");
    assert_eq!(header(&response, HeaderName::from_static("cross-origin-resource-policy")), "same-origin");
    assert!(header(&response, HeaderName::from_static("permissions-policy")).contains("camera=()"));
}

#[tokio::test]
async fn what_is_embedded_in_this_build_is_a_page_that_its_policy_lets_load() {
    let response = router::<()>().oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let policy = header(&response, CONTENT_SECURITY_POLICY).to_owned();
    let html = String::from_utf8(body(response).await).unwrap();
    assert_eq!(policy, csp::policy(&html));
    assert!(html.contains("cpuMonitor"), "{html}");
}
