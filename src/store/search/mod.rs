//! The index of words, and searches in it.
//!
//! Owns the queries and their ranking. The database holds the words that `crate::search` finds, in
//! three fields of different weight. Never splits a text into words.

mod index;
#[cfg(test)]
mod tests;
mod topic;
mod words;

use sqlx::{Connection, FromRow, QueryBuilder, Row};

use super::article::{push_in, push_listed_by};
use super::driver::Engine;
use super::rows::{ARTICLE, StoredArticle};
use super::{Store, StoreError};
use crate::model::Article;
use crate::search::{Filter, Query, Ranking, Topic};

pub(super) use index::{index, renew, unindex, write_words_after};
pub(super) use words::clear as clear_words;
use words::{Index, Wanted};

/// A search looks at so many matches, the last published.
const MOST: u32 = 10_000;

/// An article that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchHit {
    /// The article.
    pub article: Article,
    /// How well it matches, of any size; `None` if the query has no words.
    pub score: Option<f64>,
}

/// The result of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchResults {
    /// The number of articles that match, at most 10,000.
    pub total: u64,
    /// Whether more match. Those that were published last are counted and ranked.
    pub has_more: bool,
    /// Some of them, in order.
    pub hits: Vec<SearchHit>,
}

/// The index of words.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    store: &'a Store,
}

impl Store {
    /// The index of words.
    pub fn search(&self) -> Search<'_> {
        Search { store: self }
    }

    /// The index of words of its database.
    fn word_index(&self) -> Index {
        match self.is_postgres() {
            true => Index::Tsvector,
            false => Index::Fts5,
        }
    }
}

impl Search<'_> {
    /// The last published articles of a topic without withdrawn ones, the newest first, at most
    /// `limit`; backfilled articles come after all others.
    pub async fn newest(self, topic: &Topic, limit: u32) -> Result<Vec<Article>, StoreError> {
        let mut connection = self.store.reader().await?;
        let rows: Vec<StoredArticle> = listing(self.store.word_index(), topic, limit, 0)
            .build_query_as()
            .fetch_all(&mut *connection)
            .await?;
        self.store.all_sound(rows).await
    }

    /// The best articles of a topic, or the newest, and without withdrawn ones: at most `limit`, after
    /// the first `offset`. A search that takes too long is given up.
    pub async fn find(
        self,
        (topic, order): (&Topic, Ranking),
        limit: u32,
        offset: u32,
    ) -> Result<SearchResults, StoreError> {
        let mut connection = self.store.reader().await?;
        let mut tx = connection.begin().await?;
        let index = self.store.word_index();
        let mut counting = counting(index, topic);
        let counted = counting.build_query_as().fetch_one(&mut *tx).await?;
        let (found, last): (i64, Option<i64>) = counted;
        let has_more = found > i64::from(MOST);
        let total = u64::try_from(found).unwrap_or(0).min(u64::from(MOST));
        let rows = if u64::from(offset) < total {
            match (order, &topic.query) {
                (Ranking::Day, _) => by_day(index, topic, limit, offset),
                (Ranking::Best, Some(query)) => ranking((index, query, last), topic, limit, offset),
                (Ranking::Best, None) => listing(index, topic, limit, offset),
            }
            .build()
            .fetch_all(&mut *tx)
            .await?
        } else {
            Vec::new()
        };
        let mut hits = Vec::with_capacity(rows.len());
        for row in rows {
            let score = row.try_get("score")?;
            let article = self.store.sound(StoredArticle::from_row(&row)?).await?;
            hits.extend(article.map(|article| SearchHit { article, score }));
        }
        Ok(SearchResults {
            total,
            has_more,
            hits,
        })
    }
}

/// Counts one more than a search looks at, and finds the last of them.
fn counting(index: Index, topic: &Topic) -> QueryBuilder<Engine> {
    let by = place_in(topic);
    let mut sql = QueryBuilder::new(format!(
        "SELECT COUNT(*), MIN(doc) FROM (SELECT {by} AS doc"
    ));
    fitting(&mut sql, index, topic, has_filter(topic));
    sql.push(" LIMIT ").push_bind(MOST + 1).push(") m");
    sql
}

/// The newest first.
fn listing(index: Index, topic: &Topic, limit: u32, offset: u32) -> QueryBuilder<Engine> {
    let mut sql = QueryBuilder::new(format!(
        "SELECT {ARTICLE}, h.score FROM (SELECT s.id, s.doc, NULL AS score"
    ));
    fitting(&mut sql, index, topic, true);
    page(&mut sql, limit, offset, "h.doc DESC");
    sql
}

/// The last day of publication first, of those that a search looks at; of one day, the last published.
fn by_day(index: Index, topic: &Topic, limit: u32, offset: u32) -> QueryBuilder<Engine> {
    let by = place_in(topic);
    let mut sql = QueryBuilder::new(format!(
        "SELECT {ARTICLE}, NULL AS score FROM (SELECT t.id, t.doc, t.day FROM (SELECT {by} AS doc"
    ));
    fitting(&mut sql, index, topic, has_filter(topic));
    sql.push(" LIMIT ").push_bind(MOST);
    sql.push(") m CROSS JOIN search_articles t ON t.doc = m.doc ORDER BY t.day DESC, t.doc DESC");
    page(&mut sql, limit, offset, "h.day DESC, h.doc DESC");
    sql
}

