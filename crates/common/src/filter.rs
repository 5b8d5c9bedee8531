//! The threshold filter: which hosts are worth looking at.
//!
//! ```text
//! cpu > 80% and (mem >= 90% or net.rx > 10MiB/s) and not status = down and web
//! ```
//! A threshold is `metric op value`; `status = live|stale|down|stopped` asks how a host fares; a
//! bare or quoted word asks for names that contain it, case ignored. `not` binds tighter than
//! `and`, `and` tighter than `or`. A plain number after a share is percent: `cpu > 80` is `cpu > 80%`.
//!
//! A host that does not report a metric is neither above nor below a threshold: the answer is
//! *unknown*, `not` leaves it unknown (Kleene's logic), and a host whose final answer is unknown is
//! not shown. Server, page and terminal all evaluate with this code.

mod parse;
mod value;

use std::fmt;

use crate::{Code, HostStatus, Metric};

pub use parse::{FilterError, MAX_DEPTH, MAX_TEXT_BYTES};

/// A parsed filter. The empty one matches every host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    expr: Option<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
enum Expr {
    Threshold(Threshold),
    Status { is: bool, status: HostStatus },
    Name(String),
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
}

/// How a reading is compared with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
}

impl Op {
    /// As it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Op::Above => ">",
            Op::AtLeast => ">=",
            Op::Below => "<",
            Op::AtMost => "<=",
            Op::Equal => "=",
            Op::NotEqual => "!=",
        }
    }
}

/// `metric op value`, with the value already turned into codes.
#[derive(Clone, Copy, Debug)]
pub struct Threshold {
    metric: Metric,
    op: Op,
    value: f64,
    /// First code at or above the value.
    reaches: Code,
    /// First code above the value.
    exceeds: Code,
}

/// What is compared, apart from what follows from it.
impl PartialEq for Threshold {
    fn eq(&self, other: &Threshold) -> bool {
        (self.metric, self.op, self.value) == (other.metric, other.op, other.value)
    }
}

impl Threshold {
    /// `metric op value`, in the metric's unit. A metric this build does not know is never reported,
    /// so its answer is always unknown.
    #[must_use]
    pub fn new(metric: Metric, op: Op, value: f64) -> Threshold {
        let first =
            |strictly| metric.def().map_or(Code::ABSENT, |def| def.encoding.first_code(value, strictly));
        Threshold { metric, op, value, reaches: first(false), exceeds: first(true) }
    }

    /// What is compared.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// How.
    #[must_use]
    pub fn op(&self) -> Op {
        self.op
    }

    /// With what, in the metric's unit.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The answer for a reading; `None` when it is absent.
    #[must_use]
    pub fn test(&self, code: Code) -> Option<bool> {
        if !code.is_present() {
            return None;
        }
        // ABSENT is the largest code, so a value beyond every code compares as it should.
        let (reached, exceeded) = (code >= self.reaches, code >= self.exceeds);
        Some(match self.op {
            Op::Above => exceeded,
            Op::AtLeast => reached,
            Op::Below => !reached,
            Op::AtMost => !exceeded,
            Op::Equal => reached && !exceeded,
            Op::NotEqual => !reached || exceeded,
        })
    }
}

/// What a filter may ask of a host.
pub trait Subject {
    /// The newest code of `metric` for the host as a whole.
    fn code(&self, metric: Metric) -> Code;
    /// What people call it.
    fn name(&self) -> &str;
    /// How it fares.
    fn status(&self) -> HostStatus;
}

