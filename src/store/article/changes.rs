//! The list of changes, and every article as it was at one of them.
//!
//! Owns the reading of changes. Long answers are read in several short transactions, so a slow
//! client blocks nobody. Never writes.

use std::sync::Arc;

use futures_util::{Stream, TryStreamExt, stream};
use sqlx::{AssertSqlSafe, Connection, FromRow, QueryBuilder, Row};
use uuid::Uuid;

use super::listing::few;
use super::{Changes, PAGE_BYTES, filtered};
use crate::model::{Article, Change, WrittenChange};
use crate::search::ArticleFilter;
use crate::store::StoreError;
use crate::store::rows::{CHANGE, StoredChange};

/// A snapshot reads this many articles at a time.
const SNAPSHOT_PAGE: usize = 100;

/// The articles at one change: all of them, or some.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The number of the change; 0 before the first.
    pub seq: i64,
    /// The numbers of addition of some articles, in order; `None` for all articles.
    added: Option<Arc<[i64]>>,
}

impl Snapshot {
    /// All articles at this change.
    pub fn of_all(seq: i64) -> Self {
        Self { seq, added: None }
    }
}

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

    /// A snapshot of the present with the articles that match, and how many these are.
    pub async fn choose(self, listed: &ArticleFilter) -> Result<(Snapshot, usize), StoreError> {
        let mut connection = self.store.reader().await?;
        let mut tx = connection.begin().await?;
        let seq = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM changes");
        let all = Snapshot::of_all(seq.fetch_one(&mut *tx).await?);
        if *listed == ArticleFilter::default() {
            let count = sqlx::query_scalar("SELECT COUNT(*) FROM articles WHERE added_seq <= ?");
            let count: i64 = count.bind(all.seq).fetch_one(&mut *tx).await?;
            return Ok((all, usize::try_from(count).unwrap_or(0)));
        }
        let few = few(&mut tx, listed).await?;
        let mut sql = filtered::numbers(listed, few);
        let added: Vec<i64> = sql.build_query_scalar().fetch_all(&mut *tx).await?;
        let count = added.len();
        let added = Some(added.into());
        Ok((Snapshot { added, ..all }, count))
    }

    /// Every chosen article as it was when they were chosen, one at a time, in the order in which they
    /// were added. Together with the changes after its `seq`, a snapshot of all makes a mirror. A
    /// removed article is its tombstone. Others may write meanwhile, since the changes hold every
    /// state.
    pub fn snapshot(
        self,
        snapshot: &Snapshot,
    ) -> impl Stream<Item = Result<Article, StoreError>> + use<> {
        let (store, snapshot) = (self.store.clone(), snapshot.clone());
        let pages = stream::try_unfold(
            (store, snapshot, 0),
            |(store, snapshot, after)| async move {
                let page = store.changes().snapshot_page(&snapshot, after).await?;
                let next = page.last().map(|(added, _)| *added);
                let mut articles: Vec<Result<Article, StoreError>> = Vec::with_capacity(page.len());
                for (_, row) in page {
                    let change = store.sound_change(row).await?;
                    articles.extend(change.map(|change| Ok(change.article)));
                }
                let state = next.map(|next| (store, snapshot, next));
                Ok::<_, StoreError>(state.map(|state| (stream::iter(articles), state)))
            },
        );
        pages.try_flatten()
    }

    async fn snapshot_page(
        self,
        snapshot: &Snapshot,
        after: i64,
    ) -> Result<Vec<(i64, StoredChange)>, StoreError> {
        let mut connection = self.store.reader().await?;
        let mut sql = QueryBuilder::new(format!("SELECT a.added_seq, {CHANGE} FROM "));
        match &snapshot.added {
            None => sql.push("articles a"),
            Some(added) => {
                let next = added.partition_point(|number| *number <= after);
                let page = added.iter().skip(next).take(SNAPSHOT_PAGE);
                let page: Vec<String> = page.map(i64::to_string).collect();
                sql.push("json_each(")
                    .push_bind(format!("[{}]", page.join(",")))
                    .push(") n CROSS JOIN articles a ON a.added_seq = CAST(n.value AS BIGINT)")
            }
        };
        sql.push(
            " CROSS JOIN changes c ON c.seq = (SELECT b.seq FROM changes b
                                               WHERE b.article_id = a.id AND b.seq <= ",
        )
        .push_bind(snapshot.seq)
        .push(" ORDER BY b.seq DESC LIMIT 1) WHERE a.added_seq > ")
        .push_bind(after)
        .push(" AND a.added_seq <= ")
        .push_bind(snapshot.seq)
        .push(format!(" ORDER BY a.added_seq LIMIT {SNAPSHOT_PAGE}"));
        let mut rows = sql.build().fetch(&mut *connection);
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
