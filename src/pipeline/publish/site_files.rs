//! Publishes the articles, changes and columns of the store.
//!
//! Owns the order of the files. Everything is rendered each time, and a file with the same bytes is
//! not touched: after a kill, the next run completes the published folder. Never knows a format.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use futures_util::TryStreamExt;

use super::error::PublishFailure;
use super::kept_pictures::KeptPictures;
use crate::config::{Column, Config, Cron};
use crate::model::{Article, ColumnName, FEED_ENTRIES};
use crate::pipeline::progress::{Progress, Step};
use crate::publish::{PublishError, PublishFolder, WriteOutcome};
use crate::render::dump::Dump;
use crate::render::incidents::{self, IncidentEntry};
use crate::render::pages::{self, Listing};
use crate::render::paths::GroupFile;
use crate::render::revisions::{self, Revision};
use crate::render::{self, ColumnInfo, Feed, RenderError, RunInterval, Selection, Site};
use crate::render::{changes, history, icons, paths};
use crate::store::{Store, StoreError};

/// The result of publishing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublishReport {
    /// The sequence number of the last change it includes.
    pub seq: i64,
    /// Files written.
    pub written: usize,
    /// Files that had the same bytes already.
    pub unchanged: usize,
}

impl fmt::Display for PublishReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "published  {} files written, {} unchanged, up to change {}",
            self.written, self.unchanged, self.seq
        )
    }
}

/// What publishing needs.
#[derive(Clone, Copy, Debug)]
pub struct PublishInput<'a> {
    /// Where everything is kept.
    pub store: &'a Store,
    /// The columns that are published.
    pub columns: &'a [Column],
    /// When each of them is collected.
    pub cron: &'a Cron,
    /// The name of the site.
    pub site: &'a Site,
    /// The published folder.
    pub directory: &'a PublishFolder,
    /// Who listens.
    pub progress: &'a Progress,
}

impl<'a> PublishInput<'a> {
    /// The columns of a configuration, and their timetable.
    pub fn new(
        config: &'a Config,
        site: &'a Site,
        store: &'a Store,
        directory: &'a PublishFolder,
        progress: &'a Progress,
    ) -> Self {
        Self {
            store,
            columns: &config.columns,
            cron: &config.cron,
            site,
            directory,
            progress,
        }
    }
}

/// Publishes every column, every article and the changes. The manifest is written last: every file
/// that it names is there by then.
pub async fn publish(input: &PublishInput<'_>) -> Result<PublishReport, PublishFailure> {
    let PublishInput {
        store,
        columns,
        cron,
        site,
        directory,
        progress,
    } = *input;
    // A process that has read an older state must not write after this one.
    let _turn = directory.lock().await;
    directory.begin();
    let seq = store.changes().last_seq().await?;
    let mut files = SiteFiles {
        store,
        cron,
        site,
        directory,
        kept_pictures: KeptPictures::load(store, columns, site, directory).await?,
        progress,
        records: BTreeMap::new(),
        done: PublishReport {
            seq,
            ..PublishReport::default()
        },
    };
    let mut summaries = Vec::with_capacity(columns.len());
    for column in columns {
        summaries.push(files.column(column).await?);
    }
    let infos: Vec<ColumnInfo> = summaries
        .iter()
        .map(|summary| summary.info.clone())
        .collect();
    files.articles(&infos).await?;
    files.changes(seq).await?;
    for (path, picture) in icons::FILES {
        files.put_plain(path, picture)?;
    }
    files.wholes(&infos).await?;
    files.incidents().await?;
    files.put(paths::ARTICLE_SCHEMA, &render::schema::article()?)?;
    files.put(paths::CHANGE_SCHEMA, &render::schema::change()?)?;
    files.put(paths::OPENAPI, &render::api::render(site, &infos)?)?;
    let listings: Vec<Listing<'_>> = summaries.iter().map(ColumnSummary::listing).collect();
    files.put(paths::CATALOGUE, &pages::catalogue(site, &listings))?;
    files.kept_pictures.sweep()?;
    let manifest = render::manifest::render(seq, &directory.files(), &files.records)?;
    files.put(paths::MANIFEST, &manifest)?;
    Ok(files.done)
}

/// The columns as their readers see them.
pub async fn column_infos(
    store: &Store,
    columns: &[Column],
    cron: &Cron,
) -> Result<Vec<ColumnInfo>, StoreError> {
    let mut infos = Vec::with_capacity(columns.len());
    for column in columns {
        infos.push(column_info(store, column, cron).await?);
    }
    Ok(infos)
}

