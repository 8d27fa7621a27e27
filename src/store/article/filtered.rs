//! The query for a filtered list of articles, the last added first.
//!
//! Owns which table leads it, so that its cost follows from the page and not from what matches.
//! Never runs it.

use sqlx::{QueryBuilder, Sqlite};

use crate::model::IndexNumber;
use crate::search::Filter;

/// A filter for a list of articles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleFilter {
    /// The filter that searches have, too.
    pub filter: Filter,
    /// The index number.
    pub index_number: Option<IndexNumber>,
    /// Whether they were withdrawn or removed; `None` for either.
    pub is_withdrawn: Option<bool>,
}

/// Days with more articles than this are many: then the list's order leads, not the days.
const MANY: i64 = 2000;

/// Counts the articles of the days that alone narrow a list, up to many; `None` without such days.
pub(super) fn count(listed: &ArticleFilter) -> Option<QueryBuilder<Sqlite>> {
    let filter = &listed.filter;
    if !has_days_alone(filter) {
        return None;
    }
    let mut sql =
        QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1 FROM search_articles s WHERE TRUE");
    push_days(&mut sql, filter, "");
    sql.push(" LIMIT ").push_bind(MANY).push(")");
    Some(sql)
}

/// Whether days narrow a list, and nothing else that the index of words leads by.
fn has_days_alone(filter: &Filter) -> bool {
    let has_days = filter.since.is_some() || filter.until.is_some();
    has_days && filter.issuer.is_none() && filter.category.is_none()
}

/// Whether a count is one of many.
pub(super) fn is_many(count: i64) -> bool {
    count >= MANY
}

fn push_days(sql: &mut QueryBuilder<Sqlite>, filter: &Filter, sign: &str) {
    for (comparison, day) in [(">=", filter.since), ("<=", filter.until)] {
        if let Some(day) = day {
            sql.push(format!(" AND {sign}s.day {comparison} "))
                .push_bind(day.to_string());
        }
    }
}

/// Selects the number of addition and the JSON of the articles that match, added before this one.
/// `has_many` says whether many articles are of its days.
pub(super) fn query(
    listed: &ArticleFilter,
    has_many: bool,
    before: Option<i64>,
    limit: u32,
) -> QueryBuilder<Sqlite> {
    let filter = &listed.filter;
    let is_of_index = filter.issuer.is_some()
        || filter.category.is_some()
        || filter.since.is_some()
        || filter.until.is_some();
    let before = before.unwrap_or(i64::MAX);
    match is_of_index {
        true => from_index(listed, has_many, before, limit),
        false => from_store(listed, before, limit),
    }
}

/// By what the index of words knows of articles. The page is cut before the articles are read.
fn from_index(
    listed: &ArticleFilter,
    has_many: bool,
    before: i64,
    limit: u32,
) -> QueryBuilder<Sqlite> {
    let filter = &listed.filter;
    let leading = if filter.category.is_some() { "c" } else { "s" };
    let mut sql = QueryBuilder::new(
        "SELECT a.added_seq, a.id, a.article, a.sum FROM articles a WHERE a.added_seq IN (SELECT ",
    );
    sql.push(leading).push(".added_seq AS added FROM ");
    if let Some(category) = &filter.category {
        sql.push(
            "search_categories c CROSS JOIN search_articles s ON s.doc = c.doc
             WHERE c.category = ",
        );
        sql.push_bind(category.clone());
    } else if has_days_alone(filter) && !has_many {
        // SQLite cannot know that the days have few articles.
        sql.push("search_articles s INDEXED BY search_articles_of_day WHERE TRUE");
    } else {
        sql.push("search_articles s WHERE TRUE");
    }
    sql.push(format!(" AND {leading}.added_seq < "))
        .push_bind(before);
    if let Some(is_withdrawn) = listed.is_withdrawn {
        sql.push(" AND s.withdrawn = ").push_bind(is_withdrawn);
    }
    push_days(&mut sql, filter, if has_many { "+" } else { "" });
    let column = filter.column.as_ref().map(ToString::to_string);
    let number = listed.index_number.as_ref();
    for (condition, value, end) in [
        (" AND s.issuer = ", filter.issuer.clone(), ""),
        (" AND +s.portal = ", filter.portal.clone(), ""),
        (
            " AND EXISTS (SELECT 1 FROM search_columns k
                          WHERE k.doc = s.doc AND k.column_name = ",
            column,
            ")",
        ),
        (
            " AND s.id IN (SELECT id FROM articles WHERE index_number = ",
            number.map(|number| number.as_str().to_owned()),
            ")",
        ),
    ] {
        if let Some(value) = value {
            sql.push(condition).push_bind(value).push(end);
        }
    }
    sql.push(" ORDER BY added DESC LIMIT ").push_bind(limit);
    sql.push(") ORDER BY a.added_seq DESC");
    sql
}

