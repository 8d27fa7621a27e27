//! Articles whose text is another one at every look.
//!
//! Owns when such a change is told: a few times as a revision, then no more, until two looks in a row
//! are equal or the last look is over. The newest text is stored and published all the same. Never
//! compares two texts.

use super::page_row::PageRow;
use crate::identify::CanonicalUrl;
use crate::model::{Article, ChangeKind, Timestamp};
use crate::store::driver::EngineConnection;
use crate::store::{ReadPage, StoreError, incidents};

/// The code of an incident: a text is another one at every look.
pub(super) const VOLATILE: &str = "volatile";

/// So many looks in a row that differ are told as revisions.
const TOLD: i64 = 3;

/// What is told of a change.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The hash of the text that was told last, while later ones are not.
    pub(super) sha256: Option<String>,
    /// What the change counts as, if this decides.
    pub(super) kind: Option<ChangeKind>,
}

/// What is told of an article that was `before` and is `after`, whose text `page` supplies. `sha256`
/// is that of the text that was told last, if it was not the last one. What our rules change is told in
/// any case.
pub(super) fn told(
    sha256: Option<String>,
    page: &PageRow,
    before: Option<&Article>,
    after: &Article,
    is_portals: bool,
) -> Told {
    let Some(before) = before.filter(|_| is_portals) else {
        return Told { sha256, kind: None };
    };
    let is_other = before.content_sha256 != after.content_sha256;
    let comes_back = before.withdrawn_at.is_some() && after.withdrawn_at.is_none();
    // Two looks in a row are equal, or there is no other look.
    let is_over = page.unrest == 0 || page.next_check_ms.is_none();
    match sha256 {
        Some(told) if is_over => Told {
            sha256: None,
            kind: match told != after.content_sha256 {
                true => Some(ChangeKind::Revised),
                false => is_other.then_some(ChangeKind::Amended),
            },
        },
        told if page.unrest > TOLD && !is_over && is_other && !comes_back => Told {
            sha256: told.or_else(|| Some(before.content_sha256.clone())),
            kind: Some(ChangeKind::Amended),
        },
        sha256 => Told { sha256, kind: None },
    }
}

/// Tells once that a page shows another text at every look.
pub(super) async fn note(
    tx: &mut EngineConnection,
    now: Timestamp,
    page: &ReadPage,
    url: &CanonicalUrl,
) -> Result<(), StoreError> {
    let Some(column) = &page.reading.read_by else {
        return Ok(());
    };
    let looks: Option<i64> =
        sqlx::query_scalar("SELECT unrest FROM pages WHERE portal = ? AND canonical_url = ?")
            .bind(&page.portal)
            .bind(url.as_str())
            .fetch_optional(&mut *tx)
            .await?;
    if looks.is_none_or(|looks| looks <= TOLD) {
        return Ok(());
    }
    let message = format!(
        "{}: the text is another one at every look; the newest one is published, and no revision is \
         told until two looks in a row are equal. See what changes on the page; if it is not part of \
         the article, name the text under article.body in the feed file",
        page.url
    );
    incidents::note(tx, now, VOLATILE, column.as_str(), &message).await
}
