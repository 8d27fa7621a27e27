//! The manifests: of each portal, and last the site's.
//!
//! Owns which files each lists: those of this publication, and of earlier ones those that stay.
//! Never renders another file.

use std::collections::{BTreeMap, BTreeSet};

use super::error::PublishFailure;
use super::since::Fingerprints;
use super::site_files::SiteFiles;
use crate::model::FileEntry;
use crate::render::manifest::{self, About, Entries};
use crate::render::paths;
use crate::store::{ListedFile, UNLISTED};

/// The files that were rendered, but those of single articles, and those that are no more.
pub(super) struct Listed {
    /// In the order of their portals.
    pub(super) files: Vec<ListedFile>,
    pub(super) gone: BTreeSet<(Option<String>, String)>,
}

impl Listed {
    /// The rendered files that the manifest of this portal lists; `None` is the site's.
    fn files_of(&self, portal: Option<&str>) -> &[ListedFile] {
        let from = self
            .files
            .partition_point(|file| file.portal.as_deref() < portal);
        let to = self
            .files
            .partition_point(|file| file.portal.as_deref() <= portal);
        &self.files[from..to]
    }

    /// The paths of this portal's files that are no more.
    fn gone_of(&self, portal: Option<&str>) -> impl Iterator<Item = &str> {
        let first = (portal.map(str::to_owned), String::new());
        let gone = self.gone.range(first..);
        gone.take_while(move |(of, _)| of.as_deref() == portal)
            .map(|(_, path)| path.as_str())
    }
}

impl SiteFiles<'_> {
    /// Writes the manifests of the portals that have other files now, and then the site's.
    pub(super) async fn manifests(
        &mut self,
        fingerprints: &Fingerprints<'_>,
    ) -> Result<Listed, PublishFailure> {
        let mut listed = Listed {
            files: self.rendered(),
            gone: self.gone(fingerprints).await?,
        };
        listed.files.sort_by(|a, b| a.portal.cmp(&b.portal));
        let of_files = listed.files.iter().map(|file| file.portal.clone());
        let of_gone = listed.gone.iter().map(|(portal, _)| portal.clone());
        let touched: BTreeSet<String> = of_files.chain(of_gone).flatten().collect();
        let portals: BTreeSet<&str> = fingerprints.portals();
        let mut manifests = Vec::new();
        for portal in touched {
            let path = paths::portal_manifest(&portal);
            if portal == UNLISTED {
                continue;
            }
            if !portals.contains(portal.as_str()) {
                listed.gone.insert((None, path));
                continue;
            }
            let before = self.published_text("", &path).await?;
            let about = About::Portal { portal: &portal };
            self.manifest(&path, Some(&portal), about, before, &listed)
                .await?;
            let entry = self.directory.entry(&path);
            manifests.extend(entry.map(|entry| ListedFile {
                portal: None,
                entry,
                records: None,
            }));
        }
        // Files without a portal stand in front.
        listed.files.splice(..0, manifests);
        // Whoever else had written it, everything would be rendered.
        let before = self.directory.text_of(paths::MANIFEST)?;
        let about = About::Site { seq: self.seq() };
        // Every file that it names is there by then.
        self.directory.settle_all().await?;
        self.manifest(paths::MANIFEST, None, about, before, &listed)
            .await?;
        Ok(listed)
    }

    /// The files of this publication, each with the manifest that lists it.
    fn rendered(&self) -> Vec<ListedFile> {
        let files = self.directory.files().into_iter();
        let files = files.filter(|file| !paths::is_of_articles(&file.path));
        let files = files.map(|entry| ListedFile {
            portal: listed_by(&entry.path),
            records: self.records(&entry.path),
            entry,
        });
        files.collect()
    }

    /// The files that are no more, and those of columns and portals that are published no more:
    /// these stay where they are, but no manifest lists them.
    async fn gone(
        &self,
        fingerprints: &Fingerprints<'_>,
    ) -> Result<BTreeSet<(Option<String>, String)>, PublishFailure> {
        let removed = self.removed().iter();
        let mut gone: BTreeSet<_> = removed
            .map(|path| (listed_by(path), path.clone()))
            .collect();
        // All that a column has is rendered with it: what is recorded beside that is no more.
        let mut whole: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for name in self.scope.whole_columns() {
            let folders = whole.entry(name.portal()).or_default();
            folders.push(format!("{name}/"));
        }
        for name in self.scope.whole_columns() {
            for path in self.store.published().unlisted_in(name.as_str()).await? {
                if self.directory.entry(&path).is_none() {
                    gone.insert((Some(UNLISTED.to_owned()), path));
                }
            }
        }
        for (portal, folders) in whole {
            for file in self.store.published().files(Some(portal)).await? {
                let path = file.entry.path;
                let is_theirs = folders.iter().any(|folder| path.starts_with(folder));
                if is_theirs && self.directory.entry(&path).is_none() {
                    gone.insert((file.portal, path));
                }
            }
        }
        let portals = fingerprints.portals();
        for name in fingerprints.gone() {
            let portal = name.split('/').next().unwrap_or_default();
            let is_whole = !portals.contains(portal);
            let is_there = |path: &str| self.directory.entry(path).is_some();
            for path in self.store.published().unlisted_in(&name).await? {
                if is_there(&path) {
                    continue;
                }
                gone.insert((Some(UNLISTED.to_owned()), path));
            }
            if is_whole {
                gone.insert((Some(UNLISTED.to_owned()), paths::portal_page(portal)));
            }
            for file in self.store.published().files(Some(portal)).await? {
                let is_theirs = is_whole || file.entry.path.starts_with(&format!("{name}/"));
                if is_theirs && !is_there(&file.entry.path) {
                    gone.insert((file.portal, file.entry.path));
                }
            }
        }
        Ok(gone)
    }

    /// Writes a manifest: what stays of earlier publications, and what was rendered. What stays is
    /// told by the published text, or else by the record.
    async fn manifest(
        &mut self,
        path: &str,
        portal: Option<&str>,
        about: About<'_>,
        before: Option<String>,
        listed: &Listed,
    ) -> Result<(), PublishFailure> {
        let rendered: Entries<'_> = listed.files_of(portal).iter().map(entry).collect();
        let gone: BTreeSet<&str> = listed.gone_of(portal).collect();
        let next = match before.as_deref().filter(|_| !self.scope.is_all) {
            Some(before) => manifest::next(before, about, &rendered, &gone)?,
            None => None,
        };
        let text = match next {
            Some(text) => text,
            None => {
                let known = match self.scope.is_all {
                    true => Vec::new(),
                    false => self.store.published().files(portal).await?,
                };
                let stay = known.iter().map(entry);
                let mut entries: Entries<'_> =
                    stay.filter(|(path, _)| !gone.contains(path)).collect();
                entries.extend(rendered);
                manifest::render(about, &entries)?
            }
        };
        self.put_parted(path, &text, before.as_deref().map(str::as_bytes))
    }
}

fn entry(file: &ListedFile) -> (&str, (&FileEntry, Option<u64>)) {
    (file.entry.path.as_str(), (&file.entry, file.records))
}

/// The portal whose manifest lists this file; `None` for the site's.
fn listed_by(path: &str) -> Option<String> {
    match paths::in_manifest(path) {
        true => paths::listed_by(path).map(str::to_owned),
        false => Some(UNLISTED.to_owned()),
    }
}
