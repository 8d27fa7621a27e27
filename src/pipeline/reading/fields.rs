//! The fields of a page: whether one has a value, and how a page keeps an earlier one.
//!
//! Owns these two questions. Never reads a page.

use crate::model::{Body, Field, Metadata};
use crate::store::PageContent;

/// Whether a page or an article has a value for this field.
pub(in crate::pipeline) fn has(
    field: Field,
    title: Option<&str>,
    metadata: &Metadata,
    body: &Body,
) -> bool {
    match field {
        Field::IndexNumber => metadata.index_number.is_some(),
        Field::DocumentNumber => metadata.document_number.is_some(),
        Field::IssuedOn => metadata.issued_on.is_some(),
        Field::Issuer => metadata.issuer.is_some(),
        Field::SubjectTerms => !metadata.subject_terms.is_empty(),
        Field::Title => title.is_some(),
        Field::TopicCategory => metadata.topic_category.is_some(),
        Field::PublishedOn => metadata.published_on.is_some(),
        Field::Source => metadata.source.is_some(),
        Field::Body => !body.is_empty(),
        Field::Images => !body.images.is_empty(),
        Field::Attachments => !body.attachments.is_empty(),
    }
}

/// Copies the value of a field from the earlier content of a page. Title, text, pictures and files
/// are never kept.
pub(in crate::pipeline) fn keep(field: Field, before: &PageContent, now: &mut PageContent) {
    let (from, to) = (&before.metadata, &mut now.metadata);
    match field {
        Field::IndexNumber => {
            to.index_number.clone_from(&from.index_number);
            to.index_number_raw.clone_from(&from.index_number_raw);
        }
        Field::DocumentNumber => to.document_number.clone_from(&from.document_number),
        Field::IssuedOn => to.issued_on = from.issued_on,
        Field::Issuer => to.issuer.clone_from(&from.issuer),
        Field::SubjectTerms => to.subject_terms.clone_from(&from.subject_terms),
        Field::TopicCategory => to.topic_category.clone_from(&from.topic_category),
        Field::PublishedOn => {
            to.published_on = from.published_on;
            to.published_at = from.published_at;
        }
        Field::Source => to.source.clone_from(&from.source),
        Field::Title | Field::Body | Field::Images | Field::Attachments => return,
    }
    if let Some(place) = before.provenance.get(&field) {
        now.provenance.insert(field, place.clone());
    }
}
