//! Articles as they are now: all of them, a filtered list, and one with its last changes.
//!
//! Owns the queries for these. Never writes.

use futures_util::{Stream, TryStreamExt};
use sqlx::Connection;
use uuid::Uuid;

use super::filtered::{self, ArticleFilter};
use super::{Articles, PAGE_BYTES};
use crate::model::{Article, ChangeKind, Timestamp};
use crate::store::StoreError;
use crate::store::rows::{article, moment};

/// Some articles of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ArticlePage {
    /// The last added first.
    pub articles: Vec<Article>,
    /// The place of the last one, from which the list goes on; `None` at the end of the list.
    pub place: Option<i64>,
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
        sqlx::query_scalar(
            "SELECT article FROM articles WHERE article IS NOT NULL ORDER BY added_seq",
        )
        .fetch(&self.store.pool)
        .map_err(StoreError::from)
        .and_then(|json: String| async move { article(&json) })
    }

    /// An article as it is now.
    pub async fn with_id(self, id: Uuid) -> Result<Option<Article>, StoreError> {
        let json: Option<String> =
            sqlx::query_scalar("SELECT article FROM articles WHERE id = ? AND article IS NOT NULL")
                .bind(id.to_string())
                .fetch_optional(&self.store.pool)
                .await?;
        json.as_deref().map(article).transpose()
    }

    /// The articles that match, the last added first, at most `limit` and some megabytes, starting
    /// after the place `before`. The list may grow at its beginning meanwhile.
    pub async fn list(
        self,
        listed: &ArticleFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<ArticlePage, StoreError> {
        let mut connection = self.store.reader().await?;
        let has_many = match filtered::count(listed) {
            None => false,
            Some(mut sql) => {
                let count = sql.build_query_scalar().fetch_one(&mut *connection).await?;
                filtered::is_many(count)
            }
        };
        let mut sql = filtered::query(listed, has_many, before, limit.saturating_add(1));
        let mut rows = sql
            .build_query_as::<(i64, String)>()
            .fetch(&mut *connection);
        let (mut articles, mut place, mut bytes) = (Vec::new(), None, 0);
        while let Some((added, json)) = rows.try_next().await? {
            if bytes >= PAGE_BYTES || articles.len() >= limit as usize {
                return Ok(ArticlePage { articles, place });
            }
            bytes += json.len();
            articles.push(article(&json)?);
            place = Some(added);
        }
        let place = None;
        Ok(ArticlePage { articles, place })
    }

    /// An article as it is now, and its last changes, at most `limit`, oldest first.
    pub async fn in_brief(
        self,
        id: Uuid,
        limit: u32,
    ) -> Result<Option<(Article, Vec<Brief>)>, StoreError> {
        type Row = (i64, String, i64, u32, String, String, Option<String>);
        let mut connection = self.store.reader().await?;
        let mut tx = connection.begin().await?;
        let json: Option<String> =
            sqlx::query_scalar("SELECT article FROM articles WHERE id = ? AND article IS NOT NULL")
                .bind(id.to_string())
                .fetch_optional(&mut *tx)
                .await?;
        let Some(json) = json else { return Ok(None) };
        // A state without a text that was saved before the contract had `content` has another hash.
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT seq, kind, at_ms, json_extract(article, '$.revision'),
                    json_extract(article, '$.title'), json_extract(article, '$.content_sha256'),
                    CASE WHEN '' IN (json_extract(article, '$.body_text'),
                                     json_extract(article, '$.body_html')) THEN article END
             FROM changes WHERE article_id = ? ORDER BY seq DESC LIMIT ?",
        )
        .bind(id.to_string())
        .bind(limit)
        .fetch_all(&mut *tx)
        .await?;
        let briefs = rows.into_iter().rev().map(|row| {
            let (seq, kind, at, revision, title, content_sha256, old) = row;
            let (kind, at) = moment(seq, kind, at)?;
            let content_sha256 = match old {
                Some(json) => article(&json)?.content_sha256,
                None => content_sha256,
            };
            Ok(Brief {
                seq,
                kind,
                at,
                revision,
                title,
                content_sha256,
            })
        });
        let briefs = briefs.collect::<Result<_, StoreError>>()?;
        Ok(Some((article(&json)?, briefs)))
    }
}
