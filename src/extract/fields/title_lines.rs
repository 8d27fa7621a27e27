//! Titles of several lines, which `<title>` repeats in one.
//!
//! Owns the search for such lines. Never looks at elements.

use std::ops::Range;

use super::title::{self, Lines, Tag};
use crate::extract::page::cells::Cell;
use crate::extract::page::strings;

/// The most lines of a title.
pub(super) const LINES: usize = 4;

/// The lines from a cell on that make up a title which `<title>` repeats.
pub(super) fn from(tag: Option<&Tag>, cells: &[Cell], start: usize) -> Option<Range<usize>> {
    let tag = tag?;
    let mut lines: Vec<&str> = Vec::new();
    let mut found = None;
    for nth in (start..cells.len()).take(LINES) {
        let cell = &cells[nth];
        if cell.hidden || cell.linked > 0 || !title::may_be_line(&cell.text) {
            break;
        }
        lines.push(&cell.text);
        match tag.has_lines(&lines) {
            Lines::No => break,
            Lines::Part => {}
            Lines::Whole => found = Some(start..nth + 1),
        }
    }
    found
}

/// The whole title of which a line is a part.
pub(super) fn joined(tag: Option<&Tag>, cells: &[Cell], line: usize) -> String {
    let starts = line.saturating_sub(LINES - 1)..=line;
    let windows = starts.filter_map(|start| from(tag, cells, start));
    let whole = windows
        .filter(|window| window.contains(&line))
        .max_by_key(Range::len);
    let whole = whole.unwrap_or(line..line + 1);
    let lines: Vec<&str> = cells[whole].iter().map(|cell| cell.text.as_str()).collect();
    strings::joined(&lines.join("\n"))
}
