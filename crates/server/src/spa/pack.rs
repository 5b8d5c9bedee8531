//! A directory of files made ready to be embedded: typed, hashed and compressed.
//!
//! Shared with the build script; the server itself never reads a file of the page.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

/// One file of the page.
pub(crate) struct Packed {
    /// Its path in a URL, as in `/index.html`.
    pub(crate) path: String,
    /// For `Content-Type`.
    pub(crate) content_type: &'static str,
    /// Whether its name changes with its bytes, so that a browser may keep it for good.
    pub(crate) immutable: bool,
    /// The start of its entity tags; each encoding adds its own end.
    pub(crate) digest: String,
    /// For `Content-Security-Policy`; only pages have one.
    pub(crate) policy: Option<String>,
    /// The bytes as they are.
    pub(crate) identity: Vec<u8>,
    /// The same, compressed; `None` where that saves less than a tenth.
    pub(crate) brotli: Option<Vec<u8>>,
    /// The same for browsers that do not know brotli.
    pub(crate) gzip: Option<Vec<u8>>,
}

/// Packs every file below `root`, in the order of their paths. Names that begin with a dot are
/// skipped: trunk keeps its unfinished build in one.
///
/// `quality` is brotli's, 0 to 11.
///
/// # Errors
/// When a file cannot be read; the text names it.
pub(crate) fn pack(root: &Path, quality: i32) -> io::Result<Vec<Packed>> {
    let mut found = Vec::new();
    walk(root, "", quality, &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn walk(dir: &Path, prefix: &str, quality: i32, found: &mut Vec<Packed>) -> io::Result<()> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("cannot read {}: {error}", dir.display()));
    for entry in fs::read_dir(dir).map_err(named)? {
        let entry = entry.map_err(named)?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        let path = format!("{prefix}/{name}");
        if entry.path().is_dir() {
            walk(&entry.path(), &path, quality, found)?;
        } else {
            let bytes = fs::read(entry.path()).map_err(named)?;
            found.push(Packed::of(path, bytes, quality)?);
        }
    }
    Ok(())
}

impl Packed {
    fn of(path: String, identity: Vec<u8>, quality: i32) -> io::Result<Packed> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let content_type = content_type(name);
        let policy = content_type.starts_with("text/html").then(|| {
            // What is not UTF-8 is no page of ours, and its scripts shall not run.
            super::csp::policy(std::str::from_utf8(&identity).unwrap_or_default())
        });
        let worth_it = |bytes: &Vec<u8>| bytes.len() < identity.len() / 10 * 9;
        Ok(Packed {
            immutable: is_hashed(name),
            digest: Sha256::digest(&identity).iter().take(12).map(|byte| format!("{byte:02x}")).collect(),
            brotli: Some(brotli(&identity, quality)?).filter(worth_it),
            gzip: Some(gzip(&identity)?).filter(worth_it),
            path,
            content_type,
            policy,
            identity,
        })
    }
}

fn brotli(bytes: &[u8], quality: i32) -> io::Result<Vec<u8>> {
    let window_bits = 22;
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, quality as u32, window_bits);
    encoder.write_all(bytes)?;
    Ok(encoder.into_inner())
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The media type of a file by its name, and the character set where text has one.
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        _ => "application/octet-stream",
    }
}

/// Whether trunk put a hash of the bytes into the name, as in `page-0123456789abcdef_bg.wasm`.
/// It writes 64 bits in hexadecimal without leading zeros, so a few digits may be missing.
fn is_hashed(name: &str) -> bool {
    name.split('.').any(|part| {
        let part = part.strip_suffix("_bg").unwrap_or(part);
        part.rsplit_once('-')
            .is_some_and(|(_, hash)| (12..=16).contains(&hash.len()) && hash.bytes().all(is_digit))
    })
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_in_the_name_is_recognised() {
        #[track_caller]
        fn check(name: &str, hashed: bool) {
            assert_eq!(is_hashed(name), hashed, "{name}");
        }
        check("cpumonitor-frontend-0123456789abcdef.js", true);
        check("cpumonitor-frontend-0123456789abcdef_bg.wasm", true);
        check("style-123456789abcd.css", true);
        check("style-0123456789abcdef.css.map", true);
        check("uPlot.iife.min-0123456789abcdef.js", true);
        check("index.html", false);
        check("cpumonitor-frontend.js", false);
        check("cpumonitor-frontend_bg.wasm", false);
        check("up-to-date.svg", false);
        check("style-0123456789ABCDEF.css", false);
        check("0123456789abcdef.css", false);
    }

    #[test]
    fn wasm_is_typed_so_that_a_browser_compiles_it_as_it_arrives() {
        assert_eq!(content_type("page_bg.wasm"), "application/wasm");
        assert_eq!(content_type("LICENSE"), "application/octet-stream");
    }

    #[test]
    fn what_does_not_shrink_is_not_compressed() {
        let noise: Vec<u8> = (0u32..4_000).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let noise: Vec<u8> = Sha256::digest(&noise).to_vec();
        let packed = Packed::of("/a.png".into(), noise, 5).unwrap();
        assert!(packed.brotli.is_none() && packed.gzip.is_none());
    }
}