/// By what the articles' own tables know.
fn from_store(listed: &ArticleFilter, before: i64, limit: u32) -> QueryBuilder<Sqlite> {
    let filter = &listed.filter;
    let leading = if filter.column.is_some() { "k" } else { "a" };
    let mut sql = QueryBuilder::new("SELECT a.added_seq, a.id, a.article, a.sum FROM ");
    if let Some(column) = &filter.column {
        sql.push("column_articles k CROSS JOIN articles a ON a.id = k.article_id");
        sql.push(" WHERE k.column_name = ")
            .push_bind(column.to_string());
    } else {
        sql.push("articles a WHERE TRUE");
    }
    sql.push(format!(" AND {leading}.added_seq < "))
        .push_bind(before);
    match (listed.is_withdrawn, &filter.column) {
        (None, _) => &mut sql,
        (Some(is_withdrawn), Some(_)) => sql.push(" AND k.is_withdrawn = ").push_bind(is_withdrawn),
        (Some(true), None) => sql.push(" AND a.withdrawn_ms IS NOT NULL"),
        (Some(false), None) => sql.push(" AND a.withdrawn_ms IS NULL"),
    };
    if let Some(portal) = &filter.portal {
        sql.push(" AND a.portal = ").push_bind(portal.clone());
    }
    if let Some(number) = &listed.index_number {
        sql.push(" AND a.index_number = ")
            .push_bind(number.as_str().to_owned());
    }
    sql.push(format!(" ORDER BY {leading}.added_seq DESC LIMIT "))
        .push_bind(limit);
    sql
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    use crate::store::{Purpose, Store};

    async fn plan(store: &Store, listed: &ArticleFilter, has_many: bool) -> String {
        // What is not bound is NULL, and changes no plan.
        let sql = query(listed, has_many, Some(7), 20).into_string();
        let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let steps: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sql).fetch_all(&store.pool).await.unwrap();
        let steps: Vec<String> = steps.into_iter().map(|(.., step)| step).collect();
        steps.join("; ")
    }

    fn day() -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2025, 7, 1)
    }

    fn name() -> Option<String> {
        Some("县政府办公室".to_owned())
    }

    #[tokio::test]
    async fn every_filter_has_an_index_in_the_order_of_the_list() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), Purpose::Real).await.unwrap();
        let of_issuer = "COVERING INDEX search_articles_of_issuer";
        let of_day = "COVERING INDEX search_articles_of_day";
        type Set = fn(&mut Filter);
        let filters: [(&str, Set); 8] = [
            ("INDEX articles_", |_| ()),
            ("articles_of_portal", |filter| filter.portal = name()),
            ("column_articles_added", |filter| {
                filter.column = "lucheng/news".parse().ok();
            }),
            (of_issuer, |filter| filter.issuer = name()),
            (of_issuer, |filter| {
                (filter.issuer, filter.since) = (name(), day());
            }),
            ("search_categories_of_added", |filter| {
                filter.category = name()
            }),
            // Days have another order. What is sorted are numbers, from the index alone.
            (of_day, |filter| {
                (filter.since, filter.until) = (day(), day())
            }),
            (of_day, |filter| {
                (filter.portal, filter.until) = (name(), day());
            }),
        ];
        for (index, set) in filters {
            let mut filter = Filter::default();
            set(&mut filter);
            for is_withdrawn in [None, Some(false), Some(true)] {
                let listed = ArticleFilter {
                    filter: filter.clone(),
                    index_number: None,
                    is_withdrawn,
                };
                if index == of_day {
                    let plan = plan(&store, &listed, true).await;
                    let led = "COVERING INDEX search_articles_of_added";
                    assert!(
                        plan.contains(led) && !plan.contains("TEMP B-TREE"),
                        "{plan}"
                    );
                }
                let plan = plan(&store, &listed, false).await;
                assert!(plan.contains(index), "{filter:?}: {plan}");
                let is_sorted = plan.contains("TEMP B-TREE");
                assert_eq!(is_sorted, index == of_day, "{filter:?}: {plan}");
                assert!(!plan.contains("SCAN"), "{filter:?}: {plan}");
            }
        }
        let of_number = ArticleFilter {
            index_number: IndexNumber::parse("000014349/2025-32614"),
            ..ArticleFilter::default()
        };
        assert!(of_number.index_number.is_some());
        let plan = plan(&store, &of_number, false).await;
        assert!(plan.contains("articles_by_number"), "{plan}");
        store.close().await;
    }
}
