//! The differences of two states of an article, as lines for a terminal.
//!
//! Owns the texts of the differences, field by field, and their length. Never says who made a
//! change.

use super::comparison::{NONE, fields};
use super::diff::{Line, diff};
use super::edit::with_edits;
use crate::model::Article;

/// The most characters of a value or a paragraph.
const SHOWN: usize = 80;
/// The most characters that are shown on each side of an edit.
const CONTEXT: usize = 20;
/// The most paragraphs that are shown.
const PARAGRAPHS: usize = 6;

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its name in the JSON.
    pub field: String,
    /// The kind of difference.
    pub kind: DifferenceKind,
    /// The differences, one on each line. The last line counts omitted paragraphs.
    pub lines: Vec<String>,
}

/// The kind of difference of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// The field is new.
    Gained,
    /// The field is gone.
    Lost,
    /// The value changed.
    Changed,
}

/// The fields that differ, in the order of the contract.
pub fn differences(before: &Article, after: &Article) -> Vec<Difference> {
    let named = fields(before, after).into_iter();
    let mut differences: Vec<Difference> = named
        .map(|(field, old, new)| Difference {
            field,
            kind: kind(old == NONE, new == NONE),
            lines: vec![match old == new {
                true => format!("{}, in what goes with it", cut(&old, SHOWN)),
                false => format!("{} → {}", cut(&old, SHOWN), cut(&new, SHOWN)),
            }],
        })
        .collect();
    let named = |field: &str| differences.iter().any(|found| found.field == field);
    let (old, new) = (&before.body, &after.body);
    let has_pictures = old.images != new.images && !named("images");
    let has_files = old.attachments != new.attachments && !named("attachments");
    for (field, is_other) in [("images", has_pictures), ("attachments", has_files)] {
        if is_other {
            differences.push(Difference {
                field: field.to_owned(),
                kind: DifferenceKind::Changed,
                lines: vec!["the same, described otherwise".to_owned()],
            });
        }
    }
    if old.body_text != new.body_text {
        differences.push(Difference {
            field: "body".to_owned(),
            kind: kind(old.body_text.is_empty(), new.body_text.is_empty()),
            lines: paragraphs(&old.body_text, &new.body_text),
        });
    } else if old.body_html != new.body_html {
        differences.push(Difference {
            field: "body".to_owned(),
            kind: DifferenceKind::Changed,
            lines: vec!["the markup alone".to_owned()],
        });
    }
    differences
}

fn kind(was_none: bool, is_none: bool) -> DifferenceKind {
    match (was_none, is_none) {
        (true, false) => DifferenceKind::Gained,
        (false, true) => DifferenceKind::Lost,
        _ => DifferenceKind::Changed,
    }
}

fn paragraphs(before: &str, after: &str) -> Vec<String> {
    let compared = with_edits(&diff(before, after));
    let mut lines: Vec<String> = compared.iter().filter_map(paragraph).collect();
    if lines.is_empty() {
        return vec!["white space alone".to_owned()];
    }
    let left = lines.len().saturating_sub(PARAGRAPHS);
    if left > 0 {
        lines.truncate(PARAGRAPHS);
        lines.push(format!("… and {left} more paragraphs"));
    }
    lines
}

fn paragraph(line: &Line<'_>) -> Option<String> {
    match line {
        Line::Same(_) => None,
        Line::Removed(text) => Some(format!("- {}", cut(text, SHOWN))),
        Line::Added(text) => Some(format!("+ {}", cut(text, SHOWN))),
        Line::Changed(edit) => {
            let start: Vec<char> = edit.before.chars().rev().take(CONTEXT).collect();
            let start: String = start.into_iter().rev().collect();
            let mut line = format!("~ …{start}");
            if !edit.removed.is_empty() {
                line.push_str(&format!("[-{}-]", cut(edit.removed, SHOWN)));
            }
            if !edit.added.is_empty() {
                line.push_str(&format!("[+{}+]", cut(edit.added, SHOWN)));
            }
            line.push_str(&cut(edit.after, CONTEXT));
            Some(line)
        }
    }
}

/// A text on one line, at most `most` characters long.
pub fn cut(text: &str, most: usize) -> String {
    let plain = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = plain.filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shown_by_what_changed_in_it() {
        let before: String = (0..20).map(|n| format!("第{n}段\n")).collect();
        assert_eq!(
            paragraphs(&before, &before.replace('\n', "\n\n")),
            ["white space alone"]
        );
        let after = before.replace("第7段", "第7段，补");
        assert_eq!(paragraphs(&before, &after).len(), 1);
        let lines = paragraphs(&before, "另一篇");
        assert_eq!(lines.len(), PARAGRAPHS + 1);
        assert_eq!(lines[PARAGRAPHS], "… and 15 more paragraphs");
        assert_eq!(cut("一\n二\u{1b}[31m三四", 3), "一 二…");
    }
}
