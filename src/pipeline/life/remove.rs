//! Removes one article from the store, the published files and the archive.
//!
//! Owns the order: the store first, so that nothing brings the article back; then the published
//! files; then its kept files, and the archive. If one step fails, the others are done nevertheless,
//! and the removal may be repeated. Never prints anything.

use std::collections::BTreeSet;

use tokio::runtime::Handle;
use url::Url;
use uuid::Uuid;

use crate::archive::{ArchiveFiles, Erased};
use crate::config::Column;
use crate::extract;
use crate::identify::CanonicalUrl;
use crate::model::{ColumnName, Timestamp};
use crate::pipeline::publish::{
    PublishInput, PublishReport, forget_copies, publish_all, with_ended,
};
use crate::publish::PublishError;
use crate::store::{Removed, Store, StoreError};

/// What a removal needs.
#[derive(Clone, Copy, Debug)]
pub struct Removal<'a> {
    /// The store, and the input of publishing.
    pub input: PublishInput<'a>,
    /// The archive.
    pub archive: &'a ArchiveFiles,
}

/// A step of a removal that may take long.
#[derive(Clone, Copy, Debug)]
pub enum RemovalStep<'a> {
    /// A file of the archive is searched.
    Searching(&'a str),
    /// The store's free space is cleared.
    ClearingFreeSpace,
}

/// The result of a removal.
#[derive(Debug)]
pub struct RemovalReport {
    /// The titles of the article and of those that had turned out to be it; `None` for an article
    /// that was removed before.
    pub articles: Vec<(Uuid, Option<String>)>,
    /// The result of publishing, if it succeeded.
    pub published: Option<PublishReport>,
    /// How many records of the archive were erased, if it could be searched.
    pub erased: Option<usize>,
    /// Other articles that are at one of its addresses now. They stay.
    pub standing: BTreeSet<(Uuid, Url)>,
    /// The places that still hold the article, each with the reason. Without any, the removal is
    /// complete.
    pub faults: Vec<String>,
    /// Whether the store could note that a removal without faults is complete.
    pub completed: Result<(), StoreError>,
}

impl Removal<'_> {
    /// Removes the article with this id; `None` if there is none.
    pub async fn remove(
        &self,
        now: Timestamp,
        id: Uuid,
        reason: &str,
        tell: fn(RemovalStep<'_>),
    ) -> Result<Option<RemovalReport>, StoreError> {
        let store = self.input.store;
        let Some(removed) = store.articles().remove(now, id, reason).await? else {
            return Ok(None);
        };
        let mut report = RemovalReport {
            articles: removed.articles.clone(),
            published: None,
            erased: None,
            standing: removed.standing.clone(),
            faults: Vec::new(),
            completed: Ok(()),
        };
        match publish_all(&self.input).await {
            Ok(published) => report.published = Some(published),
            Err(error) => report.faults.push(error.to_string()),
        }
        match with_ended(store, self.input.columns, self.input.broken).await {
            Ok(published) => match self.left_behind(&removed, &published) {
                Ok(left) => report.faults.extend(left),
                Err(error) => report.faults.push(error.to_string()),
            },
            Err(error) => report.faults.push(error.to_string()),
        }
        if let Err(error) = forget_copies(store, self.input.kept).await {
            report.faults.push(error.to_string());
        }
        match self.erase(&removed, tell).await {
            Ok(erased) => {
                report.erased = Some(erased.records);
                report.faults.extend(erased.failed);
            }
            Err(fault) => report.faults.push(fault),
        }
        tell(RemovalStep::ClearingFreeSpace);
        report.faults.extend(match store.shred().await {
            Ok(true) => None,
            Ok(false) => {
                Some("another process reads the store: its log may still hold the text".to_owned())
            }
            Err(error) => Some(error.to_string()),
        });
        if report.faults.is_empty() {
            report.completed = store.articles().complete_removal(&removed).await;
        }
        Ok(Some(report))
    }

    /// The files of a column that is not among these, the published ones, still hold the article,
    /// since they are not written any more; so do the feeds of a portal without columns.
    fn left_behind(
        &self,
        removed: &Removed,
        columns: &[Column],
    ) -> Result<Vec<String>, PublishError> {
        let has = |is_it: &dyn Fn(&ColumnName) -> bool| columns.iter().any(|c| is_it(&c.name));
        let folders = removed.columns.iter().filter_map(|name| {
            let portal = name.portal();
            if !has(&|known| known.portal() == portal) {
                return Some((portal, "portal"));
            }
            (!has(&|known| known == name)).then(|| (name.as_str(), "column"))
        });
        let folders: BTreeSet<_> = folders.collect();
        let directory = self.input.directory;
        let mut left = Vec::new();
        for (folder, what) in folders {
            if directory.has_folder(folder)? {
                left.push(format!(
                    "{}: was published of a {what} without a feed file, and may hold the \
                     text: delete it",
                    directory.name_of(folder)
                ));
            }
        }
        Ok(left)
    }

    async fn erase(&self, removed: &Removed, tell: fn(RemovalStep<'_>)) -> Result<Erased, String> {
        let store = self.input.store;
        let ends = store
            .captures()
            .file_ends()
            .await
            .map_err(|e| e.to_string())?;
        let forgotten = store.captures().forget_sums().await;
        forgotten.map_err(|e| e.to_string())?;
        let (archive, articles) = (self.archive.clone(), store.clone());
        let (urls, spared) = (removed.urls.clone(), removed.spared.clone());
        let runtime = Handle::current();
        let erased = tokio::task::spawn_blocking(move || {
            let is_gone = |url: &Url| {
                urls.contains(&CanonicalUrl::from(url)) || is_part(url, &urls, &articles, &runtime)
            };
            let searching = |file: &str| tell(RemovalStep::Searching(file));
            archive.erase(&ends, &spared, is_gone, searching)
        });
        let erased = erased
            .await
            .map_err(|error| format!("the archive cannot be opened: {error}"))?
            .map_err(|error| error.to_string())?;
        let forgotten = store.captures().forget(&erased.places).await;
        forgotten.map_err(|e| e.to_string())?;
        Ok(erased)
    }
}

/// Whether this is a further part of the article, not an article of its own. In doubt: not.
fn is_part(url: &Url, urls: &BTreeSet<CanonicalUrl>, articles: &Store, runtime: &Handle) -> bool {
    let mut firsts = extract::firsts(url).into_iter();
    firsts.any(|first| urls.contains(&CanonicalUrl::from(&first)))
        && runtime
            .block_on(articles.articles().has_page(&CanonicalUrl::from(url)))
            .is_ok_and(|is_other| !is_other)
}
