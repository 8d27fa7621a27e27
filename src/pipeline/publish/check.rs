//! The slow check of the published folder, some files at a time: whether somebody changed them.
//!
//! Owns what a step looks at, and what is rendered again for a file. The files of the record are
//! compared with their hashes. Those of articles are too many for that, and are rendered. Never
//! knows when a step is due.

use super::error::PublishFailure;
use super::input::{PublishInput, PublishReport};
use super::kinds::Cause;
use super::order;
use super::scope::Scope;
use crate::model::ColumnName;
use crate::render::{changes, paths};
use crate::store::ListedFile;

/// A step looks at this many files of the record and articles at least.
const LEAST: u32 = 50;
/// So many steps look at everything.
const STEPS: i64 = 2000;

/// How far a check has come.
#[derive(Clone, Debug, Default)]
pub struct CheckPlace {
    portal: String,
    path: String,
    added: i64,
    is_end: bool,
    altered: Vec<String>,
}

impl CheckPlace {
    /// The files of the record that were altered or missing, and were written anew.
    pub fn altered(&self) -> &[String] {
        &self.altered
    }

    /// Whether everything was looked at.
    pub fn is_end(&self) -> bool {
        self.is_end
    }
}

/// Looks at some files, and writes those anew that are not as they were published. What changed in
/// the store meanwhile is published, too.
pub async fn check_published(
    input: &PublishInput<'_>,
    place: &mut CheckPlace,
) -> Result<PublishReport, PublishFailure> {
    let published = input.store.published();
    // There is a change for each article, and more files of articles than others.
    let all = input.store.changes().last_seq().await? / STEPS;
    let most = u32::try_from(all)
        .unwrap_or(u32::MAX)
        .saturating_add(1)
        .max(LEAST);
    let files = published
        .files_after((&place.portal, &place.path), most)
        .await?;
    let articles = published.articles_after(place.added, most).await?;
    place.is_end = files.len().max(articles.len()) < most as usize;
    if let Some(ListedFile { portal, entry, .. }) = files.last() {
        place.portal = portal.clone().unwrap_or_default();
        place.path = entry.path.clone();
    }
    if let Some((added, _)) = articles.last() {
        place.added = *added;
    }

    let mut scope = Scope::default();
    for (_, id) in articles {
        scope.add_article(Cause::Article, id);
    }
    for ListedFile { entry, .. } in files {
        let is_compressed = ![".gz", ".png", ".svg"]
            .iter()
            .any(|end| entry.path.ends_with(end));
        if !input.directory.is_whole(&entry, is_compressed)? {
            tracing::warn!(
                path = entry.path,
                "a published file was changed: it is written anew"
            );
            add_file(&mut scope, input, &entry.path);
            place.altered.push(entry.path);
        }
    }
    if scope.is_empty() {
        return Ok(PublishReport::default());
    }
    order::publish_at_least(input, scope).await
}

/// The number of a history document, or of a document of changes.
fn number(file: &str) -> Option<u32> {
    file.split('.').next()?.parse().ok()
}

/// Adds what renders the file at this path.
fn add_file(scope: &mut Scope, input: &PublishInput<'_>, path: &str) {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [paths::CHANGES, file] => {
            let document = number(file).map(i64::from);
            document
                .into_iter()
                .for_each(|document| scope.add_change(changes::first_of(document)));
        }
        [paths::INCIDENTS] => scope.incidents = true,
        [paths::TOPICS, name, _] => {
            scope.topics.insert((*name).to_owned());
        }
        [portal, column, file @ ..] if !file.is_empty() => {
            let Ok(name) = ColumnName::new(portal, column) else {
                return *scope = Scope::all();
            };
            if !input.columns.iter().any(|column| column.name == name) {
                // It has ended, or it is a former name of another one.
                return *scope = Scope::all();
            }
            match file {
                ["archive", file] => {
                    let documents = scope.documents.entry(name.clone()).or_default();
                    documents.extend(number(file));
                }
                ["dump", file] => {
                    if let Some(month) = file.split('.').next() {
                        scope.add_month(name.clone(), month.to_owned(), 0);
                    }
                }
                [year, "index.html"] => {
                    let years = scope.years.entry(name.clone()).or_default();
                    years.insert((*year).to_owned());
                }
                [year, file] if file.ends_with(".html") => {
                    let month = file.split(['.', '-']).next().unwrap_or_default();
                    scope.add_month(name.clone(), format!("{year}-{month}"), 0);
                }
                _ => (),
            }
            scope.add_column(Cause::Article, name);
        }
        [.., file] => {
            let is_of =
                |name: &ColumnName| parts.len() == 1 || Some(&name.portal()) == parts.first();
            let mut names = input.columns.iter().map(|column| &column.name);
            // One column is enough to render what it shares with others.
            match (cause_of(file), names.find(|name| is_of(name))) {
                (Some(cause), Some(name)) => scope.add_column(cause, name.clone()),
                _ => *scope = Scope::all(),
            }
        }
        [] => (),
    }
}

/// Why a file of several columns is rendered; `None` for one that comes with the program.
fn cause_of(file: &str) -> Option<Cause> {
    match file {
        "atom.xml" | "rss.xml" | "feed.json" | paths::CATALOGUE | paths::MANIFEST => {
            Some(Cause::Article)
        }
        paths::OPML | paths::OPENAPI => Some(Cause::Column),
        _ => None,
    }
}
