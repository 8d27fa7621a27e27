//! `dibao verify --all` and `dibao repair`: the whole data, read for rot, and what can be restored.
//!
//! Owns the words and the exit codes. Never decides what counts as damage, and never restores by
//! itself.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use super::outcome::{Done, Stop, say, tell};
use super::{backup, bars, left_out, ready, run};
use crate::archive::ArchiveFiles;
use crate::config::{Config, Folders};
use crate::model::Clock;
use crate::pipeline::{
    CheckPlace, CheckStep, Checker, Damage, Progress, PublishInput, Rereader, check_published,
    publish_all, repair,
};
use crate::publish::{PublishPlace, PublishedFiles};
use crate::service;
use crate::store::{Purpose, Store};

/// Reads the store, the archive and the published folder as a whole.
pub(super) async fn verify_all(folders: &Folders) -> Result<Done, Stop> {
    let stop = CancellationToken::new();
    ready::stop_on_signal(stop.clone());
    let config = left_out::load_rest(folders)?;
    let archive = ready::archive(folders)?;
    let store = ready::known_store(folders).await?;
    let checked = stop.run_until_cancelled(check(&archive, &store)).await;
    let Some(damage) = checked.transpose()? else {
        store.close().await;
        say("stopped  run it again within a day to go on there")?;
        return Ok(Done::Partly);
    };
    let altered = match damage.structure.is_empty() {
        true => public(folders, &config, &store).await?,
        false => {
            tell("dibao: the published files are not checked: the store must be repaired first");
            Vec::new()
        }
    };
    store.close().await;
    for path in &altered {
        say(&format!(
            "public   {path} was altered or missing, and is written anew"
        ))?;
    }
    match damage.is_none() {
        true => say("verified  nothing in the store and in the archive is damaged")?,
        false => tell(
            "dibao: something is damaged\n  remedy: run `dibao repair` for the store; put files of \
             the archive back from a copy",
        ),
    }
    Ok(match damage.is_none() && altered.is_empty() {
        true => Done::Well,
        false => Done::Partly,
    })
}

/// Checks store and archive, and says what is damaged.
async fn check(archive: &ArchiveFiles, store: &Store) -> Result<Damage, Stop> {
    let checker = Checker {
        store,
        archive,
        now: Clock::system().now(),
    };
    let bar = bar();
    let checked = checker.whole(|step| show(&bar, step)).await;
    bar.finish_and_clear();
    let damage = checked.map_err(backup::stop)?;
    for line in &damage.structure {
        say(&format!("store    {line}"))?;
    }
    for row in &damage.rows {
        say(&format!("store    {row}"))?;
    }
    for file in &damage.files {
        say(&format!("archive  {}", file.message))?;
    }
    Ok(damage)
}

/// Checks the published folder, writes altered files anew, and returns their paths.
async fn public(folders: &Folders, config: &Config, store: &Store) -> Result<Vec<String>, Stop> {
    let (directory, kept) = (open_public(folders)?, ready::kept(folders)?);
    let site = service::site(&config.service, store).await;
    let site = site.map_err(Stop::failed)?;
    let published = store.published().topics().await.map_err(Stop::failed)?;
    let is_known = |name: &str| config.topics.iter().any(|topic| topic.name == name);
    if let Some(topic) = published.keys().find(|name| !is_known(name)) {
        return Err(Stop::configuration(format_args!(
            "the topic {topic} is published, and {} has no file for it: the published files are not checked\n  \
             remedy: run this in the folder in which dibao runs, or name its folder with --topics; `dibao publish` \
             removes a topic without a file",
            folders.topics.display()
        )));
    }
    let progress = Progress::silent();
    let input = PublishInput::new(config, &site, store, (&*directory, &kept), &progress);
    let mut place = CheckPlace::default();
    while !place.is_end() {
        let checked = check_published(&input, &mut place).await;
        checked.map_err(Stop::failed)?;
    }
    Ok(place.altered().to_vec())
}

fn open_public(folders: &Folders) -> Result<Box<dyn PublishPlace>, Stop> {
    let directory = service::open_public(folders, Purpose::Real).map_err(Stop::configuration)?;
    directory.check_writable().map_err(Stop::configuration)?;
    Ok(directory)
}

/// Restores what can be restored, says what could not be, and publishes everything anew.
pub(super) async fn repair_all(folders: &Folders) -> Result<Done, Stop> {
    let config = left_out::load_rest(folders)?;
    let archive = ready::archive(folders)?;
    let store = ready::known_store(folders).await?;
    let rereader = Rereader {
        store: store.clone(),
        archive: archive.clone(),
    };
    let public =
        PublishedFiles::open(&folders.public, &folders.data).map_err(Stop::configuration)?;
    let done = repair(&rereader, &config.columns, &public)
        .await
        .map_err(backup::stop)?;
    for line in &done.structure {
        say(&format!("found     {line}"))?;
    }
    for repaired in &done.rows {
        let (word, how) = match repaired.from {
            Some(from) => ("repaired", from.words()),
            None => ("left", "nothing confirms what it was"),
        };
        say(&format!("{word:<8}  {}: {how}", repaired.row))?;
    }
    for line in &done.left {
        say(&format!("left      {line}"))?;
    }
    let damage = check(&archive, &store).await?;
    if done.left.is_empty() {
        let (directory, kept) = (open_public(folders)?, ready::kept(folders)?);
        let site = service::site(&config.service, &store).await;
        let site = site.map_err(Stop::failed)?;
        let progress = bars::bars();
        let input = PublishInput::new(&config, &site, &store, (&*directory, &kept), &progress);
        run::say_published(Some(publish_all(&input).await))?;
    }
    store.close().await;
    let is_whole = done.is_whole() && damage.is_none();
    match is_whole {
        true => say("repaired  nothing in the store is damaged now")?,
        false => tell(
            "dibao: not everything could be restored\n  remedy: put the last backup in place with \
             `dibao restore FILE`, and files of the archive back from a copy",
        ),
    }
    Ok(match is_whole {
        true => Done::Well,
        false => Done::Partly,
    })
}

fn bar() -> ProgressBar {
    match std::io::stderr().is_terminal() {
        true => ProgressBar::new(0),
        false => ProgressBar::hidden(),
    }
}

fn show(bar: &ProgressBar, step: CheckStep) {
    let (done, all, template) = match step {
        CheckStep::Structure => return bar.set_message("database"),
        CheckStep::GoesOn => {
            return bar.suspend(|| tell("dibao: goes on behind the rows that were read before"));
        }
        CheckStep::Rows(done, all) => (done, all, "{bar:24} {pos}/{len} rows, {eta} left"),
        CheckStep::Bytes(done, all) => (
            done,
            all,
            "{bar:24} {bytes}/{total_bytes} of the archive, {eta} left",
        ),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_length(all);
    bar.set_position(done);
}
