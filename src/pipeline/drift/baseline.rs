//! The baseline of a column: the fields of its newest articles, where these were found, and how
//! long the texts are.
//!
//! Owns the learning from known articles. Never judges what a run reads.

use std::collections::BTreeMap;

use crate::config::{Column, FieldRules};
use crate::model::{Article, ColumnName, Field, Timestamp};
use crate::pipeline::reading::has;
use crate::store::{Shown, Store, StoreError};

/// The baseline is learned from this many known articles.
const KNOWN: usize = 50;
/// Fewer articles say nothing.
const MIN_KNOWN: usize = 10;
/// The share in percent of articles that have a usual field.
const USUAL: usize = 90;
/// The share in percent of values that are found at a usual place.
const PLACE: usize = 20;
/// Texts are usually long if the median has this many characters,
const LONG: usize = 200;
/// and if hardly any text is shorter than the median divided by this.
const SHRUNK: usize = 10;

/// The baseline of a column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Baseline {
    /// How many of the newest articles it is learned from.
    pub(crate) articles: usize,
    /// The fields that at least one of them has.
    pub(crate) fields: BTreeMap<Field, BaselineField>,
    /// The median length of their texts, in characters without white space.
    pub(crate) text: usize,
    /// How many articles have a text shorter than a tenth of that, and no picture or file.
    short: usize,
    /// How many of the articles lack a field and are being judged themselves: these do not count
    /// for the baseline.
    judged: BTreeMap<Field, usize>,
    /// The fields whose loss is known. They stay usual until they are back: otherwise known
    /// articles would lose them, too, once enough new ones are without.
    pub(super) lost: Vec<Field>,
}

/// A field of the baseline.
#[derive(Clone, Debug, Default)]
pub(crate) struct BaselineField {
    /// How many articles have it.
    pub(crate) articles: usize,
    /// The places where it was found, and how often.
    pub(crate) places: BTreeMap<String, usize>,
}

/// The percentage of a column's newest articles that have each field; empty if there are no
/// articles.
pub async fn fill_rates(
    store: &Store,
    column: &ColumnName,
) -> Result<Vec<(Field, u8)>, StoreError> {
    let known = store.publications().newest(column, KNOWN).await?;
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let rate = |field: Field| {
        let bearing = known.iter().filter(|article| bears(article, field)).count();
        (
            field,
            u8::try_from(bearing * 100 / known.len()).unwrap_or(100),
        )
    };
    Ok(Field::ALL.into_iter().map(rate).collect())
}

impl Baseline {
    /// Learns the baseline of a column from its newest articles. To judge what a run reads, only
    /// articles known before an instant count, and a field that one of the `judged` pages lacks
    /// does not count against it.
    pub(crate) async fn load(
        store: &Store,
        column: &Column,
        before: Option<Timestamp>,
        judged: &[&Shown],
    ) -> Result<Self, StoreError> {
        let known = store
            .publications()
            .newest_before(&column.name, before, KNOWN)
            .await?;
        Ok(Self::from_articles(&known, judged))
    }

    fn from_articles(known: &[Article], judged: &[&Shown]) -> Self {
        let mut fields: BTreeMap<Field, BaselineField> = BTreeMap::new();
        let mut lacking: BTreeMap<Field, usize> = BTreeMap::new();
        for article in known {
            let is_judged = judged.iter().any(|page| page.url == article.url);
            for field in Field::ALL {
                if !bears(article, field) {
                    *lacking.entry(field).or_default() += usize::from(is_judged);
                    continue;
                }
                let usual = fields.entry(field).or_default();
                usual.articles += 1;
                if let Some(place) = article.provenance.get(&field) {
                    *usual.places.entry(place.clone()).or_default() += 1;
                }
            }
        }
        let mut lengths: Vec<usize> = known.iter().map(|a| length(&a.body.body_text)).collect();
        lengths.sort_unstable();
        let text = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
        let is_short = |article: &&Article| {
            article.body.is_bare() && length(&article.body.body_text) * SHRUNK < text
        };
        Self {
            articles: known.len(),
            fields,
            text,
            short: known.iter().filter(is_short).count(),
            judged: lacking,
            lost: Vec::new(),
        }
    }

    /// Whether enough articles are known to learn from.
    pub(crate) fn is_learned(&self) -> bool {
        self.articles >= MIN_KNOWN
    }

    /// How many of the articles have the field.
    pub(crate) fn having(&self, field: Field) -> usize {
        self.fields.get(&field).map_or(0, |usual| usual.articles)
    }