impl Filter {
    /// Parses what a person typed. Blank text is the filter that matches every host.
    ///
    /// # Errors
    /// Where it stops making sense, and why, in plain words.
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        parse::parse(text).map(|expr| Filter { expr })
    }

    /// The filter of a single threshold.
    #[must_use]
    pub fn of(threshold: Threshold) -> Filter {
        Filter { expr: Some(Expr::Threshold(threshold)) }
    }

    /// Whether it matches every host because it asks nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expr.is_none()
    }

    /// Whether `host` is to be shown.
    #[must_use]
    pub fn matches(&self, host: &impl Subject) -> bool {
        self.expr.as_ref().is_none_or(|expr| expr.test(host) == Some(true))
    }

    /// The metrics it asks for, ascending.
    #[must_use]
    pub fn metrics(&self) -> Vec<Metric> {
        let mut metrics = Vec::new();
        if let Some(expr) = &self.expr {
            expr.collect_metrics(&mut metrics);
        }
        metrics.sort_unstable();
        metrics.dedup();
        metrics
    }

    /// The thresholds that every shown host must meet, in order: what chips and sliders stand for.
    /// Those inside `or` and `not` are left out.
    #[must_use]
    pub fn thresholds(&self) -> Vec<Threshold> {
        self.conjuncts()
            .filter_map(|expr| if let Expr::Threshold(threshold) = expr { Some(*threshold) } else { None })
            .collect()
    }

    /// This filter with `threshold` in place of the first required one of the same metric, or added.
    #[must_use]
    pub fn with(&self, threshold: Threshold) -> Filter {
        let mut parts: Vec<Expr> = self.conjuncts().cloned().collect();
        let same = |expr: &&mut Expr| matches!(expr, Expr::Threshold(old) if old.metric == threshold.metric);
        match parts.iter_mut().find(same) {
            Some(expr) => *expr = Expr::Threshold(threshold),
            None => parts.push(Expr::Threshold(threshold)),
        }
        Filter::all(parts)
    }

    /// This filter without the required thresholds of `metric`.
    #[must_use]
    pub fn without(&self, metric: Metric) -> Filter {
        let keep = |expr: &&Expr| !matches!(expr, Expr::Threshold(old) if old.metric == metric);
        Filter::all(self.conjuncts().filter(keep).cloned().collect())
    }

    fn all(mut parts: Vec<Expr>) -> Filter {
        let expr = if parts.len() > 1 { Some(Expr::And(parts)) } else { parts.pop() };
        Filter { expr }
    }

    fn conjuncts(&self) -> impl Iterator<Item = &Expr> {
        match &self.expr {
            Some(Expr::And(parts)) => parts.iter(),
            other => other.as_slice().iter(),
        }
    }
}

impl Expr {
    /// `None` is unknown.
    fn test(&self, host: &impl Subject) -> Option<bool> {
        match self {
            Expr::Threshold(threshold) => threshold.test(host.code(threshold.metric)),
            Expr::Status { is, status } => Some((host.status() == *status) == *is),
            Expr::Name(part) => Some(contains_ignoring_case(host.name(), part)),
            Expr::Not(inner) => inner.test(host).map(|answer| !answer),
            Expr::And(parts) => fold(parts.iter().map(|part| part.test(host)), false),
            Expr::Or(parts) => fold(parts.iter().map(|part| part.test(host)), true),
        }
    }

    fn collect_metrics(&self, into: &mut Vec<Metric>) {
        match self {
            Expr::Threshold(threshold) => into.push(threshold.metric),
            Expr::Status { .. } | Expr::Name(_) => {}
            Expr::Not(inner) => inner.collect_metrics(into),
            Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| part.collect_metrics(into)),
        }
    }
}

/// `decisive` settles the matter; otherwise unknown wins over the opposite.
fn fold(answers: impl Iterator<Item = Option<bool>>, decisive: bool) -> Option<bool> {
    let mut result = Some(!decisive);
    for answer in answers {
        match answer {
            Some(answer) if answer == decisive => return Some(decisive),
            None => result = None,
            Some(_) => {}
        }
    }
    result
}

fn contains_ignoring_case(name: &str, part: &str) -> bool {
    if name.is_ascii() && part.is_ascii() {
        return part.is_empty()
            || name
                .as_bytes()
                .windows(part.len())
                .any(|window| window.eq_ignore_ascii_case(part.as_bytes()));
    }
    name.to_lowercase().contains(&part.to_lowercase())
}

/// Written so that it parses back to the same filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.as_ref().map_or(Ok(()), |expr| expr.fmt(f))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.metric, self.op.symbol(), value::Written(self.metric.unit(), self.value))
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, parts: &[Expr], word: &str| {
            parts.iter().enumerate().try_for_each(|(place, part)| {
                let word = if place == 0 { "" } else { word };
                // Same-kind nesting keeps its parentheses, so that the tree reads back as it is.
                match part {
                    Expr::And(_) | Expr::Or(_) => write!(f, "{word}({part})"),
                    _ => write!(f, "{word}{part}"),
                }
            })
        };
        match self {
            Expr::Threshold(threshold) => threshold.fmt(f),
            Expr::Status { is, status } => {
                write!(f, "status {} {}", if *is { "=" } else { "!=" }, status.word())
            }
            Expr::Name(part) => write!(f, "\"{}\"", part.replace('\\', "\\\\").replace('"', "\\\"")),
            Expr::Not(inner) => match **inner {
                Expr::And(_) | Expr::Or(_) => write!(f, "not ({inner})"),
                _ => write!(f, "not {inner}"),
            },
            Expr::And(parts) => join(f, parts, " and "),
            Expr::Or(parts) => join(f, parts, " or "),
        }
    }
}

#[cfg(test)]
mod tests;
