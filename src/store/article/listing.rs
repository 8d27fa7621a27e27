//! Articles as they are now: all of them, a filtered list, and one with its last changes.
//!
//! Owns the queries for these. Never writes.

use std::collections::HashMap;

use futures_util::{Stream, TryStreamExt};
use sqlx::{AssertSqlSafe, Connection, FromRow, Row};
use uuid::Uuid;

use super::filtered::{self, Part};
use super::{Articles, PAGE_BYTES, sound_in, stored};
use crate::model::{Article, ChangeKind, Timestamp};
use crate::search::{ArticleFilter, Order, Place, Sort};
use crate::store::StoreError;
use crate::store::driver::{EngineConnection, EngineRow};
use crate::store::rows::{ARTICLE, CHANGE, STATE, StoredArticle, StoredChange};

/// Some articles of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ArticlePage {
    /// In their order.
    pub articles: Vec<Article>,
    /// The place of the last one, from which the list goes on; `None` at the end of the list.
    pub place: Option<Place>,
}

/// One change of an article, in brief.
#[derive(Clone, Debug, PartialEq)]
pub struct Brief {
    /// Its number.
    pub seq: i64,
    /// Its kind.
    pub kind: ChangeKind,
    /// Its time.
    pub at: Timestamp,
    /// The article's revision then.
    pub revision: u32,
    /// Its title then.
    pub title: String,
    /// The hash of its content then.
    pub content_sha256: String,
}

impl<'a> Articles<'a> {
    /// All articles, one at a time, in the order in which they were added. An article that turned
    /// out to be another one is among them, as withdrawn.
    pub fn all(self) -> impl Stream<Item = Result<Article, StoreError>> + 'a {
        let all = format!(
            "SELECT {ARTICLE} FROM articles a WHERE a.article IS NOT NULL ORDER BY a.added_seq"
        );
        sqlx::query_as(AssertSqlSafe(all))
            .fetch(&self.store.streams)
            .map_err(StoreError::from)
            .try_filter_map(|row| self.store.sound(row))
    }

    /// An article as it is now. One that is nowhere whole is an error.
    pub async fn with_id(self, id: Uuid) -> Result<Option<Article>, StoreError> {
        let row = stored(&mut *self.store.pool.acquire().await?, &id.to_string()).await?;
        let Some(row) = row else { return Ok(None) };
        match self.store.sound(row.clone()).await? {
            Some(article) => Ok(Some(article)),
            None => Ok(Some(row.read()?)),
        }
    }

    /// The articles with these ids, by id, in the JSON in which they are published. Those that are
    /// nowhere whole are left out.
    pub async fn written(self, ids: &[&str]) -> Result<HashMap<String, String>, StoreError> {
        let list = serde_json::to_string(ids).map_err(|e| StoreError::unreadable("ids", e))?;
        let query = format!(
            "SELECT i.value AS id, {STATE} FROM json_each(?) i
             LEFT JOIN articles a ON a.id = i.value"
        );
        let rows: Vec<StoredArticle> = sqlx::query_as(AssertSqlSafe(query))
            .bind(list)
            .fetch_all(&self.store.pool)
            .await?;
        let mut written = HashMap::with_capacity(rows.len());
        for row in rows {
            let id = String::from_utf8_lossy(&row.id).into_owned();
            if let Some(article) = self.store.sound_written(row).await? {
                written.insert(id, article);
            }
        }
        Ok(written)
    }

    /// The articles that match, in this order, at most `limit` and some megabytes, starting after the
    /// place `after`. The list may change meanwhile.
    pub async fn list(
        self,
        listed: &ArticleFilter,
        order: Order,
        after: Option<Place>,
        limit: u32,
    ) -> Result<ArticlePage, StoreError> {
        let mut connection = self.store.reader().await?;
        let few = few(&mut connection, listed).await?;
        let part = Part {
            order,
            after,
            limit: limit.saturating_add(1),
        };
        let mut sql = filtered::query(listed, few, part);
        let mut rows = sql.build().fetch(&mut *connection);
        let (mut articles, mut place, mut bytes, mut read) = (Vec::new(), None, 0, 0);
        while let Some(row) = rows.try_next().await? {
            if bytes >= PAGE_BYTES || read >= limit as usize {
                return Ok(ArticlePage { articles, place });
            }
            place = Some(place_of(&row, order.sort)?);
            let row = StoredArticle::from_row(&row)?;
            bytes += row.len();
            read += 1;
            articles.extend(self.store.sound(row).await?);
        }
        let place = None;
        Ok(ArticlePage { articles, place })
    }

    /// How many articles match. This takes longer, the more there are.
    pub async fn count(self, listed: &ArticleFilter) -> Result<u64, StoreError> {
        let mut connection = self.store.reader().await?;
        let few = few(&mut connection, listed).await?;
        let mut sql = filtered::count(listed, few);
        let count: i64 = sql.build_query_scalar().fetch_one(&mut *connection).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// An article as it is now, and its last changes, at most `limit`, oldest first.
    pub async fn in_brief(
        self,
        id: Uuid,
        limit: u32,
    ) -> Result<Option<(Article, Vec<Brief>)>, StoreError> {
        let mut connection = self.store.reader().await?;
        let mut tx = connection.begin().await?;
        let Some(row) = stored(&mut tx, &id.to_string()).await? else {
            return Ok(None);
        };
        let article = sound_in(&mut tx, &row).await?;
        let query = format!(
            "SELECT {CHANGE} FROM changes c WHERE c.article_id = ? ORDER BY c.seq DESC LIMIT ?"
        );
        let rows: Vec<StoredChange> = sqlx::query_as(AssertSqlSafe(query))
            .bind(id.to_string())
            .bind(limit)
            .fetch_all(&mut *tx)
            .await?;
        let changes = self.store.all_sound_changes(rows).await?;
        let briefs = changes.into_iter().rev().map(|change| Brief {
            seq: change.seq,
            kind: change.kind,
            at: change.at,
            revision: change.article.revision,
            title: change.article.title,
            content_sha256: change.article.content_sha256,
        });
        Ok(Some((article, briefs.collect())))
    }
}

/// A range that narrows a list and has few articles.
pub(super) async fn few(
    connection: &mut EngineConnection,
    listed: &ArticleFilter,
) -> Result<Option<Sort>, StoreError> {
    for sort in [Sort::Updated, Sort::Published] {
        if let Some(mut sql) = filtered::count_range(listed, sort) {
            let count = sql.build_query_scalar().fetch_one(&mut *connection).await?;
            if filtered::is_few(count) {
                return Ok(Some(sort));
            }
        }
    }
    Ok(None)
}

/// The place of a row in a list of this order.
fn place_of(row: &EngineRow, sort: Sort) -> Result<Place, StoreError> {
    let added = row.try_get("added_seq")?;
    Ok(match sort {
        Sort::Added => Place::Added(added),
        Sort::Updated => Place::Updated(row.try_get("updated_ms")?),
        Sort::Published => {
            let day: String = row.try_get("day")?;
            let day = day.parse().map_err(|e| StoreError::unreadable("day", e))?;
            Place::Published(day, added)
        }
    })
}
