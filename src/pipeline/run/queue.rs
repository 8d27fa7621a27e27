//! Reads the articles that wait in the column's queue.
//!
//! Owns their order, and when an article that was held back is read again. Never decides on one.

use tokio::sync::mpsc;

use super::article::Answer;
use super::collector::AskedBy;
use super::line::Line;
use super::state::Run;
use crate::pipeline::drift::Drift;
use crate::pipeline::progress::Step;
use crate::pipeline::reading::{PageError, RunError};
use crate::store::{QueuedItem, SaveOutcome};

/// This many articles that are held back are read again to see whether the column is well.
const PROBES: usize = 5;
/// This many items behind the one that is saved are read or asked for.
const AHEAD: usize = 3;

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

    /// Reads these items in their order. While one is saved, the next ones are read and asked for.
    async fn read_items(&mut self, items: &[QueuedItem]) -> Result<(), RunError> {
        let pages = self.pages.clone();
        let line = Line::new();
        let (fetched, to_read) = mpsc::channel(1);
        let (read, ready) = mpsc::channel(1);
        let take = async {
            let taken = self.take_in_order(items, &line, ready).await;
            line.end();
            taken
        };
        let ask = line.ask(items, &pages, fetched);
        let reads = line.read(items, &pages, to_read, read);
        let (taken, (), ()) = tokio::join!(take, ask, reads);
        taken?;
        self.settle_new().await
    }

    /// Takes items in their order, as they are read. Says how far others may be asked for meanwhile.
    async fn take_in_order(
        &mut self,
        items: &[QueuedItem],
        line: &Line,
        mut ready: mpsc::Receiver<Result<Answer, PageError>>,
    ) -> Result<(), RunError> {
        for (at, item) in items.iter().enumerate() {
            if self.budget.is_spent() {
                break;
            }
            let is_avoided = self.avoids(&item.url).await?;
            if !line.is_asked(at) {
                if is_avoided {
                    line.skip(at);
                    continue;
                }
                line.allow(at + 1);
            }
            let Some(read) = ready.recv().await else {
                break;
            };
            if !is_avoided {
                line.allow(match &read {
                    Ok(_) => self.may_ask(at + 1, items).await?,
                    Err(_) => at + 1,
                });
            }
            let has_failed = read.is_err();
            if !is_avoided {
                self.take_queued(item, read).await?;
            }
            line.take(has_failed);
        }
        Ok(())
    }

    /// The place behind those of these items that may be asked for while others are read: however
    /// those end, these would be asked for next.
    async fn may_ask(&mut self, from: usize, items: &[QueuedItem]) -> Result<usize, RunError> {
        let mut to = from;
        while self.budget.bears_a_failure()
            && to < from + AHEAD
            && let Some(item) = items.get(to)
            && !self.avoids(&item.url).await?
        {
            to += 1;
        }
        Ok(to)
    }

    /// Reads one item that waits, and takes it.
    pub(in crate::pipeline) async fn read_queued(
        &mut self,
        item: &QueuedItem,
    ) -> Result<(), RunError> {
        let read = self.pages.read_article(&item.url, item.row.as_ref(), None);
        let read = read.await;
        self.take_queued(item, read).await
    }

    /// Takes an item that was read. Its article is saved, or waits for a decision with others; an
    /// item without one rests.
    async fn take_queued(
        &mut self,
        item: &QueuedItem,
        read: Result<Answer, PageError>,
    ) -> Result<(), RunError> {
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
