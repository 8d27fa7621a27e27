//! What a walk leaves behind: the rest of a long list, a list without an order, and a pager in a
//! circle.
//!
//! Owns their incidents. Never reads a list page.

use url::Url;

use super::state::Run;
use crate::extract::Above;
use crate::pipeline::reading::RunError;
use crate::store::ListOrder;

/// The code of an incident, and the reason of a paused backfill: there are further list pages, and
/// their address cannot be read.
pub(in crate::pipeline) const PAGER_UNREAD: &str = "pager-unread";
/// List pages that a later run reads at most.
pub(super) const MAX_PAGES: usize = 20;

/// Whether a list of this order is told in each run.
pub(super) fn is_told(order: Option<ListOrder>) -> bool {
    !matches!(order, None | Some(ListOrder::Rising))
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

/// Tells of a pager that leads back to a page of this walk before the list's last page. The last
/// page's pager may lead to itself.
pub(super) async fn note_circle(
    run: &mut Run<'_>,
    url: &Url,
    total: Option<u32>,
) -> Result<(), RunError> {
    let done = run.report.list_pages;
    let Some(total) = total.filter(|total| *total as usize > done) else {
        return Ok(());
    };
    let message = format!(
        "{url}: the pager leads back to this page after {done} of {total} pages; what is on the \
         others is out of reach. See whether the portal shows the list elsewhere, or name the link \
         under list.next in the feed file"
    );
    Ok(run.note_incident(PAGER_UNREAD, &message).await?)
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
