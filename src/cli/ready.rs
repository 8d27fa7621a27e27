//! Opens the tools of commands, and ends a command that cannot have them.
//!
//! Owns which fault leads to which exit code, and what a signal does to a command. Never opens
//! anything by itself: [`crate::service`] knows how.

use tokio_util::sync::CancellationToken;

use super::left_out;
use super::outcome::{Stop, tell};
use super::settle::settle;
use crate::archive::ArchiveFiles;
use crate::config::{self, ARCHIVE, Column, Config, FilePlace, Folders};
use crate::model::ColumnName;
use crate::pipeline::{AskedBy, Collector, Progress};
use crate::publish::{KeptPlace, PublishPlace};
use crate::service;
use crate::store::{Purpose, Store, StoreError};

/// The tools of a command that collects columns and publishes: opened, and checked before any
/// portal is asked.
pub(super) struct Ready {
    pub(super) config: Config,
    pub(super) collector: Collector,
    pub(super) directory: Box<dyn PublishPlace>,
    pub(super) archive: ArchiveFiles,
    /// The columns that are not collected, each with the reason.
    pub(super) refused: Vec<(ColumnName, String)>,
}

impl Ready {
    /// Reads the configuration, checks that it has these columns, and opens what they need. The
    /// command stops on a signal.
    pub(super) async fn open(
        folders: &Folders,
        names: &[impl AsRef<str>],
        progress: Progress,
    ) -> Result<Self, Stop> {
        let stop = CancellationToken::new();
        stop_on_signal(stop.clone());
        let config = left_out::load_rest(folders)?;
        left_out::select(&config, names)?;
        let (archive, kept) = (archive_for_writing(folders)?, kept(folders)?);
        let (store, directory) = open(folders).await?;
        let (config, refused) = settle(folders, &store, config).await?;
        left_out::select(&config, names)?;
        let fetcher = service::fetcher(folders, config.service.contact.as_deref());
        let (places, by) = ((archive.clone(), kept), AskedBy::Person);
        let collector = service::open_collector(places, store, fetcher, by, progress, stop);
        Ok(Self {
            collector: collector.await.map_err(Stop::failed)?,
            config,
            directory,
            archive,
            refused,
        })
    }
}

/// Tells of patterns that match no column.
pub(super) fn tell_unmatched(config: &Config, folders: &Folders) {
    for one in config.unmatched(folders) {
        tell(&format!("dibao: {one}"));
    }
}

/// Tells of data that only this machine has, though other machines may share the store.
pub(super) fn tell_unshared(folders: &Folders) {
    if folders.store.is_none() {
        return;
    }
    let data = folders.data.display();
    let own = [
        (&folders.archive, folders.data.join(ARCHIVE), "archive"),
        (&folders.pictures, folders.data.clone(), "pictures"),
    ];
    let own = own.into_iter().filter_map(|(place, own, table)| {
        let is_own = *place == FilePlace::Folder(own);
        is_own.then_some(table)
    });
    let own: Vec<&str> = own.collect();
    if !own.is_empty() {
        let (names, tables) = (own.join(" and the "), own.join("] and ["));
        tell(&format!(
            "dibao: the store is on a server, and the {names} in the folder {data}: workers on several \
             machines need them in one place\n  remedy: set url under [{tables}] in {}: s3://BUCKET/PREFIX, or \
             a folder that all machines mount",
            folders.service.display()
        ));
    }
}

/// Cancels the token at the first SIGTERM or Ctrl-C; a second one ends the process at once.
pub(super) fn stop_on_signal(stop: CancellationToken) {
    tokio::spawn(async move {
        service::terminated().await;
        tell("dibao: stopping; once more to stop at once");
        stop.cancel();
        service::terminated().await;
        std::process::exit(1);
    });
}

/// Ends the process at SIGTERM or Ctrl-C, with the exit code of a process that they end.
pub(super) fn end_on_signal() {
    tokio::spawn(async {
        service::terminated().await;
        std::process::exit(128 + 15);
    });
}

/// The store and the published folder, both checked before any portal is asked.
pub(super) async fn open(folders: &Folders) -> Result<(Store, Box<dyn PublishPlace>), Stop> {
    let bucket = service::open_bucket_first(folders).map_err(Stop::configuration)?;
    let store = service::open_store(folders).await.map_err(unusable)?;
    let directory = match bucket {
        Some(bucket) => bucket,
        None => service::open_public(folders, Purpose::Real).map_err(Stop::configuration)?,
    };
    directory.check_writable().map_err(Stop::configuration)?;
    Ok((store, directory))
}

/// The archive, to read it.
pub(super) fn archive(folders: &Folders) -> Result<ArchiveFiles, Stop> {
    ArchiveFiles::open(&folders.archive).map_err(Stop::configuration)
}

/// Where copies of portals' files are kept.
pub(super) fn kept(folders: &Folders) -> Result<KeptPlace, Stop> {
    KeptPlace::open(&folders.pictures).map_err(Stop::configuration)
}

/// The archive, to write to it or to erase in it. It is checked before a store is begun beside it.
pub(super) fn archive_for_writing(folders: &Folders) -> Result<ArchiveFiles, Stop> {
    ArchiveFiles::open_for_writing(&folders.archive).map_err(Stop::configuration)
}

/// The end of a command whose store cannot be used.
pub(super) fn unusable(error: StoreError) -> Stop {
    match &error {
        // These faults pass with time, or with room on the disk. Neither the command line nor a
        // file is wrong.
        StoreError::Open { reason, .. }
            if ![StoreError::CORRUPT, StoreError::READ_ONLY].contains(reason)
                && !StoreError::AWAY.contains(reason) =>
        {
            Stop::failed(error)
        }
        _ => Stop::configuration(error),
    }
}

/// An existing store of real articles, for commands that write nothing to it.
pub(super) async fn known_store(folders: &Folders) -> Result<Store, Stop> {
    let store = Store::open_existing(service::store_place(folders))
        .await
        .map_err(unusable)?;
    match store.purpose().await.map_err(unusable)? {
        Purpose::Real => Ok(store),
        Purpose::Demo => Err(Stop::configuration(format_args!(
            "{}: holds the demo's invented articles\n  remedy: name another folder with --data",
            folders.data.display()
        ))),
    }
}

/// One column by name, for commands that read a single page.
pub(super) fn column(folders: &Folders, name: &ColumnName) -> Result<Column, Stop> {
    let columns = config::load_columns(&folders.feeds)?;
    let known = columns.iter().find(|column| column.name == *name);
    known.cloned().ok_or_else(|| {
        Stop::configuration(format_args!(
            "there is no column {name}\n  remedy: write {}/{name}.toml, or leave --column out",
            folders.feeds.display()
        ))
    })
}
