//! `dibao backup` and `dibao restore`: the whole store into a file, and back.
//!
//! Owns what is known of the changes that were published after the backup: the removals among them
//! are kept. Never copies a file itself.

use std::path::Path;

use super::outcome::{Done, Stop, say, tell};
use super::ready;
use crate::config::{FilePlace, Folders};
use crate::model::{Article, Change, ChangeKind, Clock, megabytes};
use crate::pipeline::{ARCHIVE_DAMAGED, Checker};
use crate::publish::PublishedFiles;
use crate::render::{changes, paths};
use crate::service;
use crate::store::{Store, StoreError, StoreSummary, database_in};

pub(super) async fn backup(folders: &Folders, file: &Path, force: bool) -> Result<Done, Stop> {
    let archive = ready::archive(folders)?;
    let store = Store::open_existing(service::store_place(folders))
        .await
        .map_err(stop)?;
    let done = back_up(&store, file, force).await;
    let checker = Checker {
        store: &store,
        archive: &archive,
        now: Clock::system().now(),
    };
    let damaged = match &done {
        Ok(_) => checker.archive().await,
        Err(_) => Ok(Vec::new()),
    };
    store.close().await;
    let held = done.map_err(stop)?;
    say(&format!("backup  {}  {}", file.display(), words(&held)))?;
    let damaged = damaged.map_err(stop)?;
    for file in &damaged {
        tell(&format!("dibao: {ARCHIVE_DAMAGED}: {}", file.message));
    }
    Ok(match damaged.is_empty() {
        true => Done::Well,
        // So that a script does not copy the archive over its last good copy.
        false => Done::Partly,
    })
}

async fn back_up(store: &Store, file: &Path, force: bool) -> Result<StoreSummary, StoreError> {
    let bytes = store.summary().await?.bytes;
    tell(&format!(
        "dibao: writing about {} to {}",
        megabytes(bytes),
        file.display()
    ));
    store.back_up(file, force).await
}

pub(super) async fn restore(folders: &Folders, file: &Path) -> Result<Done, Stop> {
    let data = &folders.data;
    let public = &PublishedFiles::open(&folders.public, data).map_err(Stop::failed)?;
    tell(&format!("dibao: checking {}", file.display()));
    let mut faults = Vec::new();
    let published = service::published_seq(public).map_err(Stop::failed)?;
    let removed_since = |seq| match published.filter(|published| *published > seq) {
        Some(published) => removed_since(public, seq, published, &mut faults),
        None => Vec::new(),
    };
    let now = Clock::system().now();
    let restored = Store::restore(data, file, now, removed_since).await;
    let (held, removed) = restored.map_err(stop)?;
    say(&format!(
        "restored  {}  {}",
        database_in(data).display(),
        words(&held)
    ))?;
    if let FilePlace::Folder(archive) = &folders.archive
        && !archive.exists()
    {
        tell(&format!(
            "dibao: there is no {}: copy the archive back there from beside the backup",
            archive.display()
        ));
    }
    if let Some(seq) = published.filter(|seq| *seq > held.seq) {
        tell(&format!(
            "dibao: {} tells of changes up to {seq}, the backup up to {}: the numbers between are given anew, and mirrors must begin anew from a snapshot",
            folders.public, held.seq
        ));
    }
    for id in &removed {
        tell(&format!(
            "dibao: {id} was removed since, and stays removed; copies of the archive may hold its text\n  remedy: once the archive is back, dibao remove {id} --reason …"
        ));
    }
    for fault in &faults {
        tell(&format!(
            "dibao: {fault}: articles whose removal it tells of would be published again\n  remedy: remove these again, before anything is run"
        ));
    }
    Ok(match faults.is_empty() {
        true => Done::Well,
        false => Done::Partly,
    })
}

/// The tombstones of the articles that were removed by the published changes after `from` and up to
/// `to`. Files of changes that cannot be read are `faults`.
fn removed_since(
    public: &PublishedFiles,
    from: i64,
    to: i64,
    faults: &mut Vec<String>,
) -> Vec<Article> {
    let mut removed = Vec::new();
    for document in changes::document_of(from + 1)..=changes::document_of(to) {
        match removed_in(public, &paths::changes(document)) {
            Ok(found) => removed.extend(found),
            Err(fault) => faults.push(fault),
        }
    }
    removed
}

fn removed_in(public: &PublishedFiles, path: &str) -> Result<Vec<Article>, String> {
    let broken = |cause: String| format!("{}: cannot be read: {cause}", public.name_of(path));
    let text = public
        .read(path)
        .map_err(|error| broken(error.to_string()))?;
    let text = text.ok_or_else(|| broken("it does not exist".to_owned()))?;
    let text = String::from_utf8(text).map_err(|error| broken(error.to_string()))?;
    let lines = text.lines().map(|line| {
        let change: Change = serde_json::from_str(line).map_err(|e| broken(e.to_string()))?;
        Ok((change.kind == ChangeKind::Removed).then_some(change.article))
    });
    lines.filter_map(Result::transpose).collect()
}

fn words(held: &StoreSummary) -> String {
    format!(
        "{} articles, up to change {}, {}",
        held.articles,
        held.seq,
        megabytes(held.bytes)
    )
}

/// The end of a command by an error of the store: exit 2 if a file or the command line is wrong.
pub(super) fn stop(error: StoreError) -> Stop {
    match &error {
        StoreError::Open { reason, .. } if *reason != StoreError::CORRUPT => Stop::failed(error),
        StoreError::Sql(_)
        | StoreError::Backup { .. }
        | StoreError::DamagedBackup { .. }
        | StoreError::Row(_)
        | StoreError::Table { .. }
        | StoreError::Unreadable { .. } => Stop::failed(error),
        _ => Stop::configuration(error),
    }
}
