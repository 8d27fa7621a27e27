//! What a publication renders.
//!
//! Owns the sets of what changed, and the answer whether a file is affected. Never reads the store.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::kinds::{Cause, Kind};
use crate::model::ColumnName;
use crate::render::{changes, paths};

/// What a publication renders. The journal holds it as JSON until the publication is complete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Scope {
    /// Everything.
    pub(super) is_all: bool,
    /// The articles that are affected, by cause.
    pub(super) articles: BTreeMap<Cause, BTreeSet<Uuid>>,
    /// The columns that are affected, by cause.
    pub(super) columns: BTreeMap<Cause, BTreeSet<ColumnName>>,
    /// The history documents that changed articles stand in.
    pub(super) documents: BTreeMap<ColumnName, BTreeSet<u32>>,
    /// The months that changed articles belong to, or belonged to, each with the change that added
    /// the first of those articles; 0 for all articles of the month.
    pub(super) months: BTreeMap<ColumnName, BTreeMap<String, i64>>,
    /// The years that somebody's change to their pages affects.
    #[serde(default)]
    pub(super) years: BTreeMap<ColumnName, BTreeSet<String>>,
    /// The documents of changes, each with its first change that may be another one, or new.
    pub(super) changes: BTreeMap<i64, i64>,
    /// The named topics that are affected.
    #[serde(default)]
    pub(super) topics: BTreeSet<String>,
    /// Which topics there are, and what they are called.
    #[serde(default)]
    pub(super) topic_list: bool,
    /// The feed of incidents.
    pub(super) incidents: bool,
    /// Whether a kept file may be shown no more.
    pub(super) kept_files: bool,
}

impl Scope {
    /// Everything.
    pub(super) fn all() -> Self {
        Self {
            is_all: true,
            ..Self::default()
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn add_article(&mut self, cause: Cause, id: Uuid) {
        self.articles.entry(cause).or_default().insert(id);
    }

    pub(super) fn add_column(&mut self, cause: Cause, name: ColumnName) {
        self.columns.entry(cause).or_default().insert(name);
    }

    /// Adds a month of a column, from this change on.
    pub(super) fn add_month(&mut self, name: ColumnName, month: String, from: i64) {
        let months = self.months.entry(name).or_default();
        let known = months.entry(month).or_insert(from);
        *known = from.min(*known);
    }

    /// Adds this change and those behind it in its document.
    pub(super) fn add_change(&mut self, seq: i64) {
        let known = self.changes.entry(changes::document_of(seq)).or_insert(seq);
        *known = seq.min(*known);
    }

    /// Adds what another publication, which did not end, was to render.
    pub(super) fn merge(mut self, other: Self) -> Self {
        if self.is_all || other.is_all {
            return Self::all();
        }
        for (cause, ids) in other.articles {
            self.articles.entry(cause).or_default().extend(ids);
        }
        for (cause, names) in other.columns {
            self.columns.entry(cause).or_default().extend(names);
        }
        for (name, numbers) in other.documents {
            self.documents.entry(name).or_default().extend(numbers);
        }
        for (name, months) in other.months {
            for (month, from) in months {
                self.add_month(name.clone(), month, from);
            }
        }
        for (name, years) in other.years {
            self.years.entry(name).or_default().extend(years);
        }
        for seq in other.changes.into_values() {
            self.add_change(seq);
        }
        self.topics.extend(other.topics);
        self.topic_list |= other.topic_list;
        self.incidents |= other.incidents;
        self.kept_files |= other.kept_files;
        self
    }

    /// The articles that are affected at all.
    pub(super) fn all_articles(&self) -> BTreeSet<Uuid> {
        self.articles.values().flatten().copied().collect()
    }

    /// Whether anything of this column is affected.
    pub(super) fn has_column(&self, name: &ColumnName) -> bool {
        self.is_all
            || self.columns.values().any(|names| names.contains(name))
            || self.months.contains_key(name)
    }

    /// Whether this file of an article is affected.
    pub(super) fn has_article_file(&self, kind: Kind, id: Uuid) -> bool {
        let is_in = |cause: &Cause| {
            self.articles
                .get(cause)
                .is_some_and(|ids| ids.contains(&id))
        };
        self.is_all || kind.causes().iter().any(is_in)
    }

    /// Whether this file of a column is affected.
    pub(super) fn has_column_file(&self, kind: Kind, name: &ColumnName) -> bool {
        self.is_all || kind.causes().iter().any(|cause| self.names(*cause, name))
    }

    /// The history documents of a column that are affected, of 1 to `last`.
    pub(super) fn documents_of(&self, name: &ColumnName, last: u32) -> Vec<u32> {
        if self.is_whole(name) {
            return (1..=last).collect();
        }
        let numbers = self.documents.get(name).into_iter().flatten();
        numbers.copied().filter(|number| *number <= last).collect()
    }

    /// The change from which on this dump of a column is affected, 0 for the whole; `None` if it is
    /// not.
    pub(super) fn month(&self, name: &ColumnName, month: &str) -> Option<i64> {
        match self.is_whole(name) {
            true => Some(0),
            false => self.months.get(name)?.get(month).copied(),
        }
    }

    /// Whether the page of this year of a column is affected.
    pub(super) fn has_year(&self, name: &ColumnName, year: &str) -> bool {
        let has = |years: &BTreeSet<String>| years.contains(year);
        let months = self.months.get(name).into_iter().flatten();
        self.is_whole(name)
            || self.years.get(name).is_some_and(has)
            || months
                .into_iter()
                .any(|(month, _)| paths::year_of(month) == year)
    }

    /// The columns whose files are rendered all of them, if not everything is.
    pub(super) fn whole_columns(&self) -> impl Iterator<Item = &ColumnName> {
        self.columns.get(&Cause::Column).into_iter().flatten()
    }

    /// Whether a column's files are rendered all of them.
    pub(super) fn is_whole(&self, name: &ColumnName) -> bool {
        self.is_all || self.names(Cause::Column, name)
    }

    /// Whether this file of a portal, or of all columns, is affected.
    pub(super) fn has_group_file(&self, kind: Kind, portal: Option<&str>) -> bool {
        let is_of = |name: &ColumnName| portal.is_none_or(|portal| name.portal() == portal);
        let is_in = |cause: &Cause| {
            let names = self.columns.get(cause);
            names.is_some_and(|names| names.iter().any(is_of))
        };
        let lists_topics = portal.is_none() && matches!(kind, Kind::Catalogue | Kind::Opml);
        self.is_all || kind.causes().iter().any(is_in) || lists_topics && self.topic_list
    }

    fn names(&self, cause: Cause, name: &ColumnName) -> bool {
        let names = self.columns.get(&cause);
        names.is_some_and(|names| names.contains(name))
    }
}