    /// Whether a loss of the field is reported: the feed file lists it as usual, or nearly all
    /// articles have it and it is not listed as optional. Pictures and files never count: an
    /// article without them says nothing about the layout.
    pub(crate) fn is_usual(&self, field: Field, rules: &FieldRules) -> bool {
        let judged = self.judged.get(&field).copied().unwrap_or(0);
        let is_own = matches!(field, Field::Images | Field::Attachments);
        let is_learned = !is_own
            && self.is_learned()
            && (self.having(field) * 100 >= (self.articles - judged) * USUAL
                || self.lost.contains(&field))
            && !rules.optional.contains(&field);
        rules.usual.contains(&field) || is_learned
    }

    /// Whether most of enough articles have the field, so that an article without it is unusual.
    pub(crate) fn is_shown(&self, field: Field) -> bool {
        self.is_learned() && self.having(field) * 2 > self.articles
    }

    /// The place where the field is found most often.
    pub(crate) fn place(&self, field: Field) -> Option<&str> {
        let places = self.fields.get(&field)?.places.iter();
        let (place, _) = places.max_by_key(|(_, times)| **times)?;
        Some(place)
    }

    /// Whether enough articles have the field, and it was rarely or never found at this place.
    pub(crate) fn is_elsewhere(&self, field: Field, place: &str) -> bool {
        self.fields.get(&field).is_some_and(|usual| {
            let times = usual.places.get(place).copied().unwrap_or(0);
            usual.articles >= MIN_KNOWN && times * 100 < usual.articles * PLACE
        })
    }

    /// A text below this length, without pictures and files, is unusual for the column. `None` if
    /// texts are optional, or short, or of all lengths, as with photo news and notices of one line.
    pub(crate) fn least_text(&self, rules: &FieldRules) -> Option<usize> {
        let is_mixed = self.short * 100 > self.articles * (100 - USUAL);
        let is_wanted = self.is_learned() && !rules.optional.contains(&Field::Body);
        let is_long = is_wanted && self.text >= LONG && !is_mixed;
        is_long.then_some(self.text / SHRUNK)
    }
}

/// How many characters a text has without white space.
pub(in crate::pipeline) fn length(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

fn bears(article: &Article, field: Field) -> bool {
    let title = Some(article.title.as_str());
    has(field, title, &article.metadata, &article.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Articles with texts of these lengths, every one with or without a picture.
    fn known(lengths: &[usize], with_picture: bool) -> Baseline {
        let article = |length: &usize| {
            let pictures = if with_picture {
                r#"[{"url": "http://x.cn/a.jpg", "caption": null, "alt": null}]"#
            } else {
                "[]"
            };
            let json = format!(
                r#"{{"id": "5e1a5f8c-6f0e-5c1e-9f43-7d6d3f1f6b1a", "portal": "x", "columns": [],
                    "title": "会议", "index_number": null, "index_number_raw": null,
                    "document_number": null, "issued_on": null, "issuer": null, "subject_terms": [],
                    "topic_category": null, "published_on": null, "published_at": null,
                    "source": null, "url": "http://x.cn/1.html", "aliases": [], "body_html": "",
                    "body_text": "{}", "images": {pictures}, "attachments": [], "revision": 1,
                    "first_seen_at": "2025-12-30T09:00:00+08:00",
                    "updated_at": "2025-12-30T09:00:00+08:00", "withdrawn_at": null,
                    "content_sha256": "", "provenance": {{}}}}"#,
                "文".repeat(*length)
            );
            serde_json::from_str::<Article>(&json).unwrap()
        };
        let known: Vec<Article> = lengths.iter().map(article).collect();
        Baseline::from_articles(&known, &[])
    }

    #[test]
    fn only_where_texts_are_long_is_a_short_one_none() {
        let rules = FieldRules::default();
        let long = [800; 18];
        assert_eq!(known(&long, false).least_text(&rules), Some(80));
        assert_eq!(known(&long[..9], false).least_text(&rules), None);
        assert_eq!(known(&[60; 18], false).least_text(&rules), None);
        let mixed = [&long[..], &[20; 3]].concat();
        assert_eq!(known(&mixed, false).least_text(&rules), None);
        assert_eq!(known(&mixed, true).least_text(&rules), Some(80));
        let optional = FieldRules {
            optional: vec![Field::Body],
            ..FieldRules::default()
        };
        assert_eq!(known(&long, false).least_text(&optional), None);
        let nearly = [&long[..], &[20; 2]].concat();
        assert_eq!(known(&nearly, false).least_text(&rules), Some(80));
    }
}
