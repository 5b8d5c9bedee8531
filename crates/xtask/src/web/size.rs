//! How large the page is on its way to a browser, and how large it may be.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::bench::{Figure, Goal};
use crate::table::{self, Align};
use crate::workspace::Workspace;

/// One file, as it lies in `dist/` and as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asset {
    name: String,
    kind: Kind,
    raw_bytes: u64,
    brotli_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Wasm,
    Script,
    Style,
}

/// The sizes of everything that has a budget.
#[derive(Clone, Debug)]
pub(crate) struct Sizes(Vec<Asset>);

impl Sizes {
    /// Compresses what lies in `dist/` as the server's build would.
    pub(crate) fn measure(workspace: &Workspace) -> Result<Self> {
        let mut files = Vec::new();
        list(&workspace.dist(), &mut files).context("cannot read dist/; `cargo xtask web` makes it")?;
        files.sort();
        let assets = files.iter().filter_map(|file| Some((file, kind(file)?)));
        let assets =
            assets.map(|(file, kind)| measure(&workspace.dist(), file, kind)).collect::<Result<Vec<_>>>()?;
        if !assets.iter().any(|asset| asset.kind == Kind::Wasm) {
            bail!("dist/ holds no wasm; build it with `cargo xtask web`");
        }
        Ok(Self(assets))
    }

    /// One line per file.
    pub(crate) fn table(&self) -> String {
        let row = |asset: &Asset| vec![asset.name.clone(), kib(asset.raw_bytes), kib(asset.brotli_bytes)];
        let rows: Vec<_> = self.0.iter().map(row).collect();
        table::render(&[("file", Align::Left), ("KiB", Align::Right), ("brotli KiB", Align::Right)], &rows)
    }

    /// The two figures with a budget.
    pub(crate) fn figures(&self) -> Vec<Figure> {
        let sum = |wanted: &dyn Fn(Kind) -> bool| {
            let bytes: u64 =
                self.0.iter().filter(|asset| wanted(asset.kind)).map(|asset| asset.brotli_bytes).sum();
            bytes as f64 / 1_024.0
        };
        vec![
            Figure::new("wasm, brotli", "KiB", Goal::AtMost(300.0), sum(&|kind| kind == Kind::Wasm)),
            Figure::new("JS and CSS, brotli", "KiB", Goal::AtMost(60.0), sum(&|kind| kind != Kind::Wasm)),
        ]
    }
}

/// Prints the sizes, and fails where a budget is exceeded.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let sizes = Sizes::measure(workspace)?;
    print!("{}", sizes.table());
    let figures = sizes.figures();
    print!("{}", crate::bench::render(&figures));
    match figures.iter().find(|figure| !figure.met()) {
        None => Ok(()),
        Some(over) => bail!("the page is over its budget ({}); look at what was added last", over.sentence()),
    }
}

fn measure(dist: &Path, file: &Path, kind: Kind) -> Result<Asset> {
    let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let name = file.strip_prefix(dist).unwrap_or(file).to_string_lossy().into_owned();
    Ok(Asset { name, kind, raw_bytes: content.len() as u64, brotli_bytes: compressed(&content)? })
}

/// The size at brotli's best, which is what a server that compresses ahead of time sends.
fn compressed(content: &[u8]) -> Result<u64> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 64 * 1_024, 11, 22);
    writer.write_all(content).context("cannot compress in memory")?;
    Ok(writer.into_inner().len() as u64)
}

fn kind(file: &Path) -> Option<Kind> {
    match file.extension()?.to_str()? {
        "wasm" => Some(Kind::Wasm),
        "js" | "mjs" => Some(Kind::Script),
        "css" => Some(Kind::Style),
        _ => None,
    }
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn kib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(kind: Kind, brotli_bytes: u64) -> Asset {
        Asset { name: "file".into(), kind, raw_bytes: 4 * brotli_bytes, brotli_bytes }
    }

    #[test]
    fn scripts_and_styles_share_a_budget() {
        let sizes = Sizes(vec![
            asset(Kind::Wasm, 300 * 1_024),
            asset(Kind::Script, 50 * 1_024),
            asset(Kind::Style, 11 * 1_024),
        ]);
        let met: Vec<_> = sizes.figures().iter().map(Figure::met).collect();
        assert_eq!(met, [true, false]);
    }

    #[test]
    fn brotli_shrinks_what_repeats() {
        let size = compressed(&[b'a'; 10_000]).unwrap();
        assert!(size > 0 && size < 100, "{size}");
    }

    #[test]
    fn only_what_has_a_budget_counts() {
        assert_eq!(kind(Path::new("a_bg.wasm")), Some(Kind::Wasm));
        assert_eq!(kind(Path::new("index.html")), None);
    }
}
