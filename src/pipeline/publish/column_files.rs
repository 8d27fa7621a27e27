//! Renders the files of a column that a publication affects.
//!
//! Owns the column's feeds, data and pages. Never writes a file of the whole site.

use std::collections::BTreeSet;
use std::fs::File;

use futures_util::TryStreamExt;

use super::error::PublishFailure;
use super::kinds::Kind;
use super::site_files::SiteFiles;
use crate::config::Column;
use crate::model::{Article, ColumnName};
use crate::publish::PublishError;
use crate::render::dump::{self, Dump};
use crate::render::notice;
use crate::render::pages::{self, Listing, Month};
use crate::render::revisions::{self, Revision};
use crate::render::{self, ColumnInfo, Feed, history, paths};
use crate::store::PublishedColumn;

impl SiteFiles<'_> {
    /// Writes what is affected, and returns what the catalogue says of the column.
    pub(super) async fn column(
        &mut self,
        column: &Column,
        info: &ColumnInfo,
        fingerprint: &str,
    ) -> Result<PublishedColumn, PublishFailure> {
        let name = &column.name;
        let limit = column.publish.limit;
        let newest = self.newest(column, info).await?;
        let history_documents = self.history(info).await?;
        if self.scope.has_column_file(Kind::Feeds, name) {
            let chosen = match info.keywords.is_empty() {
                true => newest.clone(),
                false => self.chosen(info, limit).await?,
            };
            let shown = self.shown(chosen)?;
            let shown = render::newest(info, &shown, limit);
            self.feeds(info, shown, history_documents)?;
        }
        if self.scope.has_column_file(Kind::Revisions, name) {
            self.revisions(info, limit).await?;
        }
        let mut months = self.months(info).await?;
        self.dumps(name, &months).await?;
        months.reverse();
        let total = self.store.publications().article_count(name).await?;
        let listing = Listing {
            column: info,
            total: u64::try_from(total).unwrap_or(0),
            newest: &newest,
            history_documents,
            months: &months,
        };
        if self.scope.has_column_file(Kind::ColumnPage, name) {
            let page = pages::column(self.site, &listing);
            self.put(&paths::column_page(name), &page)?;
            for (former, _) in &info.former {
                let page = pages::moved(self.site, info, former);
                self.put(&paths::column_page(former), &page)?;
            }
        }
        Ok(PublishedColumn {
            fingerprint: fingerprint.to_owned(),
            articles: listing.total,
            section: pages::catalogue_section(self.site, &listing),
        })
    }

    /// Publishes the newest articles as JSON, and returns those of the live feed.
    async fn newest(
        &mut self,
        column: &Column,
        info: &ColumnInfo,
    ) -> Result<Vec<Article>, PublishFailure> {
        let name = &column.name;
        let publications = self.store.publications();
        if self.scope.has_column_file(Kind::ArticlesJson, name) {
            self.articles_json(info).await?;
        }
        Ok(publications.newest(name, column.publish.limit).await?)
    }

    /// The newest articles that the column's keywords choose.
    async fn chosen(
        &self,
        info: &ColumnInfo,
        limit: usize,
    ) -> Result<Vec<Article>, PublishFailure> {
        let chooses = |article: &Article| info.keywords.choose(article);
        let publications = self.store.publications();
        Ok(publications
            .newest_that(&[&info.name], limit, chooses)
            .await?)
    }

    /// Publishes the newest articles as JSON. Those that did not change are taken from the document
    /// that was published before.
    async fn articles_json(&mut self, info: &ColumnInfo) -> Result<(), PublishFailure> {
        let (name, path) = (&info.name, paths::articles_json(&info.name));
        let ids = self.store.publications();
        let ids = ids.newest_ids(name, render::ARTICLES).await?;
        let before = match self.scope.is_whole(name) {
            true => None,
            false => self.published_bytes(name.portal(), &path).await?,
        };
        let known = before.as_deref().map(render::articles_of);
        let known = known.unwrap_or_default();
        let published = |id: &str| {
            let id = id.parse().ok()?;
            let changed = self.scope.has_article_file(Kind::ArticlesJson, id);
            known.get(&id).copied().filter(|_| !changed)
        };
        let missing = ids.iter().map(String::as_str);
        let missing: Vec<&str> = missing.filter(|id| published(id).is_none()).collect();
        let mut read = self.store.articles().written(&missing).await?;
        for article in read.values_mut() {
            *article = self.kept_files.told_json(std::mem::take(article))?;
        }
        let articles = ids
            .iter()
            .filter_map(|id| published(id).or_else(|| read.get(id).map(String::as_bytes)));
        let articles: Vec<&[u8]> = articles.collect();
        let document = render::articles_json(self.site, info, &articles)?;
        self.hold(path.clone(), articles.len());
        self.put_parted(&path, &document, before.as_deref())
    }

    fn feeds(
        &mut self,
        info: &ColumnInfo,
        newest: &[Article],
        history_documents: u32,
    ) -> Result<(), PublishFailure> {
        let mut feed = Feed::new(self.site, info, newest).with_hubs(self.site);
        history::link(&mut feed, self.site, info, history_documents);
        notice::tell_end(&mut feed, self.site, info);
        self.three_feeds(&feed, info, &info.name)?;
        for from in &info.former {
            let mut feed = feed.clone();
            notice::tell_move(&mut feed, self.site, info, from);
            self.three_feeds(&feed, info, &from.0)?;
        }
        Ok(())
    }

    /// Publishes a feed of this column in its three formats, at the address of this name.
    fn three_feeds(
        &mut self,
        feed: &Feed,
        info: &ColumnInfo,
        name: &ColumnName,
    ) -> Result<(), PublishFailure> {
        let rss = render::rss::render(feed, &info.rss_url(self.site))?;
        self.put(&paths::rss(name), &rss)?;
        let json = render::json_feed::render(feed, &info.json_feed_url(self.site))?;
        self.put(&paths::json_feed(name), &json)?;
        let atom = render::atom::render(feed, &info.atom_url(self.site))?;
        self.put(&paths::atom(name), &atom)
    }

    async fn revisions(&mut self, info: &ColumnInfo, limit: usize) -> Result<(), PublishFailure> {
        let revised = self
            .store
            .publications()
            .revisions(&info.name, limit)
            .await?;
        let chooses = |article: &Article| info.keywords.choose(article);
        let revisions: Vec<Revision<'_>> = revised
            .iter()
            .filter(|(change, before)| {
                chooses(&change.article) || before.as_ref().is_some_and(chooses)
            })
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
        let name = &info.name;
        let publications = self.store.publications();
        let count = publications.count(name).await?;
        let last = history::documents(u32::try_from(count).unwrap_or(u32::MAX));
        let per_document = i64::from(history::ENTRIES);
        for number in self.scope.documents_of(name, last) {
            let to = i64::from(number) * per_document;
            let from = to - per_document + 1;
            let range = publications.range(name, from, to).await?;
            let articles = range.into_iter().map(|publication| publication.article);
            let articles = articles.filter(|article| info.keywords.choose(article));
            let articles: Vec<Article> = articles.collect();
            let document = history::render(self.site, info, number, articles)?;
            self.put(&paths::history(name, number), &document.atom)?;
            self.put(&paths::history_json(name, number), &document.json)?;
        }
        if self.scope.is_whole(name) {
            // A new store may have fewer.
            self.directory.sweep_folder(&paths::history_folder(name))?;
        }
        Ok(last)
    }

    /// Publishes the pages of the column's months and years, and returns the months, oldest first.
    async fn months(&mut self, info: &ColumnInfo) -> Result<Vec<Month>, PublishFailure> {
        let name = &info.name;
        let publications = self.store.publications();
        let counted = publications.counted_months(name).await?.into_iter();
        let months: Vec<Month> = counted
            .map(|of| Month {
                month: of.month,
                articles: of.articles,
                live: of.live,
            })
            .collect();
        for month in &months {
            if let Some(from) = self.scope.month(name, &month.month) {
                self.month(info, month, from).await?;
            }
        }
        for months in months.chunk_by(|a, b| a.year() == b.year()) {
            let Some(year) = months.first().map(Month::year) else {
                continue;
            };
            if self.scope.has_year(name, year) {
                let page = pages::year(self.site, info, year, months);
                self.put(&paths::year_page(name, year), &page)?;
            }
        }
        self.forget_months(name, &months).await?;
        Ok(months)
    }

    /// Publishes the pages of a month whose articles from `from` on may be others.
    async fn month(
        &mut self,
        info: &ColumnInfo,
        month: &Month,
        from: i64,
    ) -> Result<(), PublishFailure> {
        let (name, publications) = (&info.name, self.store.publications());
        let known = match from {
            0 => 0,
            from => publications.month_before(name, &month.month, from).await?,
        };
        let first = known / pages::MONTH_ARTICLES;
        for part in first..month.pages() {
            let (before, most) = (part * pages::MONTH_ARTICLES, pages::MONTH_ARTICLES);
            let articles = publications
                .of_month(name, &month.month, before, most)
                .await?;
            let place = (month.month.as_str(), part + 1);
            let page = pages::month(self.site, info, place, &articles);
            self.put(
                &paths::month_page(name, month.month.as_str(), part + 1),
                &page,
            )?;
        }
        Ok(())
    }

    /// Removes the pages of months and years that are no more.
    async fn forget_months(
        &mut self,
        name: &ColumnName,
        months: &[Month],
    ) -> Result<(), PublishFailure> {
        if self.scope.is_whole(name) {
            let is_year = |folder: &&String| folder.bytes().all(|byte| byte.is_ascii_digit());
            let folders = self.directory.folders_in(name.as_str())?;
            for year in folders.iter().filter(is_year) {
                self.directory
                    .sweep_folder(&paths::year_folder(name, year))?;
            }
            return Ok(());
        }
        let changed = self.scope.months.get(name).into_iter().flatten();
        let years: BTreeSet<&str> = changed.map(|(month, _)| paths::year_of(month)).collect();
        for year in years {
            let of_year = || months.iter().filter(|month| month.year() == year);
            let pages = of_year().flat_map(|month| {
                (1..=month.pages()).map(|part| paths::month_page(name, &month.month, part))
            });
            let mut stay: BTreeSet<String> = pages.collect();
            stay.extend(of_year().next().map(|_| paths::year_page(name, year)));
            let folder = paths::year_folder(name, year);
            let known = self.store.published().unlisted_in(&folder).await?;
            for path in known.into_iter().filter(|path| !stay.contains(path)) {
                self.remove(path)?;
            }
        }
        Ok(())
    }

    /// Publishes the dumps.
    async fn dumps(&mut self, name: &ColumnName, months: &[Month]) -> Result<(), PublishFailure> {
        for month in months {
            if let Some(from) = self.scope.month(name, &month.month) {
                self.dump(name, &month.month, from).await?;
            }
        }
        // An article whose date was corrected has left its earlier month.
        if self.scope.is_whole(name) {
            self.directory.sweep_folder(&paths::dumps(name))?;
        } else {
            let is_known = |month: &String| months.iter().any(|known| known.month == *month);
            let left = self.scope.months.get(name).into_iter().flatten();
            for (month, _) in left.filter(|(month, _)| !is_known(month)) {
                self.remove(paths::dump(name, month))?;
            }
        }
        Ok(())
    }

    /// Publishes one month's dump, whose articles from `from` on may be others. The complete members
    /// before them stay. A month is never held in memory as a whole.
    async fn dump(
        &mut self,
        name: &ColumnName,
        month: &str,
        from: i64,
    ) -> Result<(), PublishFailure> {
        let path = paths::dump(name, month);
        let publications = self.store.publications();
        let known = match from {
            0 => 0,
            from => publications.month_before(name, month, from).await?,
        };
        let published = match known {
            0..dump::MEMBER => None,
            _ => self.store.published().file(name.portal(), &path).await?,
        };
        let mut complete = 0;
        let mut kept = |file: &mut File| {
            let (bytes, articles) = dump::complete(file, known)?;
            complete = articles;
            Ok(bytes)
        };
        let begun = self.directory.begin_behind(&path, published, &mut kept)?;
        let (out, before) = match begun {
            (out, true) => (out, complete),
            (out, false) => (out, 0),
        };
        let mut dump = Dump::new(out);
        let mut articles = std::pin::pin!(publications.month_after(name, month, before));
        let mut count = before;
        while let Some(article) = articles.try_next().await? {
            dump.push(&article)
                .map_err(|e| PublishError::writing(&path, e))?;
            count += 1;
        }
        let pending = dump.finish().map_err(|e| PublishError::writing(&path, e))?;
        pending.commit_file()?;
        self.tell(&path);
        self.hold(path, usize::try_from(count).unwrap_or(usize::MAX));
        Ok(())
    }
}
