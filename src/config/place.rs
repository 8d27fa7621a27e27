//! Where in the text of a file something is: the line of a key, the key at a place.
//!
//! Owns the way from keys to lines and back. Never judges a value.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A key and its value in the text of a file.
pub(super) struct Place<'a> {
    /// The whole name, `job.cron`.
    pub(super) key: String,
    /// Which table of its list holds it.
    pub(super) nth: usize,
    /// The value.
    pub(super) value: DeValue<'a>,
}

/// The line, from 1, of the byte at this place.
pub(super) fn line_at(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}

/// The line of a key by its whole name. In a list of tables it is in the one that is `nth`. Of a key
/// that is not there, the line of its table.
pub(super) fn line(text: &str, key: &str, nth: usize) -> Option<usize> {
    let (table, _) = DeTable::parse_recoverable(text);
    let mut table = table.get_ref();
    let mut at = None;
    for part in key.split('.') {
        let Some((name, value)) = table.get_key_value(part) else {
            break;
        };
        at = Some(name.span().start);
        let inner = match value.get_ref() {
            DeValue::Array(list) => list.get(nth),
            _ => Some(value),
        };
        let Some(DeValue::Table(inner_table)) = inner.map(Spanned::get_ref) else {
            break;
        };
        if matches!(value.get_ref(), DeValue::Array(_)) {
            at = inner.map(|inner| inner.span().start);
        }
        table = inner_table;
    }
    at.map(|at| line_at(text, at))
}

/// The innermost key whose value is at this place of a valid text.
pub(super) fn key_at<'a>(text: &'a str, at: &Range<usize>) -> Option<Place<'a>> {
    let table = DeTable::parse(text).ok()?;
    let mut found = None;
    search(table.into_inner(), "", 0, at, &mut found);
    found
}

/// The text without the innermost key whose value is at this place: blanks stand for it, so that all
/// else stays where it is. `None` if there is none, or the rest would not be TOML.
pub(super) fn without(text: &str, at: &Range<usize>) -> Option<String> {
    let table = DeTable::parse(text).ok()?.into_inner();
    let span = innermost(&table, at)?;
    let written = text.get(span.clone())?;
    let blank: String = written
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    let mut rest = text.to_owned();
    rest.replace_range(span, &blank);
    (rest != text && DeTable::parse(&rest).is_ok()).then_some(rest)
}

/// Where the innermost key stands whose value is at this place, with its value.
fn innermost(table: &DeTable<'_>, at: &Range<usize>) -> Option<Range<usize>> {
    table.iter().find_map(|(name, value)| {
        let inner = match value.get_ref() {
            DeValue::Table(inner) => innermost(inner, at),
            DeValue::Array(list) => list.iter().find_map(|one| match one.get_ref() {
                DeValue::Table(inner) => innermost(inner, at),
                _ => None,
            }),
            _ => None,
        };
        let span = value.span();
        let is_here =
            span.start <= at.start && at.end <= span.end && name.span().start < span.start;
        inner.or_else(|| is_here.then(|| name.span().start..span.end))
    })
}

fn search<'a>(
    table: DeTable<'a>,
    path: &str,
    nth: usize,
    at: &Range<usize>,
    found: &mut Option<Place<'a>>,
) {
    for (name, value) in table {
        let key = format!("{path}{}", name.get_ref());
        let span = value.span();
        if span.start <= at.start && at.end <= span.end {
            let value = value.get_ref().clone();
            let key = key.clone();
            *found = Some(Place { key, nth, value });
        }
        let below = format!("{key}.");
        match value.into_inner() {
            DeValue::Table(inner) => search(inner, &below, 0, at, found),
            DeValue::Array(list) => {
                for (nth, one) in list.into_iter().enumerate() {
                    let span = one.span();
                    let DeValue::Table(inner) = one.into_inner() else {
                        continue;
                    };
                    // The span of the whole list ends with its first table.
                    if span.start <= at.start && at.end <= span.end {
                        *found = Some(Place {
                            key: below.trim_end_matches('.').to_owned(),
                            nth,
                            value: DeValue::Table(inner.clone()),
                        });
                    }
                    search(inner, &below, nth, at, found);
                }
            }
            _ => {}
        }
    }
}
