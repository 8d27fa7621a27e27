//! Publishes kept files, and lets articles show them from there.
//!
//! Owns where a kept file replaces the portal's: in live feeds and site pages. Data keep the
//! portal's addresses, and so do history documents, which never change. An article's JSON and a
//! column's newest articles tell of the copies. Never fetches a file.

use std::collections::{BTreeSet, HashMap};

use url::Url;

use super::error::PublishFailure;
use crate::config::Column;
use crate::model::{Article, ColumnName, FileCopy, FileEntry};
use crate::publish::{KeptPlace, PublishError, PublishPlace};
use crate::render::{RenderError, Site, kept_files, paths};
use crate::store::{KeptCopy, Store};

/// The kept files, as they are published.
pub(super) struct ShownFiles<'a> {
    site: &'a Site,
    directory: &'a dyn PublishPlace,
    place: &'a KeptPlace,
    /// The columns whose pictures are kept.
    with_pictures: BTreeSet<&'a ColumnName>,
    /// The columns whose attached files are kept.
    with_attachments: BTreeSet<&'a ColumnName>,
    /// By portal, then by the portal's address.
    kept: HashMap<String, HashMap<String, FileCopy>>,
}

impl<'a> ShownFiles<'a> {
    /// The files of the columns that keep them.
    pub(super) async fn load(
        store: &Store,
        columns: &'a [Column],
        site: &'a Site,
        (directory, place): (&'a dyn PublishPlace, &'a KeptPlace),
    ) -> Result<Self, PublishFailure> {
        let keeping = |keeps: fn(&Column) -> bool| -> BTreeSet<&'a ColumnName> {
            let keeping = columns.iter().filter(|column| keeps(column));
            keeping.map(|column| &column.name).collect()
        };
        let mut kept: HashMap<String, HashMap<String, FileCopy>> = HashMap::new();
        if columns.iter().any(|column| column.publish.keeps_files()) {
            for file in store.kept_files().kept().await? {
                let of_portal = kept.entry(file.portal).or_default();
                of_portal.insert(file.url, file.copy);
            }
        }
        Ok(Self {
            site,
            directory,
            place,
            with_pictures: keeping(|column| column.publish.mirror_images),
            with_attachments: keeping(|column| column.publish.mirror_files),
            kept,
        })
    }

    /// The addresses of the files that the article would show from here if they were kept.
    pub(super) fn shown_urls(&self, article: &Article) -> BTreeSet<String> {
        self.wanted(article).map(Url::to_string).collect()
    }

    /// Lists a published copy that a file of an earlier publication shows.
    pub(super) fn list(&self, copy: &FileCopy) {
        self.directory.list(FileEntry {
            path: paths::kept_file(copy),
            bytes: copy.bytes,
            sha256: copy.sha256.clone(),
        });
    }

    /// The pictures and attached files of an article, where one of its columns keeps them.
    fn wanted<'b>(&self, article: &'b Article) -> impl Iterator<Item = &'b Url> {
        let keep = |keeping: &BTreeSet<&ColumnName>| {
            let mut columns = article.columns.iter();
            columns.any(|name| keeping.contains(name))
        };
        let body = &article.body;
        let pictures = keep(&self.with_pictures).then_some(&body.images);
        let files = keep(&self.with_attachments).then_some(&body.attachments);
        let pictures = pictures.into_iter().flatten().map(|image| &image.url);
        pictures.chain(files.into_iter().flatten().map(|file| &file.url))
    }

    /// The article as readers see it: its kept files are published, and shown from there. A file whose
    /// copy is missing is shown from the portal.
    pub(super) fn shown(&self, article: Article) -> Result<Article, PublishFailure> {
        let copies = self.copies(&article)?;
        if copies.is_empty() {
            return Ok(article);
        }
        let copies = copies.into_iter();
        let urls = copies.map(|(url, copy)| (url, self.site.url(&paths::kept_file(copy))));
        Ok(kept_files::with_own_urls(&article, &urls.collect()))
    }

    /// The article as data have it: its kept files are published, and it tells where.
    pub(super) fn told(&self, article: &Article) -> Result<Article, PublishFailure> {
        let copies = self.copies(article)?;
        let mut told = article.clone();
        kept_files::tell_copies(&mut told, &copies);
        Ok(told)
    }

    /// The same for an article as JSON. One without files stays as it is written.
    pub(super) fn told_json(&self, written: String) -> Result<String, PublishFailure> {
        let lists = ["\"images\":[{", "\"attachments\":[{"];
        if self.kept.is_empty() || !lists.iter().any(|list| written.contains(list)) {
            return Ok(written);
        }
        match serde_json::from_str(&written) {
            Ok(article) => {
                let told = serde_json::to_string(&self.told(&article)?);
                Ok(told.map_err(RenderError::from)?)
            }
            // Publishing the article itself tells of it.
            Err(_) => Ok(written),
        }
    }

    /// The kept files of an article, published, by the portal's addresses.
    fn copies<'b>(
        &'b self,
        article: &'b Article,
    ) -> Result<HashMap<&'b str, &'b FileCopy>, PublishFailure> {
        let mut copies = HashMap::new();
        let Some(kept) = self.kept.get(&article.portal) else {
            return Ok(copies);
        };
        for url in self.wanted(article).map(Url::as_str) {
            if let Some(copy) = kept.get(url)
                && !copies.contains_key(url)
                && self.publish(copy)?
            {
                copies.insert(url, copy);
            }
        }
        Ok(copies)
    }

    fn publish(&self, copy: &FileCopy) -> Result<bool, PublishFailure> {
        let (path, source) = (paths::kept_file(copy), self.place.source(copy));
        let hash = (copy.bytes, copy.sha256.as_str());
        Ok(self.directory.put_copy(&path, &source, hash)?)
    }

    /// Deletes the published copies that no article shows any more. The kept ones stay.
    pub(super) fn sweep(&self) -> Result<(), PublishFailure> {
        Ok(self.directory.sweep_copies()?)
    }
}

/// Deletes copies that the store does not name: those of removed articles, and those that a kill left
/// behind. A copy that a run is just about to name is fetched again by the next run.
pub async fn forget_copies(store: &Store, place: &KeptPlace) -> Result<(), PublishFailure> {
    let kept = store.kept_files().kept().await?.into_iter();
    let (place, kept) = (
        place.clone(),
        kept.map(|kept| kept.copy).collect::<Vec<_>>(),
    );
    let swept = tokio::task::spawn_blocking(move || place.sweep(&kept)).await;
    let gone = swept
        .map_err(std::io::Error::other)
        .map_err(|error| PublishError::writing(FileCopy::FOLDERS[0], error))??;
    for KeptCopy { copy, .. } in store.kept_files().kept().await? {
        if gone.contains(&copy.sha256) {
            // It was named since.
            store.kept_files().lose(&copy.sha256).await?;
        }
    }
    Ok(())
}
