//! `dibao remove`: an article for good, from the store, the published files and the archive.
//!
//! Owns the order: the store first, so that nothing brings it back; then what readers see; then its
//! pictures, and the archive. Whatever fails is told, the rest is done, and the command may be run again. Nothing is said
//! on stdout before all of it is done: a reader that has gone must not end it half-way.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};

use uuid::Uuid;

use super::{Done, Stop, backup, ready, tell};
use crate::archive::{self, ArchiveError, Erased};
use crate::config::{Config, Folders};
use crate::extract;
use crate::identify::CanonicalUrl;
use crate::model::{Clock, ColumnName};
use crate::pipeline::{self, Progress};
use crate::publish::Directory;
use crate::service::{self, DataError};
use crate::store::{Purpose, Removed, Store};

pub(super) async fn remove(folders: &Folders, id: Uuid, reason: &str) -> Result<Done, Stop> {
    if reason.trim().is_empty() {
        return Err(Stop::configuration(
            "--reason is empty\n  remedy: say why, for whoever looks after this later",
        ));
    }
    let config = Config::load(folders)?;
    let (store, directory) = ready::open(folders).await?;
    let done = remove_from(folders, &config, &store, &directory, id, reason).await;
    store.close().await;
    done
}

async fn remove_from(
    folders: &Folders,
    config: &Config,
    store: &Store,
    directory: &Directory,
    id: Uuid,
    reason: &str,
) -> Result<Done, Stop> {
    let now = Clock::system().now();
    let removed = store
        .articles()
        .remove(now, id, reason)
        .await
        .map_err(backup::stop)?;
    let Some(removed) = removed else {
        return Err(Stop::configuration(format_args!(
            "{id}: no article has this id\n  remedy: take it from the article's page, or from `dibao export`"
        )));
    };
    let mut lines = Vec::new();
    for (id, title) in &removed.articles {
        let title = title.as_deref().unwrap_or("had been removed before");
        lines.push(format!("removed  {id}  {title}"));
    }
    let mut faults = Vec::new();
    match publish(config, store, directory).await {
        Ok(published) => lines.push(published),
        Err(fault) => faults.push(fault),
    }
    faults.extend(unpublished(folders, config, &removed));
    if let Err(fault) = pipeline::forget_pictures(store).await {
        faults.push(fault.to_string());
    }
    match erase(folders, store, &removed).await {
        Ok(erased) => {
            lines.push(format!("archive  {} records erased", erased.records));
            faults.extend(erased.failed);
        }
        Err(fault) => faults.push(fault.to_string()),
    }
    tell("dibao: clearing the store's free space");
    match store.shred().await {
        Ok(true) => {}
        Ok(false) => faults
            .push("another process reads the store: its log may still hold the text".to_owned()),
        Err(error) => faults.push(error.to_string()),
    }
    for (id, url) in &removed.standing {
        tell(&format!(
            "dibao: the article {id} stands at {url} by now, and stays; if it is the same text, remove it as well"
        ));
    }
    let done = if faults.is_empty() {
        store
            .articles()
            .complete_removal(&removed)
            .await
            .map_err(backup::stop)?;
        tell(
            "dibao: backups and copies made before still hold it; so may list pages in the archive name its title",
        );
        Done::Well
    } else {
        for fault in &faults {
            tell(&format!("dibao: {fault}"));
        }
        tell("dibao: not all of it is gone\n  remedy: mend this, and run the same command again");
        Done::Partly
    };
    say_all(&lines, done)
}

/// Says what was done. A reader that has gone changes neither that nor how the command ends.
fn say_all(lines: &[String], done: Done) -> Result<Done, Stop> {
    match writeln!(std::io::stdout(), "{}", lines.join("\n")) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Stop::failed(format_args!(
            "stdout cannot be written: {error}"
        ))),
        _ => Ok(done),
    }
}

async fn publish(config: &Config, store: &Store, directory: &Directory) -> Result<String, String> {
    let site = service::site(&config.service, Purpose::Real);
    let (columns, cron, progress) = (&config.columns, &config.cron, Progress::silent());
    pipeline::syndicate(store, columns, cron, &site, directory, &progress)
        .await
        .map(|published| published.to_string())
        .map_err(|error| error.to_string())
}

/// Files of columns that are no longer configured are not written any more, and still hold it; so are
/// the feeds of a portal without columns.
fn unpublished(folders: &Folders, config: &Config, removed: &Removed) -> Vec<String> {
    let has = |is_it: &dyn Fn(&ColumnName) -> bool| {
        let mut names = config.columns.iter().map(|column| &column.name);
        names.any(is_it)
    };
    let left = removed.columns.iter().filter_map(|name| {
        let portal = name.portal();
        if !has(&|known| known.portal() == portal) {
            return Some((folders.public.join(portal), "portal"));
        }
        (!has(&|known| known == name)).then(|| (folders.public.join(name.as_str()), "column"))
    });
    let left: BTreeSet<_> = left.filter(|(folder, _)| folder.exists()).collect();
    let told = left.into_iter().map(|(folder, what)| {
        let folder = folder.display();
        format!("{folder}: was published of a {what} that has no feed file any more, and may hold the text: delete it")
    });
    told.collect()
}

async fn erase(folders: &Folders, store: &Store, removed: &Removed) -> Result<Erased, DataError> {
    let ends = store.captures().file_ends().await?;
    let folder = folders.archive();
    let (urls, spared) = (removed.urls.clone(), removed.spared.clone());
    let (articles, runtime) = (store.clone(), tokio::runtime::Handle::current());
    let erased = tokio::task::spawn_blocking(move || {
        // A further part of the article, unless it is an article of its own. In doubt it stays.
        let is_part = |url: &url::Url| {
            let mut firsts = extract::firsts(url).into_iter();
            firsts.any(|first| urls.contains(&CanonicalUrl::from(&first)))
                && runtime
                    .block_on(articles.is_page(&CanonicalUrl::from(url)))
                    .is_ok_and(|is_other| !is_other)
        };
        let is_gone = |url: &url::Url| urls.contains(&CanonicalUrl::from(url)) || is_part(url);
        let reading = |file: &str| tell(&format!("dibao: searching {file}"));
        archive::erase(&folder, &ends, &spared, is_gone, reading)
    });
    let erased: Result<Erased, ArchiveError> = erased.await.map_err(std::io::Error::other)?;
    let erased = erased?;
    store.captures().forget(&erased.places).await?;
    Ok(erased)
}
