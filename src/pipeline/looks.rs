//! What a second look at an article read: recorded, or held back where its page's new layout may have
//! done it.
//!
//! Owns the decision, which falls once it is known how many known pages are alike: one alone was
//! edited, most of them are a new layout, which revises nothing. Never fetches.

use super::collect::Collector;
use super::drift::Drift;
use super::held::TOGETHER;
use super::report::{ColumnReport, Failure};
use super::telling::say;
use super::trouble::{Trouble, Vain};
use super::window::{Break, What, shows};
use crate::config::Column;
use crate::model::{Field, Verdict};
use crate::store::{PageContent, ReadPage, SaveOutcome, Shows};

/// A known page that is not as it was, perhaps for its layout alone.
#[derive(Clone, Debug)]
pub(super) struct HeldLook {
    read: Box<ReadPage>,
    /// The usual fields that it lost.
    lost: Vec<Field>,
    /// Whether it lost next to all of its text.
    shrank: bool,
    /// The fields that are found elsewhere, where anything differs.
    moved: Vec<Field>,
    /// Whether that is nothing but the markup of the text.
    in_markup: bool,
}

impl Collector {
    /// Records what a second look read, or keeps it where it is doubtful, to be decided on later. What the column's new layout no longer shows, a known article keeps.
    pub(super) async fn take_look(
        &self,
        column: &Column,
        (mut read, shown): (Box<ReadPage>, Shows),
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        if let Some(drift) = report.drift.as_ref().filter(|drift| drift.is_odd(&shown))
            && let Some(before) = self
                .store
                .articles()
                .page_content(&column.portal, &read.url)
                .await?
        {
            let had = shows(&before, Default::default());
            let mut lost = drift.lacking(&shown);
            lost.retain(|field| had.fields.contains(field));
            for field in lost.extract_if(.., |field| drift.is_given_up(*field)) {
                keep(field, &before, &mut read.content);
                read.reading.kept.push(field);
            }
            let shrank = drift.is_short(&shown) && !drift.is_short(&had);
            let mut moved = drift.elsewhere(&shown);
            moved.retain(|field| had.found.get(field) != shown.found.get(field));
            if before.is_said_by(&read) {
                moved.clear();
            }
            if !lost.is_empty() || shrank || !moved.is_empty() {
                report.looks.push(HeldLook {
                    in_markup: differs_in_markup(&before, &read.content),
                    read,
                    lost,
                    shrank,
                    moved,
                });
                return match report.looks.len() {
                    TOGETHER.. => self.settle_looks(column, report).await,
                    _ => Ok(()),
                };
            }
        }
        self.record_look(column, &read, report).await
    }

    async fn record_look(
        &self,
        column: &Column,
        read: &ReadPage,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        let now = self.clock.now();
        match self.store.articles().save(now, None, read).await? {
            SaveOutcome::Doubtful => {
                self.store
                    .articles()
                    .put_off_recheck(now, &column.portal, &read.url)
                    .await?;
                report.fail(now, Vain::doubtful(&read.url).into_failure(&read.url));
            }
            outcome => {
                if outcome == SaveOutcome::Removed {
                    self.erase(column, read).await?;
                }
                report.count(now, &read.url, outcome);
            }
        }
        Ok(())
    }

    /// Decides on known pages, once it is known how many there are: where most of what was read is
    /// like them, the layout is the matter, and no article is revised by it.
    pub(super) async fn settle_looks(
        &self,
        column: &Column,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        let looks = std::mem::take(&mut report.looks);
        let Some(drift) = report.drift.clone().filter(|_| !looks.is_empty()) else {
            return Ok(());
        };
        let breaks = drift.breaks(false);
        for look in looks {
            let Some((verdict, why)) = look.doubt(&breaks) else {
                self.record_look(column, &look.read, report).await?;
                continue;
            };
            let (now, url) = (self.clock.now(), look.read.url.clone());
            if verdict == Verdict::LayoutChanged && look.in_markup {
                self.store
                    .articles()
                    .note_unchanged(now, &column.portal, &url)
                    .await?;
                report.count(now, &url, SaveOutcome::Unchanged);
                continue;
            }
            self.store
                .articles()
                .put_off_recheck(now, &column.portal, &url)
                .await?;
            let message = format!("{url}: stays as it was: {}", say(&drift, why));
            report.fail(
                now,
                Failure {
                    url,
                    verdict,
                    message,
                },
            );
        }
        Ok(())
    }
}

impl HeldLook {
    /// What the page's layout may have done to it.
    fn doubt<'a>(&self, breaks: &'a [Break]) -> Option<(Verdict, &'a Break)> {
        let doubts = breaks.iter().filter_map(|found| {
            let (verdict, is_its) = match &found.what {
                What::Lost(field) => (Verdict::FieldLost, self.lost.contains(field)),
                What::Shrunk => (Verdict::BodyShrunk, self.shrank),
                What::Unmatched(field, _) | What::Moved(field, _) => {
                    (Verdict::LayoutChanged, self.moved.contains(field))
                }
            };
            is_its.then_some((verdict, found))
        });
        // A loss says more than a move.
        doubts.min_by_key(|(verdict, _)| *verdict == Verdict::LayoutChanged)
    }
}

impl Drift {
    /// Whether a known page may have to be held back.
    fn is_odd(&self, shows: &Shows) -> bool {
        let is_lacking = || !self.lacking(shows).is_empty();
        is_lacking() || self.is_short(shows) || !self.elsewhere(shows).is_empty()
    }

    /// The fields that are found where they usually are not.
    fn elsewhere(&self, shows: &Shows) -> Vec<Field> {
        let is_elsewhere = |(field, place): &(&Field, &String)| {
            self.usual.is_elsewhere(**field, place) || shows.unmatched.contains_key(field)
        };
        let found = shows.found.iter().filter(is_elsewhere);
        found.map(|(field, _)| *field).collect()
    }
}

/// Whether nothing that is read or seen differs.
fn differs_in_markup(before: &PageContent, now: &PageContent) -> bool {
    let words =
        |content: &PageContent| -> String { content.body.body_text.split_whitespace().collect() };
    before.title == now.title
        && before.metadata == now.metadata
        && before.body.images == now.body.images
        && before.body.attachments == now.body.attachments
        && words(before) == words(now)
}

/// Lets a page keep what it said of a field.
pub(super) fn keep(field: Field, before: &PageContent, now: &mut PageContent) {
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