/// A column without a title in its feed file has the portal's title, if that is known.
async fn column_info(
    store: &Store,
    column: &Column,
    cron: &Cron,
) -> Result<ColumnInfo, StoreError> {
    let name = &column.name;
    let state = store.columns().state(name, column.url.as_str()).await?;
    let title = column.title.clone().or(state.title);
    Ok(ColumnInfo {
        name: name.clone(),
        title: title.unwrap_or_else(|| name.to_string()),
        url: column.url.clone(),
        full_text: column.publish.full_text,
        run_interval: cron.interval(name).map(RunInterval::new),
    })
}

/// A column as the catalogue and its own page show it.
struct ColumnSummary {
    info: ColumnInfo,
    total: u64,
    newest: Vec<Article>,
    history_documents: u32,
    months: Vec<String>,
}

impl ColumnSummary {
    fn listing(&self) -> Listing<'_> {
        Listing {
            column: &self.info,
            total: self.total,
            newest: &self.newest,
            history_documents: self.history_documents,
            months: &self.months,
        }
    }
}

/// The published files while they are being written.
struct SiteFiles<'a> {
    store: &'a Store,
    cron: &'a Cron,
    site: &'a Site,
    directory: &'a PublishFolder,
    kept_pictures: KeptPictures<'a>,
    progress: &'a Progress,
    /// How many entries the data files have, by path.
    records: BTreeMap<String, u64>,
    done: PublishReport,
}