/// The best first, of those that a search looks at: none comes before `last`.
fn ranking(
    (index, query, last): (Index, &Query, Option<i64>),
    topic: &Topic,
    limit: u32,
    offset: u32,
) -> QueryBuilder<Engine> {
    let mut sql = QueryBuilder::new(format!(
        "SELECT {ARTICLE}, h.score FROM (SELECT s.id, s.doc, "
    ));
    score(&mut sql, index, query, last);
    sql.push(" AS score FROM (SELECT search_words.rowid AS doc, ");
    index.push_fit(&mut sql, query);
    sql.push(" AS fit");
    fitting(&mut sql, index, topic, has_filter(topic));
    sql.push(" LIMIT ").push_bind(MOST);
    sql.push(") m CROSS JOIN search_articles s ON s.doc = m.doc ORDER BY score DESC, s.doc DESC");
    page(&mut sql, limit, offset, "h.score DESC, h.doc DESC");
    sql
}

/// Ends a query for hits `h`: cuts the page, then reads its articles `a`, in this order.
fn page(sql: &mut QueryBuilder<Engine>, limit: u32, offset: u32, order: &str) {
    sql.push(" LIMIT ").push_bind(limit);
    sql.push(" OFFSET ").push_bind(offset);
    sql.push(") h JOIN articles a ON a.id = h.id ORDER BY ");
    sql.push(order);
}

/// The place of an article in the index, as a query for a topic calls it.
fn place_in(topic: &Topic) -> &'static str {
    match &topic.query {
        Some(_) => "search_words.rowid",
        None => "s.doc",
    }
}

fn has_filter(topic: &Topic) -> bool {
    topic.filter != Filter::default()
}

/// The articles that match, the last published first. The words come first in the query, whatever
/// the filter; with words alone, their index tells everything, unless more is asked `of_articles`.
fn fitting(sql: &mut QueryBuilder<Engine>, index: Index, topic: &Topic, of_articles: bool) {
    match &topic.query {
        Some(query) => {
            sql.push(" FROM search_words");
            if of_articles {
                sql.push(" CROSS JOIN search_articles s ON s.doc = search_words.rowid");
            }
            sql.push(" WHERE ");
            index.push_match(sql, query, Wanted::All)
        }
        None => {
            sql.push(" FROM search_articles s WHERE s.withdrawn = 0");
        }
    };
    push_filter(sql, &topic.filter);
    sql.push(format!(" ORDER BY {} DESC", place_in(topic)));
}

fn push_filter(sql: &mut QueryBuilder<Engine>, filter: &Filter) {
    let Filter {
        issuer,
        category,
        portals,
        moved,
        columns,
        since,
        until,
        updated_since,
    } = filter;
    for (condition, value) in [
        (" AND +s.issuer = ", issuer.clone()),
        (" AND +s.day >= ", since.map(|day| day.to_string())),
        (" AND +s.day <= ", until.map(|day| day.to_string())),
    ] {
        if let Some(value) = value {
            sql.push(condition).push_bind(value);
        }
    }
    if let Some(category) = category {
        sql.push(" AND s.doc IN (SELECT doc FROM search_categories WHERE category = ")
            .push_bind(category.clone())
            .push(")");
    }
    if let Some(time) = updated_since {
        sql.push(" AND +s.updated_ms >= ").push_bind(time.millis());
    }
    match moved {
        Some(columns) => push_listed_by(sql, "s", columns),
        None if portals.is_empty() => (),
        None => {
            sql.push(" AND ");
            push_in(sql, "+s.portal", portals);
        }
    }
    if let Some(chosen) = columns {
        // The articles of one column are fewer than those that stand in several.
        match chosen.names.as_slice() {
            [one] => {
                sql.push(" AND s.doc IN (SELECT doc FROM search_columns WHERE column_name = ")
                    .push_bind(one.to_string())
                    .push(")");
            }
            names => push_listed_by(sql, "s", names),
        }
    }
}

/// How well the words fit. It is doubled if the title has all words, raised by half if they stand together, and
/// lowered by up to a fifth with the age at the last change in the store.
fn score(sql: &mut QueryBuilder<Engine>, index: Index, query: &Query, last: Option<i64>) {
    sql.push("m.fit");
    let undivided = query.undivided().next().map(|_| (Wanted::Undivided, 1.5));
    for (wanted, factor) in [Some((Wanted::InTitle, 2.0)), undivided]
        .into_iter()
        .flatten()
    {
        sql.push(" * (CASE WHEN s.doc IN (SELECT rowid FROM search_words WHERE ");
        index.push_match(sql, query, wanted);
        sql.push(" AND rowid >= ")
            .push_bind(last)
            .push(format!(") THEN {factor:.1} ELSE 1.0 END)"));
    }
    sql.push(
        " * (0.8 + 0.2 / (1.0 + MAX(0.0,
             (SELECT MAX(updated_ms) / 86400000.0 + 2440587.5 FROM articles)
             - COALESCE(julianday(s.day), 0.0)) / 365.0))",
    );
}
