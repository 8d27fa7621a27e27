//! A comparison of two states of an article: changed fields and changed paragraphs.
//!
//! Owns the markup of a comparison and its length. Never compares texts itself: `diff` does.

use std::borrow::Cow;
use std::collections::HashSet;

use maud::{Markup, html};
use serde_json::Value;

use super::diff::{Line, diff};
use super::edit::with_edits;
use super::labels;
use crate::model::{Article, Field, Metadata};

/// Replaces a missing value.
pub(super) const NONE: &str = "（无）";

/// The most lines of a comparison. Readers find both whole texts in the changes.
const LINES: usize = 200;

/// The most characters of an unchanged paragraph beside a change.
const CONTEXT: usize = 200;
/// The most characters of an added or removed paragraph.
const PARAGRAPH: usize = 2_000;

/// The differences of two states as HTML.
pub(super) fn comparison(before: &Article, after: &Article) -> Markup {
    let fields = fields(before, after);
    let lines = with_edits(&diff(&before.body.body_text, &after.body.body_text));
    let shown: Vec<Option<Line<'_>>> = nearby(&lines);
    html! {
        @if !fields.is_empty() {
            ul {
                @for (name, old, new) in &fields {
                    li { (label(name)) "：" del { (start(old, PARAGRAPH)) } " → " ins { (start(new, PARAGRAPH)) } }
                }
            }
        }
        @for line in shown.iter().take(LINES) {
            @match line {
                Some(Line::Same(text)) => p { (start(text, CONTEXT)) },
                Some(Line::Removed(text)) => p { del { (start(text, PARAGRAPH)) } },
                Some(Line::Added(text)) => p { ins { (start(text, PARAGRAPH)) } },
                Some(Line::Changed(edit)) => p {
                    (end(edit.before, CONTEXT))
                    @if !edit.removed.is_empty() { del { (start(edit.removed, PARAGRAPH)) } }
                    @if !edit.added.is_empty() { ins { (start(edit.added, PARAGRAPH)) } }
                    (start(edit.after, CONTEXT))
                },
                None => p { "……" },
            }
        }
        @if fields.is_empty() && shown.is_empty() { p { "文字未变，版式有改动。" } }
        @if shown.len() > LINES { p { "……（其余从略）" } }
    }
}

/// The first `most` characters of a text.
fn start(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((at, _)) => Cow::Owned(format!("{}……", &text[..at])),
        None => Cow::Borrowed(text),
    }
}

/// The last `most` characters of a text.
fn end(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().rev().nth(most) {
        Some((at, c)) => Cow::Owned(format!("……{}", &text[at + c.len_utf8()..])),
        None => Cow::Borrowed(text),
    }
}

/// The fields that differ (title, metadata, pictures, files): JSON name, old value, new value.
pub(super) fn fields(before: &Article, after: &Article) -> Vec<(String, String, String)> {
    let mut fields = Vec::new();
    if before.title != after.title {
        let (old, new) = (before.title.clone(), after.title.clone());
        fields.push((Field::Title.name().to_owned(), old, new));
    }
    let (Some(old), Some(new)) = (object(&before.metadata), object(&after.metadata)) else {
        return fields;
    };
    for (name, value) in &new {
        let earlier = old.get(name).unwrap_or(&Value::Null);
        if earlier != value {
            fields.push((name.clone(), plain(earlier), plain(value)));
        }
    }
    let lists = [
        (Field::Images, pictures(before), pictures(after)),
        (Field::Attachments, files(before), files(after)),
    ];
    for (field, old, new) in lists {
        if old != new {
            let (gone, come) = apart(&old, &new);
            fields.push((field.name().to_owned(), joined(&gone), joined(&come)));
        }
    }
    fields
}

fn pictures(article: &Article) -> Vec<&str> {
    let pictures = article.body.images.iter();
    pictures.map(|image| image.url.as_str()).collect()
}

fn files(article: &Article) -> Vec<&str> {
    let files = article.body.attachments.iter();
    files.map(|file| file.name.as_str()).collect()
}

/// The values that are in only one of the lists; both whole lists if only their order differs.
fn apart<'a>(old: &[&'a str], new: &[&'a str]) -> (Vec<&'a str>, Vec<&'a str>) {
    let only = |these: &[&'a str], those: &[&'a str]| -> Vec<&'a str> {
        let those: HashSet<&str> = those.iter().copied().collect();
        let these = these.iter().copied();
        these.filter(|value| !those.contains(value)).collect()
    };
    let (gone, come) = (only(old, new), only(new, old));
    if gone.is_empty() && come.is_empty() {
        return (old.to_vec(), new.to_vec());
    }
    (gone, come)
}

fn joined(values: &[&str]) -> String {
    if values.is_empty() {
        return plain(&Value::Null);
    }
    values.join("、")
}

/// The Chinese label of a JSON name; the name itself if it has no label.
fn label(name: &str) -> String {
    let field = Field::ALL.into_iter().find(|field| field.name() == name);
    field
        .map_or(name, |field| labels::field(field).0)
        .to_owned()
}

fn object(metadata: &Metadata) -> Option<serde_json::Map<String, Value>> {
    match serde_json::to_value(metadata) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => NONE.to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => plain(&Value::Null),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join("、"),
        other => other.to_string(),
    }
}

/// The changed lines, each with the line before and after it. `None` stands for omitted lines.
fn nearby<'a>(lines: &[Line<'a>]) -> Vec<Option<Line<'a>>> {
    let changed = |at: Option<usize>| {
        at.and_then(|at| lines.get(at))
            .is_some_and(|line| !matches!(line, Line::Same(_)))
    };
    let mut shown: Vec<Option<Line<'a>>> = Vec::new();
    if lines.iter().all(|line| matches!(line, Line::Same(_))) {
        return shown;
    }
    for (at, line) in lines.iter().enumerate() {
        if changed(Some(at)) || changed(Some(at + 1)) || changed(at.checked_sub(1)) {
            shown.push(Some(*line));
        } else if shown.last() != Some(&None) {
            shown.push(None);
        }
    }
    shown
}
