//! Renders the files of several columns that a publication affects: the combined feeds, OPML, the
//! catalogue, the pages of portals.
//!
//! Owns which portals are affected. Never writes a file of one column or of one article.

use std::collections::BTreeMap;

use super::error::PublishFailure;
use super::kinds::Kind;
use super::since::Fingerprints;
use super::site_files::SiteFiles;
use crate::model::{Article, ColumnName, FEED_ENTRIES};
use crate::publish::Copies;
use crate::render::pages::{self, CatalogueEntry};
use crate::render::paths::{self, GroupFile};
use crate::render::{self, ColumnInfo, Feed, Selection, TopicInfo};
use crate::store::PublishedColumn;

impl SiteFiles<'_> {
    /// Publishes the combined feeds and OPML files: of each portal, and of all columns.
    pub(super) async fn groups(&mut self) -> Result<(), PublishFailure> {
        let mut portals: BTreeMap<&str, Vec<&ColumnInfo>> = BTreeMap::new();
        for info in self.infos {
            portals.entry(info.name.portal()).or_default().push(info);
        }
        let all = self.infos.iter().collect();
        let portals = portals.into_iter().map(|(portal, of)| (Some(portal), of));
        for (portal, columns) in portals.chain([(None, all)]) {
            let kinds = [Kind::GroupFeeds, Kind::Opml];
            let [feeds, opml] = kinds.map(|kind| self.scope.has_group_file(kind, portal));
            if !feeds && !opml {
                continue;
            }
            let selection = match portal {
                Some(portal) => Selection::from_portal_columns(self.site, portal, columns),
                None => Selection::from_all(self.site, self.infos),
            };
            if feeds {
                self.group_feeds(portal, &selection).await?;
            }
            if opml {
                let mut columns = selection.columns.clone();
                // Nobody subscribes to what has ended.
                columns.retain(|column| column.ended_at.is_none());
                let topics: Vec<&TopicInfo> = match portal {
                    Some(_) => Vec::new(),
                    None => self.topics.infos().collect(),
                };
                let opml = render::opml::render(self.site, &columns, &topics)?;
                self.put(&paths::group_file(portal, GroupFile::Opml), &opml)?;
            }
        }
        Ok(())
    }

    async fn group_feeds(
        &mut self,
        portal: Option<&str>,
        selection: &Selection<'_>,
    ) -> Result<(), PublishFailure> {
        let names: Vec<&ColumnName> = selection.columns.iter().map(|c| &c.name).collect();
        let chooses = |article: &Article| selection.chooses(article);
        let publications = self.store.publications();
        let articles = publications
            .newest_that(&names, FEED_ENTRIES, chooses)
            .await?;
        let articles = self.shown(articles)?;
        let feed = selection.feed(self.site, &articles).with_hubs(self.site);
        self.put_shared_feed(&feed, |file| paths::group_file(portal, file))
    }

    /// Publishes a feed of several columns in all formats.
    pub(super) fn put_shared_feed(
        &mut self,
        feed: &Feed,
        path: impl Fn(GroupFile) -> String,
    ) -> Result<(), PublishFailure> {
        for (file, render) in render::FORMATS {
            let path = path(file);
            let bytes = render(feed, &self.site.url(&path))?;
            // These change with every article of every column.
            self.directory.put_file(&path, &bytes, Copies::Gzip)?;
            self.tell(&path);
        }
        Ok(())
    }

    /// Publishes the pages that list columns: of each portal, and of all.
    pub(super) fn listings(
        &mut self,
        fingerprints: &Fingerprints<'_>,
        rendered: &BTreeMap<ColumnName, PublishedColumn>,
    ) -> Result<(), PublishFailure> {
        let entries = self.infos.iter().filter_map(|column| {
            let name = &column.name;
            let before = || fingerprints.published.get(name.as_str());
            let published = rendered.get(name).or_else(before)?;
            Some(CatalogueEntry {
                column,
                total: published.articles,
                section: &published.section,
            })
        });
        let entries: Vec<CatalogueEntry<'_>> = entries.collect();
        for entries in entries.chunk_by(|a, b| a.column.name.portal() == b.column.name.portal()) {
            let Some(portal) = entries.first().map(|entry| &entry.column.portal) else {
                continue;
            };
            if self
                .scope
                .has_group_file(Kind::PortalPage, Some(&portal.name))
            {
                let page = pages::portal(self.site, portal, entries);
                self.put(&paths::portal_page(&portal.name), &page)?;
            }
        }
        if !self.scope.has_group_file(Kind::Catalogue, None) {
            return Ok(());
        }
        let topics: Vec<&TopicInfo> = self.topics.infos().collect();
        let page = pages::catalogue(self.site, &entries, &topics);
        self.put(paths::CATALOGUE, &page)
    }
}
