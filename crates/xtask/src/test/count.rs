//! The counts in a test runner's last lines.

use std::fmt;

/// Tests that passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Did what they should.
    pub(super) passed: u64,
    /// Did not, or not in time; checks that are no tests count here too when they fail.
    pub(super) failed: u64,
    /// Were not run.
    pub(super) skipped: u64,
}

impl Counts {
    /// Adds another runner's.
    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// What `lines` of cargo-nextest or `cargo test` close with.
    ///
    /// nextest quotes the output of failed tests, with the closing lines of `cargo test` in it: its own counts.
    pub(super) fn in_lines(lines: &[String]) -> Self {
        let mut sum = Self::default();
        match lines.iter().rev().find_map(|line| nextest(line)) {
            Some(counts) => sum.add(counts),
            None => lines.iter().filter_map(|line| cargo_test(line)).for_each(|counts| sum.add(counts)),
        }
        sum
    }

    /// The counts in the JSON that Playwright leaves.
    pub(super) fn in_playwright(report: &serde_json::Value) -> Option<Self> {
        let stats = report.get("stats")?;
        let number = |name: &str| stats.get(name)?.as_u64();
        Some(Self {
            passed: number("expected")?,
            // Flaky is failed: there are no retries.
            failed: number("unexpected")? + number("flaky")?,
            skipped: number("skipped")?,
        })
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(out, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s`
fn cargo_test(line: &str) -> Option<Counts> {
    let (_, list) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
    Some(numbered(list.split(';')))
}

/// `Summary [ 1.2s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped`
fn nextest(line: &str) -> Option<Counts> {
    let (_, list) = line.trim().strip_prefix("Summary [")?.split_once(" run: ")?;
    Some(numbered(list.split(',')))
}

fn numbered<'a>(parts: impl Iterator<Item = &'a str>) -> Counts {
    let mut counts = Counts::default();
    for part in parts {
        let Some((number, what)) = part.trim().split_once(' ') else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        let place = match what.split(" (").next().unwrap_or(what).trim() {
            "passed" => &mut counts.passed,
            "failed" | "timed out" | "exec failed" | "failed due to signal" => &mut counts.failed,
            "skipped" | "ignored" => &mut counts.skipped,
            _ => continue,
        };
        *place += number;
    }
    counts
}

/// Whether a line of a test runner is worth showing: not what is compiled, not what went well, and not the
/// runner's closing line, since ours has to be the only one.
pub(super) fn is_news(line: &str) -> bool {
    let plain = crate::output::plain(line);
    let text = plain.trim();
    let building = [
        "Compiling ",
        "Finished ",
        "Running ",
        "Doc-tests ",
        "Fresh ",
        "Blocking ",
        "running ",
        "Executable ",
    ];
    let closing = cargo_test(text).is_some() || nextest(text).is_some() || text.chars().all(|c| c == '─');
    !(closing || text.ends_with("... ok") || building.iter().any(|start| text.starts_with(start)))
}

/// The same for Playwright, whose closing lines are `3 passed (4.2s)`, `1 failed` and their like.
pub(super) fn is_news_of_playwright(line: &str) -> bool {
    let plain = crate::output::plain(line);
    let mut words = plain.split_whitespace();
    let counts = words.next().is_some_and(|word| word.parse::<u64>().is_ok());
    !(counts
        && words.next().is_some_and(|word| ["passed", "failed", "skipped", "flaky", "did"].contains(&word)))
}

/// "warning: `cpumonitor-frontend` (bin …) generated 3 warnings": cargo prints it for a cached check as well.
pub(super) fn is_warning_of_ours(line: &str) -> bool {
    line.starts_with("warning: `cpumonitor-") && line.contains(" generated ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], passed: u64, failed: u64, skipped: u64) {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!(Counts::in_lines(&lines), Counts { passed, failed, skipped });
    }

    #[test]
    fn cargo_test_closes_once_per_binary() {
        let good =
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.05s";
        let bad = "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        check(&[good, "   Running tests/e2e", bad], 16, 2, 1);
    }

    #[test]
    fn nextest_closes_once() {
        check(&["     Summary [   1.234s] 34 tests run: 33 passed (1 slow), 1 failed, 2 skipped"], 33, 1, 2);
        check(&["     Summary [  60.001s] 1 test run: 0 passed, 1 timed out, 0 skipped"], 0, 1, 0);
        check(&["     Summary [   0.5s] 3/9 tests run: 2 passed, 1 exec failed, 6 skipped"], 2, 1, 6);
    }

    #[test]
    fn nextest_quotes_cargo_test() {
        let quoted = "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 61 filtered out; finished in 0.06s";
        check(
            &[quoted, "     Summary [   0.4s] 62 tests run: 61 passed, 1 failed, 0 skipped", quoted],
            61,
            1,
            0,
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        check(&["3 passed, 4 failed", "Summary", "test result: ", ""], 0, 0, 0);
    }

    #[test]
    fn playwright_leaves_stats() {
        let report =
            serde_json::json!({ "stats": { "expected": 9, "unexpected": 1, "flaky": 1, "skipped": 2 } });
        assert_eq!(Counts::in_playwright(&report), Some(Counts { passed: 9, failed: 2, skipped: 2 }));
        assert_eq!(Counts::in_playwright(&serde_json::json!({})), None);
    }

    #[test]
    fn the_last_line_is_what_ci_reads() {
        assert_eq!(Counts { passed: 7, failed: 0, skipped: 0 }.to_string(), "7 passed, 0 failed");
        assert_eq!(Counts { passed: 7, failed: 1, skipped: 2 }.to_string(), "7 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn runners_do_not_speak_our_last_line() {
        assert!(!is_news("\u{1b}[32m     Summary\u{1b}[0m [   1.2s] 3 tests run: 3 passed, 0 skipped"));
        assert!(!is_news("test result: ok. 1 passed; 0 failed"));
        assert!(!is_news("   Compiling tokio v1.54.0"));
        assert!(is_news("thread 'main' panicked at src/lib.rs:1:1"));
        assert!(!is_news_of_playwright("  3 passed (4.2s)"));
        assert!(is_news_of_playwright("  ✓  1 fleet.spec.ts › first run (1.1s)"));
        assert!(is_news_of_playwright("  1) fleet.spec.ts › first run"));
    }

    #[test]
    fn only_our_own_warnings_count() {
        assert!(is_warning_of_ours(
            "warning: `cpumonitor-frontend` (bin \"cpumonitor-frontend\") generated 2 warnings"
        ));
        assert!(!is_warning_of_ours("warning: unused variable"));
    }
}
