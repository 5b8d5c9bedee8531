//! What filters match, how they fail, and that they read back as written.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

struct Host(&'static str, HostStatus, BTreeMap<Metric, Code>);

impl Subject for Host {
    fn code(&self, metric: Metric) -> Code {
        self.2.get(&metric).copied().unwrap_or(Code::ABSENT)
    }
    fn name(&self) -> &str {
        self.0
    }
    fn status(&self) -> HostStatus {
        self.1
    }
}

fn web() -> Host {
    let readings =
        [(Metric::CPU, 0.85), (Metric::MEMORY, 0.5), (Metric::NETWORK_RECEIVE, 11.0 * 1024.0 * 1024.0)];
    Host("Web-1", HostStatus::Live, readings.into_iter().map(|(m, v)| (m, m.encode(v))).collect())
}

#[track_caller]
fn check(text: &str, matches: bool) {
    let filter = Filter::parse(text).unwrap();
    assert_eq!(filter.matches(&web()), matches, "{text}");
    assert_eq!(Filter::parse(&filter.to_string()), Ok(filter), "{text}");
}

#[track_caller]
fn check_error(text: &str, at: &str, message: &str) {
    let error = Filter::parse(text).unwrap_err();
    assert_eq!((&text[error.span.clone()], error.message.as_str()), (at, message), "{text}");
}

#[test]
fn thresholds() {
    check("", true);
    check("cpu > 80%", true);
    check("cpu > 80", true);
    check("cpu>80 %", true);
    check("CPU >= 85%", true);
    check("cpu > 85%", false);
    check("cpu = 85%", true);
    check("cpu != 85%", false);
    check("cpu <= 85", true);
    check("net.rx > 10MiB/s", true);
    check("net.rx > 10MB", true);
    check("net.rx > 1G", false);
    check("net.rx < 11 MiB/s", false);
}

#[test]
fn words_join() {
    check("cpu > 80% and mem >= 50%", true);
    check("cpu > 90% or mem >= 50%", true);
    check("not cpu > 90%", true);
    check("cpu > 90% or mem > 90% and cpu > 80%", false);
    check("(cpu > 90% or mem >= 50%) and cpu > 80%", true);
    check("NOT (cpu > 90% AND mem > 1%)", true);
}

#[test]
fn names_and_status() {
    check("web", true);
    check("\"eb-1\" and status = live", true);
    check("db", false);
    check("status != live", false);
    check("not status = down and web", true);
}

#[test]
fn an_absent_reading_is_unknown_either_way() {
    check("temp > 10", false);
    check("temp <= 10", false);
    check("not temp > 10", false);
    check("temp > 10 or cpu > 80%", true);
    check("not (temp > 10 and cpu > 99%)", true);
}

#[test]
fn errors_say_where_and_what() {
    check_error("cpuu > 5", "cpuu", "there is no metric `cpuu`; did you mean `cpu`?");
    check_error("cpu >", "", "expected a percentage such as 80% at the end");
    check_error("57 > cpu", "57", "a comparison starts with a metric, as in `cpu > 80%`");
    check_error("cpu 5", "5", "`cpu` needs a comparison: an operator and a percentage such as 80%");
    check_error("cpu > 5MiB", "5MiB", "`cpu` is compared with a percentage such as 80%");
    check_error("net.rx > 5%", "5%", "`net.rx` is compared with a rate such as 10MiB/s");
    check_error("(cpu > 5", "(", "this parenthesis is never closed");
    check_error("cpu > 5)", ")", "this closing parenthesis has no opening one");
    check_error("cpu > 5 mem > 3", "mem", "expected `and` or `or` before this");
    check_error("> 5", ">", "expected a metric before this, as in `cpu > 80%`");
    check_error("and cpu > 5", "and", "expected a comparison before `and`");
    check_error("status > live", ">", "a status is compared with `=` or `!=`");
    check_error("status = up", "up", "expected live, stale, down or stopped");
    check_error("\"web", "\"web", "this quotation mark is never closed");
    check_error("cpu > 5 &", "&", "`&` means nothing here");
    assert!(Filter::parse(&"(".repeat(100)).unwrap_err().message.contains("nests at most 32"));
    assert!(Filter::parse(&"x".repeat(2_000)).unwrap_err().message.contains("at most 1024 bytes"));
}

#[test]
fn a_slider_rewrites_only_its_own_threshold() {
    let filter = Filter::parse("web and cpu > 80% and mem > 50%").unwrap();
    let moved = filter.with(Threshold::new(Metric::CPU, Op::AtLeast, 0.9));
    assert_eq!(moved.to_string(), "\"web\" and cpu >= 90% and mem > 50%");
    assert_eq!(moved.without(Metric::CPU).to_string(), "\"web\" and mem > 50%");
    assert_eq!(Filter::default().with(Threshold::new(Metric::CPU, Op::Above, 0.8)).to_string(), "cpu > 80%");
    assert_eq!(Filter::parse("cpu > 80% or web").unwrap().thresholds(), []);
    assert_eq!(filter.thresholds().len(), 2);
    assert_eq!(filter.metrics(), [Metric::CPU, Metric::MEMORY]);
}

#[test]
fn values_are_written_with_the_unit_that_fits() {
    let written = |text: &str| Filter::parse(text).unwrap().to_string();
    assert_eq!(written("net.rx > 10485760"), "net.rx > 10MiB/s");
    assert_eq!(written("net.rx > 10MB/s"), "net.rx > 10MB/s");
    assert_eq!(written("uptime < 7200"), "uptime < 2h");
    assert_eq!(written("load1 > 1.5"), "load1 > 1.5");
    assert_eq!(written("temp > 70"), "temp > 70°C");
    assert_eq!(written("mem > 12.5"), "mem > 12.5%");
}

fn any_expr() -> impl Strategy<Value = Expr> {
    let metric = prop::sample::select(crate::metric::CATALOGUE).prop_map(|def| def.metric);
    let op =
        prop::sample::select(&[Op::Above, Op::AtLeast, Op::Below, Op::AtMost, Op::Equal, Op::NotEqual][..]);
    // Values a person can have typed: a number of at most three decimals, in the metric's plain unit.
    let value = prop_oneof![(0u32..200).prop_map(f64::from), (0u64..1 << 40).prop_map(|n| n as f64 / 1000.0)];
    let leaf = prop_oneof![
        (metric, op, value).prop_map(|(metric, op, number)| {
            let value = if metric.unit() == crate::Unit::Ratio { number / 100.0 } else { number };
            Expr::Threshold(Threshold::new(metric, op, value))
        }),
        (any::<bool>(), prop::sample::select(&HostStatus::ALL[..]))
            .prop_map(|(is, status)| Expr::Status { is, status }),
        "[^\u{0}]{1,6}".prop_map(Expr::Name),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Expr::Not(Box::new(inner))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            prop::collection::vec(inner, 2..4).prop_map(Expr::Or),
        ]
    })
}

