//! The query for a filtered list of articles, in one of its orders.
//!
//! Owns which index leads it, so that its cost follows from the page and not from what matches.
//! Never runs it.

use serde::Serialize;
use sqlx::QueryBuilder;

use crate::model::ColumnName;
use crate::search::{ArticleFilter, Order, Place, Sort};
use crate::store::driver::Engine;
use crate::store::rows::ARTICLE;

/// Days or times with more articles than this are many: then something else leads, not these.
const MANY: i64 = 2000;
/// Of so many portals or columns, each one's part of the page is looked up, and the parts are merged.
/// More match most articles: then the list's order leads.
const MERGED: usize = 100;

/// What leads through the index of words. It has an index for each lead and order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead<'a> {
    Number(&'a str),
    Category(&'a str),
    Issuer(&'a str),
    /// One or several columns, as JSON.
    Columns,
    /// One or several portals.
    Portals,
    /// Few articles of some days, or that changed lately.
    Few(Sort),
    /// The order of the list.
    Order,
}

impl<'a> Lead<'a> {
    fn of(listed: &'a ArticleFilter, few: Option<Sort>) -> Self {
        let filter = &listed.filter;
        let is_merged = |count: usize| (1..=MERGED).contains(&count);
        if let Some(number) = &listed.index_number {
            Self::Number(number.as_str())
        } else if let Some(sort) = few {
            Self::Few(sort)
        } else if let Some(category) = &filter.category {
            Self::Category(category)
        } else if let Some(issuer) = &filter.issuer {
            Self::Issuer(issuer)
        } else if is_merged(columns(listed).len()) {
            Self::Columns
        } else if filter.moved.is_none() && is_merged(filter.portals.len()) {
            Self::Portals
        } else {
            Self::Order
        }
    }

    /// The table, and the part of the name of its indexes that says what they begin with.
    fn table(self) -> (&'static str, &'static str) {
        match self {
            Self::Category(_) => ("search_categories", ""),
            Self::Columns => ("search_columns", ""),
            Self::Issuer(_) => ("search_articles", "_of_issuer"),
            Self::Portals => ("search_articles", "_of_portal"),
            Self::Number(_) | Self::Few(_) | Self::Order => ("search_articles", ""),
        }
    }

    /// The table with the index that has this order.
    fn indexed(self, alias: &str, sort: Sort) -> String {
        let (table, begin) = self.table();
        let by = match self {
            Self::Number(_) => return format!("{table} {alias}"),
            Self::Few(few) => name(few),
            _ => name(sort),
        };
        format!("{table} {alias} INDEXED BY {table}{begin}_by_{by}")
    }
}

/// The part of an index's name for an order.
fn name(sort: Sort) -> &'static str {
    match sort {
        Sort::Added => "added",
        Sort::Published => "published",
        Sort::Updated => "updated",
    }
}

/// The names of the columns that narrow a list: those that were asked for, else those of portals to
/// which one moved.
fn columns(listed: &ArticleFilter) -> &[ColumnName] {
    let filter = &listed.filter;
    match (&filter.columns, &filter.moved) {
        (Some(chosen), _) => &chosen.names,
        (None, Some(moved)) => moved,
        (None, None) => &[],
    }
}

/// Counts the articles of the days, or the changed ones, that narrow a list, up to many; `None` if none
/// of these narrow it.
pub(super) fn count_range(listed: &ArticleFilter, sort: Sort) -> Option<QueryBuilder<Engine>> {
    let filter = &listed.filter;
    let is_given = match sort {
        Sort::Added => false,
        Sort::Published => filter.since.is_some() || filter.until.is_some(),
        Sort::Updated => filter.updated_since.is_some(),
    };
    if !is_given {
        return None;
    }
    let table = Lead::Few(sort).indexed("t", sort);
    let mut sql = QueryBuilder::new(format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE TRUE"
    ));
    push_range(&mut sql, listed, "t", sort);
    sql.push(" LIMIT ").push_bind(MANY).push(") m");
    Some(sql)
}

/// Whether a count is one of few.
pub(super) fn is_few(count: i64) -> bool {
    count < MANY
}

