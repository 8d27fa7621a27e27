//! The parts of a text that a query matches, as fragments for the caller to mark up.
//!
//! Owns the choice of a snippet. Never writes markup.

use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;

use super::query::{Phrase, Query};
use super::words::{Word, words};

/// How many bytes of a text are searched.
const LONGEST: usize = 128 * 1024;
/// The most characters of a snippet.
const SNIPPET: usize = 120;
/// Characters before the first match in a long sentence.
const BEFORE: usize = 30;
/// The mark for omitted text.
const CUT: &str = "…";

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fragment {
    /// Plain text.
    pub text: String,
    /// Whether the query matches it.
    pub is_match: bool,
}

impl Fragment {
    fn plain(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            is_match: false,
        }
    }
}

/// The whole text in fragments.
pub fn marks(text: &str, query: Option<&Query>) -> Vec<Fragment> {
    fragments(text, &merged(&matches(text, query)))
}

/// The sentences around the best match, in fragments; the text's beginning if there is no match. An
/// ellipsis marks omitted text.
pub fn snippet(text: &str, query: Option<&Query>) -> Vec<Fragment> {
    let text = text.trim();
    let found = matches(text, query);
    let window = window(text, &found);
    let inner = &text[window.clone()];
    let inside = |at: &Range<usize>| window.start <= at.start && at.end <= window.end;
    let found: Vec<Range<usize>> = found.into_iter().filter(inside).collect();
    let moved: Vec<Range<usize>> = merged(&found)
        .iter()
        .map(|at| at.start - window.start..at.end - window.start)
        .collect();
    let mut fragments = fragments(inner, &moved);
    if window.start > 0 && !text[..window.start].ends_with(ends_sentence) {
        fragments.insert(0, Fragment::plain(CUT));
    }
    if window.end < text.len() {
        fragments.push(Fragment::plain(CUT));
    }
    fragments
}

fn fragments(text: &str, found: &[Range<usize>]) -> Vec<Fragment> {
    let mut fragments = Vec::new();
    let mut from = 0;
    for at in found {
        if from < at.start {
            fragments.push(Fragment::plain(&text[from..at.start]));
        }
        fragments.push(Fragment {
            text: text[at.clone()].to_owned(),
            is_match: true,
        });
        from = at.end;
    }
    if from < text.len() {
        fragments.push(Fragment::plain(&text[from..]));
    }
    fragments
}

/// The matches of the query, in order.
fn matches(text: &str, query: Option<&Query>) -> Vec<Range<usize>> {
    let Some(query) = query else {
        return Vec::new();
    };
    let words = words(&text[..boundary(text, LONGEST)]);
    let mut found: Vec<Range<usize>> = query
        .wanted()
        .flat_map(|phrase| occurrences(&words, phrase))
        .collect();
    found.sort_by_key(|at| (at.start, at.end));
    found
}

/// The matches, with adjacent ones joined.
fn merged(found: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut merged = found.to_vec();
    merged.dedup_by(|next, kept| {
        let touches = next.start <= kept.end;
        if touches {
            kept.end = kept.end.max(next.end);
        }
        touches
    });
    merged
}

fn occurrences(words: &[Word], Phrase(phrase): &Phrase) -> Vec<Range<usize>> {
    let same = |(place, (word, wanted)): (usize, (&Word, &Word))| {
        word.text == wanted.text && (place == 0 || word.is_parted == wanted.is_parted)
    };
    words
        .windows(phrase.len().max(1))
        .filter(|part| part.iter().zip(phrase).enumerate().all(same))
        .filter_map(|part| Some(part.first()?.at.start..part.last()?.at.end))
        .collect()
}

/// The part of the text that a snippet shows.
fn window(text: &str, found: &[Range<usize>]) -> Range<usize> {
    let Some(best) = best(text, found) else {
        return 0..end(text, 0, 0);
    };
    let sentence = text[..best.start]
        .rfind(ends_sentence)
        .map_or(0, |at| after(text, at));
    let close = back(text, best.start, BEFORE);
    let start = if sentence >= close {
        sentence
    } else {
        let clause = text[close..best.start].rfind(ends_clause);
        clause.map_or(close, |at| after(text, close + at))
    };
    let start = start + text[start..].len() - text[start..].trim_start().len();
    start..end(text, start, best.end)
}

