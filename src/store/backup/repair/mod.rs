//! Restores damaged rows.
//!
//! Owns where a row may be restored from: the one byte that its checksum tells of, other rows, and
//! what the caller found published or archived. Nothing is taken that the checksum does not confirm, but an
//! article's own last change. Never guesses.

mod articles;
mod changes;
mod pages;
mod plain;
mod sources;

use crate::store::article::texts;
use crate::store::rows::DamagedRow;
use crate::store::{Store, StoreError};

use super::check::PLAIN;
use articles::{list_anew, repair_article};
use changes::{repair_change, repair_publication};
use pages::repair_page;
use plain::repair_plain;
pub use sources::{PublishedState, RestoredFrom};

impl Store {
    /// Writes all indexes anew.
    pub async fn reindex(&self) -> Result<(), StoreError> {
        sqlx::query("REINDEX").execute(&self.pool).await?;
        Ok(())
    }

    /// Restores a damaged row, if something confirms what it was.
    pub async fn repair_row(
        &self,
        row: &DamagedRow,
        published: &PublishedState,
    ) -> Result<Option<RestoredFrom>, StoreError> {
        let Some(place) = row.place else {
            return Ok(None);
        };
        let mut tx = self.begin().await?;
        let is_text_mended = texts::mend(&mut tx, row.table, place).await?;
        let restored = match row.table {
            "articles" => repair_article(&mut tx, place, published).await?,
            "changes" => repair_change(&mut tx, place, published).await?,
            "publications" => repair_publication(&mut tx, place).await?,
            "pages" => repair_page(&mut tx, place, published).await?,
            "column_articles" => {
                list_anew(&mut tx, &row.key).await?;
                Some(RestoredFrom::OtherRows)
            }
            table => match PLAIN.iter().find(|plain| plain.table == table) {
                Some(plain) => repair_plain(&mut tx, plain, place).await?,
                None => None,
            },
        };
        tx.commit().await?;
        Ok(match restored {
            Some(RestoredFrom::Itself) if is_text_mended => Some(RestoredFrom::Checksum),
            restored => restored,
        })
    }

    /// Writes anew what follows from other rows.
    pub async fn recount(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for statement in [
            "DELETE FROM texts WHERE NOT EXISTS (SELECT 1 FROM articles WHERE text_id = texts.id)
                AND NOT EXISTS (SELECT 1 FROM changes WHERE text_id = texts.id)
                AND NOT EXISTS (SELECT 1 FROM pages WHERE text_id = texts.id)",
            "DELETE FROM column_months",
            "INSERT INTO column_months (column_name, month, articles, live)
             SELECT column_name, month, COUNT(*), SUM(1 - is_withdrawn) FROM column_articles
             GROUP BY column_name, month",
            "DELETE FROM column_told",
            "INSERT INTO column_told (column_name, seq)
             SELECT k.column_name, c.seq FROM changes c
             JOIN column_articles k ON k.article_id = c.article_id
             WHERE c.kind IN ('revised', 'withdrawn', 'restored', 'removed')
             ON CONFLICT DO NOTHING",
        ] {
            sqlx::query(statement).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}
