//! Changes within a paragraph, so that readers need not compare two long paragraphs.
//!
//! Owns when two paragraphs count as one that was edited. Never writes markup.

use super::diff::{Edit, Line};

/// The most added lines that are compared with one removed line.
const NEAR: usize = 8;

impl<'a> Edit<'a> {
    /// The edit from one paragraph to the other, if they share at least half of the longer one.
    fn between(old: &'a str, new: &'a str) -> Option<Self> {
        let chars = old.chars().zip(new.chars());
        let start: usize = chars
            .take_while(|(one, other)| one == other)
            .map(|(c, _)| c.len_utf8())
            .sum();
        let (before, old_rest) = old.split_at(start);
        let (_, new_rest) = new.split_at(start);
        let chars = old_rest.chars().rev().zip(new_rest.chars().rev());
        let end: usize = chars
            .take_while(|(one, other)| one == other)
            .map(|(c, _)| c.len_utf8())
            .sum();
        let (removed, after) = old_rest.split_at(old_rest.len() - end);
        let (added, _) = new_rest.split_at(new_rest.len() - end);
        let is_like = (before.len() + after.len()) * 2 >= old.len().max(new.len());
        is_like.then_some(Self {
            before,
            removed,
            added,
            after,
        })
    }
}

/// The comparison with edits: a removed line and a similar added line near it become one edit.
pub(super) fn with_edits<'a>(lines: &[Line<'a>]) -> Vec<Line<'a>> {
    let mut result = Vec::with_capacity(lines.len());
    for stretch in lines.chunk_by(|one, next| is_same(one) == is_same(next)) {
        let mut added: Vec<&str> = Vec::new();
        let mut removed: Vec<&str> = Vec::new();
        for line in stretch {
            match line {
                Line::Removed(text) => removed.push(text),
                Line::Added(text) => added.push(text),
                Line::Same(_) | Line::Changed(_) => result.push(*line),
            }
        }
        let mut rest = added.as_slice();
        for old in removed {
            let edits = rest.iter().take(NEAR).map(|new| Edit::between(old, new));
            let like = edits.enumerate().find_map(|(at, edit)| Some((at, edit?)));
            let Some((at, edit)) = like else {
                result.push(Line::Removed(old));
                continue;
            };
            let (skipped, further) = rest.split_at(at);
            result.extend(skipped.iter().map(|line| Line::Added(line)));
            result.push(Line::Changed(edit));
            rest = further.get(1..).unwrap_or_default();
        }
        result.extend(rest.iter().map(|line| Line::Added(line)));
    }
    result
}

fn is_same(line: &Line<'_>) -> bool {
    matches!(line, Line::Same(_))
}

#[cfg(test)]
mod tests {
    use super::super::diff::diff;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_paragraph_shows_what_was_edited_in_it() {
        let old = "会议定于3月5日召开。\n请准时参加。\n联系人：张三";
        let new = "新增一段。\n会议定于3月12日召开。\n请准时参加。";
        assert_eq!(
            with_edits(&diff(old, new)),
            [
                Line::Added("新增一段。"),
                Line::Changed(Edit {
                    before: "会议定于3月",
                    removed: "5",
                    added: "12",
                    after: "日召开。"
                }),
                Line::Same("请准时参加。"),
                Line::Removed("联系人：张三"),
            ]
        );
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_off(a in "([ab字]{1,4}\n){0,9}", b in "([ab字]{1,4}\n){0,9}") {
            let lines = with_edits(&diff(&a, &b));
            let (mut old, mut new) = (String::new(), String::new());
            for line in lines {
                let (one, other) = match line {
                    Line::Same(text) => (Some(text.to_owned()), Some(text.to_owned())),
                    Line::Removed(text) => (Some(text.to_owned()), None),
                    Line::Added(text) => (None, Some(text.to_owned())),
                    Line::Changed(edit) => {
                        let with = |middle| format!("{}{middle}{}", edit.before, edit.after);
                        (Some(with(edit.removed)), Some(with(edit.added)))
                    }
                };
                old.extend(one.map(|text| text + "\n"));
                new.extend(other.map(|text| text + "\n"));
            }
            prop_assert_eq!(old, a);
            prop_assert_eq!(new, b);
        }
    }
}
