//! Publishes kept pictures, and lets articles show them from there.
//!
//! Owns where a kept picture replaces the portal's: in live feeds and site pages. Data keep the
//! portal's addresses, and so do history documents, which never change. An article's JSON and a column's
//! newest articles tell of the copies. Never fetches a picture.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::error::PublishFailure;
use crate::config::Column;
use crate::model::{Article, ColumnName, FileEntry, Picture};
use crate::publish::PublishFolder;
use crate::render::{RenderError, Site, kept_pictures, paths};
use crate::store::{KeptPicture, Store};

/// The kept pictures, as they are published.
pub(super) struct KeptPictures<'a> {
    site: &'a Site,
    directory: &'a PublishFolder,
    folder: PathBuf,
    columns: BTreeSet<&'a ColumnName>,
    /// By portal, then by the portal's address.
    kept: HashMap<String, HashMap<String, Picture>>,
}

impl<'a> KeptPictures<'a> {
    /// The pictures of the columns that keep them.
    pub(super) async fn load(
        store: &Store,
        columns: &'a [Column],
        site: &'a Site,
        directory: &'a PublishFolder,
    ) -> Result<Self, PublishFailure> {
        let keeping = columns.iter().filter(|column| column.publish.mirror_images);
        let columns: BTreeSet<&ColumnName> = keeping.map(|column| &column.name).collect();
        let mut kept: HashMap<String, HashMap<String, Picture>> = HashMap::new();
        if !columns.is_empty() {
            for picture in store.pictures().kept().await? {
                let of_portal = kept.entry(picture.portal).or_default();
                of_portal.insert(picture.url, picture.picture);
            }
        }
        Ok(Self {
            site,
            directory,
            folder: store.pictures().folder(),
            columns,
            kept,
        })
    }

    /// The addresses of the pictures that the article would show from here if they were kept.
    pub(super) fn shown_urls(&self, article: &Article) -> BTreeSet<String> {
        if !self.has_kept(article) {
            return BTreeSet::new();
        }
        let images = article.body.images.iter();
        images.map(|image| image.url.to_string()).collect()
    }

    /// Lists a published picture that a file of an earlier publication shows.
    pub(super) fn list(&self, picture: &Picture) {
        self.directory.list(FileEntry {
            path: paths::picture(picture),
            bytes: picture.bytes,
            sha256: picture.sha256.clone(),
        });
    }

    fn has_kept(&self, article: &Article) -> bool {
        let mut columns = article.columns.iter();
        columns.any(|name| self.columns.contains(name))
    }

    /// The article as readers see it: its kept pictures are published, and shown from there. A
    /// picture whose file is missing is shown from the portal.
    pub(super) fn shown(&self, article: Article) -> Result<Article, PublishFailure> {
        let copies = self.copies(&article)?;
        if copies.is_empty() {
            return Ok(article);
        }
        let copies = copies.into_iter();
        let urls = copies.map(|(url, picture)| (url, self.site.url(&paths::picture(picture))));
        Ok(kept_pictures::with_picture_urls(&article, &urls.collect()))
    }

    /// The article as data have it: its kept pictures are published, and it tells where.
    pub(super) fn told(&self, article: &Article) -> Result<Article, PublishFailure> {
        let copies = self.copies(article)?;
        let mut told = article.clone();
        kept_pictures::tell_copies(&mut told, &copies);
        Ok(told)
    }

    /// The same for an article as JSON. One without pictures stays as it is written.
    pub(super) fn told_json(&self, written: String) -> Result<String, PublishFailure> {
        if self.kept.is_empty() || !written.contains("\"images\":[{") {
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

    /// The kept pictures of an article, published, by the portal's addresses.
    fn copies<'b>(
        &'b self,
        article: &'b Article,
    ) -> Result<HashMap<&'b str, &'b Picture>, PublishFailure> {
        let mut copies = HashMap::new();
        let has_kept = self.has_kept(article);
        if let Some(kept) = self.kept.get(&article.portal).filter(|_| has_kept) {
            for image in &article.body.images {
                let url = image.url.as_str();
                if let Some(picture) = kept.get(url)
                    && !copies.contains_key(url)
                    && self.publish(picture)?
                {
                    copies.insert(url, picture);
                }
            }
        }
        Ok(copies)
    }

    fn publish(&self, picture: &Picture) -> Result<bool, PublishFailure> {
        let (path, source) = (paths::picture(picture), self.folder.join(picture.file()));
        let hash = (picture.bytes, picture.sha256.as_str());
        Ok(self.directory.link(&path, &source, hash)?.is_some())
    }

    /// Deletes the published pictures that no article shows any more. Their kept files stay.
    pub(super) fn sweep(&self) -> Result<(), PublishFailure> {
        for folder in Picture::folders() {
            self.directory
                .sweep(&format!("{}/{folder}", paths::PICTURES))?;
        }
        Ok(())
    }
}

/// Deletes kept pictures that the store does not name: those of removed articles, and those that a
/// kill left behind. A picture that a run is just about to name is fetched again by the next run.
pub async fn forget_pictures(store: &Store) -> Result<(), PublishFailure> {
    let root = store.pictures().folder();
    if !root.exists() {
        return Ok(());
    }
    let folder = PublishFolder::open(&root)?;
    for KeptPicture { picture, .. } in store.pictures().kept().await? {
        let (file, hash) = (picture.file(), (picture.bytes, picture.sha256.as_str()));
        // The file is there already, under its name. From now on it counts as published.
        folder.link(&file, &root.join(&file), hash)?;
    }
    for name in Picture::folders() {
        folder.sweep(&name)?;
    }
    folder.settle()?;
    Ok(())
}
