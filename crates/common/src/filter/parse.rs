//! Text to expression: a tokenizer and a recursive descent of bounded depth.

use std::ops::Range;

use super::{Expr, Op, Threshold, value};
use crate::{HostStatus, Metric, metric::CATALOGUE};

/// Longest filter, in bytes.
pub const MAX_TEXT_BYTES: usize = 1_024;
/// Deepest nesting of parentheses and `not`.
pub const MAX_DEPTH: usize = 32;

/// Where a filter stops making sense, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// The bytes of the text that the message is about; empty at the end of the text.
    pub span: Range<usize>,
    /// What is wrong and what would be right, in plain words.
    pub message: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    /// The digits, and the suffix right behind them.
    Number(f64, String),
    Op(Op),
    Open,
    Close,
}

type Spanned = (Token, Range<usize>);

fn error<T>(span: Range<usize>, message: impl Into<String>) -> Result<T, FilterError> {
    Err(FilterError { span, message: message.into() })
}

pub(super) fn parse(text: &str) -> Result<Option<Expr>, FilterError> {
    if text.len() > MAX_TEXT_BYTES {
        let start = text.floor_char_boundary(MAX_TEXT_BYTES);
        return error(start..text.len(), format!("a filter has at most {MAX_TEXT_BYTES} bytes"));
    }
    let tokens = tokenize(text)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser { tokens, next: 0, end: text.len() };
    let expr = parser.or(0)?;
    match parser.peek() {
        None => Ok(Some(expr)),
        Some((Token::Close, span)) => error(span.clone(), "this closing parenthesis has no opening one"),
        Some((_, span)) => error(span.clone(), "expected `and` or `or` before this"),
    }
}

fn tokenize(text: &str) -> Result<Vec<Spanned>, FilterError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let start = text.len() - rest.len();
        let (token, length) = match first {
            c if c.is_whitespace() => {
                rest = &rest[c.len_utf8()..];
                continue;
            }
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '"' => quoted(rest, start)?,
            '0'..='9' | '-' | '.' => number(rest, start)?,
            _ => match operator(rest) {
                Some((op, length)) => (Token::Op(op), length),
                None => {
                    let length = rest.find(ends_word).unwrap_or(rest.len());
                    if length == 0 {
                        return error(
                            start..start + first.len_utf8(),
                            format!("`{first}` means nothing here"),
                        );
                    }
                    (Token::Word(rest[..length].to_owned()), length)
                }
            },
        };
        tokens.push((token, start..start + length));
        rest = &rest[length..];
    }
    Ok(tokens)
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '"' | '<' | '>' | '=' | '!' | '≥' | '≤' | '≠' | '&' | '|')
}

fn operator(text: &str) -> Option<(Op, usize)> {
    const OPERATORS: [(&str, Op); 10] = [
        (">=", Op::AtLeast),
        ("≥", Op::AtLeast),
        ("<=", Op::AtMost),
        ("≤", Op::AtMost),
        ("!=", Op::NotEqual),
        ("≠", Op::NotEqual),
        ("==", Op::Equal),
        ("=", Op::Equal),
        (">", Op::Above),
        ("<", Op::Below),
    ];
    OPERATORS.into_iter().find(|(symbol, _)| text.starts_with(symbol)).map(|(symbol, op)| (op, symbol.len()))
}

fn quoted(text: &str, start: usize) -> Result<(Token, usize), FilterError> {
    let mut content = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((place, c)) = chars.next() {
        match c {
            '"' => return Ok((Token::Quoted(content), place + 1)),
            '\\' => content.extend(chars.next().map(|(_, escaped)| escaped)),
            c => content.push(c),
        }
    }
    error(start..start + text.len(), "this quotation mark is never closed")
}

fn number(text: &str, start: usize) -> Result<(Token, usize), FilterError> {
    let digits = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '-')).unwrap_or(text.len());
    let length = text.find(ends_word).unwrap_or(text.len()).max(digits);
    let suffix = &text[digits..length];
    match text[..digits].parse::<f64>() {
        Ok(n) => Ok((Token::Number(n, suffix.to_owned()), length)),
        // A name may well begin with a digit or a dash.
        Err(_) if text[..digits].matches('.').count() + text[..digits].matches('-').count() > 0 => {
            Ok((Token::Word(text[..length].to_owned()), length))
        }
        Err(_) => error(start..start + length, "this is not a number"),
    }
}

struct Parser {
    tokens: Vec<Spanned>,
    next: usize,
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Spanned> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Option<Spanned> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some((Token::Word(next), _)) if next.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    fn or(&mut self, depth: usize) -> Result<Expr, FilterError> {
        let mut parts = vec![self.and(depth)?];
        while self.take_word("or") {
            parts.push(self.and(depth)?);
        }
        Ok(one_or(parts, Expr::Or))
    }

    fn and(&mut self, depth: usize) -> Result<Expr, FilterError> {
        let mut parts = vec![self.not(depth)?];
        while self.take_word("and") {
            parts.push(self.not(depth)?);
        }
        Ok(one_or(parts, Expr::And))
    }

