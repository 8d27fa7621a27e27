//! Items on their way from the portal to the store: asked for, read, taken, each in its turn.
//!
//! Owns how far the first two steps are ahead of the last: never past an item that failed until that
//! is counted, and at most one item is asked for whose predecessor is not read. So the steps overlap,
//! and no host is asked more than it would be one by one. Never decides what follows from a failure.

use tokio::sync::{mpsc, watch};

use super::article::Answer;
use super::page_reader::PageReader;
use crate::fetch::Fetched;
use crate::pipeline::reading::{PageError, RunError};
use crate::store::QueuedItem;

type Page = Result<Fetched, RunError>;
type Read = Result<Answer, PageError>;

/// How far each step is.
pub(super) struct Line(watch::Sender<Places>);

/// Places among the items: so many are behind a step.
#[derive(Default)]
struct Places {
    /// May be asked for.
    allowed: usize,
    asked: usize,
    read: usize,
    /// Items whose reading failed, which is not counted yet.
    failures: usize,
    is_over: bool,
}

impl Places {
    /// Whether the next item is asked for; `is_well` says whether the last one was answered.
    fn may_ask(&self, is_well: bool) -> bool {
        let is_next = self.asked < self.allowed && self.asked - self.read <= usize::from(is_well);
        is_next && self.failures == 0
    }
}

impl Line {
    pub(super) fn new() -> Self {
        Self(watch::Sender::default())
    }

    /// Whether the item at this place was asked for.
    pub(super) fn is_asked(&self, at: usize) -> bool {
        at < self.0.borrow().asked
    }

    /// Allows that items before this place are asked for, and no others.
    pub(super) fn allow(&self, to: usize) {
        self.0.send_modify(|places| places.allowed = to);
    }

    /// Leaves out the item at this place, before which nothing is on its way.
    pub(super) fn skip(&self, at: usize) {
        self.0
            .send_modify(|places| (places.asked, places.read) = (at + 1, at + 1));
    }

    /// Notes that an item was taken, and what follows from its failure is counted.
    pub(super) fn take(&self, has_failed: bool) {
        let failed = usize::from(has_failed);
        self.0
            .send_modify(|places| places.failures = places.failures.saturating_sub(failed));
    }

    /// Ends it: nothing more is asked for.
    pub(super) fn end(&self) {
        self.0.send_modify(|places| places.is_over = true);
    }

    /// Asks for one item after the other, as far as that is allowed.
    pub(super) async fn ask(
        &self,
        items: &[QueuedItem],
        pages: &PageReader<'_>,
        fetched: mpsc::Sender<Page>,
    ) {
        let (mut places, mut is_well) = (self.0.subscribe(), true);
        loop {
            let next = places.wait_for(|places| places.is_over || places.may_ask(is_well));
            let at = match next.await {
                Ok(places) if !places.is_over => places.asked,
                _ => return,
            };
            let Some(item) = items.get(at) else { return };
            self.0.send_modify(|places| places.asked = at + 1);
            let page = pages.get(&item.url, None).await;
            is_well = page.is_ok();
            if fetched.send(page).await.is_err() {
                return;
            }
        }
    }

    /// Reads the pages that were fetched.
    pub(super) async fn read(
        &self,
        items: &[QueuedItem],
        pages: &PageReader<'_>,
        mut fetched: mpsc::Receiver<Page>,
        ready: mpsc::Sender<Read>,
    ) {
        while let Some(page) = fetched.recv().await {
            let at = self.0.borrow().read;
            let Some(item) = items.get(at) else { return };
            let read = pages.read_fetched(&item.url, item.row.as_ref(), page).await;
            self.0.send_modify(|places| {
                places.read = at + 1;
                places.failures += usize::from(read.is_err());
            });
            if ready.send(read).await.is_err() {
                return;
            }
        }
    }
}
