//! Renders the files that a publication affects, and puts them in place.
//!
//! Owns the files of the whole site, and asks the scope before each. Never knows a format.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;
use uuid::Uuid;

use super::error::PublishFailure;
use super::input::{PublishInput, PublishReport};
use super::kept_files::ShownFiles;
use super::kinds::Kind;
use super::scope::Scope;
use super::since::Fingerprints;
use super::topics::Topics;
use crate::config::Column;
use crate::model::{Article, ColumnName, FEED_ENTRIES};
use crate::pipeline::progress::{Progress, Step};
use crate::publish::{Copies, PublishPlace};
use crate::render::incidents::{self, IncidentEntry};
use crate::render::pages::{self, Neighbour, Neighbours};
use crate::render::{self, ColumnInfo, Parted, RenderError, Site, changes, icons, paths};
use crate::store::{PublishedColumn, PublishedTopic, Store, StoreError};

/// The published files while they are being written.
pub(super) struct SiteFiles<'a> {
    pub(super) store: &'a Store,
    pub(super) site: &'a Site,
    pub(super) directory: &'a dyn PublishPlace,
    pub(super) kept_files: ShownFiles<'a>,
    pub(super) scope: &'a Scope,
    progress: &'a Progress,
    pub(super) infos: &'a [ColumnInfo],
    pub(super) topics: &'a Topics<'a>,
    /// The topics that were rendered; `None` for one that is no more.
    pub(super) rendered_topics: BTreeMap<String, Option<PublishedTopic>>,
    /// The places of columns among all.
    places: BTreeMap<&'a ColumnName, usize>,
    columns: &'a [Column],
    /// How many entries the data files have, by path.
    records: BTreeMap<String, u64>,
    /// The files that are no more.
    gone: BTreeSet<String>,
    /// The articles that were rendered, each with the files that it may show.
    rendered_files: Vec<FilesOfArticle>,
    done: PublishReport,
}

/// What was read, unless a damaged row holds it back: its files stay as they were published. The
/// store has noted the damage.
fn unless_damaged<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Err(error) if error.damaged_row().is_some() => Ok(None),
        read => read.map(Some),
    }
}

/// An article, its portal, and the addresses of the files that its page may show.
pub(super) type FilesOfArticle = (Uuid, String, BTreeSet<String>);

