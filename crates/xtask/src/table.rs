//! Tables for people: columns as wide as they need to be.

/// How a column lines up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Lines of `rows` under `head`, indented by two; no trailing blanks.
pub(crate) fn render(head: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let titles: Vec<String> = head.iter().map(|(title, _)| (*title).to_owned()).collect();
    let width = |column: usize| {
        let cells = rows.iter().chain([&titles]).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut text = String::new();
    let line = |row: &[String]| {
        let cells = row.iter().zip(head).zip(&widths).map(|((cell, (_, align)), &width)| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
        });
        format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
    };
    for row in [&titles].into_iter().filter(|titles| titles.iter().any(|title| !title.is_empty())).chain(rows)
    {
        text.push_str(&line(row));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = vec![vec!["wasm".into(), "9".into()], vec!["js and css".into(), "120".into()]];
        let text = render(&[("file", Align::Left), ("KiB", Align::Right)], &rows);
        assert_eq!(text, "  file        KiB\n  wasm          9\n  js and css  120\n");
    }

    #[test]
    fn a_table_may_have_no_head() {
        assert_eq!(render(&[("", Align::Left)], &[vec!["x".into()]]), "  x\n");
    }
}
