//! The index of words, and searches in it.
//!
//! Owns the queries and their ranking. SQLite's FTS5 holds the words that `crate::search` finds, in
//! three columns of different weight. Never splits a text into words.

mod index;

use sqlx::{Connection, FromRow, QueryBuilder, Row, Sqlite};

use super::rows::StoredArticle;
use super::{Store, StoreError};
use crate::model::Article;
use crate::search::{Filter, GAP, Phrase, Query, Topic};

pub(super) use index::{index, note_publication, renew, unindex};

/// How much a word counts in the title, in names, terms and numbers, and in the text.
const WEIGHTS: &str = "20.0, 5.0, 1.0";

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
    /// The number of articles that match.
    pub total: u64,
    /// Some of them, in order.
    pub hits: Vec<SearchHit>,
}

/// The order of a search's results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The best match first.
    Rank,
    /// The last published first; backfilled articles come after all others.
    Newest,
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
}

impl Search<'_> {
    /// The articles of a topic without withdrawn ones, at most `limit`, after the first `offset`. A
    /// search that takes too long is given up.
    pub async fn find(
        self,
        topic: &Topic,
        order: Order,
        limit: u32,
        offset: u32,
    ) -> Result<SearchResults, StoreError> {
        let mut connection = self.store.reader().await?;
        let mut tx = connection.begin().await?;
        let total: i64 = counting(topic)
            .build_query_scalar()
            .fetch_one(&mut *tx)
            .await?;
        let total = u64::try_from(total).unwrap_or(0);
        let rows = if u64::from(offset) < total {
            listing(topic, order, limit, offset)
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
        Ok(SearchResults { total, hits })
    }
}

fn counting(topic: &Topic) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new("SELECT COUNT(*)");
    fitting(&mut sql, topic);
    sql
}

/// The page is cut before the articles themselves are read.
fn listing(topic: &Topic, order: Order, limit: u32, offset: u32) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(
        "SELECT a.id, a.article, a.sum, h.score FROM (SELECT s.id, s.doc, s.day, s.live_seq, ",
    );
    match &topic.query {
        Some(query) => score(&mut sql, query),
        None => {
            sql.push("NULL");
        }
    }
    sql.push(" AS score");
    fitting(&mut sql, topic);
    let by = |table: &str| match (order, &topic.query) {
        (Order::Rank, Some(_)) => format!("score DESC, {table}.doc DESC"),
        _ => format!("{table}.live_seq DESC NULLS LAST, {table}.day DESC, {table}.doc DESC"),
    };
    sql.push(" ORDER BY ")
        .push(by("s"))
        .push(" LIMIT ")
        .push_bind(limit);
    sql.push(" OFFSET ").push_bind(offset);
    sql.push(") h JOIN articles a ON a.id = h.id ORDER BY ")
        .push(by("h"));
    sql
}

/// The articles that match. The words come first in the query, whatever the filter.
fn fitting(sql: &mut QueryBuilder<Sqlite>, topic: &Topic) {
    match &topic.query {
        Some(query) => sql
            .push(
                " FROM search_words CROSS JOIN search_articles s ON s.doc = search_words.rowid
                  WHERE s.withdrawn = 0 AND search_words MATCH ",
            )
            .push_bind(expression(query)),
        None => sql.push(" FROM search_articles s WHERE s.withdrawn = 0"),
    };
    let Filter {
        issuer,
        category,
        portal,
        column,
        since,
        until,
    } = &topic.filter;
    for (condition, value) in [
        (" AND s.issuer = ", issuer.clone()),
        (" AND s.portal = ", portal.clone()),
        (" AND s.day >= ", since.map(|day| day.to_string())),
        (" AND s.day <= ", until.map(|day| day.to_string())),
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
    if let Some(column) = column {
        sql.push(" AND s.doc IN (SELECT doc FROM search_columns WHERE column_name = ")
            .push_bind(column.to_string())
            .push(")");
    }
}

/// BM25. It is doubled if the title has all words, raised by half if they stand together, and
/// lowered by up to a fifth with the age at the last change in the store.
fn score(sql: &mut QueryBuilder<Sqlite>, query: &Query) {
    let matching = " IN (SELECT rowid FROM search_words WHERE search_words MATCH ";
    sql.push(format!(
        "-bm25(search_words, {WEIGHTS}) * (CASE WHEN s.doc{matching}"
    ))
    .push_bind(format!("{{title}} : ({})", all(query.wanted())))
    .push(") THEN 2.0 ELSE 1.0 END)");
    if query.undivided().next().is_some() {
        sql.push(format!(" * (CASE WHEN s.doc{matching}"))
            .push_bind(all(query.undivided()))
            .push(") THEN 1.5 ELSE 1.0 END)");
    }
    sql.push(
        " * (0.8 + 0.2 / (1.0 + MAX(0.0,
             (SELECT MAX(updated_ms) / 86400000.0 + 2440587.5 FROM articles)
             - COALESCE(julianday(s.day), 0.0)) / 365.0))",
    );
}

/// The query in FTS5's language, with words and our own operators only.
fn expression(query: &Query) -> String {
    let mut expression = format!("({})", all(query.wanted()));
    for excluded in query.excluded() {
        expression += &format!(" NOT ({})", all(excluded.iter()));
    }
    expression
}

fn all<'q>(phrases: impl Iterator<Item = &'q Phrase>) -> String {
    let phrases: Vec<String> = phrases.map(quoted).collect();
    phrases.join(" AND ")
}

/// A phrase as an FTS5 string. Words have no quotes in them: they are letters and digits.
fn quoted(Phrase(words): &Phrase) -> String {
    let mut phrase = String::from("\"");
    for word in words {
        if word.is_parted {
            phrase += GAP;
            phrase.push(' ');
        }
        phrase += &word.text;
        phrase.push(' ');
    }
    phrase.push('"');
    phrase
}
