//! Named topics, and which of them are affected by what changed.
//!
//! Owns that rule: a topic is searched for again only if an article that changed stands in its feed or
//! is found by it, or if a column changed. Never renders a file.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::kinds::Cause;
use super::scope::Scope;
use super::since::fingerprint;
use crate::config::NamedTopic;
use crate::model::ColumnName;
use crate::render::{ColumnInfo, TopicInfo};
use crate::store::{Store, StoreError};

/// The topics, and as they were published.
pub(super) struct Topics<'a> {
    /// Each with a fingerprint of what its files take from the configuration.
    pub(super) now: Vec<(TopicInfo, String)>,
    published: &'a BTreeMap<String, String>,
}

/// What is published of these topics, in the order of their names.
pub fn topic_infos(topics: &[NamedTopic], infos: &[ColumnInfo]) -> Vec<TopicInfo> {
    let topics = topics.iter().map(|topic| {
        let names = infos.iter().map(|info| &info.name);
        let names = names.filter(|name| topic.has_column(name)).cloned();
        TopicInfo {
            name: topic.name.clone(),
            title: topic.title.clone(),
            query: topic.query.clone(),
            columns: (!topic.columns.is_empty()).then(|| names.collect::<Vec<ColumnName>>()),
        }
    });
    topics.collect()
}

impl<'a> Topics<'a> {
    pub(super) fn new(
        topics: &[NamedTopic],
        infos: &[ColumnInfo],
        published: &'a BTreeMap<String, String>,
    ) -> Self {
        let now = topic_infos(topics, infos).into_iter().map(|info| {
            let print = fingerprint(&format!("{info:?}"));
            (info, print)
        });
        Self {
            now: now.collect(),
            published,
        }
    }

    /// The topics, in the order of their names.
    pub(super) fn infos(&self) -> impl Iterator<Item = &TopicInfo> {
        self.now.iter().map(|(info, _)| info)
    }

    fn gone(&self) -> impl Iterator<Item = &String> {
        let names: BTreeSet<&String> = self.infos().map(|info| &info.name).collect();
        let published = self.published.keys();
        published.filter(move |name| !names.contains(name))
    }

    /// Adds the topics that are affected, by themselves or by what the scope has.
    pub(super) async fn affect(&self, store: &Store, scope: &mut Scope) -> Result<(), StoreError> {
        if self.now.is_empty() && self.published.is_empty() {
            return Ok(());
        }
        let other = self.now.iter().filter(|(info, print)| {
            let published = self.published.get(&info.name);
            published != Some(print)
        });
        let other = other.map(|(info, _)| &info.name).chain(self.gone());
        scope.topics.extend(other.cloned());
        scope.topic_list |= !scope.topics.is_empty();
        let has_column = scope.columns.contains_key(&Cause::Column);
        let causes = [Cause::Article, Cause::KeptFile].into_iter();
        let articles = causes.filter_map(|cause| scope.articles.get(&cause));
        let articles: BTreeSet<Uuid> = articles.flatten().copied().collect();
        let articles: Vec<Uuid> = articles.into_iter().collect();
        for info in self.infos() {
            let columns = info.columns.as_deref();
            let topic = (info.name.as_str(), &info.query);
            if scope.topics.contains(&info.name) || articles.is_empty() && !has_column {
                continue;
            }
            if has_column || store.search().touches(topic, columns, &articles).await? {
                scope.topics.insert(info.name.clone());
            }
        }
        Ok(())
    }
}
