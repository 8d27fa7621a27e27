//! The messages about drift: one for each kind, with the change, its beginning, the number of
//! pages, an example, and the remedy.
//!
//! Owns the words. Never stores them, never holds anything back.

use std::collections::BTreeMap;

use super::judge::{ACCEPTED, Drift};
use super::window::{Break, BreakKind};
use crate::model::{Field, Verdict};

/// The messages about these breaks, and about a list that the feed file's selectors no longer
/// match. The verdict is the code of the incident.
pub(in crate::pipeline) fn messages(
    drift: &Drift,
    breaks: &BTreeMap<String, Break>,
    unmatched_list: Option<&str>,
) -> BTreeMap<Verdict, String> {
    let mut messages: BTreeMap<Verdict, String> = BTreeMap::new();
    for found in breaks.values().filter(|found| !drift.is_accepted(found)) {
        let verdict = match found.kind {
            BreakKind::Lost(_) => Verdict::FieldLost,
            BreakKind::Shrunk => Verdict::BodyShrunk,
            BreakKind::Unmatched(..) => Verdict::LayoutChanged,
            BreakKind::Moved(..) => continue,
        };
        let mut words = describe(drift, found);
        if let BreakKind::Lost(field) = found.kind {
            if !drift.holds(field) {
                words.push_str("; new articles are published without it, known ones keep it");
            } else if drift.baseline.is_shown(field) {
                let from = found.since.plus(ACCEPTED);
                words.push_str(&format!(
                    "; from {from} on new articles are published without"
                ));
            }
        }
        add(&mut messages, verdict, &words);
    }
    let is_lost = [Verdict::FieldLost, Verdict::BodyShrunk]
        .iter()
        .any(|verdict| messages.contains_key(verdict));
    if let Some(words) = describe_moves(drift, breaks).filter(|_| !is_lost) {
        add(&mut messages, Verdict::LayoutChanged, &words);
    }
    if let Some(words) = unmatched_list {
        add(&mut messages, Verdict::LayoutChanged, words);
    }
    messages
}

/// One message about all fields that are found elsewhere, except those whose rule matches nothing:
/// these have a message of their own.
fn describe_moves(drift: &Drift, breaks: &BTreeMap<String, Break>) -> Option<String> {
    let is_told = |field: Field| {
        breaks
            .values()
            .any(|found| matches!(found.kind, BreakKind::Unmatched(of, _) if of == field))
    };
    let is_news = |found: &&Break| match found.kind {
        BreakKind::Moved(field, _) => !drift.is_accepted(found) && !is_told(field),
        _ => false,
    };
    let moves: Vec<&Break> = breaks.values().filter(is_news).collect();
    let first = moves.iter().min_by_key(|found| found.since)?;
    let fields: Vec<String> = moves.iter().map(|found| describe(drift, found)).collect();
    Some(format!(
        "most articles have another layout since {}, such as {}; nothing is lost, but it is found \
         elsewhere, which counts as usual after a week: {}",
        first.since,
        first.example,
        fields.join(", ")
    ))
}

fn add(messages: &mut BTreeMap<Verdict, String>, verdict: Verdict, words: &str) {
    let message = messages.entry(verdict).or_default();
    if !message.is_empty() {
        message.push_str("; ");
    }
    message.push_str(words);
}

/// The remedy with which the message about this verdict ends.
pub(in crate::pipeline) fn remedy(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::FieldLost => {
            "Name where it stands under [article] in the feed file, or list it as optional under \
             [fields]"
        }
        Verdict::BodyShrunk => {
            "Name the element that holds the text as body under [article] in the feed file"
        }
        _ => {
            "See with `dibao extract` and `dibao list` whether all is read well; fix the selectors \
             in the feed file, or leave them out"
        }
    }
}

/// A break in words.
pub(in crate::pipeline) fn describe(drift: &Drift, found: &Break) -> String {
    let Break {
        kind,
        pages,
        of,
        since,
        example,
    } = found;
    let on =
        format!("on {pages} of the {of} articles that were read, such as {example}, since {since}");
    match kind {
        BreakKind::Lost(field) => {
            let before = match drift.baseline.place(*field) {
                Some(place) => format!(
                    "; {} of {} before had it, mostly by {place:?}",
                    drift.baseline.having(*field),
                    drift.baseline.articles
                ),
                None => String::new(),
            };
            format!("{} is missing {on}{before}", field.name())
        }
        BreakKind::Shrunk => format!(
            "the text is next to nothing, where it usually has some {} characters, {on}",
            drift.baseline.text
        ),
        BreakKind::Unmatched(field, rule) => {
            let here = drift.place_now(*field).unwrap_or("nothing");
            format!(
                "nothing matches {rule} {on}; {} is found by {here:?} now",
                field.name()
            )
        }
        BreakKind::Moved(field, here) => format!(
            "{} by {here:?} instead of {:?} ({pages} of {of})",
            field.name(),
            drift.baseline.place(*field).unwrap_or_default()
        ),
    }
}
