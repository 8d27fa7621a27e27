//! Gives an article another address of a picture or file whose old one fails.
//!
//! Owns the change: `amended`, for nothing of the text differs. Only an address that the article's
//! page shows now in the place of the old one is taken. Never asks whether an address answers.

use url::Url;

use super::compared::{address_now, readdressed};
use super::page_row::page_row;
use super::write_change::{next_timestamp, write_and_publish};
use super::{Articles, sound_in, stored};
use crate::identify::CanonicalUrl;
use crate::model::{ChangeKind, Timestamp, content_sha256};
use crate::store::StoreError;

impl Articles<'_> {
    /// Replaces an address within the text of the article on this page, where that address fails
    /// and the page shows another one in its place. Returns whether it did.
    pub async fn readdress(
        self,
        now: Timestamp,
        portal: &str,
        page: &Url,
        failing: &Url,
    ) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        let row = page_row(&mut tx, portal, &CanonicalUrl::from(page)).await?;
        let Some(row) = row else { return Ok(false) };
        let Some(id) = &row.article_id else {
            return Ok(false);
        };
        let is_primary: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM articles WHERE id = ? AND primary_url = ?)",
        )
        .bind(id)
        .bind(&row.canonical_url)
        .fetch_one(&mut *tx)
        .await?;
        let Some(stored) = stored(&mut tx, id).await?.filter(|_| is_primary) else {
            return Ok(false);
        };
        let mut article = sound_in(&mut tx, &stored).await?;
        let (content, seen) = (row.content()?, row.seen_values()?);
        let new = address_now(&article.body, &content.body, page, &seen, failing);
        let Some(new) = new else { return Ok(false) };
        article.body = readdressed(&article.body, failing, &new);
        article.content_sha256 = content_sha256(&article.title, &article.metadata, &article.body);
        let at = next_timestamp(&mut tx, now).await?;
        write_and_publish(&mut tx, at, &article, ChangeKind::Amended).await?;
        tx.commit().await?;
        Ok(true)
    }
}
