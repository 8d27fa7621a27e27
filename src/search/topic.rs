//! A topic: a search to subscribe to, by words, issuer, place and time.
//!
//! Owns the canonical form of a topic. Never runs a search.

use chrono::NaiveDate;
use url::form_urlencoded::Serializer;

use super::Query;
use crate::model::{ColumnName, Timestamp};

/// Words and filters; at least one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// Words.
    pub query: Option<Query>,
    /// The filters.
    pub filter: Filter,
}

/// The order of what a search finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ranking {
    /// The best first; without words, the last that dibao published.
    #[default]
    Best,
    /// The last day of publication first.
    Day,
}

/// Filters of articles: every given one must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// 发文机关, whole, folded.
    pub issuer: Option<String>,
    /// 主题分类, or one of the 主题词, whole, folded.
    pub category: Option<String>,
    /// One of these is its portal, or has a column that lists it; without any, all portals match.
    /// Sorted.
    pub portals: Vec<String>,
    /// The columns of these portals, where some of them have the articles of another portal: a column
    /// that moved keeps those of its former one. Sorted. `None` if no column moved.
    pub moved: Option<Vec<ColumnName>>,
    /// A column that lists it.
    pub columns: Option<Chosen>,
    /// The first day on which it was published.
    pub since: Option<NaiveDate>,
    /// The last day on which it was published.
    pub until: Option<NaiveDate>,
    /// It changed at this time or later.
    pub updated_since: Option<Timestamp>,
}

/// Columns that somebody chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The patterns, as they were given, sorted.
    pub patterns: Vec<String>,
    /// The columns that match one of them, sorted.
    pub names: Vec<ColumnName>,
}

impl Topic {
    /// Whether it has neither words nor filters.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The topic as the query of a URL, in canonical form.
    pub fn canonical(&self) -> String {
        let mut form = Serializer::new(String::new());
        for (name, value) in self.parts() {
            form.append_pair(name, &value);
        }
        form.finish()
    }

    /// The names and values of the parameters, in their order.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let Filter {
            issuer,
            category,
            portals,
            // It follows from the portals.
            moved: _,
            columns,
            since,
            until,
            updated_since,
        } = &self.filter;
        let list = |names: &[String]| (!names.is_empty()).then(|| names.join(","));
        [
            ("q", self.query.as_ref().map(Query::to_string)),
            ("issuer", issuer.clone()),
            ("category", category.clone()),
            ("portal", list(portals)),
            (
                "column",
                columns.as_ref().and_then(|chosen| list(&chosen.patterns)),
            ),
            ("since", since.map(|day| day.to_string())),
            ("until", until.map(|day| day.to_string())),
            ("updated_since", updated_since.map(|time| time.to_string())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}
