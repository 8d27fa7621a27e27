//! Reads published dumps for the ids in them, and restores these into a store.
//!
//! Owns the forms of a dump: articles or changes, one a line, gzipped or not, or one JSON document
//! of articles. Never keeps an id before all dumps have been read for faults.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde::Deserialize;
use thiserror::Error;

use crate::model::{Article, Change, Timestamp};
use crate::store::{Store, StoreError};

/// Faults that are named; the rest is counted.
const NAMED: usize = 10;

/// A time in a dump may be later than this machine's by this much: clocks differ.
const AHEAD: TimeDelta = TimeDelta::days(1);

/// The result of restoring ids.
#[derive(Clone, Copy, Debug)]
pub struct Restored {
    /// Ids that the store keeps now.
    pub kept: i64,
    /// Articles that stay removed.
    pub removed: i64,
    /// Files that were read.
    pub files: usize,
}

/// Why ids were not restored.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// The dumps have faults: the places, the faults, and the remedy.
    #[error("{0}")]
    Dumps(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Restores the ids of all articles in these dumps into the store in `data`, or into a new one.
/// `reading` is told of each file.
pub async fn restore_ids(
    data: &Path,
    dumps: &[PathBuf],
    now: Timestamp,
    reading: impl Fn(&Path),
) -> Result<Restored, RestoreError> {
    let files = files(dumps)?;
    let latest = now.plus(AHEAD);
    check(&files, latest)?;
    let kept = Store::restore_ids(data, async |keeper| {
        for file in &files {
            reading(file);
            for article in Articles::open(file, latest) {
                // The file had no fault a moment ago.
                let article = article.map_err(RestoreError::Dumps)?;
                keeper.keep(&article).await?;
            }
        }
        Ok::<_, RestoreError>(())
    });
    let kept = kept.await?;
    Ok(Restored {
        kept: kept.kept,
        removed: kept.removed,
        files: files.len(),
    })
}

fn check(files: &[PathBuf], latest: Timestamp) -> Result<(), RestoreError> {
    let mut faults = Vec::new();
    let mut more = 0;
    let mut articles = 0;
    for file in files {
        for article in Articles::open(file, latest) {
            match article {
                Ok(_) => articles += 1,
                Err(fault) if faults.len() < NAMED => faults.push(fault),
                Err(_) => more += 1,
            }
        }
    }
    if more > 0 {
        faults.push(format!("and {more} more"));
    }
    if faults.is_empty() && articles == 0 {
        faults.push("the dumps hold no article".to_owned());
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(RestoreError::Dumps(format!(
        "{}\n  remedy: name dumps as dibao publishes them, or take these lines out; no id was restored",
        faults.join("\n")
    )))
}

/// The files to read: those that are named, and the dumps in a named folder, sorted: so changes
/// keep their order.
fn files(dumps: &[PathBuf]) -> Result<Vec<PathBuf>, RestoreError> {
    let mut files = Vec::new();
    for dump in dumps {
        if !dump.is_dir() {
            files.push(dump.clone());
            continue;
        }
        let mut found = Vec::new();
        walk(dump, &mut found).map_err(|error| {
            RestoreError::Dumps(format!("{}: cannot be read: {error}", dump.display()))
        })?;
        if found.is_empty() {
            return Err(RestoreError::Dumps(format!(
                "{}: holds no dump\n  remedy: name a published folder, or files of it",
                dump.display()
            )));
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let is_dump = ["articles.json"].contains(&&*name)
            || [".ndjson", ".ndjson.gz"]
                .iter()
                .any(|end| name.ends_with(end));
        if entry.file_type()?.is_dir() {
            walk(&path, found)?;
        } else if is_dump && !name.starts_with('.') {
            found.push(path);
        }
    }
    Ok(())
}

/// The articles of one dump, or its faults and their places. An error of the file itself ends it.
struct Articles<'a> {
    file: &'a Path,
    latest: Timestamp,
    source: Source,
    line: usize,
}

enum Source {
    Lines(Box<dyn BufRead>),
    /// The articles of a JSON document, already read.
    Read(std::vec::IntoIter<Result<Article, String>>),
}

/// A line is an article, or a change with an article in it.
#[derive(Deserialize)]
struct Kind {
    seq: Option<i64>,
}

/// `articles.json`.
#[derive(Deserialize)]
struct Document {
    articles: Vec<Article>,
}

impl<'a> Articles<'a> {
    fn open(file: &'a Path, latest: Timestamp) -> Self {
        Self {
            file,
            latest,
            source: source(file).unwrap_or_else(|fault| Source::Read(vec![Err(fault)].into_iter())),
            line: 0,
        }
    }

    fn of_line(&self, line: &[u8]) -> Result<Article, String> {
        let kind: Kind = serde_json::from_slice(line).map_err(|e| e.to_string())?;
        let article = match kind.seq {
            Some(_) => serde_json::from_slice(line).map(|change: Change| change.article),
            None => serde_json::from_slice(line),
        };
        article.map_err(|e| e.to_string())
    }

    fn checked(&self, article: Article) -> Result<Article, String> {
        let last = article.updated_at.max(article.first_seen_at);
        if last > self.latest {
            return Err(format!("{last} is in the future"));
        }
        Ok(article)
    }
}

fn source(file: &Path) -> Result<Source, String> {
    let opened = File::open(file).map_err(|e| format!("cannot be read: {e}"))?;
    let name = file.to_string_lossy();
    if name.ends_with(".gz") {
        let unpacked = flate2::read::MultiGzDecoder::new(opened);
        return Ok(Source::Lines(Box::new(BufReader::new(unpacked))));
    }
    let mut reader = BufReader::new(opened);
    if !name.ends_with(".json") {
        return Ok(Source::Lines(Box::new(reader)));
    }
    let mut text = Vec::new();
    reader
        .read_to_end(&mut text)
        .map_err(|e| format!("cannot be read: {e}"))?;
    let is_list = text.trim_ascii_start().starts_with(b"[");
    let articles: Vec<Article> = if is_list {
        serde_json::from_slice(&text)
    } else {
        serde_json::from_slice(&text).map(|document: Document| document.articles)
    }
    .map_err(|e| e.to_string())?;
    let articles: Vec<_> = articles.into_iter().map(Ok).collect();
    Ok(Source::Read(articles.into_iter()))
}

impl Iterator for Articles<'_> {
    type Item = Result<Article, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let file = self.file.display().to_string();
        let (read, place) = match &mut self.source {
            Source::Read(articles) => (articles.next()?, file),
            Source::Lines(reader) => {
                let mut line = Vec::new();
                loop {
                    self.line += 1;
                    line.clear();
                    match reader.read_until(b'\n', &mut line) {
                        Ok(0) => return None,
                        Ok(_) if line.trim_ascii().is_empty() => {}
                        Ok(_) => break,
                        Err(error) => {
                            let fault = format!("{file}:{}: cannot be read: {error}", self.line);
                            self.source = Source::Read(Vec::new().into_iter());
                            return Some(Err(fault));
                        }
                    }
                }
                (self.of_line(&line), format!("{file}:{}", self.line))
            }
        };
        let checked = read.and_then(|article| self.checked(article));
        Some(checked.map_err(|cause| format!("{place}: {cause}")))
    }
}
