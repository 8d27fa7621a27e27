//! New articles that were read: recorded, or held back where they break with what is usual as most
//! do.
//!
//! Owns the decision, which falls once it is known how many are alike: one that alone lacks something
//! is as its portal wants it. What is not decided on stays in the queue. Never fetches.

use chrono::TimeDelta;

use super::articles::back_off;
use super::collect::Collector;
use super::report::{ColumnReport, Failure};
use super::telling::say;
use super::trouble::Trouble;
use super::trouble::Vain;
use crate::config::Column;
use crate::identify::CanonicalUrl;
use crate::model::Verdict;
use crate::store::{QueuedItem, ReadPage, SaveOutcome, Shows};

/// So many doubtful pages are decided on together, and with them what was read meanwhile: not all
/// at the end, which a time limit may forestall.
pub(super) const TOGETHER: usize = 5;
/// What is held back is read again after so long, if nothing says earlier that it is well.
const REST: TimeDelta = TimeDelta::hours(1);

/// New articles that were read and are to be decided on, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    items: Vec<(QueuedItem, Box<ReadPage>, Shows)>,
    suspects: usize,
}

impl Collector {
    /// Records a new article, or keeps it for later: while another is in doubt, those behind it
    /// wait, so that all are published in their order.
    pub(super) async fn take_new(
        &self,
        column: &Column,
        item: &QueuedItem,
        (read, shows): (Box<ReadPage>, Shows),
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        let is_judged = !item.is_older;
        let drift = report.drift.as_ref().filter(|_| is_judged);
        let is_suspect = drift.is_some_and(|drift| drift.is_suspect(&shows));
        let pending = &mut report.pending;
        if !is_suspect && pending.items.is_empty() {
            return self.record_new(column, item, &read, report).await;
        }
        pending.items.push((item.clone(), read, shows));
        pending.suspects += usize::from(is_suspect);
        if pending.suspects >= TOGETHER || pending.items.len() >= 2 * TOGETHER {
            self.settle_new(column, report).await?;
        }
        Ok(())
    }

    /// Decides on new articles: those that break with what is usual as most do wait in the queue,
    /// and are read again.
    pub(super) async fn settle_new(
        &self,
        column: &Column,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        let Pending { items, .. } = std::mem::take(&mut report.pending);
        let Some(drift) = report.drift.clone().filter(|_| !items.is_empty()) else {
            return Ok(());
        };
        let breaks = drift.breaks(true);
        for (item, read, shows) in items {
            let now = self.clock.now();
            if item.is_older {
                self.record_new(column, &item, &read, report).await?;
            } else if let Some(rule) = drift.disbelieved(&shows) {
                let message = format!(
                    "{}: nothing on the page matches {rule}, and what was found without it is far \
                     less than usual; it is held back. Mend the selector in the feed file, or leave \
                     it out",
                    item.url
                );
                let verdict = Verdict::LayoutChanged;
                let vain = Vain::Held { verdict, message };
                self.put_back(column, &item, vain, report).await?;
            } else if let Some(hold) = drift.hold(&shows, &breaks) {
                let code = hold.verdict.code();
                self.store
                    .queue()
                    .hold(&column.name, &item.url, now.plus(REST), code, &hold.fields)
                    .await?;
                let why = say(&drift, &hold.why);
                let message = format!("{}: is held back, not published: {why}", item.url);
                report.fail(
                    now,
                    Failure {
                        url: item.url,
                        verdict: hold.verdict,
                        message,
                    },
                );
            } else {
                self.record_new(column, &item, &read, report).await?;
            }
        }
        Ok(())
    }

    async fn record_new(
        &self,
        column: &Column,
        item: &QueuedItem,
        read: &ReadPage,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        let now = self.clock.now();
        match self
            .store
            .articles()
            .save(now, Some(&column.name), read)
            .await?
        {
            SaveOutcome::Doubtful => {
                let vain = Vain::doubtful(&item.url);
                self.put_back(column, item, vain, report).await
            }
            outcome => {
                if outcome == SaveOutcome::Removed {
                    self.erase(column, read).await?;
                }
                report.count(now, &item.url, outcome);
                Ok(())
            }
        }
    }

    /// Takes what was just archived of a removed article out of the archive again, its further parts
    /// included, unless one is an article of its own.
    pub(super) async fn erase(&self, column: &Column, read: &ReadPage) -> Result<(), Trouble> {
        let mut urls = vec![&read.url, &read.found_at];
        for part in &read.reading.parts {
            if !self
                .store
                .articles()
                .has_page(&CanonicalUrl::from(part))
                .await?
            {
                urls.push(part);
            }
        }
        if let Err(error) = self.scribe.erase(&urls).await {
            let message = format!(
                "{} shows an article that was removed, and what was archived of it could not be \
                 erased: {}. Run `dibao remove` again for that article",
                read.url, error.cause
            );
            let (now, subject) = (self.clock.now(), column.name.as_str());
            self.store
                .incidents()
                .note(now, "removed-again", subject, &message)
                .await?;
        }
        Ok(())
    }

    /// Lets an item rest that was tried in vain.
    pub(super) async fn put_back(
        &self,
        column: &Column,
        item: &QueuedItem,
        vain: Vain,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        let now = self.clock.now();
        let next = now.plus(back_off(item.attempts, vain.is_transient()));
        let failure = vain.into_failure(&item.url);
        self.store
            .queue()
            .put_back(&column.name, &item.url, next, failure.verdict.code())
            .await?;
        report.fail(now, failure);
        Ok(())
    }
}
