//! Embeds the page: `dist/` at the workspace root when it has been built, else `fallback/`.
//!
//! Every file is compressed and hashed here, once, so the server spends nothing on it but the send.

#[path = "src/spa/csp.rs"]
mod csp;
#[path = "src/spa/pack.rs"]
mod pack;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use pack::Packed;

fn main() -> Result<(), Box<dyn Error>> {
    let manifest_dir = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let dist = manifest_dir.join("../../dist");
    let fallback = manifest_dir.join("fallback");
    // Cargo takes a watched path that does not exist for changed and would build the server anew every
    // time. An empty directory can be watched, and means the same to us.
    let _ = fs::create_dir(&dist);
    for watched in [&dist, &fallback] {
        println!("cargo::rerun-if-changed={}", watched.display());
    }

    let built = dist.join("index.html").is_file();
    let root = if built { &dist } else { &fallback };
    // Quality 11 costs seconds for a megabyte of wasm: worth it once for all downloads, not while developing.
    let quality = if variable("PROFILE")? == "release" { 11 } else { 5 };
    let files = pack::pack(root, quality)?;

    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    let page_dir = out_dir.join("page");
    let _ = fs::remove_dir_all(&page_dir);
    fs::create_dir_all(&page_dir)?;
    fs::write(out_dir.join("page.rs"), table(&files, built, &page_dir)?)?;
    Ok(())
}

/// The source of the table of all files, which `spa.rs` includes.
fn table(files: &[Packed], built: bool, page_dir: &Path) -> Result<String, Box<dyn Error>> {
    let mut code = format!("Page {{ is_fallback: {}, assets: &[", !built);
    for (number, file) in files.iter().enumerate() {
        let embed = |ending: &str, bytes: &[u8]| -> Result<String, Box<dyn Error>> {
            let name = format!("{number}{ending}");
            fs::write(page_dir.join(&name), bytes)?;
            // By way of the variable, so that no path of this machine ends up in the code.
            Ok(format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/page/{name}\"))"))
        };
        let option = |ending: &str, bytes: &Option<Vec<u8>>| -> Result<String, Box<dyn Error>> {
            bytes.as_ref().map_or(Ok("None".into()), |bytes| Ok(format!("Some({})", embed(ending, bytes)?)))
        };
        let Packed { path, content_type, immutable, digest, policy, identity, brotli, gzip } = file;
        write!(
            code,
            "Asset {{ path: {path:?}, content_type: {content_type:?}, immutable: {immutable}, \
             digest: {digest:?}, policy: {policy:?}, identity: {}, brotli: {}, gzip: {} }},",
            embed("", identity)?,
            option(".br", brotli)?,
            option(".gz", gzip)?,
        )?;
    }
    code.push_str("] }");
    Ok(code)
}

#[expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]
fn variable(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::var(name).map_err(|error| format!("cargo did not set {name}: {error}").into())
}