impl<'a> SiteFiles<'a> {
    pub(super) async fn new(
        input: &'a PublishInput<'a>,
        (infos, topics): (&'a [ColumnInfo], &'a Topics<'a>),
        scope: &'a Scope,
        seq: i64,
    ) -> Result<Self, PublishFailure> {
        let PublishInput {
            store,
            columns,
            site,
            directory,
            kept,
            progress,
            ..
        } = *input;
        Ok(Self {
            store,
            site,
            directory,
            kept_files: ShownFiles::load(store, columns, site, (directory, kept)).await?,
            scope,
            progress,
            infos,
            topics,
            rendered_topics: BTreeMap::new(),
            places: infos.iter().map(|info| &info.name).zip(0..).collect(),
            columns,
            records: BTreeMap::new(),
            gone: BTreeSet::new(),
            rendered_files: Vec::new(),
            done: PublishReport {
                seq,
                ..PublishReport::default()
            },
        })
    }

    /// Writes all that is affected, but for the manifest.
    pub(super) async fn write(
        &mut self,
        fingerprints: &Fingerprints<'_>,
    ) -> Result<BTreeMap<ColumnName, PublishedColumn>, PublishFailure> {
        let mut rendered = BTreeMap::new();
        let columns = self.columns.iter().zip(self.infos);
        for ((column, info), (name, fingerprint)) in columns.zip(&fingerprints.now) {
            if self.scope.has_column(name) {
                let column = self.column(column, info, fingerprint).await?;
                rendered.insert((*name).clone(), column);
            }
        }
        self.articles().await?;
        self.changes().await?;
        self.moved(fingerprints)?;
        self.groups().await?;
        self.topics().await?;
        self.fixed()?;
        self.incidents().await?;
        if self.scope.has_group_file(Kind::OpenApi, None) {
            let api = render::api::render(self.site, self.infos)?;
            self.put(paths::OPENAPI, &api)?;
        }
        self.listings(fingerprints, &rendered)?;
        self.sweep_files().await?;
        Ok(rendered)
    }

    /// The topics that were rendered; `None` for one that is no more.
    pub(super) fn rendered_topics(&mut self) -> BTreeMap<String, Option<PublishedTopic>> {
        std::mem::take(&mut self.rendered_topics)
    }

    /// What was done, and the articles that were rendered, each with the files that it may show.
    pub(super) fn end(self) -> (PublishReport, Vec<FilesOfArticle>) {
        (self.done.with(self.directory.counts()), self.rendered_files)
    }

    /// The number of the last change.
    pub(super) fn seq(&self) -> i64 {
        self.done.seq
    }

    /// How many entries this data file has.
    pub(super) fn records(&self, path: &str) -> Option<u64> {
        self.records.get(path).copied()
    }

    /// The files that are no more.
    pub(super) fn removed(&self) -> &BTreeSet<String> {
        &self.gone
    }

    async fn articles(&mut self) -> Result<(), PublishFailure> {
        if self.scope.is_all {
            let store = self.store;
            let mut articles = std::pin::pin!(store.articles().all());
            while let Some(article) = articles.try_next().await? {
                self.article(article).await?;
            }
            return Ok(());
        }
        for id in self.scope.all_articles() {
            if let Some(article) =
                unless_damaged(self.store.articles().with_id(id).await)?.flatten()
            {
                self.article(article).await?;
            }
        }
        Ok(())
    }

    async fn article(&mut self, article: Article) -> Result<(), PublishFailure> {
        let id = article.id;
        if self.scope.has_article_file(Kind::ArticleJson, id) {
            let told = self.kept_files.told(&article)?;
            let json = serde_json::to_vec(&told).map_err(RenderError::from)?;
            self.put_single(&paths::article_json(id), &json)?;
        }
        if self.scope.has_article_file(Kind::ArticlePage, id) {
            let history = self.store.changes().of_article(id).await;
            let Some(history) = unless_damaged(history)? else {
                return Ok(());
            };
            let portal = article.portal.clone();
            let urls = self.kept_files.shown_urls(&article);
            if !self.scope.is_all || !urls.is_empty() {
                self.rendered_files.push((id, portal, urls));
            }
            let places = article.columns.iter();
            let places: BTreeSet<usize> = places
                .filter_map(|name| self.places.get(name).copied())
                .collect();
            let columns = places.into_iter().filter_map(|place| self.infos.get(place));
            let columns: Vec<ColumnInfo> = columns.cloned().collect();
            let beside = match columns.first() {
                Some(column) => self.store.publications().beside(&column.name, id).await?,
                None => Default::default(),
            };
            let [older, newer] = beside.map(|of| of.map(|(id, title)| Neighbour { id, title }));
            let beside = Neighbours { older, newer };
            let shown = self.kept_files.shown(article)?;
            let page = pages::article(self.site, &shown, &history, &columns, &beside);
            self.put_single(&paths::article_page(id), &page)?;
        }
        Ok(())
    }

    /// Publishes what comes with the program.
    fn fixed(&mut self) -> Result<(), PublishFailure> {
        if !self.scope.is_all {
            return Ok(());
        }
        for (path, picture) in icons::FILES {
            self.put_plain(path, picture)?;
        }
        self.put(paths::STYLE, pages::STYLE)?;
        self.put(paths::FEED_STYLE, pages::FEED_STYLE)?;
        self.put(paths::NOT_FOUND, &pages::not_found(self.site))?;
        for (path, page) in pages::no_service(self.site) {
            self.put_single(path, &page)?;
        }
        self.put(paths::ARTICLE_SCHEMA, &render::schema::article()?)?;
        self.put(paths::CHANGE_SCHEMA, &render::schema::change()?)
    }

    async fn incidents(&mut self) -> Result<(), PublishFailure> {
        if !self.scope.is_all && !self.scope.incidents {
            return Ok(());
        }
        let latest = self.store.incidents().latest(FEED_ENTRIES).await?;
        let told = latest
            .into_iter()
            .map(|(incident, closed_at)| IncidentEntry {
                reason: incident.reason,
                subject: incident.subject,
                message: incident.message,
                opened_at: incident.opened_at,
                closed_at,
            });
        let told: Vec<IncidentEntry> = told.collect();
        let feed = incidents::feed(self.site, &told).with_hubs(self.site);
        let url = self.site.url(paths::INCIDENTS);
        let bytes = render::atom::render(&feed, &url)?;
        self.put(paths::INCIDENTS, &bytes)
    }

    async fn changes(&mut self) -> Result<(), PublishFailure> {
        let seq = self.done.seq;
        let last = if seq == 0 {
            0
        } else {
            changes::document_of(seq)
        };
        let from: Vec<i64> = match self.scope.is_all {
            true => (1..=last).map(changes::first_of).collect(),
            false => self.scope.changes.values().copied().collect(),
        };
        for from in from.into_iter().filter(|from| *from <= seq) {
            self.changes_from(from).await?;
        }
        if self.scope.is_all {
            self.directory.sweep_folder(paths::CHANGES)?;
        }
        Ok(())
    }

    /// Publishes a document of changes. Those before this change are taken from the document that was
    /// published before.
    async fn changes_from(&mut self, from: i64) -> Result<(), PublishFailure> {
        let document = changes::document_of(from);
        let path = paths::changes(document);
        let first = changes::first_of(document);
        let last = self.done.seq.min(first + changes::CHANGES - 1);
        let published = match from > first {
            true => self.published_text("", &path).await?,
            false => None,
        };
        let before = published.as_deref();
        let before = before.and_then(|text| changes::published_before(text, from));
        let (from, mut lines) = match before {
            Some(lines) => (from, lines),
            None => (first, Parted::default()),
        };
        let store = self.store.changes();
        let mut changes = store.written_after(from - 1, last - from + 1).await?;
        if usize::try_from(last - from + 1) != Ok(changes.len()) {
            // A change whose row is damaged stays as it was published.
            let before = self.directory.read_file(&path)?.unwrap_or_default();
            changes::fill(&mut changes, from..=last, &before)?;
        }
        changes::render(&changes, &mut lines)?;
        self.put_parted(&path, &lines, published.as_deref().map(str::as_bytes))?;
        let known = usize::try_from(from - first).unwrap_or(usize::MAX);
        self.hold(path, known + changes.len());
        Ok(())
    }

    /// Removes the published copies that no article shows any more.
    async fn sweep_files(&mut self) -> Result<(), PublishFailure> {
        if !self.scope.is_all {
            if !self.scope.kept_files {
                return Ok(());
            }
            let rendered = self.scope.all_articles();
            for (id, copy) in self.store.published().shown_files().await? {
                if !rendered.contains(&id) {
                    self.kept_files.list(&copy);
                }
            }
        }
        self.kept_files.sweep()
    }

    /// Articles as readers see them, with the kept files.
    pub(super) fn shown(&self, articles: Vec<Article>) -> Result<Vec<Article>, PublishFailure> {
        let articles = articles.into_iter();
        articles
            .map(|article| self.kept_files.shown(article))
            .collect()
    }

    /// Publishes a file that is read often, also in compressed form.
    pub(super) fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), PublishFailure> {
        self.directory.put_file(path, bytes, Copies::Both)?;
        self.tell(path);
        Ok(())
    }