/// A part of a list: after a place, at most so many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) order: Order,
    pub(super) after: Option<Place>,
    pub(super) limit: u32,
}

/// Selects the JSON of the articles that match, and their places. `few` names a range that has few
/// articles.
pub(super) fn query(listed: &ArticleFilter, few: Option<Sort>, part: Part) -> QueryBuilder<Engine> {
    if is_of_store(listed, part.order) {
        return from_store(listed, part);
    }
    let lead = Lead::of(listed, few);
    let mut sql = QueryBuilder::new(format!(
        "SELECT {ARTICLE}, s.added_seq, s.day, s.updated_ms
         FROM search_articles s CROSS JOIN articles a ON a.id = s.id
         WHERE s.doc IN ("
    ));
    match several(listed, lead) {
        Some(values) => {
            let (table, _) = lead.table();
            // Articles are found by `doc`, whichever index the planner would rather walk.
            let of_name = match lead {
                Lead::Columns => "t.column_name = v.value AND ",
                _ => "",
            };
            sql.push(
                "SELECT doc FROM (SELECT DISTINCT t.doc, t.added_seq, t.day, t.updated_ms
                                  FROM json_each(",
            )
            .push_bind(values)
            .push(format!(") v CROSS JOIN {table} t ON {of_name}t.doc IN ("));
            push_docs(&mut sql, listed, lead, "u", Some(part), Some("v.value"));
            sql.push(format!(") ORDER BY {} LIMIT ", keys("t", part.order)))
                .push_bind(part.limit)
                .push(") d");
        }
        None => push_docs(&mut sql, listed, lead, "t", Some(part), None),
    }
    sql.push(format!(") ORDER BY {}", keys("s", part.order)));
    sql
}

/// Counts the articles that match.
pub(super) fn count(listed: &ArticleFilter, few: Option<Sort>) -> QueryBuilder<Engine> {
    let lead = Lead::of(listed, few);
    // An article may stand in several columns.
    let counted = if lead == Lead::Columns {
        "DISTINCT doc"
    } else {
        "*"
    };
    let mut sql = QueryBuilder::new(format!("SELECT COUNT({counted}) FROM ("));
    push_docs(&mut sql, listed, lead, "t", None, None);
    sql.push(") d");
    sql
}

/// Selects the numbers of addition of all articles that match, in their order.
pub(super) fn numbers(listed: &ArticleFilter, few: Option<Sort>) -> QueryBuilder<Engine> {
    let mut sql = QueryBuilder::new("SELECT added_seq FROM search_articles WHERE doc IN (");
    push_docs(&mut sql, listed, Lead::of(listed, few), "t", None, None);
    sql.push(") ORDER BY added_seq");
    sql
}

/// The leading portals or columns as JSON, if there are several.
fn several(listed: &ArticleFilter, lead: Lead<'_>) -> Option<String> {
    let (columns, portals) = (columns(listed), &listed.filter.portals);
    match lead {
        Lead::Columns if columns.len() > 1 => Some(json(columns)),
        Lead::Portals if portals.len() > 1 => Some(json(portals)),
        _ => None,
    }
}

/// Names are texts, so this cannot fail.
fn json(names: &[impl Serialize]) -> String {
    serde_json::to_string(names).unwrap_or_default()
}

/// Selects the places in the index of words of the articles that match: all of them, or a part in its
/// order. `one` is the one portal or column that leads.
fn push_docs(
    sql: &mut QueryBuilder<Engine>,
    listed: &ArticleFilter,
    lead: Lead<'_>,
    alias: &str,
    part: Option<Part>,
    one: Option<&str>,
) {
    let filter = &listed.filter;
    let order = part.map_or(Order::default(), |part| part.order);
    let table = lead.indexed(alias, order.sort);
    sql.push(format!("SELECT {alias}.doc FROM {table} WHERE "));
    match (lead, one) {
        (Lead::Number(number), _) => sql
            .push(format!(
                "{alias}.id IN (SELECT id FROM articles WHERE index_number = "
            ))
            .push_bind(number.to_owned())
            .push(")"),
        (Lead::Category(category), _) => sql
            .push(format!("{alias}.category = "))
            .push_bind(category.to_owned()),
        (Lead::Issuer(issuer), _) => sql
            .push(format!("{alias}.issuer = "))
            .push_bind(issuer.to_owned()),
        (Lead::Columns, Some(one)) => sql.push(format!("{alias}.column_name = {one}")),
        (Lead::Portals, Some(one)) => sql.push(format!("{alias}.portal = {one}")),
        (Lead::Columns, None) => push_in(sql, &format!("{alias}.column_name"), columns(listed)),
        (Lead::Portals, None) => push_in(sql, &format!("{alias}.portal"), &filter.portals),
        (Lead::Few(_) | Lead::Order, _) => sql.push("TRUE"),
    };
    push_range(sql, listed, alias, Sort::Published);
    push_range(sql, listed, alias, Sort::Updated);
    if let Some(is_withdrawn) = listed.is_withdrawn {
        sql.push(format!(" AND {alias}.withdrawn = "))
            .push_bind(is_withdrawn);
    }
    push_others(sql, listed, lead, alias);
    if let Some(part) = part {
        push_after(sql, part, alias);
        sql.push(format!(" ORDER BY {} LIMIT ", keys(alias, order)))
            .push_bind(part.limit);
    }
}

/// A name that is one of these.
pub(in crate::store) fn push_in<'q>(
    sql: &'q mut QueryBuilder<Engine>,
    column: &str,
    names: &[impl Serialize + ToString],
) -> &'q mut QueryBuilder<Engine> {
    match names {
        [one] => sql.push(format!("{column} = ")).push_bind(one.to_string()),
        names => sql
            .push(format!("{column} IN (SELECT value FROM json_each("))
            .push_bind(json(names))
            .push("))"),
    }
}

