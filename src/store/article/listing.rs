//! Pages of bounded size, for who asks again and again: changes, and articles as they were at one
//! change.
//!
//! Read beside the writer, each page in one short transaction: a slow client holds nothing.

use futures_util::{Stream, TryStreamExt, stream};
use sqlx::{Connection, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::model::{Article, Change, ChangeKind, IndexNumber, Timestamp};
use crate::search::Filter;
use crate::store::rows::{ChangeRow, article, change, moment};
use crate::store::{Store, StoreError};

/// Bytes of JSON after which a page ends, however few its records are.
const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Articles of a snapshot that are read at a time.
const SNAPSHOT_PAGE: i64 = 100;

/// Some changes, and how far the account of them went when they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangePage {
    /// In the order of their numbers, without a gap.
    pub changes: Vec<Change>,
    /// The number of the last change there was; 0 before the first.
    pub last_seq: i64,
}

/// Which articles are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Of what kind they are.
    pub filter: Filter,
    /// Which number they bear.
    pub index_number: Option<IndexNumber>,
    /// Whether they were withdrawn or removed; `None` for either.
    pub is_withdrawn: Option<bool>,
}

/// Some articles of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ArticlePage {
    /// Those that were added last first.
    pub articles: Vec<Article>,
    /// The place of the last of them, before which the list goes on; `None` at its end.
    pub place: Option<i64>,
}

/// One change of an article in brief.
#[derive(Clone, Debug, PartialEq)]
pub struct Brief {
    /// Its number.
    pub seq: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// When.
    pub at: Timestamp,
    /// The article's revision then.
    pub revision: u32,
    /// Its title then.
    pub title: String,
    /// The hash of its content then.
    pub content_sha256: String,
}

impl Store {
    /// The changes after sequence number `after`, at most `limit` and some megabytes, and the last
    /// number there is, both at one moment.
    pub async fn change_page(&self, after: i64, limit: u32) -> Result<ChangePage, StoreError> {
        let mut connection = self.reader().await?;
        let mut tx = connection.begin().await?;
        let last_seq: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM changes")
            .fetch_one(&mut *tx)
            .await?;
        let mut changes = Vec::new();
        let mut bytes = 0;
        let mut rows = sqlx::query_as::<_, ChangeRow>(
            "SELECT seq, kind, at_ms, article FROM changes WHERE seq > ? ORDER BY seq LIMIT ?",
        )
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

    /// Every article as it was when change `seq` was the last, in the order in which they were
    /// added, one at a time: with the changes after `seq` it makes a mirror. What was removed is
    /// its tombstone. Others may write meanwhile, however long the reader takes: the account of
    /// changes has every state.
    pub fn snapshot(&self, seq: i64) -> impl Stream<Item = Result<Article, StoreError>> + use<> {
        let store = self.clone();
        let pages = stream::try_unfold((store, 0), move |(store, after)| async move {
            let page = store.snapshot_page(seq, after).await?;
            let next = page.last().map(|(added, _)| *added);
            let articles = page.into_iter().map(|(_, json)| article(&json));
            let articles: Vec<Result<Article, StoreError>> = articles.collect();
            Ok::<_, StoreError>(next.map(|next| (stream::iter(articles), (store, next))))
        });
        pages.try_flatten()
    }

    /// How many articles a snapshot has.
    pub async fn snapshot_size(&self, seq: i64) -> Result<i64, StoreError> {
        let mut connection = self.reader().await?;
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM articles WHERE added_seq <= ?");
        Ok(count.bind(seq).fetch_one(&mut *connection).await?)
    }

    /// The articles that fit, those that were added last first: at most `limit` and some megabytes, from
    /// before a place in the list on. The list may grow at its beginning meanwhile.
    pub async fn article_page(
        &self,
        listed: &Listed,
        before: Option<i64>,
        limit: u32,
    ) -> Result<ArticlePage, StoreError> {
        let mut connection = self.reader().await?;
        let mut sql = listing(listed, before, limit.saturating_add(1));
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

    /// An article as it is now, and its last changes, at most so many, oldest first.
    pub async fn article_in_brief(
        &self,
        id: Uuid,
        limit: u32,
    ) -> Result<Option<(Article, Vec<Brief>)>, StoreError> {
        type Row = (i64, String, i64, u32, String, String);
        let mut connection = self.reader().await?;
        let mut tx = connection.begin().await?;
        let json: Option<String> =
            sqlx::query_scalar("SELECT article FROM articles WHERE id = ? AND article IS NOT NULL")
                .bind(id.to_string())
                .fetch_optional(&mut *tx)
                .await?;
        let Some(json) = json else { return Ok(None) };
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT seq, kind, at_ms, json_extract(article, '$.revision'),
                    json_extract(article, '$.title'), json_extract(article, '$.content_sha256')
             FROM changes WHERE article_id = ? ORDER BY seq DESC LIMIT ?",
        )
        .bind(id.to_string())
        .bind(limit)
        .fetch_all(&mut *tx)
        .await?;
        let briefs = rows.into_iter().rev().map(|row| {
            let (seq, kind, at, revision, title, content_sha256) = row;
            let (kind, at) = moment(seq, kind, at)?;
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

    async fn snapshot_page(&self, seq: i64, after: i64) -> Result<Vec<(i64, String)>, StoreError> {
        let mut connection = self.reader().await?;
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

fn listing(listed: &Listed, before: Option<i64>, limit: u32) -> QueryBuilder<Sqlite> {
    let Listed {
        filter,
        index_number,
        is_withdrawn,
    } = listed;
    let mut sql =
        QueryBuilder::new("SELECT a.added_seq, a.article FROM articles a WHERE a.added_seq < ");
    sql.push_bind(before.unwrap_or(i64::MAX));
    match is_withdrawn {
        Some(true) => sql.push(" AND a.withdrawn_ms IS NOT NULL"),
        Some(false) => sql.push(" AND a.withdrawn_ms IS NULL"),
        None => &mut sql,
    };
    let column = filter.column.as_ref().map(ToString::to_string);
    for (condition, value, end) in [
        (" AND a.portal = ", filter.portal.clone(), ""),
        (
            " AND a.index_number = ",
            index_number
                .as_ref()
                .map(|number| number.as_str().to_owned()),
            "",
        ),
        (
            " AND EXISTS (SELECT 1 FROM publications p WHERE p.article_id = a.id AND p.column_name = ",
            column,
            ")",
        ),
        (
            " AND a.id IN (SELECT s.id FROM search_articles s WHERE s.issuer = ",
            filter.issuer.clone(),
            ")",
        ),
        (
            " AND a.id IN (SELECT s.id FROM search_articles s JOIN search_categories c
                           ON c.doc = s.doc WHERE c.category = ",
            filter.category.clone(),
            ")",
        ),
        (
            " AND a.id IN (SELECT s.id FROM search_articles s WHERE s.day >= ",
            filter.since.map(|day| day.to_string()),
            ")",
        ),
        (
            " AND a.id IN (SELECT s.id FROM search_articles s WHERE s.day <= ",
            filter.until.map(|day| day.to_string()),
            ")",
        ),
    ] {
        if let Some(value) = value {
            sql.push(condition).push_bind(value).push(end);
        }
    }
    sql.push(" ORDER BY a.added_seq DESC LIMIT ")
        .push_bind(limit);
    sql
}
