//! `dibao remove`: removes one article from the store, the published files and the archive.
//!
//! Owns the words and the exit code; `pipeline::Removal` owns the order. Never writes to stdout
//! before everything is done: a reader that has gone must not end the removal half-way.

use std::io::{ErrorKind, Write};

use uuid::Uuid;

use super::outcome::{Done, Stop, tell};
use super::{backup, left_out, ready};
use crate::archive::ArchiveFiles;
use crate::config::{Config, Folders};
use crate::model::Clock;
use crate::pipeline::{Progress, PublishInput, Removal, RemovalReport, RemovalStep};
use crate::publish::{KeptPlace, PublishPlace};
use crate::service;
use crate::store::Store;

pub(super) async fn remove(folders: &Folders, id: Uuid, reason: &str) -> Result<Done, Stop> {
    if reason.trim().is_empty() {
        return Err(Stop::configuration(
            "--reason is empty\n  remedy: give a reason, for the people who look after dibao later",
        ));
    }
    let config = left_out::load_rest(folders)?;
    let (archive, kept) = (ready::archive_for_writing(folders)?, ready::kept(folders)?);
    let (store, directory) = ready::open(folders).await?;
    let done = remove_from(&archive, &config, &store, (&*directory, &kept), id, reason).await;
    store.close().await;
    done
}

async fn remove_from(
    archive: &ArchiveFiles,
    config: &Config,
    store: &Store,
    places: (&dyn PublishPlace, &KeptPlace),
    id: Uuid,
    reason: &str,
) -> Result<Done, Stop> {
    let site = service::site(&config.service, store).await;
    let site = site.map_err(Stop::failed)?;
    let progress = Progress::silent();
    let removal = Removal {
        input: PublishInput::new(config, &site, store, places, &progress),
        archive,
    };
    let removed = removal.remove(Clock::system().now(), id, reason, tell_step);
    let Some(report) = removed.await.map_err(backup::stop)? else {
        return Err(Stop::configuration(format_args!(
            "{id}: no article has this id\n  remedy: take it from the article's page, or from `dibao export`"
        )));
    };
    for (id, url) in &report.standing {
        tell(&format!(
            "dibao: the article {id} is at {url} now, and stays; if it is the same text, \
             remove it as well"
        ));
    }
    let lines = lines(&report);
    let done = if report.faults.is_empty() {
        report.completed.map_err(backup::stop)?;
        tell(
            "dibao: backups and copies made before still hold it; so may list pages in the archive name its title",
        );
        Done::Well
    } else {
        for fault in &report.faults {
            tell(&format!("dibao: {fault}"));
        }
        tell("dibao: some of it is left\n  remedy: fix this, and run the same command again");
        Done::Partly
    };
    say_all(&lines, done)
}

fn tell_step(step: RemovalStep<'_>) {
    match step {
        RemovalStep::Searching(file) => tell(&format!("dibao: searching {file}")),
        RemovalStep::ClearingFreeSpace => tell("dibao: clearing the store's free space"),
    }
}

fn lines(report: &RemovalReport) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, title) in &report.articles {
        let title = title.as_deref().unwrap_or("had been removed before");
        lines.push(format!("removed  {id}  {title}"));
    }
    lines.extend(report.published.map(|published| published.to_string()));
    let erased = report.erased;
    lines.extend(erased.map(|records| format!("archive  {records} records erased")));
    lines
}

/// Prints the result. A closed stdout changes neither the result nor the exit code.
fn say_all(lines: &[String], done: Done) -> Result<Done, Stop> {
    match writeln!(std::io::stdout(), "{}", lines.join("\n")) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Stop::failed(format_args!(
            "stdout cannot be written: {error}"
        ))),
        _ => Ok(done),
    }
}