/// One of these columns lists it.
pub(in crate::store) fn push_listed_by(
    sql: &mut QueryBuilder<Engine>,
    alias: &str,
    columns: &[ColumnName],
) {
    sql.push(format!(
        " AND EXISTS (SELECT 1 FROM search_columns k INDEXED BY search_columns_by_doc
                      WHERE k.doc = {alias}.doc AND "
    ));
    push_in(sql, "+k.column_name", columns).push(")");
}

/// The filters that do not lead, and that only some tables know.
fn push_others(
    sql: &mut QueryBuilder<Engine>,
    listed: &ArticleFilter,
    lead: Lead<'_>,
    alias: &str,
) {
    let filter = &listed.filter;
    let has_names = lead.table().0 == "search_articles";
    let own = if has_names { alias } else { "p" };
    let of_article = |sql: &mut QueryBuilder<Engine>| {
        sql.push(match has_names {
            true => " AND (".to_owned(),
            false => format!(
                " AND EXISTS (SELECT 1 FROM search_articles p WHERE p.doc = {alias}.doc AND "
            ),
        });
    };
    if let Some(issuer) = filter
        .issuer
        .as_ref()
        .filter(|_| !matches!(lead, Lead::Issuer(_)))
    {
        of_article(sql);
        sql.push(format!("+{own}.issuer = "))
            .push_bind(issuer.clone())
            .push(")");
    }
    if !filter.portals.is_empty() && filter.moved.is_none() && lead != Lead::Portals {
        of_article(sql);
        push_in(sql, &format!("+{own}.portal"), &filter.portals).push(")");
    }
    if !columns(listed).is_empty() && lead != Lead::Columns {
        push_listed_by(sql, alias, columns(listed));
    }
    if let (Some(_), Some(moved)) = (&filter.columns, &filter.moved) {
        push_listed_by(sql, alias, moved);
    }
    if let Some(category) = filter
        .category
        .as_ref()
        .filter(|_| !matches!(lead, Lead::Category(_)))
    {
        sql.push(" AND EXISTS (SELECT 1 FROM search_categories c WHERE c.category = ")
            .push_bind(category.clone())
            .push(format!(" AND c.doc = {alias}.doc)"));
    }
}

