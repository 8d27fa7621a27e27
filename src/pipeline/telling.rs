//! Tells how a column drifts from what is usual: one incident for each kind, with what changed since
//! when, on how many pages, an example, and the remedy.
//!
//! Owns the words, and what outlives the run. Never holds anything back.

use std::collections::BTreeMap;

use super::collect::Collector;
use super::drift::{ACCEPTED, Drift};
use super::report::{ColumnReport, Ending};
use super::window::{Break, What};
use crate::config::Column;
use crate::model::{Field, Timestamp, Verdict};
use crate::store::StoreError;

impl Collector {
    /// Tells what most of what was read breaks with, and remembers it for the next run.
    pub(super) async fn note_drift(
        &self,
        column: &Column,
        report: &mut ColumnReport,
    ) -> Result<(), StoreError> {
        let Some(drift) = report.drift.take() else {
            return Ok(());
        };
        if let Some(shown) = drift.remembered() {
            self.store
                .columns()
                .note_shown(&column.name, &shown)
                .await?;
        }
        let broken = drift.all();
        let mut said = said(&drift, &broken);
        if let Some(list) = report.unmatched_list.take() {
            add(&mut said, Verdict::LayoutChanged, &list);
        }
        for (verdict, message) in said {
            let held = match verdict {
                Verdict::FieldLost | Verdict::BodyShrunk => self.say_held(column, verdict).await?,
                _ => String::new(),
            };
            let message = format!("{message}{held}. {}", remedy(verdict));
            self.note(column, verdict.code(), &message, report).await?;
        }
        let since = broken
            .iter()
            .map(|(what, found)| (what.clone(), found.since));
        let mut since: BTreeMap<String, Timestamp> = since.collect();
        self.note_list(column, &drift, &mut since, report).await?;
        if since != drift.since {
            self.store
                .columns()
                .note_drifts(&column.name, &since)
                .await?;
        }
        if report.ending == Ending::Complete && report.failures.is_empty() {
            self.note_silence(column, report).await?;
        }
        Ok(())
    }

    pub(super) async fn note(
        &self,
        column: &Column,
        code: &'static str,
        message: &str,
        report: &mut ColumnReport,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        if !report.noted.contains(&code) {
            report.noted.push(code);
        }
        let name = column.name.as_str();
        self.store.incidents().note(now, code, name, message).await
    }

    async fn say_held(&self, column: &Column, verdict: Verdict) -> Result<String, StoreError> {
        let reasons = [verdict.code()];
        let counts = self
            .store
            .queue()
            .held_counts(&column.name, &reasons)
            .await?;
        Ok(counts.first().map_or_else(String::new, |held| {
            format!(
                "; {} new articles are held back, what is published stays as it is",
                held.articles
            )
        }))
    }
}

/// What is told of these breaks, by the verdict that is the incident's code.
fn said(drift: &Drift, broken: &BTreeMap<String, Break>) -> BTreeMap<Verdict, String> {
    let mut said: BTreeMap<Verdict, String> = BTreeMap::new();
    for found in broken.values() {
        let verdict = match found.what {
            What::Lost(_) => Verdict::FieldLost,
            What::Shrunk => Verdict::BodyShrunk,
            What::Unmatched(..) => Verdict::LayoutChanged,
            What::Moved(..) => continue,
        };
        let mut words = say(drift, found);
        if let What::Lost(field) = found.what
            && drift.usual.is_shown(field)
        {
            let from = found.since.plus(ACCEPTED);
            words.push_str(&format!(
                "; from {from} on new articles are published without"
            ));
        }
        add(&mut said, verdict, &words);
    }
    let is_lost = said.contains_key(&Verdict::FieldLost) || said.contains_key(&Verdict::BodyShrunk);
    if let Some(words) = said_of_moves(drift, broken).filter(|_| !is_lost) {
        add(&mut said, Verdict::LayoutChanged, &words);
    }
    said
}

/// What is told of fields that are found elsewhere. Where something is lost, it says no more; nor of
/// a field whose rule is told of.
fn said_of_moves(drift: &Drift, broken: &BTreeMap<String, Break>) -> Option<String> {
    let is_told = |field: Field| {
        let mut rules = broken.values();
        rules.any(|found| matches!(found.what, What::Unmatched(of, _) if of == field))
    };
    let is_news = |found: &&Break| match found.what {
        What::Moved(field, _) => !drift.is_accepted(found) && !is_told(field),
        _ => false,
    };
    let moves: Vec<&Break> = broken.values().filter(is_news).collect();
    let first = moves.iter().min_by_key(|found| found.since)?;
    let fields: Vec<String> = moves.iter().map(|found| say(drift, found)).collect();
    Some(format!(
        "most articles have another layout since {}, such as {}; nothing is lost, but it is found \
         elsewhere, which counts as usual after a week: {}",
        first.since,
        first.example,
        fields.join(", ")
    ))
}

fn add(said: &mut BTreeMap<Verdict, String>, verdict: Verdict, words: &str) {
    let message = said.entry(verdict).or_default();
    if !message.is_empty() {
        message.push_str("; ");
    }
    message.push_str(words);
}

fn remedy(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::FieldLost => {
            "Name where it stands under [article] in the feed file, or list it as optional under \
             [fields]"
        }
        Verdict::BodyShrunk => {
            "Name the element that holds the text as body under [article] in the feed file"
        }
        _ => {
            "See with `dibao extract` and `dibao list` whether all is read well; mend the selectors in \
             the feed file, or leave them out"
        }
    }
}

/// What broke, in words.
pub(super) fn say(drift: &Drift, found: &Break) -> String {
    let Break {
        what,
        pages,
        of,
        since,
        example,
    } = found;
    let on =
        format!("on {pages} of the {of} articles that were read, such as {example}, since {since}");
    match what {
        What::Lost(field) => {
            let before = match drift.usual.place(*field) {
                Some(place) => format!(
                    "; {} of {} before had it, mostly by {place:?}",
                    drift.usual.having(*field),
                    drift.usual.articles
                ),
                None => String::new(),
            };
            format!("{} is missing {on}{before}", field.name())
        }
        What::Shrunk => format!(
            "the text is next to nothing, where it usually has some {} characters, {on}",
            drift.usual.text
        ),
        What::Unmatched(field, rule) => {
            let here = drift.place_now(*field).unwrap_or("nothing");
            format!(
                "nothing matches {rule} {on}; {} is found by {here:?} now",
                field.name()
            )
        }
        What::Moved(field, here) => format!(
            "{} by {here:?} instead of {:?} ({pages} of {of})",
            field.name(),
            drift.usual.place(*field).unwrap_or_default()
        ),
    }
}
