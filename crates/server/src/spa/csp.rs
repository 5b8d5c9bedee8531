//! The Content-Security-Policy of a page, with the hashes of what it carries inline.
//!
//! Shared with the build script, which computes it from the very bytes that are embedded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The policy for `html`: everything from this server and nothing from elsewhere. Inline scripts and
/// styles run only when they are the ones in these bytes.
///
/// `'wasm-unsafe-eval'` allows WebAssembly to be compiled and, unlike `'unsafe-eval'`, no text to be
/// run. `connect-src 'self'` covers WebSockets of the same origin (CSP level 3).
pub(crate) fn policy(html: &str) -> String {
    let scripts = hashes(html, "script");
    let styles = hashes(html, "style");
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
         img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'self'; \
         form-action 'none'; frame-ancestors 'none'"
    )
}

/// ` 'sha256-…'` for each inline element called `tag`.
fn hashes(html: &str, tag: &str) -> String {
    inline(html, tag)
        .into_iter()
        .map(|text| {
            // A browser turns line ends into LF before it hashes (HTML §13.2.3.5).
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
        })
        .collect()
}

/// The texts of the elements called `tag` that have no `src`, in order.
///
/// Reads HTML as our own build makes it; it knows comments and quoted attributes, which is where a
/// plain search would go wrong.
fn inline<'a>(html: &'a str, tag: &str) -> Vec<&'a str> {
    // Lower case has the same length in ASCII, so places in one are places in the other.
    let lower = html.to_ascii_lowercase();
    let (open, close) = (format!("<{tag}"), format!("</{tag}"));
    let mut texts = Vec::new();
    let mut at = 0;
    while let Some(found) = lower[at..].find('<') {
        at += found;
        let rest = &lower[at..];
        if rest.starts_with("<!--") {
            at += rest.find("-->").unwrap_or(rest.len());
        } else if rest.strip_prefix(&open).is_some_and(|next| next.starts_with(ends_a_name)) {
            let (length, has_src) = attributes(&rest[open.len()..]);
            let start = at + open.len() + length;
            let end = lower[start..].find(&close).map_or(lower.len(), |length| start + length);
            if !has_src {
                texts.push(&html[start..end]);
            }
            at = end;
        } else {
            at += 1;
        }
    }
    texts
}

fn ends_a_name(c: char) -> bool {
    c.is_ascii_whitespace() || c == '>' || c == '/'
}

/// How long the rest of an opening tag is, `>` included, and whether `src` is among its attributes.
fn attributes(text: &str) -> (usize, bool) {
    let mut rest = text;
    let mut has_src = false;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return (text.len(), has_src);
        }
        if let Some(body) = rest.strip_prefix('>') {
            return (text.len() - body.len(), has_src);
        }
        let name = rest.split(|c| ends_a_name(c) || c == '=').next().unwrap_or_default();
        has_src |= name == "src";
        rest = rest[name.len()..].trim_start();
        if let Some(value) = rest.strip_prefix('=') {
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            rest = match quote {
                Some(quote) => value[1..].split_once(quote).map_or("", |(_, rest)| rest),
                None => value.trim_start_matches(|c: char| !c.is_ascii_whitespace() && c != '>'),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, scripts: &[&str]) {
        assert_eq!(inline(html, "script"), scripts);
    }

    #[test]
    fn only_scripts_that_are_inline_count() {
        check("<p>none</p>", &[]);
        check("<script src=\"/a.js\"></script>", &[]);
        check("<script SRC=/a.js></script><script>b</script>", &["b"]);
        check("<SCRIPT type=\"module\">\nimport a;\n</SCRIPT>", &["\nimport a;\n"]);
        check("<script type=\"a>b\" data-src=\"x\">c</script>", &["c"]);
        check("<scripted>no</scripted>", &[]);
        check("<!-- <script>no</script> --><script>yes</script>", &["yes"]);
        check("<script>a < b</script><script>c</script>", &["a < b", "c"]);
    }

    #[test]
    fn html_that_ends_early_is_no_panic() {
        for html in
            ["<", "<script", "<script ", "<script src=\"", "<script>a", "<!--", "<script =", "<script a=é"]
        {
            let _ = policy(html);
        }
    }

    #[test]
    fn a_policy_names_the_hash_that_a_browser_computes() {
        // printf 'alert(1)\n' | openssl dgst -sha256 -binary | base64
        let hash = "'sha256-MaeD7tQk/YNyd6Pm9J12ROmv0Z93QwNN4VH7v3gI+RI='";
        let policy = policy("<script>alert(1)\r\n</script><style>p{}</style>");
        assert!(policy.contains(&format!("script-src 'self' 'wasm-unsafe-eval' {hash};")), "{policy}");
        assert!(policy.contains("style-src 'self' 'sha256-"), "{policy}");
    }

    #[test]
    fn a_page_without_inline_parts_gets_the_strict_policy() {
        assert_eq!(
            policy("<link rel=stylesheet href=/style.css>"),
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
             connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'; \
             frame-ancestors 'none'"
        );
    }
}
