//! Renders the files of named topics that a publication affects.
//!
//! Owns the feeds and the page of a topic. Never knows why a topic is affected.

use std::collections::BTreeSet;

use super::error::PublishFailure;
use super::site_files::SiteFiles;
use crate::model::FEED_ENTRIES;
use crate::render::paths::GroupFile;
use crate::render::{self, TopicInfo, pages, paths};
use crate::store::PublishedTopic;

impl SiteFiles<'_> {
    /// Publishes the topics that are affected, and removes those that are no more.
    pub(super) async fn topics(&mut self) -> Result<(), PublishFailure> {
        let topics = self.topics;
        if self.scope.is_all || !self.scope.topics.is_empty() {
            self.store.search().complete().await?;
        }
        for (info, fingerprint) in &topics.now {
            if self.scope.is_all || self.scope.topics.contains(&info.name) {
                let topic = self.topic(info, fingerprint).await?;
                self.rendered_topics.insert(info.name.clone(), Some(topic));
            }
        }
        let names: BTreeSet<&str> = topics.infos().map(|info| info.name.as_str()).collect();
        let gone: Vec<String> = match self.scope.is_all {
            true => self.directory.folders_in(paths::TOPICS)?,
            false => self.scope.topics.iter().cloned().collect(),
        };
        for name in gone.iter().filter(|name| !names.contains(name.as_str())) {
            for path in paths::topic_files(name) {
                self.remove(path)?;
            }
            self.rendered_topics.insert(name.clone(), None);
        }
        Ok(())
    }

    async fn topic(
        &mut self,
        info: &TopicInfo,
        fingerprint: &str,
    ) -> Result<PublishedTopic, PublishFailure> {
        let columns = info.columns.as_deref();
        let search = self.store.search();
        let articles = search.newest_in(&info.query, columns, FEED_ENTRIES).await?;
        let ids = articles.iter().map(|article| article.id).collect();
        let page = pages::topic(self.site, info, self.infos, &articles);
        let articles = self.shown(articles)?;
        let feed = render::topic::named(self.site, self.infos, info, &articles);
        let feed = feed.with_hubs(self.site);
        let path = |file: GroupFile| paths::topic_file(&info.name, file);
        self.put_shared_feed(&feed, path)?;
        self.put(&paths::topic_page(&info.name), &page)?;
        Ok(PublishedTopic {
            fingerprint: fingerprint.to_owned(),
            articles: ids,
        })
    }
}
