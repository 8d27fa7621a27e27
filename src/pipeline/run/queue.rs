//! Reads the articles that wait in the column's queue.
//!
//! Owns their order, and when an article that was held back is read again. Never decides on one.

use url::Url;

use super::article::Answer;
use super::collector::AskedBy;
use super::state::Run;
use crate::fetch::Fetched;
use crate::pipeline::drift::Drift;
use crate::pipeline::progress::Step;
use crate::pipeline::reading::{PageError, RunError};
use crate::store::{QueuedItem, SaveOutcome};

/// This many articles that are held back are read again to see whether the column is well.
const PROBES: usize = 5;

impl Run<'_> {
    /// Reads the waiting items, oldest first: a few of the articles that are held back, to see
    /// whether the column is well, and if it is, all of them; then the new ones.
    pub(super) async fn read_queue(&mut self) -> Result<(), RunError> {
        let (now, name) = (self.now(), &self.column.name);
        let queued = self.store().queue().due(now, name).await?;
        let held = self.store().queue().held(now, name).await?;
        self.learn().await?;
        let (due, mut left): (Vec<_>, Vec<_>) =
            held.into_iter().partition(|item| self.is_to_read(item));
        let (probes, rest) = due.split_at(due.len().min(PROBES));
        self.progress(Step::Queued {
            column: name,
            items: queued.len() + probes.len(),
        });
        self.read_items(probes).await?;
        if self.is_broken() {
            left.extend_from_slice(rest);
        } else {
            self.read_items(rest).await?;
        }
        self.read_items(&queued).await?;
        // New articles may show that the column is well, although no held article was read.
        let was_broken = self.drift.as_ref().is_some_and(Drift::was_broken);
        if was_broken && !self.is_broken() {
            self.read_items(&left).await?;
        }
        Ok(())
    }

    fn is_broken(&self) -> bool {
        self.drift.as_ref().is_some_and(Drift::is_broken)
    }

    /// Whether an article that is held back is read again: it has rested, or a person asks, or the
    /// field for which it is held back is no longer missing.
    fn is_to_read(&self, item: &QueuedItem) -> bool {
        let drift = self.drift.as_ref();
        let is_missed = |field| drift.is_some_and(|drift| drift.is_missed(field));
        item.is_due
            || self.collector.asked_by == AskedBy::Person
            || !item.held.iter().any(|field| is_missed(*field))
    }

    /// Reads these items in their order. While one is read, the next one is asked for.
    async fn read_items(&mut self, items: &[QueuedItem]) -> Result<(), RunError> {
        let mut ahead = None;
        for (item, next) in items
            .iter()
            .zip(items.iter().skip(1).map(Some).chain([None]))
        {
            if self.budget.is_spent() {
                break;
            }
            if self.avoids(&item.url).await? {
                continue;
            }
            let fetched = match ahead.take() {
                Some(fetched) => fetched,
                None => self.get(&item.url, None).await,
            };
            let next = match next {
                Some(next) if fetched.is_ok() && self.may_ask(&next.url).await? => Some(next),
                _ => None,
            };
            let (session, column) = (self.session.clone(), self.column);
            let ask = async {
                let url = &next?.url;
                let got = session.get_linked(url, &column.url, &column.fetch, None);
                Some(got.await.map_err(RunError::from))
            };
            let (read, asked) = tokio::join!(self.take_queued(item, fetched), ask);
            read?;
            ahead = asked;
        }
        self.settle_new().await
    }

    /// Whether an item may be asked for while another is read: however that ends, the item would
    /// be asked for next.
    async fn may_ask(&mut self, url: &Url) -> Result<bool, RunError> {
        Ok(self.budget.bears_a_failure() && !self.avoids(url).await?)
    }

    /// Reads one item that waits. Its article is saved, or waits for a decision with others; an
    /// item without one rests.
    pub(in crate::pipeline) async fn read_queued(
        &mut self,
        item: &QueuedItem,
    ) -> Result<(), RunError> {
        let fetched = self.get(&item.url, None).await;
        self.take_queued(item, fetched).await
    }

    async fn take_queued(
        &mut self,
        item: &QueuedItem,
        fetched: Result<Fetched, RunError>,
    ) -> Result<(), RunError> {
        let row = item.row.as_ref();
        let read = self.read_fetched(&item.url, row, fetched).await;
        let now = self.now();
        match read {
            Ok(Answer::Read(read, shows)) => {
                self.budget.renew(&item.url);
                if !item.is_older {
                    self.count_shown(now, &item.url, true, &shows);
                }
                self.take_new(item, read, shows).await?;
            }
            Ok(Answer::Unchanged) => {
                self.budget.renew(&item.url);
                self.report.count(now, &item.url, SaveOutcome::Unchanged);
            }
            Err(PageError::Run(error)) if error.is_fatal() => return Err(error),
            Err(error) => {
                self.spend(&error);
                self.put_back(item, error).await?;
            }
        }
        self.progress(Step::ArticleDone {
            column: &self.column.name,
            url: &item.url,
        });
        Ok(())
    }
}
