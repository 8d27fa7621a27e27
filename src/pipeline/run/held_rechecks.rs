//! Known articles that were read again: saved, or left as they are if the page's new layout alone
//! may have changed them.
//!
//! Owns the decision. It waits until the run knows how many pages are alike: a single page was
//! edited; most pages have a new layout, which revises nothing. Never fetches.

use url::Url;

use super::pending::PendingRecheck;
use super::report::Failure;
use super::state::Run;
use crate::model::Verdict;
use crate::pipeline::drift::{describe, shows};
use crate::pipeline::reading::{PageError, RunError, keep};
use crate::store::{ReadPage, SaveOutcome, Shows};

impl Run<'_> {
    /// Saves a known article that was read again, or keeps it for a later decision if it is
    /// doubtful. A field that the column's new layout no longer shows keeps its value.
    pub(super) async fn take_recheck(
        &mut self,
        mut read: Box<ReadPage>,
        shown: Shows,
    ) -> Result<(), RunError> {
        let portal = &self.column.portal;
        if let Some(drift) = self.drift.as_ref().filter(|drift| drift.is_odd(&shown))
            && let Some(before) = self
                .store()
                .articles()
                .page_content(portal, &read.url)
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
                self.rechecks.push(PendingRecheck {
                    read,
                    before: Box::new(before),
                    lost,
                    shrank,
                    moved,
                });
                return if self.rechecks.is_full() {
                    self.settle_rechecks().await
                } else {
                    Ok(())
                };
            }
        }
        self.save_recheck(&read).await
    }

    /// Decides on known pages: where most of them differ in the same way, the layout is the cause,
    /// and no article is revised. A field for which nothing is held back keeps its value then.
    pub(super) async fn settle_rechecks(&mut self) -> Result<(), RunError> {
        let pages = self.rechecks.take();
        let Some(drift) = self.drift.clone().filter(|_| !pages.is_empty()) else {
            return Ok(());
        };
        let portal = &self.column.portal;
        let (breaks, let_go) = (drift.breaks(false), drift.let_go());
        for mut page in pages {
            page.keep(&let_go);
            let Some((verdict, why)) = page.doubt(&breaks) else {
                self.save_recheck(&page.read).await?;
                continue;
            };
            let (now, url) = (self.now(), page.read.url.clone());
            if verdict == Verdict::LayoutChanged && page.is_in_markup() {
                self.store()
                    .articles()
                    .note_unchanged(now, portal, &url)
                    .await?;
                self.report.count(now, &url, SaveOutcome::Unchanged);
                continue;
            }
            self.store()
                .articles()
                .put_off_recheck(now, portal, &url)
                .await?;
            let message = format!("{url}: stays as it was: {}", describe(&drift, why));
            let failure = Failure {
                url,
                verdict,
                message,
            };
            self.report.fail(now, failure);
        }
        Ok(())
    }

    async fn save_recheck(&mut self, read: &ReadPage) -> Result<(), RunError> {
        let url = &read.url;
        match self.save(None, read).await {
            Ok(SaveOutcome::Doubtful) => self.leave(url, PageError::doubtful(url)).await,
            Ok(_) => Ok(()),
            Err(error) if self.is_damage(&error) => self.leave(url, PageError::Run(error)).await,
            Err(error) => Err(error),
        }
    }

    /// Leaves a known article as it is, and looks at its page another time.
    pub(super) async fn leave(&mut self, url: &Url, error: PageError) -> Result<(), RunError> {
        let now = self.now();
        self.store()
            .articles()
            .put_off_recheck(now, &self.column.portal, url)
            .await?;
        self.report.fail(now, Failure::new(url, error));
        Ok(())
    }
}