/// The match from which a snippet has the most different matches; the first of several.
fn best<'a>(text: &str, found: &'a [Range<usize>]) -> Option<&'a Range<usize>> {
    let mut best: Option<(usize, &Range<usize>)> = None;
    for (place, first) in found.iter().enumerate() {
        let reach = forward(text, first.start, SNIPPET - BEFORE);
        let mut seen: Vec<&str> = Vec::new();
        for at in found[place..].iter().take_while(|at| at.end <= reach) {
            if !seen.contains(&&text[at.clone()]) {
                seen.push(&text[at.clone()]);
            }
        }
        if best.is_none_or(|(most, _)| seen.len() > most) {
            best = Some((seen.len(), first));
        }
    }
    best.map(|(_, first)| first)
}

/// The end of a snippet: at a sentence end in its second half, else at a clause end, else at its
/// full length, but never before `least`.
fn end(text: &str, start: usize, least: usize) -> usize {
    let full = forward(text, start, SNIPPET).max(least);
    if full == text.len() {
        return full;
    }
    let half = forward(text, start, SNIPPET / 2).max(least);
    let part = text.get(half..full).unwrap_or_default();
    let found = part
        .rfind(ends_sentence)
        .or_else(|| part.rfind(ends_clause));
    found.map_or(full, |at| after(text, half + at))
}

fn ends_sentence(c: char) -> bool {
    "。！？；!?\n".contains(c)
}

fn ends_clause(c: char) -> bool {
    "，、：,:".contains(c) || c.is_whitespace()
}

/// The index after the character at `at`.
fn after(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The index `count` characters further on.
fn forward(text: &str, from: usize, count: usize) -> usize {
    let rest = text[from..].char_indices().nth(count);
    rest.map_or(text.len(), |(at, _)| from + at)
}

/// The index `count` characters before.
fn back(text: &str, from: usize, count: usize) -> usize {
    let before = text[..from].char_indices().rev().take(count).last();
    before.map_or(from, |(at, _)| at)
}

/// The last character boundary at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(fragments: &[Fragment]) -> String {
        let show = |f: &Fragment| {
            if f.is_match {
                format!("[{}]", f.text)
            } else {
                f.text.clone()
            }
        };
        fragments.iter().map(show).collect()
    }

    fn query(text: &str) -> Query {
        Query::parse(text).unwrap()
    }

    #[test]
    fn what_is_matched_is_marked_as_it_is_written() {
        let marked = |text: &str, asked: &str| shown(&marks(text, Some(&query(asked))));
        assert_eq!(
            marked("全区供热工作，供、热", "供热"),
            "全区[供热]工作，供、热"
        );
        assert_eq!(marked("ＧＢ18030标准", "gb18030"), "[ＧＢ18030]标准");
        assert_eq!(
            marked("潞政发〔2025〕7号文", "潞政发[2025]7号"),
            "[潞政发〔2025〕7号]文"
        );
        assert_eq!(marked("供热热网", "供热 热网"), "[供热热网]");
        assert_eq!(marked("供热网", "供热 热网"), "[供热网]");
        assert_eq!(marked("招聘", "供热 -招聘"), "招聘");
    }

    #[test]
    fn a_snippet_is_the_sentence_of_the_match() {
        let text = format!(
            "{}。今年供热从十一月开始。{}。",
            "前".repeat(80),
            "后".repeat(200)
        );
        let found = shown(&snippet(&text, Some(&query("供热"))));
        assert!(found.starts_with("今年[供热]从十一月开始。"), "{found}");
        assert!(
            found.ends_with('…') && found.chars().count() <= SNIPPET + 3,
            "{found}"
        );
        let long = format!("{}，今年供热{}", "前".repeat(80), "后".repeat(10));
        assert_eq!(
            shown(&snippet(&long, Some(&query("供热")))),
            format!("…今年[供热]{}", "后".repeat(10))
        );
        assert_eq!(shown(&snippet("短。", None)), "短。");
    }

    #[test]
    fn a_snippet_is_where_most_is_matched() {
        let text = format!("供热。{}。供热改造今年完成。", "中".repeat(200));
        let found = shown(&snippet(&text, Some(&query("供热 改造"))));
        assert_eq!(found, "[供热改造]今年完成。");
    }

    proptest! {
        #[test]
        fn fragments_are_the_text(text in "[\\PC\n供热。，]{0,300}", asked in "[供热a。]{1,4}") {
            if let Ok(query) = Query::parse(&asked) {
                let whole: String = marks(&text, Some(&query)).into_iter().map(|f| f.text).collect();
                prop_assert_eq!(&whole, &text);
                let inner: String = snippet(&text, Some(&query)).into_iter().map(|f| f.text).collect();
                prop_assert!(text.contains(inner.trim_start_matches('…').trim_end_matches('…')));
            }
        }
    }
}
