//! Fields that a column's articles usually show, and which of them a run finds lost.
//!
//! Owns the count over the articles that one run reads. Never judges a single article, which may
//! lack what others have, and never asks the store.

use std::collections::BTreeMap;
use std::fmt;

use url::Url;

use super::accept::has;
use crate::config::FieldRules;
use crate::model::{Article, Field};
use crate::store::PageContent;

/// Articles that a run must have read before a share of them says anything.
const MIN_READ: usize = 5;
/// Known articles from which is learned what is usual, and their share in percent.
const MIN_KNOWN: usize = 10;
const USUAL: usize = 90;

/// What a run has read so far, and what of it lacks usual fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Usual {
    fields: Vec<Field>,
    /// Whether most of the newest articles that were known before lack one.
    newest_lack: bool,
    read: usize,
    lacking: BTreeMap<Field, Lacking>,
}

#[derive(Clone, Debug)]
struct Lacking {
    articles: usize,
    example: Url,
}

/// A usual field that more than half of the articles of a run lack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    pub(super) field: Field,
    lacking: usize,
    read: usize,
    example: Url,
}

impl Usual {
    /// The fields that the feed file lists as usual, and those that nearly all of the column's
    /// `known` articles have, unless it lists them as optional. The newest of them come first.
    pub(super) fn of(rules: &FieldRules, known: &[Article]) -> Self {
        let is_usual = |field: &Field| {
            let listed = rules.usual.contains(field);
            listed || (!rules.optional.contains(field) && is_learned(*field, known))
        };
        let fields: Vec<Field> = Field::ALL.into_iter().filter(is_usual).collect();
        let newest = known.get(..MIN_READ).unwrap_or_default();
        let is_lost = |field: &Field| {
            let having = newest.iter().filter(|article| bears(article, *field));
            having.count() * 2 < newest.len()
        };
        Self {
            newest_lack: fields.iter().any(is_lost),
            fields,
            ..Self::default()
        }
    }

    /// Counts an article that was read.
    pub(super) fn count(&mut self, url: &Url, content: &PageContent) {
        self.read += 1;
        for field in self.fields.iter().filter(|field| !shows(content, **field)) {
            let lacking = self.lacking.entry(*field).or_insert_with(|| Lacking {
                articles: 0,
                example: url.clone(),
            });
            lacking.articles += 1;
        }
    }

    /// The usual fields that a page had before and lacks now.
    pub(super) fn lost(&self, before: &PageContent, now: &PageContent) -> Vec<Field> {
        let lost = |field: &Field| shows(before, *field) && !shows(now, *field);
        self.fields.iter().copied().filter(lost).collect()
    }

    /// Whether any usual field is missing.
    pub(super) fn lacks(&self, content: &PageContent) -> bool {
        self.fields.iter().any(|field| !shows(content, *field))
    }

    /// The fields that more than half of the articles lack, where enough were read to tell.
    pub(super) fn losses(&self) -> Vec<Loss> {
        let lacking = self
            .lacking
            .iter()
            .filter(|(_, lacking)| self.read >= MIN_READ && lacking.articles * 2 > self.read);
        lacking
            .map(|(field, lacking)| Loss {
                field: *field,
                lacking: lacking.articles,
                read: self.read,
                example: lacking.example.clone(),
            })
            .collect()
    }

    /// Whether no usual field is lost any more: by what the run read, or, where that is too little
    /// to tell, by the newest that was known.
    pub(super) fn is_well(&self) -> bool {
        match self.read {
            MIN_READ.. => self.losses().is_empty(),
            _ => !self.newest_lack,
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is missing on {} of the {} articles that were read, such as {}; name where it stands \
             under [article] in the feed file, or list it as optional under [fields]",
            self.field.name(),
            self.lacking,
            self.read,
            self.example
        )
    }
}

/// Pictures and files are an article's own; whether there are any says nothing of the layout.
fn is_learned(field: Field, known: &[Article]) -> bool {
    let having = known.iter().filter(|article| bears(article, field));
    !matches!(field, Field::Images | Field::Attachments)
        && known.len() >= MIN_KNOWN
        && having.count() * 100 >= known.len() * USUAL
}

fn bears(article: &Article, field: Field) -> bool {
    has(
        field,
        Some(&article.title),
        &article.metadata,
        &article.body,
    )
}

fn shows(content: &PageContent, field: Field) -> bool {
    has(
        field,
        Some(&content.title),
        &content.metadata,
        &content.body,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metadata;

    fn content(source: Option<&str>) -> PageContent {
        PageContent {
            title: "供热开工".to_owned(),
            metadata: Metadata {
                source: source.map(str::to_owned),
                ..Metadata::default()
            },
            body: Default::default(),
            provenance: Default::default(),
        }
    }

    /// The losses of a run that reads so many articles with and without a source.
    fn run(rules: &FieldRules, with: usize, without: usize) -> Usual {
        let mut usual = Usual::of(rules, &[]);
        for (count, source) in [(with, Some("某报")), (without, None)] {
            for nth in 0..count {
                let url = Url::parse(&format!("http://x.cn/{nth}.html")).unwrap();
                usual.count(&url, &content(source));
            }
        }
        usual
    }

    #[test]
    fn more_than_half_of_enough_articles_are_a_loss() {
        let rules = FieldRules {
            usual: vec![Field::Source],
            ..FieldRules::default()
        };
        for (with, without, lost, well) in [
            (0, 0, false, true),
            (0, 4, false, true),
            (0, 5, true, false),
            (2, 3, true, false),
            (3, 3, false, true),
            (1, 0, false, true),
        ] {
            let usual = run(&rules, with, without);
            assert_eq!(!usual.losses().is_empty(), lost, "{with} {without}");
            assert_eq!(usual.is_well(), well, "{with} {without}");
        }
        let said = run(&rules, 2, 3).losses()[0].to_string();
        assert!(
            said.starts_with("source is missing on 3 of the 5"),
            "{said}"
        );
        assert!(said.contains("http://x.cn/0.html"), "{said}");
        assert!(run(&FieldRules::default(), 0, 9).losses().is_empty());
    }
}
