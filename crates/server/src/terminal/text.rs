//! Text cut and padded by the columns it takes on a screen, and painted.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How a piece of text is to look. Colours are the sixteen of the terminal, so they fit its theme; no
/// meaning is carried by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    /// As the terminal has it.
    Plain,
    /// Standing out.
    Bold,
    /// Stepping back.
    Dim,
    /// Green.
    Calm,
    /// Yellow.
    Warm,
    /// Red.
    Hot,
}

impl Paint {
    /// Parameters of the escape sequence SGR (ECMA-48 §8.3.117); `None` where none is needed.
    fn sgr(self) -> Option<&'static str> {
        match self {
            Paint::Plain => None,
            Paint::Bold => Some("1"),
            Paint::Dim => Some("2"),
            Paint::Calm => Some("32"),
            Paint::Warm => Some("33"),
            Paint::Hot => Some("31"),
        }
    }
}

/// A line of painted pieces that never grows beyond its width.
#[derive(Debug)]
pub(super) struct Line {
    text: String,
    room: usize,
    color: bool,
}

impl Line {
    /// An empty line of at most `width` columns.
    pub(super) fn new(width: usize, color: bool) -> Line {
        Line { text: String::new(), room: width, color }
    }

    /// Appends a piece; what does not fit is cut off and an ellipsis says so.
    pub(super) fn put(&mut self, paint: Paint, piece: &str) {
        let piece = cut(piece, self.room);
        self.room -= piece.width();
        match paint.sgr().filter(|_| self.color && !piece.is_empty()) {
            Some(sgr) => self.text.extend(["\x1b[", sgr, "m", &piece, "\x1b[0m"]),
            None => self.text.push_str(&piece),
        }
    }

    /// The line without the blanks at its end.
    pub(super) fn finish(self) -> String {
        let kept = self.text.trim_end().len();
        let mut text = self.text;
        text.truncate(kept);
        text
    }
}

/// `text` with blanks behind it, or cut, to exactly `width` columns.
pub(super) fn left(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let blanks = width - text.width();
    format!("{text}{}", " ".repeat(blanks))
}

/// `text` with blanks before it, or cut, to exactly `width` columns.
pub(super) fn right(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let blanks = width - text.width();
    format!("{}{text}", " ".repeat(blanks))
}

/// `text` in at most `width` columns; the last one is an ellipsis when something was cut off.
fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut room = width.saturating_sub(1);
    for c in text.chars() {
        let columns = c.width().unwrap_or(0);
        if columns > room {
            break;
        }
        room -= columns;
        kept.push(c);
    }
    if width > 0 {
        kept.push('…');
    }
    Cow::Owned(kept)
}

/// `text` without anything that changes how the text around it reads: control characters, and those that
/// turn the direction of writing (Unicode TR 9 §2). Each becomes a question mark.
pub(super) fn tame(text: &str) -> Cow<'_, str> {
    let wild = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(wild) { Cow::Owned(text.replace(wild, "?")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_cut_by_columns_and_not_by_characters() {
        assert_eq!(left("web-1", 8), "web-1   ");
        assert_eq!(left("database-primary", 8), "databas…");
        assert_eq!(left("服务器一号", 8), "服务器… ");
        assert_eq!(right("12.5%", 7), "  12.5%");
        assert_eq!((left("web", 0), left("web", 1)), (String::new(), "…".into()));
    }

    #[test]
    fn a_line_never_grows_beyond_its_width() {
        let mut line = Line::new(6, true);
        line.put(Paint::Hot, "abc");
        line.put(Paint::Plain, "  ");
        line.put(Paint::Calm, "def");
        line.put(Paint::Calm, "ghi");
        assert_eq!(line.finish(), "\x1b[31mabc\x1b[0m  \x1b[32m…\x1b[0m");
    }

    #[test]
    fn without_colour_there_is_no_escape_sequence() {
        let mut line = Line::new(10, false);
        line.put(Paint::Hot, "abc");
        line.put(Paint::Plain, "   ");
        assert_eq!(line.finish(), "abc");
    }

    #[test]
    fn what_could_change_the_text_around_it_is_taken_out() {
        assert_eq!(tame("web-1 ü 服"), "web-1 ü 服");
        assert_eq!(tame("a\x1b[2Jb\u{202e}c\n"), "a?[2Jb?c?");
    }

    proptest! {
        #[test]
        fn padding_is_exact(text in "\\PC{0,30}", width in 0usize..40) {
            prop_assert_eq!(left(&text, width).width(), width);
            prop_assert_eq!(right(&text, width).width(), width);
        }
    }
}
