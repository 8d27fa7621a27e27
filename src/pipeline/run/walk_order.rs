//! Walks of lists that do not show the newest first, and what is told of them.
//!
//! Owns the way from the last page up. Never reads a list page itself.

use url::Url;

use super::list_order::{self, Order};
use super::state::Run;
use super::walk::{ListPage, ListWalk, MAX_PAGES};
use crate::extract::{Above, Item, pages_upward};
use crate::fetch::Fetched;
use crate::pipeline::reading::RunError;
use crate::store::ListOrder;

impl ListWalk<'_, '_> {
    /// Walks a list that has its oldest items first from its last page up. Returns whether it is
    /// such a list: the last page must be newer than the first.
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
        let newest = |items: &[Item]| items.iter().filter_map(|item| item.published_on).max();
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
            let fetched = match self.run.get(url, None).await {
                Err(RunError::Fetch(error)) if error.is_missing() => break,
                fetched => fetched?,
            };
            let Fetched::Page(mut page) = fetched else {
                break;
            };
            let Some(read) = self.parse(&mut page).await? else {
                break;
            };
            is_newer |= newest(&read.items) > newest(&first.page.items);
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
        }
        self.memory.order = is_newer.then_some(ListOrder::Rising);
        Ok(is_newer)
    }
}

/// Tells of a list in which news may stand on any page.
pub(super) async fn note_order(
    run: &mut Run<'_>,
    order: Option<ListOrder>,
) -> Result<(), RunError> {
    let how = match order {
        None | Some(ListOrder::Rising) => return Ok(()),
        Some(ListOrder::RisingUnread) => {
            "lists its oldest items first, and its last page, where the news stands, cannot be read"
        }
        Some(ListOrder::Mixed) => {
            "does not list its items by their days, so that news may stand on any page"
        }
    };
    let message = format!(
        "{} {how}; what is beyond the first pages may be missed. Give the address of the list that \
         shows the newest first as url in the feed file",
        run.column.url
    );
    Ok(run.note_incident("list-order", &message).await?)
}

/// The list has more unknown items than a run reads: a backfill reads it from `beyond` on.
pub(super) async fn queue_backfill(
    run: &mut Run<'_>,
    beyond: &Url,
    above: Above,
) -> Result<(), RunError> {
    let (name, url) = (&run.column.name, run.column.url.as_str());
    let day = match above {
        Above::Row(day) => Some(day),
        Above::Unknown | Above::Sight(_) => None,
    };
    run.store()
        .backfills()
        .begin(name, url, beyond, MAX_PAGES as u32, day, true)
        .await?;
    let message = format!(
        "{MAX_PAGES} list pages were read and all held something unknown; the list from \
         {beyond} on waits for a backfill. `serve` and `run` work it off piece by piece, \
         `dibao backfill {name}` at once"
    );
    Ok(run.note_incident("walk-limit", &message).await?)
}
