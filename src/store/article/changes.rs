//! The list of changes, and every article as it was at one of them.
//!
//! Owns the reading of changes. Long answers are read in several short transactions, so a slow
//! client blocks nobody. Never writes.

use futures_util::{Stream, TryStreamExt, stream};
use sqlx::Connection;
use uuid::Uuid;

use super::{Changes, PAGE_BYTES};
use crate::model::{Article, Change, WrittenChange};
use crate::store::StoreError;
use crate::store::rows::{ChangeRow, article, change, written_change};

/// A snapshot reads this many articles at a time.
const SNAPSHOT_PAGE: i64 = 100;

/// Some changes, in order.
const AFTER: &str =
    "SELECT seq, kind, at_ms, article FROM changes WHERE seq > ? ORDER BY seq LIMIT ?";

/// Some changes, and the number of the last change at that moment.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangePage {
    /// In the order of their numbers, without gaps.
    pub changes: Vec<Change>,
    /// The number of the last change; 0 before the first.
    pub last_seq: i64,
}

impl Changes<'_> {
    /// The sequence number of the last change; 0 before the first.
    pub async fn last_seq(self) -> Result<i64, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM changes")
                .fetch_one(&self.store.pool)
                .await?,
        )
    }

    /// The changes after sequence number `after`, at most `limit`, in order.
    pub async fn after(self, after: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
        let rows: Vec<ChangeRow> = sqlx::query_as(AFTER)
            .bind(after)
            .bind(limit)
            .fetch_all(&self.store.pool)
            .await?;
        rows.into_iter().map(change).collect()
    }

    /// The same as they are published.
    pub async fn written_after(
        self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<WrittenChange>, StoreError> {
        let rows: Vec<ChangeRow> = sqlx::query_as(AFTER)
            .bind(after)
            .bind(limit)
            .fetch_all(&self.store.pool)
            .await?;
        rows.into_iter().map(written_change).collect()
    }

    /// Every change of one article, in order.
    pub async fn of_article(self, id: Uuid) -> Result<Vec<Change>, StoreError> {
        let rows: Vec<ChangeRow> = sqlx::query_as(
            "SELECT seq, kind, at_ms, article FROM changes WHERE article_id = ? ORDER BY seq",
        )
        .bind(id.to_string())
        .fetch_all(&self.store.pool)
        .await?;
        rows.into_iter().map(change).collect()
    }

    /// The changes after sequence number `after`, at most `limit` and some megabytes, and the last
    /// number. Both are read at one moment.
    pub async fn list(self, after: i64, limit: u32) -> Result<ChangePage, StoreError> {
        let mut connection = self.store.reader().await?;
        let mut tx = connection.begin().await?;
        let last_seq: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM changes")
            .fetch_one(&mut *tx)
            .await?;
        let mut changes = Vec::new();
        let mut bytes = 0;
        let mut rows = sqlx::query_as::<_, ChangeRow>(AFTER)
            .bind(after)
            .bind(limit)
            .fetch(&mut *tx);
        while let Some(row) = rows.try_next().await? {
            bytes += row.3.len();
            changes.push(change(row)?);
            if bytes >= PAGE_BYTES {
                break;
            }
        }
        drop(rows);
        Ok(ChangePage { changes, last_seq })
    }

    /// Every article as it was when change `seq` was the last, one at a time, in the order in which
    /// they were added. Together with the changes after `seq`, this makes a mirror. A removed
    /// article is its tombstone. Others may write meanwhile, since the changes hold every state.
    pub fn snapshot(self, seq: i64) -> impl Stream<Item = Result<Article, StoreError>> + use<> {
        let store = self.store.clone();
        let pages = stream::try_unfold((store, 0), move |(store, after)| async move {
            let page = store.changes().snapshot_page(seq, after).await?;
            let next = page.last().map(|(added, _)| *added);
            let articles = page.into_iter().map(|(_, json)| article(&json));
            let articles: Vec<Result<Article, StoreError>> = articles.collect();
            Ok::<_, StoreError>(next.map(|next| (stream::iter(articles), (store, next))))
        });
        pages.try_flatten()
    }

    /// How many articles a snapshot has.
    pub async fn snapshot_size(self, seq: i64) -> Result<i64, StoreError> {
        let mut connection = self.store.reader().await?;
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM articles WHERE added_seq <= ?");
        Ok(count.bind(seq).fetch_one(&mut *connection).await?)
    }

    async fn snapshot_page(self, seq: i64, after: i64) -> Result<Vec<(i64, String)>, StoreError> {
        let mut connection = self.store.reader().await?;
        let mut rows = sqlx::query_as::<_, (i64, String)>(
            "SELECT a.added_seq, (SELECT c.article FROM changes c
                                  WHERE c.article_id = a.id AND c.seq <= ?1
                                  ORDER BY c.seq DESC LIMIT 1)
             FROM articles a WHERE a.added_seq > ?2 AND a.added_seq <= ?1
             ORDER BY a.added_seq LIMIT ?3",
        )
        .bind(seq)
        .bind(after)
        .bind(SNAPSHOT_PAGE)
        .fetch(&mut *connection);
        let mut page = Vec::new();
        let mut bytes = 0;
        while let Some(row) = rows.try_next().await? {
            bytes += row.1.len();
            page.push(row);
            if bytes >= PAGE_BYTES {
                break;
            }
        }
        Ok(page)
    }
}