proptest! {
    #[test]
    fn a_filter_reads_back_as_written(expr in any_expr()) {
        let filter = Filter { expr: Some(expr) };
        let text = filter.to_string();
        prop_assume!(text.len() <= MAX_TEXT_BYTES);
        let back = Filter::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(back, filter, "{}", text);
    }

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,80}") {
        let _ = Filter::parse(&text);
    }

    #[test]
    fn tokens_in_any_order_never_panic(words in prop::collection::vec(prop::sample::select(
        &["cpu", ">", "80%", "(", ")", "and", "or", "not", "status", "=", "live", "\"", "5", "°C", "≥", "-", ".", "5.5.5"][..]), 0..20)) {
        let _ = Filter::parse(&words.join(" "));
    }

    #[test]
    fn comparing_codes_is_comparing_values(value in 0f64..2.0, code in 0u16..2_000) {
        let reading = Metric::CPU.decode(Code(code)).unwrap();
        for (op, expected) in [
            (Op::Above, reading > value), (Op::AtLeast, reading >= value), (Op::Below, reading < value),
            (Op::AtMost, reading <= value), (Op::Equal, reading == value), (Op::NotEqual, reading != value),
        ] {
            prop_assert_eq!(Threshold::new(Metric::CPU, op, value).test(Code(code)), Some(expected));
        }
    }
}