/// The days of publication, or the time since the last change.
fn push_range(sql: &mut QueryBuilder<Engine>, listed: &ArticleFilter, alias: &str, sort: Sort) {
    let filter = &listed.filter;
    match sort {
        Sort::Added => (),
        Sort::Published => {
            for (comparison, day) in [(">=", filter.since), ("<=", filter.until)] {
                if let Some(day) = day {
                    sql.push(format!(" AND {alias}.day {comparison} "))
                        .push_bind(day.to_string());
                }
            }
        }
        Sort::Updated => {
            if let Some(time) = filter.updated_since {
                sql.push(format!(" AND {alias}.updated_ms >= "))
                    .push_bind(time.millis());
            }
        }
    }
}

/// What comes after a place.
fn push_after(sql: &mut QueryBuilder<Engine>, part: Part, alias: &str) {
    let sign = if part.order.is_ascending { ">" } else { "<" };
    match part.after {
        None => (),
        Some(Place::Added(added)) => {
            sql.push(format!(" AND {alias}.added_seq {sign} "))
                .push_bind(added);
        }
        Some(Place::Published(day, added)) => {
            sql.push(format!(" AND ({alias}.day, {alias}.added_seq) {sign} ("))
                .push_bind(day.to_string())
                .push(", ")
                .push_bind(added)
                .push(")");
        }
        Some(Place::Updated(millis)) => {
            sql.push(format!(" AND {alias}.updated_ms {sign} "))
                .push_bind(millis);
        }
    }
}

/// The keys of an order.
fn keys(alias: &str, order: Order) -> String {
    let direction = if order.is_ascending { "" } else { " DESC" };
    match order.sort {
        Sort::Added => format!("{alias}.added_seq{direction}"),
        Sort::Published => format!("{alias}.day{direction}, {alias}.added_seq{direction}"),
        Sort::Updated => format!("{alias}.updated_ms{direction}"),
    }
}

/// Whether the articles' own tables know enough. They know each article, also while the index of words
/// is built.
fn is_of_store(listed: &ArticleFilter, order: Order) -> bool {
    let filter = &listed.filter;
    let is_of_index = filter.issuer.is_some()
        || filter.category.is_some()
        || filter.since.is_some()
        || filter.until.is_some()
        || filter.updated_since.is_some()
        || filter.portals.len() > 1
        || filter.moved.is_some()
        || columns(listed).len() > 1;
    order.sort == Sort::Added && !is_of_index
}

