//! Rechecks: reads recent articles again, to see whether the portal edited them or took them down.
//!
//! Owns their order. Never decides which are due; the store does.

use super::article::Answer;
use super::state::Run;
use crate::model::{ChangeKind, Verdict};
use crate::pipeline::progress::Step;
use crate::pipeline::reading::{PageError, RunError};
use crate::store::{DuePage, ReadPage, RecheckOutcome, SaveOutcome};

impl Run<'_> {
    /// Rechecks the articles that are due.
    pub(super) async fn recheck_due(&mut self) -> Result<(), RunError> {
        let (now, name) = (self.now(), &self.column.name);
        let due = self.store().articles().due_pages(now, name).await?;
        self.progress(Step::RechecksDue {
            column: name,
            pages: due.len(),
        });
        self.recheck_all(&due).await
    }

    /// Rechecks these pages, due or not.
    pub(super) async fn recheck_all(&mut self, pages: &[DuePage]) -> Result<(), RunError> {
        let name = &self.column.name;
        for page in pages {
            if self.avoids(&page.url).await? {
                continue;
            }
            match self.recheck(page).await {
                Err(error) if self.is_damage(&error) => {
                    self.leave(&page.url, PageError::Run(error)).await?;
                }
                done => done?,
            }
            self.progress(Step::ArticleDone {
                column: name,
                url: &page.url,
            });
            if self.budget.is_spent() {
                break;
            }
        }
        self.settle_rechecks().await
    }

    async fn recheck(&mut self, page: &DuePage) -> Result<(), RunError> {
        let (portal, url) = (&self.column.portal, &page.url);
        let read = self
            .pages
            .read_article(url, page.row.as_ref(), Some(&page.validators))
            .await;
        let now = self.now();
        let is_blanked = match &read {
            Ok(Answer::Read(read, _)) => self.is_blanked(read).await?,
            _ => false,
        };
        let read = if is_blanked {
            Err(PageError::blank(url))
        } else {
            read
        };
        let rechecked = match read {
            Ok(Answer::Read(read, shows)) => {
                self.budget.renew(url);
                self.count_shown(now, url, false, &shows);
                return self.take_recheck(read, shows).await;
            }
            Ok(Answer::Unchanged) => {
                if let Some(drift) = &mut self.drift {
                    drift.forget(url);
                }
                let look = self
                    .store()
                    .articles()
                    .note_unchanged(now, portal, url)
                    .await?;
                Ok(outcome_of(look))
            }
            Err(PageError::Run(RunError::Fetch(error))) if error.is_missing() => {
                let look = self
                    .store()
                    .articles()
                    .note_missing(now, portal, url)
                    .await?;
                if look != RecheckOutcome::Withdrawn {
                    self.report.note_verdict(now, url, Verdict::NotFound);
                    return Ok(());
                }
                Ok(SaveOutcome::Changed(ChangeKind::Withdrawn))
            }
            Err(error) => Err(error),
        };
        match rechecked {
            Ok(outcome) => {
                self.budget.renew(url);
                self.report.count(now, url, outcome);
            }
            Err(PageError::Run(error)) if error.is_fatal() => return Err(error),
            Err(error) => {
                self.spend(&error);
                self.leave(url, error).await?;
            }
        }
        Ok(())
    }
}

impl Run<'_> {
    /// Whether a known article's page shows nothing of the article any more.
    async fn is_blanked(&self, read: &ReadPage) -> Result<bool, RunError> {
        if !read.content.body.is_empty() {
            return Ok(false);
        }
        let portal = &self.column.portal;
        let before = self.store().articles().page_content(portal, &read.url);
        Ok(before.await?.is_some_and(|before| !before.body.is_empty()))
    }
}

fn outcome_of(look: RecheckOutcome) -> SaveOutcome {
    match look {
        RecheckOutcome::Restored => SaveOutcome::Changed(ChangeKind::Restored),
        _ => SaveOutcome::Unchanged,
    }
}
