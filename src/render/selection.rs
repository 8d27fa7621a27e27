//! Feeds of several columns: of a portal, of all columns, or of chosen ones.
//!
//! Owns the title and the id of the feed. Never sorts its articles.

use url::Url;

use super::site::BETWEEN;
use super::{ColumnInfo, Entry, Feed, Site, limit, paths};
use crate::identify::{choice_id, whole_id};
use crate::model::Article;

/// The most titles that are listed. For more columns, the title has their number.
const NAMED: usize = 3;

/// Columns that share a feed. Each article is in it once.
#[derive(Clone, Debug)]
pub struct Selection<'a> {
    /// The Atom id of its feed.
    pub id: String,
    /// The title of its feed.
    pub title: String,
    /// The page that its feed is about.
    pub home: Url,
    /// The columns, by name.
    pub columns: Vec<&'a ColumnInfo>,
}

impl<'a> Selection<'a> {
    /// The columns of a portal, among others.
    pub fn from_portal(site: &Site, portal: &str, columns: &'a [ColumnInfo]) -> Self {
        let columns = columns.iter();
        let columns = columns.filter(|column| column.name.portal() == portal);
        Self::from_portal_columns(site, portal, columns.collect())
    }

    /// The columns of a portal: these.
    pub fn from_portal_columns(site: &Site, portal: &str, columns: Vec<&'a ColumnInfo>) -> Self {
        let first = columns.first();
        let home = first.and_then(|column| column.url.join("/").ok());
        let title = first.map_or(portal, |column| column.portal.title.as_str());
        Self {
            id: whole_id(Some(portal)).urn().to_string(),
            title: format!("{title}{BETWEEN}全部栏目"),
            home: home.unwrap_or_else(|| site.base_url.clone()),
            columns,
        }
    }

    /// All columns.
    pub fn from_all(site: &Site, columns: &'a [ColumnInfo]) -> Self {
        Self {
            id: whole_id(None).urn().to_string(),
            title: format!("邸报{BETWEEN}全部栏目"),
            home: site.base_url.clone(),
            columns: columns.iter().collect(),
        }
    }

    /// Chosen columns. The id comes from `choice`, the canonical form of the choice, so a portal's
    /// feed keeps its id when the portal gets another column.
    pub fn from_choice(site: &Site, choice: &str, mut columns: Vec<&'a ColumnInfo>) -> Self {
        columns.sort_by(|one, other| one.name.cmp(&other.name));
        columns.dedup_by(|one, other| one.name == other.name);
        let titles: Vec<&str> = columns
            .iter()
            .map(|column| column.title.as_str())
            .take(NAMED)
            .collect();
        let more = match columns.len() {
            count if count > NAMED => format!(" 等 {count} 个栏目"),
            _ => String::new(),
        };
        Self {
            id: choice_id(choice).urn().to_string(),
            title: format!("邸报{BETWEEN}{}{more}", titles.join("、")),
            home: site.url(paths::CATALOGUE),
            columns,
        }
    }

    /// Whether this article stands in the feed of one of the columns.
    pub fn chooses(&self, article: &Article) -> bool {
        let mut of = self
            .columns
            .iter()
            .filter(|column| article.columns.contains(&column.name));
        of.any(|column| column.keywords.choose(article))
    }

    /// Its feed with the first of these articles, which come newest first, within the limits of a
    /// live feed.
    pub fn feed(&self, site: &Site, articles: &[Article]) -> Feed {
        let in_full = |article: &Article| {
            let mut of = self
                .columns
                .iter()
                .filter(|column| article.columns.contains(&column.name));
            of.any(|column| column.full_text)
        };
        let entries = articles
            .iter()
            .map(|article| Entry::new(article, in_full(article)).with_source(site, &self.columns));
        let entries = limit::fitted(entries.collect());
        let intervals = self.columns.iter().filter_map(|column| column.run_interval);
        Feed {
            run_interval: intervals.min_by_key(|run_interval| run_interval.minutes()),
            ..Feed::from_entries(site, self.id.clone(), &self.title, &self.home, entries)
        }
    }
}