    fn not(&mut self, depth: usize) -> Result<Expr, FilterError> {
        if depth > MAX_DEPTH {
            let span = self.peek().map_or(self.end..self.end, |(_, span)| span.clone());
            return error(span, format!("a filter nests at most {MAX_DEPTH} deep"));
        }
        if self.take_word("not") {
            return Ok(Expr::Not(Box::new(self.not(depth + 1)?)));
        }
        self.primary(depth)
    }

    fn primary(&mut self, depth: usize) -> Result<Expr, FilterError> {
        match self.take() {
            Some((Token::Open, open)) => {
                let inner = self.or(depth + 1)?;
                match self.take() {
                    Some((Token::Close, _)) => Ok(inner),
                    Some((_, span)) => {
                        error(span, "expected `and`, `or` or a closing parenthesis before this")
                    }
                    None => error(open, "this parenthesis is never closed"),
                }
            }
            Some((Token::Word(word), span)) => self.after_word(word, span),
            Some((Token::Quoted(part), span)) => {
                if part.is_empty() {
                    return error(span, "an empty name matches nothing; leave it out");
                }
                Ok(Expr::Name(part))
            }
            Some((Token::Number(..), span)) => {
                error(span, "a comparison starts with a metric, as in `cpu > 80%`")
            }
            Some((Token::Op(_), span)) => error(span, "expected a metric before this, as in `cpu > 80%`"),
            Some((Token::Close, span)) => error(span, "expected a comparison before this parenthesis"),
            None => error(self.end..self.end, "expected a comparison such as `cpu > 80%` at the end"),
        }
    }

    /// A word alone is part of a name; before an operator it must be a metric or `status`.
    fn after_word(&mut self, word: String, span: Range<usize>) -> Result<Expr, FilterError> {
        let Some((Token::Op(op), op_span)) = self.peek().cloned() else {
            return self.lone_word(word, span);
        };
        self.next += 1;
        if word.eq_ignore_ascii_case("status") {
            return self.status(op, op_span);
        }
        let lower = word.to_lowercase();
        let Some(metric) = Metric::by_short(&lower) else {
            return error(span, unknown_metric(&lower));
        };
        let unit = metric.unit();
        match self.take() {
            Some((Token::Number(n, suffix), at)) => {
                // `80 %` is two tokens; a lone suffix behind a plain number belongs to it.
                let suffix = if suffix.is_empty() { self.take_suffix(unit) } else { suffix };
                match value::scale(unit, &suffix) {
                    Some(scale) => Ok(Expr::Threshold(Threshold::new(metric, op, scale.value(n)))),
                    None => error(at, format!("`{metric}` is compared with {}", value::example(unit))),
                }
            }
            Some((_, at)) => error(at, format!("`{metric}` is compared with {}", value::example(unit))),
            None => error(self.end..self.end, format!("expected {} at the end", value::example(unit))),
        }
    }

    fn take_suffix(&mut self, unit: crate::Unit) -> String {
        match self.peek() {
            Some((Token::Word(word), _)) if value::scale(unit, word).is_some() => {
                let word = word.clone();
                self.next += 1;
                word
            }
            _ => String::new(),
        }
    }

    fn lone_word(&self, word: String, span: Range<usize>) -> Result<Expr, FilterError> {
        let lower = word.to_lowercase();
        if matches!(lower.as_str(), "and" | "or" | "not") {
            return error(span, format!("expected a comparison before `{word}`"));
        }
        if lower == "status" {
            return error(self.here(), "`status` is compared with live, stale, down or stopped");
        }
        if let Some(metric) = Metric::by_short(&lower) {
            let example = value::example(metric.unit());
            return error(self.here(), format!("`{metric}` needs a comparison: an operator and {example}"));
        }
        Ok(Expr::Name(word))
    }

    fn status(&mut self, op: Op, op_span: Range<usize>) -> Result<Expr, FilterError> {
        let is = match op {
            Op::Equal => true,
            Op::NotEqual => false,
            _ => return error(op_span, "a status is compared with `=` or `!=`"),
        };
        let expected = "expected live, stale, down or stopped";
        match self.take() {
            Some((Token::Word(word) | Token::Quoted(word), span)) => {
                match HostStatus::ALL.into_iter().find(|status| word.eq_ignore_ascii_case(status.word())) {
                    Some(status) => Ok(Expr::Status { is, status }),
                    None => error(span, expected),
                }
            }
            Some((_, span)) => error(span, expected),
            None => error(self.end..self.end, expected),
        }
    }

    fn here(&self) -> Range<usize> {
        self.peek().map_or(self.end..self.end, |(_, span)| span.clone())
    }
}

fn one_or(mut parts: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    if parts.len() > 1 { many(parts) } else { parts.remove(0) }
}

fn unknown_metric(word: &str) -> String {
    let nearest = CATALOGUE.iter().map(|def| (distance(word, def.short), def.short)).min();
    match nearest {
        Some((distance, short)) if distance <= 1 + word.len() / 4 => {
            format!("there is no metric `{word}`; did you mean `{short}`?")
        }
        _ => format!("there is no metric `{word}`; try cpu, mem, load1, fs, disk.read, net.rx or temp"),
    }
}

/// Levenshtein distance: how many letters to add, drop or change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in b.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