    /// Publishes a file of which mostly a part changes. The compressed parts that stay are kept. `before`
    /// is the file that was published, if it was read already.
    pub(super) fn put_parted(
        &mut self,
        path: &str,
        text: &Parted,
        before: Option<&[u8]>,
    ) -> Result<(), PublishFailure> {
        let directory = self.directory;
        directory.put_in_parts(path, (&text.bytes, &text.ends), before)?;
        self.tell(path);
        Ok(())
    }

    /// Publishes a file that no manifest lists: of a single article, for there are too many; or a page that
    /// only stands in for one of the service's.
    fn put_single(&mut self, path: &str, bytes: &[u8]) -> Result<(), PublishFailure> {
        self.put_plain(path, bytes)?;
        self.directory.unlist(path);
        Ok(())
    }

    /// Publishes a file that is read rarely.
    pub(super) fn put_plain(&mut self, path: &str, bytes: &[u8]) -> Result<(), PublishFailure> {
        self.directory.put_file(path, bytes, Copies::None)?;
        self.tell(path);
        Ok(())
    }

    /// The text of a file of this portal's manifest; `None` if it is not as it was published.
    pub(super) async fn published_text(
        &self,
        portal: &str,
        path: &str,
    ) -> Result<Option<String>, PublishFailure> {
        let bytes = self.published_bytes(portal, path).await?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// The same as bytes: to see whether those of `articles.json` are a text takes 5 ms.
    pub(super) async fn published_bytes(
        &self,
        portal: &str,
        path: &str,
    ) -> Result<Option<Vec<u8>>, PublishFailure> {
        match self.store.published().file(portal, path).await? {
            Some(entry) => Ok(self.directory.bytes_of(&entry)?),
            None => Ok(None),
        }
    }

    /// Notes how many entries a data file has.
    pub(super) fn hold(&mut self, path: String, records: usize) {
        let records = u64::try_from(records).unwrap_or(u64::MAX);
        self.records.insert(path, records);
    }

    /// Removes a file of a column that is no more.
    pub(super) fn remove(&mut self, path: String) -> Result<(), PublishFailure> {
        self.directory.remove_file(&path)?;
        self.gone.insert(path);
        Ok(())
    }

    pub(super) fn tell(&self, path: &str) {
        self.progress.tell(Step::FileDone { path });
    }
}