/// By what the articles' own tables know.
fn from_store(listed: &ArticleFilter, part: Part) -> QueryBuilder<Engine> {
    let column = columns(listed).first();
    let leading = if column.is_some() { "k" } else { "a" };
    let mut sql = QueryBuilder::new(format!(
        "SELECT {ARTICLE}, a.added_seq, NULL AS day, NULL AS updated_ms FROM "
    ));
    if let Some(column) = column {
        sql.push("column_articles k CROSS JOIN articles a ON a.id = k.article_id");
        sql.push(" WHERE k.column_name = ")
            .push_bind(column.to_string());
    } else {
        sql.push("articles a WHERE a.added_seq IS NOT NULL");
    }
    push_after(&mut sql, part, leading);
    match (listed.is_withdrawn, column) {
        (None, _) => &mut sql,
        (Some(is_withdrawn), Some(_)) => sql.push(" AND k.is_withdrawn = ").push_bind(is_withdrawn),
        (Some(true), None) => sql.push(" AND a.withdrawn_ms IS NOT NULL"),
        (Some(false), None) => sql.push(" AND a.withdrawn_ms IS NULL"),
    };
    for portal in &listed.filter.portals {
        sql.push(" AND a.portal = ").push_bind(portal.clone());
    }
    if let Some(number) = &listed.index_number {
        sql.push(" AND a.index_number = ")
            .push_bind(number.as_str().to_owned());
    }
    sql.push(format!(" ORDER BY {} LIMIT ", keys(leading, part.order)))
        .push_bind(part.limit);
    sql
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    use crate::model::{IndexNumber, Timestamp};
    use crate::search::{Chosen, Filter};
    use crate::store::{Purpose, Store};

    async fn plan(store: &Store, listed: &ArticleFilter, few: Option<Sort>, part: Part) -> String {
        // What is not bound is NULL, and changes no plan.
        let sql = query(listed, few, part).into_string();
        let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let steps: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sql).fetch_all(&store.pool).await.unwrap();
        let steps: Vec<String> = steps.into_iter().map(|(.., step)| step).collect();
        steps.join("; ")
    }

    fn chosen(names: &[&str]) -> Option<Chosen> {
        let parsed = names.iter().map(|name| name.parse().unwrap());
        Some(Chosen {
            patterns: names.iter().map(|name| (*name).to_owned()).collect(),
            names: parsed.collect(),
        })
    }

    #[tokio::test]
    async fn every_filter_has_an_index_in_every_order() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), Purpose::Real).await.unwrap();
        let name = || Some("县政府办公室".to_owned());
        let day = NaiveDate::from_ymd_opt(2025, 7, 1);
        type Set<'a> = &'a dyn Fn(&mut Filter);
        let filters: [(&str, usize, Set<'_>); 8] = [
            ("search_articles", 1, &|_| ()),
            ("search_articles_of_portal", 1, &|filter| {
                filter.portals = vec!["a".to_owned()];
            }),
            ("search_columns", 1, &|filter| {
                filter.columns = chosen(&["a/b"])
            }),
            ("search_articles_of_issuer", 1, &|filter| {
                filter.issuer = name()
            }),
            ("search_articles_of_issuer", 1, &|filter| {
                (filter.issuer, filter.since, filter.columns) = (name(), day, chosen(&["a/b"]));
            }),
            ("search_categories", 1, &|filter| {
                (filter.category, filter.portals) = (name(), vec!["a".to_owned()]);
            }),
            // Parts of each portal or column are merged.
            ("search_articles_of_portal", 2, &|filter| {
                filter.portals = vec!["a".to_owned(), "b".to_owned()];
            }),
            ("search_columns", 2, &|filter| {
                (filter.columns, filter.until) = (chosen(&["a/b", "c/d"]), day);
            }),
        ];
        for (index, sorted, set) in filters {
            let mut filter = Filter::default();
            set(&mut filter);
            for (sort, is_withdrawn, is_ascending) in [
                (Sort::Added, Some(false), true),
                (Sort::Published, Some(true), false),
                (Sort::Published, None, true),
                (Sort::Updated, Some(false), false),
            ] {
                let listed = ArticleFilter {
                    filter: filter.clone(),
                    index_number: None,
                    is_withdrawn,
                };
                let order = Order { sort, is_ascending };
                let after = match sort {
                    Sort::Added => Place::Added(7),
                    Sort::Published => Place::Published(day.unwrap(), 7),
                    Sort::Updated => Place::Updated(7),
                };
                let (after, limit) = (Some(after), 20);
                let part = Part {
                    order,
                    after,
                    limit,
                };
                let plan = plan(&store, &listed, None, part).await;
                if is_of_store(&listed, order) {
                    assert!(!plan.contains("SCAN") && !plan.contains("TEMP"), "{plan}");
                    continue;
                }
                let index = format!("COVERING INDEX {index}_by_{}", super::name(sort));
                assert!(plan.contains(&index), "{filter:?} {order:?}: {plan}");
                // The page itself is sorted, and so are parts when they are merged.
                let sorts = plan.matches("TEMP B-TREE FOR ORDER BY").count();
                assert_eq!(sorts, sorted, "{filter:?} {order:?}: {plan}");
                assert!(!plan.contains("SCAN s"), "{filter:?}: {plan}");
                assert!(
                    !plan.contains("SCAN t") && !plan.contains("SCAN u"),
                    "{plan}"
                );
            }
        }
        let listed = ArticleFilter {
            index_number: IndexNumber::parse("000014349/2025-32614"),
            filter: Filter {
                updated_since: Timestamp::from_millis(0),
                ..Filter::default()
            },
            ..ArticleFilter::default()
        };
        assert!(listed.index_number.is_some());
        let part = Part {
            order: Order::default(),
            after: None,
            limit: 20,
        };
        let of_number = plan(&store, &listed, None, part).await;
        assert!(of_number.contains("articles_by_number"), "{of_number}");
        let few = ArticleFilter {
            index_number: None,
            ..listed
        };
        let few = plan(&store, &few, Some(Sort::Updated), part).await;
        let led = "COVERING INDEX search_articles_by_updated (updated_ms>?)";
        assert!(few.contains(led), "{few}");
        store.close().await;
    }
}