impl SiteFiles<'_> {
    async fn column(&mut self, column: &Column) -> Result<ColumnSummary, PublishFailure> {
        let name = &column.name;
        let info = column_info(self.store, column, self.cron).await?;
        let mut newest = self
            .store
            .publications()
            .newest(name, render::ARTICLES)
            .await?;
        let found_live = newest.len();
        let left = render::ARTICLES.saturating_sub(found_live);
        newest.extend(self.store.publications().older(name, left).await?);
        let articles = render::articles_json(self.site, &info, &newest)?;
        self.hold(paths::articles_json(name), newest.len());
        self.put(&paths::articles_json(name), &articles)?;
        newest.truncate(found_live.min(column.publish.limit));
        let history_documents = self.history(&info).await?;
        let shown = self.shown(newest.clone())?;
        let shown = render::newest(&info, &shown, column.publish.limit);
        self.feeds(&info, shown, history_documents)?;
        self.revisions(&info, column.publish.limit).await?;
        let mut months = self.store.publications().months(name).await?;
        for month in &months {
            self.dump(name, month).await?;
        }
        // An article whose date was corrected has left its earlier month.
        self.directory.sweep(&paths::dumps(name))?;
        months.reverse();
        let summary = ColumnSummary {
            total: u64::try_from(self.store.publications().article_count(name).await?).unwrap_or(0),
            info,
            newest,
            history_documents,
            months,
        };
        let page = pages::column(self.site, &summary.listing());
        self.put(&paths::column_page(name), &page)?;
        Ok(summary)
    }

    fn feeds(
        &mut self,
        info: &ColumnInfo,
        newest: &[Article],
        history_documents: u32,
    ) -> Result<(), PublishFailure> {
        let mut feed = Feed::new(self.site, info, newest).with_hubs(self.site);
        history::link(&mut feed, self.site, info, history_documents);
        let rss = render::rss::render(&feed, &info.rss_url(self.site))?;
        self.put(&paths::rss(&info.name), &rss)?;
        let json = render::json_feed::render(&feed, &info.json_feed_url(self.site))?;
        self.put(&paths::json_feed(&info.name), &json)?;
        let atom = render::atom::render(&feed, &info.atom_url(self.site))?;
        self.put(&paths::atom(&info.name), &atom)
    }

    /// Articles as readers see them, with the kept pictures.
    fn shown(&self, articles: Vec<Article>) -> Result<Vec<Article>, PublishFailure> {
        let articles = articles.into_iter();
        articles
            .map(|article| self.kept_pictures.shown(article))
            .collect()
    }

    async fn revisions(&mut self, info: &ColumnInfo, limit: usize) -> Result<(), PublishFailure> {
        let revised = self
            .store
            .publications()
            .revisions(&info.name, limit)
            .await?;
        let revisions: Vec<Revision<'_>> = revised
            .iter()
            .map(|(change, before)| Revision {
                change,
                before: before.as_ref(),
            })
            .collect();
        let feed = revisions::feed(self.site, info, &revisions).with_hubs(self.site);
        let path = paths::revisions(&info.name);
        let bytes = render::atom::render(&feed, &self.site.url(&path))?;
        self.put(&path, &bytes)
    }

    /// Publishes the history documents, and returns how many there are.
    async fn history(&mut self, info: &ColumnInfo) -> Result<u32, PublishFailure> {
        let count = self.store.publications().count(&info.name).await?;
        let last = history::documents(u32::try_from(count).unwrap_or(u32::MAX));
        let per_document = i64::from(history::ENTRIES);
        for number in 1..=last {
            let to = i64::from(number) * per_document;
            let from = to - per_document + 1;
            let publications = self
                .store
                .publications()
                .range(&info.name, from, to)
                .await?;
            let articles: Vec<Article> = publications.into_iter().map(|p| p.article).collect();
            let document = history::render(self.site, info, number, articles)?;
            self.put(&paths::history(&info.name, number), &document.atom)?;
            self.put(&paths::history_json(&info.name, number), &document.json)?;
        }
        // A new store may have fewer.
        self.directory.sweep(&paths::history_folder(&info.name))?;
        Ok(last)
    }

    /// Publishes one month's dump, article by article: a month is never held in memory as a whole.
    async fn dump(&mut self, name: &ColumnName, month: &str) -> Result<(), PublishFailure> {
        let path = paths::dump(name, month);
        let mut dump = Dump::new(self.directory.stream(&path)?);
        let mut articles = std::pin::pin!(self.store.publications().month(name, month));
        let mut count = 0;
        while let Some(article) = articles.try_next().await? {
            dump.push(&article)
                .map_err(|e| PublishError::writing(&path, e))?;
            count += 1;
        }
        let pending = dump.finish().map_err(|e| PublishError::writing(&path, e))?;
        let outcome = pending.commit()?;
        self.count(&path, outcome);
        self.hold(path, count);
        Ok(())
    }

    async fn articles(&mut self, columns: &[ColumnInfo]) -> Result<(), PublishFailure> {
        let mut articles = std::pin::pin!(self.store.articles().all());
        while let Some(article) = articles.try_next().await? {
            let history = self.store.changes().of_article(article.id).await?;
            let json = serde_json::to_vec(&article).map_err(RenderError::from)?;
            self.put_plain(&paths::article_json(article.id), &json)?;
            let (id, shown) = (article.id, self.kept_pictures.shown(article)?);
            let page = pages::article(self.site, &shown, &history, columns);
            self.put_plain(&paths::article_page(id), &page)?;
        }
        Ok(())
    }

    /// Publishes the combined feeds: of each portal, and of all columns.
    async fn wholes(&mut self, columns: &[ColumnInfo]) -> Result<(), PublishFailure> {
        let portals: BTreeSet<&str> = columns.iter().map(|column| column.name.portal()).collect();
        for portal in portals {
            let selection = Selection::from_portal(self.site, portal, columns);
            self.whole(Some(portal), &selection).await?;
        }
        let everything = Selection::from_all(self.site, columns);
        self.whole(None, &everything).await
    }

    async fn whole(
        &mut self,
        portal: Option<&str>,
        selection: &Selection<'_>,
    ) -> Result<(), PublishFailure> {
        let names: Vec<&ColumnName> = selection.columns.iter().map(|c| &c.name).collect();
        let articles = self
            .store
            .publications()
            .newest_of(&names, FEED_ENTRIES)
            .await?;
        let articles = self.shown(articles)?;
        let feed = selection.feed(self.site, &articles).with_hubs(self.site);
        let path = |file| paths::group_file(portal, file);
        for (file, render) in render::FORMATS {
            let path = path(file);
            let bytes = render(&feed, &self.site.url(&path))?;
            self.put(&path, &bytes)?;
        }
        let opml = render::opml::render(self.site, &selection.columns)?;
        self.put(&path(GroupFile::Opml), &opml)
    }

    async fn incidents(&mut self) -> Result<(), PublishFailure> {
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

    async fn changes(&mut self, seq: i64) -> Result<(), PublishFailure> {
        let last = if seq == 0 {
            0
        } else {
            changes::document_of(seq)
        };
        for document in 1..=last {
            let after = (document - 1) * changes::CHANGES;
            let changes = self
                .store
                .changes()
                .after(after, changes::CHANGES.min(seq - after))
                .await?;
            let lines = changes::render(&changes)?;
            self.put(&paths::changes(document), &lines)?;
            self.hold(paths::changes(document), changes.len());
        }
        self.directory.sweep(paths::CHANGES)?;
        Ok(())
    }

    /// Publishes a file that is read often, also in compressed form.
    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), PublishFailure> {
        let outcome = self.directory.put_compressed(path, bytes)?;
        self.count(path, outcome);
        Ok(())
    }

    /// Publishes a file that is read rarely, among many.
    fn put_plain(&mut self, path: &str, bytes: &[u8]) -> Result<(), PublishFailure> {
        let outcome = self.directory.put(path, bytes)?;
        self.count(path, outcome);
        Ok(())
    }

    /// Notes how many entries a data file has.
    fn hold(&mut self, path: String, records: usize) {
        let records = u64::try_from(records).unwrap_or(u64::MAX);
        self.records.insert(path, records);
    }

    fn count(&mut self, path: &str, outcome: WriteOutcome) {
        match outcome {
            WriteOutcome::Written => self.done.written += 1,
            WriteOutcome::Unchanged => self.done.unchanged += 1,
        }
        self.progress.tell(Step::FileDone { path });
    }
}
