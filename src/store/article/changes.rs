//! The list of changes, and every article as it was at one of them.
//!
//! Owns the reading of changes. Long answers are read in several short transactions, so a slow
//! client blocks nobody. Never writes.

use futures_util::{Stream, TryStreamExt, stream};
use sqlx::{AssertSqlSafe, Connection, FromRow, Row};
use uuid::Uuid;

use super::{Changes, PAGE_BYTES};
use crate::model::{Article, Change, WrittenChange};
use crate::store::StoreError;
use crate::store::rows::{CHANGE, StoredChange};

/// A snapshot reads this many articles at a time.
const SNAPSHOT_PAGE: i64 = 100;

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
        let query =
            format!("SELECT {CHANGE} FROM changes c WHERE c.seq > ? ORDER BY c.seq LIMIT ?");
        let rows: Vec<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
            .bind(after)
            .bind(limit)
            .fetch_all(&self.store.pool)
            .await?;
        self.store.all_sound_changes(rows).await
    }

    /// The same as they are published.
    pub async fn written_after(
        self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<WrittenChange>, StoreError> {
        let query =
            format!("SELECT {CHANGE} FROM changes c WHERE c.seq > ? ORDER BY c.seq LIMIT ?");
        let rows: Vec<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
            .bind(after)
            .bind(limit)
            .fetch_all(&self.store.pool)
            .await?;
        let mut changes = Vec::with_capacity(rows.len());
        for row in rows {
            changes.extend(self.store.sound_written_change(row).await?);
        }
        Ok(changes)
    }

    /// Every change of one article, in order. A change that is nowhere whole is an error: without
    /// it, the article's history would be another one.
    pub async fn of_article(self, id: Uuid) -> Result<Vec<Change>, StoreError> {
        let query = format!("SELECT {CHANGE} FROM changes c WHERE c.article_id = ? ORDER BY c.seq");
        let rows: Vec<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
            .bind(id.to_string())
            .fetch_all(&self.store.pool)
            .await?;
        let mut changes = Vec::with_capacity(rows.len());
        for row in rows {
            match self.store.sound_change(row.clone()).await? {
                Some(change) => changes.push(change),
                None => changes.push(row.read()?),
            }
        }
        Ok(changes)
    }

    /// The changes after sequence number `after`, at most `limit` and some megabytes, and the last
    /// number. Both are read at one moment.
    pub async fn list(self, after: i64, limit: u32) -> Result<ChangePage, StoreError> {
        let mut connection = self.store.follower().await?;
        let mut tx = connection.begin().await?;
        let last_seq: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM changes")
            .fetch_one(&mut *tx)
            .await?;
        let mut changes = Vec::new();
        let mut bytes = 0;
        let query =
            format!("SELECT {CHANGE} FROM changes c WHERE c.seq > ? ORDER BY c.seq LIMIT ?");
        let mut rows = sqlx::query_as::<_, StoredChange>(AssertSqlSafe(query))
            .bind(after)
            .bind(limit)
            .fetch(&mut *tx);
        while let Some(row) = rows.try_next().await? {
            bytes += row.article.len();
            changes.extend(self.store.sound_change(row).await?);
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
            let mut articles: Vec<Result<Article, StoreError>> = Vec::with_capacity(page.len());
            for (_, row) in page {
                let change = store.sound_change(row).await?;
                articles.extend(change.map(|change| Ok(change.article)));
            }
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

    async fn snapshot_page(
        self,
        seq: i64,
        after: i64,
    ) -> Result<Vec<(i64, StoredChange)>, StoreError> {
        let mut connection = self.store.reader().await?;
        let query = format!(
            "SELECT a.added_seq, {CHANGE} FROM articles a
             CROSS JOIN changes c ON c.seq = (SELECT b.seq FROM changes b
                                              WHERE b.article_id = a.id AND b.seq <= ?1
                                              ORDER BY b.seq DESC LIMIT 1)
             WHERE a.added_seq > ?2 AND a.added_seq <= ?1
             ORDER BY a.added_seq LIMIT ?3"
        );
        let mut rows = sqlx::query(AssertSqlSafe(query))
            .bind(seq)
            .bind(after)
            .bind(SNAPSHOT_PAGE)
            .fetch(&mut *connection);
        let mut page = Vec::new();
        let mut bytes = 0;
        while let Some(row) = rows.try_next().await? {
            let row = (row.try_get("added_seq")?, StoredChange::from_row(&row)?);
            bytes += row.1.article.len();
            page.push(row);
            if bytes >= PAGE_BYTES {
                break;
            }
        }
        Ok(page)
    }
}
