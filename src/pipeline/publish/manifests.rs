//! The manifests: of each portal, and last the site's.
//!
//! Owns which files each lists: those of this publication, and of earlier ones those that stay.
//! Never renders another file.

use std::collections::{BTreeMap, BTreeSet};

use super::error::PublishFailure;
use super::since::Fingerprints;
use super::site_files::SiteFiles;
use crate::model::FileEntry;
use crate::render::{self, paths};
use crate::store::{ListedFile, UNLISTED};

/// The files that were rendered, but those of single articles, and those that are no more.
pub(super) struct Listed {
    pub(super) files: Vec<ListedFile>,
    pub(super) gone: BTreeSet<(Option<String>, String)>,
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
        let of_files = listed.files.iter().map(|file| file.portal.clone());
        let of_gone = listed.gone.iter().map(|(portal, _)| portal.clone());
        let touched: BTreeSet<String> = of_files.chain(of_gone).flatten().collect();
        let portals: BTreeSet<&str> = fingerprints.portals();
        for portal in touched {
            let path = paths::portal_manifest(&portal);
            if portal == UNLISTED {
                continue;
            }
            if !portals.contains(portal.as_str()) {
                listed.gone.insert((None, path));
                continue;
            }
            let entries = self.entries(Some(&portal), &listed).await?;
            let manifest = render::manifest::of_portal(&portal, &pairs(&entries))?;
            self.put(&path, &manifest)?;
            let entry = self.directory.entry(&path);
            listed.files.extend(entry.map(|entry| ListedFile {
                portal: None,
                entry,
                records: None,
            }));
        }
        let entries = self.entries(None, &listed).await?;
        let manifest = render::manifest::render(self.seq(), &pairs(&entries))?;
        self.put(paths::MANIFEST, &manifest)?;
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
        let portals = fingerprints.portals();
        for name in fingerprints.gone() {
            let portal = name.split('/').next().unwrap_or_default();
            let is_whole = !portals.contains(portal);
            gone.insert((Some(UNLISTED.to_owned()), paths::page_of_column(&name)));
            for file in self.store.published().files(Some(portal)).await? {
                if is_whole || file.entry.path.starts_with(&format!("{name}/")) {
                    gone.insert((file.portal, file.entry.path));
                }
            }
        }
        Ok(gone)
    }

    /// The entries of a manifest: what stays of earlier publications, and what was rendered.
    async fn entries(
        &self,
        portal: Option<&str>,
        listed: &Listed,
    ) -> Result<BTreeMap<String, ListedFile>, PublishFailure> {
        let mut entries = BTreeMap::new();
        if !self.scope.is_all {
            for file in self.store.published().files(portal).await? {
                let key = (file.portal.clone(), file.entry.path.clone());
                if !listed.gone.contains(&key) {
                    entries.insert(file.entry.path.clone(), file);
                }
            }
        }
        let of_this = listed.files.iter();
        let of_this = of_this.filter(|file| file.portal.as_deref() == portal);
        entries.extend(of_this.map(|file| (file.entry.path.clone(), file.clone())));
        Ok(entries)
    }
}

/// The portal whose manifest lists this file; `None` for the site's.
fn listed_by(path: &str) -> Option<String> {
    match paths::in_manifest(path) {
        true => paths::listed_by(path).map(str::to_owned),
        false => Some(UNLISTED.to_owned()),
    }
}

fn pairs(entries: &BTreeMap<String, ListedFile>) -> Vec<(&FileEntry, Option<u64>)> {
    let files = entries.values();
    files.map(|file| (&file.entry, file.records)).collect()
}
