//! A survey as a table: for each field a value, where it was found, how often, how surely.
//!
//! Owns how the values of several articles become one row. Never judges them.

use super::surveyor::Survey;
use crate::extract::{Confidence, Extracted, Item};
use crate::model::Field;
use crate::pipeline::reading::has;

/// Characters of a text that are shown.
const SHOWN: usize = 24;

/// The findings of a survey for one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The field.
    pub field: Field,
    /// Its value on the first article that has one.
    pub value: Option<String>,
    /// Where it was found, in the words of provenance.
    pub found: Option<String>,
    /// How many articles have one, of those that were read.
    pub having: usize,
    /// How many were read.
    pub of: usize,
    /// How sure the least sure of the values is.
    pub confidence: Option<Confidence>,
}

impl Survey {
    /// The table, in the contract's order of fields.
    pub fn rows(&self) -> Vec<Row> {
        Field::ALL.map(|field| self.row(field)).into()
    }

    fn row(&self, field: Field) -> Row {
        let mut row = Row {
            field,
            value: None,
            found: None,
            having: 0,
            of: 0,
            confidence: None,
        };
        for (item, page) in self.read() {
            row.of += 1;
            if !shows(page, field) {
                continue;
            }
            row.having += 1;
            if row.value.is_none() {
                row.value = Some(value(page, field));
                row.found = page.provenance.get(&field).cloned();
            }
            let sure = confidence(item, page, field);
            row.confidence = row
                .confidence
                .map_or(sure, |other| sure.map(|sure| sure.min(other)));
        }
        row
    }
}

/// How sure a value is, compared with the list.
fn confidence(item: &Item, page: &Extracted, field: Field) -> Option<Confidence> {
    let sure = page.confidence.get(&field).copied()?;
    let listed = match field {
        Field::Title => Some(item.title.clone()),
        Field::PublishedOn => item.published_on.map(|date| date.to_string()),
        _ => None,
    };
    Some(match listed {
        Some(listed) => sure.beside(field, &value(page, field), &listed),
        None => sure,
    })
}

/// Whether an article has a field.
fn shows(page: &Extracted, field: Field) -> bool {
    has(field, page.title.as_deref(), &page.metadata, &page.body)
}

fn value(page: &Extracted, field: Field) -> String {
    let (metadata, body) = (&page.metadata, &page.body);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    match field {
        Field::IndexNumber => metadata
            .index_number
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        Field::DocumentNumber => text(&metadata.document_number),
        Field::IssuedOn => metadata
            .issued_on
            .map(|day| day.to_string())
            .unwrap_or_default(),
        Field::Issuer => text(&metadata.issuer),
        Field::SubjectTerms => metadata.subject_terms.join(" "),
        Field::Title => text(&page.title),
        Field::TopicCategory => text(&metadata.topic_category),
        Field::PublishedOn => match (metadata.published_at, metadata.published_on) {
            (Some(at), _) => at.to_string(),
            (None, day) => day.map(|day| day.to_string()).unwrap_or_default(),
        },
        Field::Source => text(&metadata.source),
        Field::Body => {
            let length = body
                .body_text
                .chars()
                .filter(|c| !c.is_whitespace())
                .count();
            let begins: String = body.body_text.chars().take(SHOWN).collect();
            let begins = begins.lines().next().unwrap_or_default();
            format!("{length} characters: {begins}…")
        }
        Field::Images => format!("{} pictures", body.images.len()),
        Field::Attachments => {
            let names: Vec<&str> = body
                .attachments
                .iter()
                .map(|file| file.name.as_str())
                .collect();
            format!("{}: {}", names.len(), names.join(", "))
        }
    }
}
