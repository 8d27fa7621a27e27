//! What changed since the last publication.
//!
//! Owns the comparison of the store and the configuration with the record of what is published.
//! Never renders a file.

use std::collections::{BTreeMap, BTreeSet};
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use super::error::PublishFailure;
use super::kinds::Cause;
use super::scope::Scope;
use crate::config::Column;
use crate::model::{ColumnName, sha256_hex};
use crate::render::{ColumnInfo, Site, changes, history};
use crate::store::{ChangedSince, Mark, Marks, PublishedColumn, Store};

/// A fingerprint of everything that all files depend on: the site, and the program that renders.
pub(super) fn site_fingerprint(site: &Site) -> String {
    let program = std::env::current_exe().and_then(std::fs::metadata).ok();
    let program = program.map(|file| {
        let time = file.modified().ok();
        let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        (file.len(), since.map(|since| since.as_nanos()))
    });
    let version = env!("CARGO_PKG_VERSION");
    fingerprint(&format!("{version} {program:?} {site:?}"))
}

/// A fingerprint of what a column's files take from the configuration.
fn column_fingerprint(column: &Column, info: &ColumnInfo) -> String {
    let ColumnInfo {
        name,
        portal,
        title,
        label,
        url,
        full_text,
        run_interval,
        feed_name,
        // No file shows it.
        pause: _,
        ended_at,
        former,
        keywords,
    } = info;
    let keeps = (column.publish.mirror_images, column.publish.mirror_files);
    let publish = (column.publish.limit, keeps);
    fingerprint(&format!(
        "{name}\n{portal:?}\n{title}\n{label}\n{url}\n{full_text} {run_interval:?} {publish:?}\n\
         {feed_name} {ended_at:?} {former:?} {keywords:?}"
    ))
}

pub(super) fn fingerprint(text: &str) -> String {
    sha256_hex(Sha256::new_with_prefix(text))
}

/// The columns, each with its fingerprint, and as they were published.
pub(super) struct Fingerprints<'a> {
    pub(super) now: Vec<(&'a ColumnName, String)>,
    pub(super) published: &'a BTreeMap<String, PublishedColumn>,
}

impl<'a> Fingerprints<'a> {
    pub(super) fn new(
        columns: &'a [Column],
        infos: &[ColumnInfo],
        published: &'a BTreeMap<String, PublishedColumn>,
    ) -> Self {
        let now = columns.iter().zip(infos);
        let now = now.map(|(column, info)| (&column.name, column_fingerprint(column, info)));
        Self {
            now: now.collect(),
            published,
        }
    }

    /// The portals that have a column.
    pub(super) fn portals(&self) -> BTreeSet<&str> {
        self.now.iter().map(|(name, _)| name.portal()).collect()
    }

    /// The columns that are published no more.
    pub(super) fn gone(&self) -> BTreeSet<String> {
        let now: BTreeSet<&str> = self.now.iter().map(|(name, _)| name.as_str()).collect();
        let published = self.published.keys();
        let gone = published.filter(|name| !now.contains(name.as_str()));
        gone.cloned().collect()
    }
}

/// What changed since this change was published.
pub(super) async fn scope(
    store: &Store,
    (after, last): (i64, i64),
    marks: &Marks,
    columns: &Fingerprints<'_>,
) -> Result<Scope, PublishFailure> {
    let mut scope = Scope::default();
    if last > after {
        let changed = store.published().changed_since(after).await?;
        for id in &changed.articles {
            for beside in store.published().beside(*id).await? {
                scope.add_article(Cause::Neighbour, beside);
            }
        }
        add_changed(&mut scope, changed);
        for document in changes::document_of(after + 1)..=changes::document_of(last) {
            scope.add_change(changes::first_of(document).max(after + 1));
        }
    }
    for mark in &marks.marks {
        add_mark(store, &mut scope, mark).await?;
    }
    add_columns(store, &mut scope, columns).await?;
    Ok(scope)
}

fn add_changed(scope: &mut Scope, changed: ChangedSince) {
    let ChangedSince {
        articles,
        months,
        publications,
        rewritten,
        had_files,
    } = changed;
    scope.kept_files |= had_files;
    for id in articles {
        scope.add_article(Cause::Article, id);
    }
    for (name, month, from) in months {
        scope.add_month(name.clone(), month, from);
        scope.add_column(Cause::Article, name);
    }
    for (name, number) in publications {
        let document = history::documents(u32::try_from(number).unwrap_or(u32::MAX));
        scope.documents.entry(name).or_default().insert(document);
    }
    for seq in rewritten {
        scope.add_change(seq);
    }
}

async fn add_mark(store: &Store, scope: &mut Scope, mark: &Mark) -> Result<(), PublishFailure> {
    match mark {
        Mark::Month(name, month) => {
            scope.add_month(name.clone(), month.clone(), 0);
        }
        Mark::KeptFile(portal, url) => {
            scope.kept_files = true;
            for id in store.published().showing(portal, url).await? {
                scope.add_article(Cause::KeptFile, id);
                for name in store.published().columns_of(id).await? {
                    scope.add_column(Cause::KeptFile, name);
                }
            }
        }
        Mark::Place(column, place) => {
            for id in store
                .published()
                .around(column, place)
                .await?
                .into_iter()
                .flatten()
            {
                scope.add_article(Cause::Neighbour, id);
            }
        }
        Mark::Incident => scope.incidents = true,
        // The fingerprint of the column tells whether that is the title that is published.
        Mark::Title => (),
    }
    Ok(())
}

/// Adds the columns that are new, that changed, or that are published no more, each with the
/// articles that name it.
async fn add_columns(
    store: &Store,
    scope: &mut Scope,
    columns: &Fingerprints<'_>,
) -> Result<(), PublishFailure> {
    let is_other = |(name, now): &&(&ColumnName, String)| {
        let before = columns.published.get(name.as_str());
        before.is_none_or(|before| before.fingerprint != *now)
    };
    let changed = columns.now.iter().filter(is_other);
    let changed = changed.map(|(name, _)| (*name).clone());
    let gone = columns.gone().into_iter();
    let gone = gone.filter_map(|name| name.parse().ok());
    for name in changed.chain(gone).collect::<Vec<ColumnName>>() {
        for id in store.published().articles_of(&name).await? {
            scope.add_article(Cause::Column, id);
            scope.kept_files = true;
        }
        scope.add_column(Cause::Column, name);
    }
    Ok(())
}
