//! Compares one article page with the labels that a person gave it.
//!
//! Owns the rules for a right value: a value that the page does not have must not be found either.
//! Never compares white space.

use std::fmt::Write;

use dibao::config::ArticleRules;
use dibao::extract::{Extracted, article_or_stub};
use dibao::model::IndexNumber;
use url::Url;

use super::score::Score;

/// The values that a person read on an article page; `None` is not compared.
#[derive(Default)]
pub(super) struct Truth {
    /// By field; `""` asks for none.
    pub(super) fields: Vec<(String, String)>,
    pub(super) body_starts: Option<String>,
    pub(super) body_ends: Option<String>,
    /// How long the text is, within a tenth.
    pub(super) body_chars: Option<usize>,
    pub(super) images: Option<usize>,
    pub(super) image_urls: Option<Vec<String>>,
    pub(super) attachments: Option<Vec<String>>,
    pub(super) attachment_urls: Option<Vec<String>>,
}

pub(super) fn judge(html: &str, base: &Url, truth: &Truth, score: &mut Score) {
    let found =
        article_or_stub(html, base, &ArticleRules::default(), None).unwrap_or_else(|stub| {
            println!("taken for a stub: {stub:?}");
            Extracted::default()
        });
    values(&found, &truth.fields, score);
    body(&found, truth, score);
    let images = &found.body.images;
    if let Some(count) = truth.images {
        let urls: Vec<&str> = images.iter().map(|image| image.url.as_str()).collect();
        let wanted = truth.image_urls.clone().unwrap_or_default();
        // Where the label names more addresses than it counts, some are of pictures that nobody can
        // load, and the count decides.
        let right = images.len() == count && (wanted.len() != count || urls == wanted);
        score.count(
            "images",
            right,
            &format!("{count}: {wanted:?}"),
            &format!("{urls:?}"),
        );
    }
    if let Some(names) = &truth.attachments {
        let files = found.body.attachments.iter();
        let (seen, urls): (Vec<_>, Vec<_>) = files
            .map(|file| (fold(&file.name), file.url.to_string()))
            .unzip();
        let wanted: Vec<String> = names.iter().map(|name| fold(name)).collect();
        let at = truth.attachment_urls.clone().unwrap_or_default();
        let alike = |(found, wanted): (&String, &String)| wanted.is_empty() || found == wanted;
        let right = seen == wanted && urls.iter().zip(&at).all(alike);
        score.count(
            "attachments",
            right,
            &format!("{wanted:?} at {at:?}"),
            &format!("{seen:?} at {urls:?}"),
        );
    }
}

fn body(found: &Extracted, truth: &Truth, score: &mut Score) {
    let text = fold(&found.body.body_text);
    let (mut wanted, mut seen) = (String::new(), String::new());
    if let Some(starts) = truth.body_starts.as_deref().map(fold)
        && !text.starts_with(&starts)
    {
        let head: String = text.chars().take(30).collect();
        write!(wanted, "starts with {starts} ").unwrap();
        write!(seen, "starts with {head} ").unwrap();
    }
    if let Some(ends) = truth.body_ends.as_deref().map(fold)
        && !text.ends_with(&ends)
    {
        let skip = text.chars().count().saturating_sub(40);
        let tail: String = text.chars().skip(skip).collect();
        write!(wanted, "ends with {ends} ").unwrap();
        write!(seen, "ends with {tail} ").unwrap();
    }
    if let Some(chars) = truth.body_chars {
        let count = text.chars().count();
        if count.abs_diff(chars) * 10 > chars {
            write!(wanted, "{chars} long").unwrap();
            write!(seen, "{count} long").unwrap();
        }
    }
    if truth.body_starts.is_some() || truth.body_ends.is_some() || truth.body_chars.is_some() {
        score.count("body", wanted.is_empty(), &wanted, &seen);
    }
}

/// The values of the label block, and what stands for them elsewhere on the page.
pub(super) fn values(found: &Extracted, wanted: &[(String, String)], score: &mut Score) {
    let meta = &found.metadata;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let date =
        |value: Option<chrono::NaiveDate>| value.map(|date| date.to_string()).unwrap_or_default();
    let number = meta.index_number.as_ref().map(ToString::to_string);
    let published = meta.published_at.map_or_else(
        || date(meta.published_on),
        |at| at.to_string().replace('T', " "),
    );
    let rows = [
        ("index_number", number.unwrap_or_default()),
        ("document_number", text(&meta.document_number)),
        ("issued_on", date(meta.issued_on)),
        ("issuer", text(&meta.issuer)),
        ("subject_terms", meta.subject_terms.join("、")),
        ("title", text(&found.title)),
        ("topic_category", text(&meta.topic_category)),
        (
            "published_on",
            published.trim_end_matches("+08:00").to_owned(),
        ),
        ("source", text(&meta.source)),
    ];
    for (field, value) in rows {
        if let Some((_, wanted)) = wanted.iter().find(|(name, _)| name == field) {
            score.count(field, is_right(field, wanted, &value), wanted, &value);
        }
    }
}

fn is_right(field: &str, wanted: &str, found: &str) -> bool {
    match field {
        "index_number" => {
            let canonical = IndexNumber::parse(wanted).map(|number| number.to_string());
            found == canonical.unwrap_or_default()
        }
        "subject_terms" => {
            let parts = |text: &str| -> Vec<String> {
                let parts = text.split(|c: char| c.is_whitespace() || "、，,；;".contains(c));
                let said = parts.filter(|part| !part.is_empty());
                said.map(str::to_owned).collect()
            };
            parts(found) == parts(wanted)
        }
        "issued_on" => found == wanted.get(..10).unwrap_or_default(),
        // A page may tell the time more than once, and once with seconds or without a time.
        "published_on" => {
            let told = wanted.len().min(found.len());
            let seconds = |time: &str| time.get(17..).is_none_or(|second| second == "00");
            let open = seconds(wanted) || seconds(found);
            let least = wanted.len().min(16);
            let same = if open { told.min(16) } else { told };
            found.len() >= least
                && found.get(..same) == wanted.get(..same)
                && found.is_empty() == wanted.is_empty()
        }
        _ => fold(found) == fold(wanted),
    }
}

/// White space aside.
pub(super) fn fold(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
