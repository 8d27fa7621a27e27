//! Walks of lists that show the oldest first.
//!
//! Owns the way from the last page up. Never reads a list page itself.

use super::list_order::{self, Order};
use super::walk::{ListPage, ListWalk};
use super::walk_limits::queue_backfill;
use crate::extract::{Above, pages_upward};
use crate::fetch::Fetched;
use crate::pipeline::reading::RunError;
use crate::store::ListOrder;

impl ListWalk<'_, '_> {
    /// Walks a list that has its oldest items first from its last page up. Returns whether it is
    /// such a list: the last page must be newer than the first, and as new as what is known.
    pub(super) async fn walk_upward(&mut self, first: &ListPage) -> Result<bool, RunError> {
        let is_known = self.memory.order == Some(ListOrder::Rising);
        let order = list_order::of(&self.days);
        let Some(second) = first.page.next.clone().filter(|_| !first.page.is_shell()) else {
            return Ok(false);
        };
        if order != Order::Rising || !(is_known || self.may_look()) {
            return Ok(false);
        }
        let Some(last) = &first.page.last else {
            self.memory.order = Some(ListOrder::RisingUnread);
            return Ok(false);
        };
        self.looks = self.looks.max(1);
        let pages = pages_upward(&second, last);
        let first_newest = list_order::days(&first.page.items).into_iter().max();
        self.above = Above::Unknown;
        let mut is_newer = false;
        for url in &pages {
            if self.read.contains(url) {
                break;
            }
            if is_newer && self.is_far() {
                queue_backfill(self.run, &second, Above::Unknown).await?;
                break;
            }
            let fetched = match self.run.pages.get(url, None).await {
                Err(RunError::Fetch(error)) if error.is_missing() => break,
                fetched => fetched?,
            };
            let Fetched::Page(mut page) = fetched else {
                break;
            };
            let Some(read) = self.parse(&mut page).await? else {
                break;
            };
            let below = list_order::days(&read.items);
            let newest = below.iter().copied().max();
            // Below pinned items, the oldest first among themselves, the last page is newer, too.
            let goes_on_rising =
                newest >= self.known_to && list_order::of(&below) != Order::Falling;
            is_newer |= newest > first_newest && goes_on_rising;
            if !is_newer {
                // The walk downward may come to this page.
                self.read.remove(&page.url);
                break;
            }
            let read = self.take(&page, read).await?;
            if !self.goes_on(&read) {
                break;
            }
        }
        if !is_newer {
            self.above = first.page.below;
            // A later run may still look behind pinned items.
            self.looks = self.looks.min(usize::from(self.state.walked));
        }
        self.memory.order = is_newer.then_some(ListOrder::Rising);
        Ok(is_newer)
    }
}
