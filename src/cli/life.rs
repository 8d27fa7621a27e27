//! `dibao rename`, `merge`, `pause`, `resume` and `forget`: the lives of columns.
//!
//! Owns the words, the checks before anything changes, and the exit code. Never moves anything itself.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::NaiveDate;

use super::outcome::{Done, Stop, say, tell};
use super::{add, ready, run};
use crate::config::{self, Column, Config, Folders};
use crate::fetch::host_of;
use crate::model::{Clock, ColumnName, Timestamp};
use crate::pipeline::{self, Progress, PublishInput};
use crate::publish::{KeptPlace, PublishPlace};
use crate::service;
use crate::store::{Holder, Lease, LeaseKind, Store, Task};

/// How long a command waits for the end of a run of the column.
const PATIENCE: u32 = 60;
const ASK_EVERY: Duration = Duration::from_secs(1);

/// A command at work on the lives of columns.
struct Life<'a> {
    folders: &'a Folders,
    store: Store,
    directory: Box<dyn PublishPlace>,
    kept: KeptPlace,
    columns: Vec<Column>,
    /// The names that the store knows.
    stored: BTreeSet<ColumnName>,
}

impl<'a> Life<'a> {
    async fn open(folders: &'a Folders) -> Result<Self, Stop> {
        let kept = ready::kept(folders)?;
        let (store, directory) = ready::open(folders).await?;
        pipeline::complete_moves(folders, &store, now()).await?;
        let stored = store.columns().stored().await.map_err(Stop::failed)?;
        Ok(Self {
            columns: config::read_columns(&folders.feeds)?,
            stored: stored.into_iter().map(|column| column.name).collect(),
            folders,
            store,
            directory,
            kept,
        })
    }

    fn column(&self, name: &ColumnName) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == *name)
    }

    /// A column that has a feed file, or is stored.
    fn check_known(&self, name: &ColumnName) -> Result<(), Stop> {
        match self.column(name).is_some() || self.stored.contains(name) {
            true => Ok(()),
            false => Err(unknown(self.folders, name)),
        }
    }

    /// Waits until no run asks the hosts of these columns, and keeps others from beginning one.
    async fn hold(&self, names: &[&ColumnName]) -> Result<Held<'_>, Stop> {
        let columns = names.iter().filter_map(|name| self.column(name));
        let hosts: BTreeSet<String> = columns.map(|column| host_of(&column.url)).collect();
        let held = Held {
            store: &self.store,
            holder: Holder::this_process(),
            hosts: hosts.into_iter().collect(),
        };
        for host in &held.hosts {
            held.take(host).await?;
        }
        Ok(held)
    }

    /// Lets a column become another one.
    async fn follow(&self, from: &ColumnName, into: &ColumnName) -> Result<usize, Stop> {
        let held = self.hold(&[from, into]).await?;
        let moved = pipeline::move_column(self.folders, &self.store, now(), (from, into)).await;
        held.release().await?;
        Ok(moved?)
    }

    /// Publishes by the files as they are now.
    async fn publish(self, is_all: bool) -> Result<Done, Stop> {
        let (config, progress) = (Config::load_any(self.folders)?, Progress::silent());
        let settled = pipeline::settle(&self.store, now(), &config.columns, &[]).await;
        settled.map_err(Stop::failed)?;
        let published = async {
            let site = service::site(&config.service, &self.store).await?;
            let (store, places) = (&self.store, (&*self.directory, &self.kept));
            let input = PublishInput::new(&config, &site, store, places, &progress);
            match is_all {
                true => pipeline::publish_all(&input).await,
                false => pipeline::publish(&input).await,
            }
        };
        let published = published.await;
        self.store.close().await;
        run::say_published(Some(published))?;
        Ok(Done::Well)
    }
}

/// Hosts that are held.
struct Held<'a> {
    store: &'a Store,
    holder: Holder,
    hosts: Vec<String>,
}

impl Held<'_> {
    async fn take(&self, host: &str) -> Result<(), Stop> {
        for _ in 0..PATIENCE {
            let hosts = self.store.hosts();
            let asked = hosts.lease_for(LeaseKind::Run, host, &self.holder, now());
            if asked.await.map_err(Stop::failed)? == Lease::Taken {
                return Ok(());
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
        self.release().await?;
        Err(Stop::failed(format_args!(
            "{host} is being collected: nothing was changed\n  remedy: try again once that run has ended"
        )))
    }

    async fn release(&self) -> Result<(), Stop> {
        for host in &self.hosts {
            let released = self.store.hosts().release(host, &self.holder).await;
            released.map_err(Stop::failed)?;
        }
        Ok(())
    }
}

fn now() -> Timestamp {
    Clock::system().now()
}

fn unknown(folders: &Folders, name: &ColumnName) -> Stop {
    Stop::configuration(format_args!(
        "there is no column {name}\n  remedy: see the names in {}, or in `dibao status`",
        folders.feeds.display()
    ))
}

/// `dibao rename`: a column by name, or all columns of a portal.
pub(super) async fn rename(folders: &Folders, from: &str, into: &str) -> Result<Done, Stop> {
    let life = Life::open(folders).await?;
    let moves = match (from.contains('/'), into.contains('/')) {
        (true, true) => vec![(name(from)?, name(into)?)],
        (false, false) => life.of_portal(from, into)?,
        _ => {
            return Err(Stop::configuration(
                "a column gets the name of a column, a portal that of a portal\n  remedy: write \
                 PORTAL/COLUMN twice, or PORTAL twice",
            ));
        }
    };
    for (from, into) in &moves {
        life.check_rename(from, into)?;
    }
    for (from, into) in &moves {
        let articles = life.follow(from, into).await?;
        say(&format!(
            "{from} is now {into}: {articles} articles, ids as before"
        ))?;
    }
    life.publish(false).await
}

fn name(text: &str) -> Result<ColumnName, Stop> {
    text.parse().map_err(Stop::configuration)
}

impl Life<'_> {
    /// The columns of a portal, each with its name in another one.
    fn of_portal(&self, from: &str, into: &str) -> Result<Vec<(ColumnName, ColumnName)>, Stop> {
        let configured = self.columns.iter().map(|column| &column.name);
        let known: BTreeSet<&ColumnName> = configured
            .chain(&self.stored)
            .filter(|name| name.portal() == from)
            .collect();
        if known.is_empty() {
            return Err(Stop::configuration(format_args!(
                "there is no portal {from}\n  remedy: see the folders in {}",
                self.folders.feeds.display()
            )));
        }
        let renamed = known.into_iter().map(|name| {
            let new = ColumnName::new(into, name.column()).map_err(Stop::configuration)?;
            Ok((name.clone(), new))
        });
        renamed.collect()
    }

    fn check_rename(&self, from: &ColumnName, into: &ColumnName) -> Result<(), Stop> {
        self.check_known(from)?;
        if add::is_of_portal(into) {
            return Err(Stop::configuration(format_args!(
                "{into}: {into}.toml is about the portal, not about a column\n  remedy: give another name"
            )));
        }
        // A file that was renamed by hand has the new name already.
        let is_taken = self.column(into).is_some() && self.column(from).is_some();
        if from == into || is_taken || self.stored.contains(into) {
            return Err(Stop::configuration(format_args!(
                "{into} exists already\n  remedy: give another name; or, if {from} is to become a part \
                 of it: dibao merge {into} {from}"
            )));
        }
        Ok(())
    }
}

/// `dibao merge`: the articles of one column join another.
pub(super) async fn merge(
    folders: &Folders,
    into: &ColumnName,
    from: &ColumnName,
) -> Result<Done, Stop> {
    let life = Life::open(folders).await?;
    life.check_known(from)?;
    let Some(kept) = life.column(into).filter(|_| from != into) else {
        return Err(unknown(folders, into));
    };
    let stored = life.store.columns().stored().await.map_err(Stop::failed)?;
    let stored = stored.into_iter().find(|column| column.name == *from);
    let portal = life.column(from).map(|column| column.portal.clone());
    let portal = stored.map(|column| column.portal).or(portal);
    if portal.as_ref().is_some_and(|portal| *portal != kept.portal) {
        return Err(Stop::configuration(format_args!(
            "{from} and {into} have the ids of different portals ({} and {}): their articles stay \
             different ones\n  remedy: keep both, or `dibao forget {from}`",
            portal.unwrap_or_default(),
            kept.portal
        )));
    }
    let articles = life.follow(from, into).await?;
    say(&format!(
        "{from} is now a part of {into}: {articles} articles, ids as before"
    ))?;
    life.publish(false).await
}

/// `dibao pause` and, without a pause, `dibao resume`.
pub(super) async fn pause(
    folders: &Folders,
    names: &[ColumnName],
    value: Option<(Option<NaiveDate>, NaiveDate)>,
) -> Result<Done, Stop> {
    if let Some((Some(until), today)) = value
        && until <= today
    {
        return Err(Stop::configuration(format_args!(
            "--until {until} is not in the future\n  remedy: name the day on which it is collected again"
        )));
    }
    let columns = config::read_columns(&folders.feeds)?;
    for name in names {
        if !columns.iter().any(|column| column.name == *name) {
            return Err(unknown(folders, name));
        }
    }
    let written = value.map(|(until, _)| match until {
        Some(day) => format!("\"{day}\""),
        None => "true".to_owned(),
    });
    for name in names {
        pipeline::set_pause(folders, name, written.as_deref())?;
        let what = match value {
            Some((Some(until), _)) => format!("paused until {until}"),
            Some((None, _)) => format!("paused; to go on: dibao resume {name}"),
            None => "collected again".to_owned(),
        };
        say(&format!("{name}  {what}"))?;
    }
    Ok(Done::Well)
}

/// `dibao forget`: a column ends, or a former name is free again.
pub(super) async fn forget(folders: &Folders, names: &[ColumnName]) -> Result<Done, Stop> {
    let life = Life::open(folders).await?;
    let lives = life.store.columns().past_lives();
    let lives = lives.await.map_err(Stop::failed)?;
    let is_former = |name: &ColumnName| {
        let mut lives = lives.iter();
        lives.any(|life| life.name == *name && life.became.is_some())
    };
    for name in names {
        if !is_former(name) {
            life.check_known(name)?;
        }
    }
    // A column that was never noted would end without a feed that says so.
    let settled = pipeline::settle(&life.store, now(), &life.columns, &[]).await;
    settled.map_err(Stop::failed)?;
    for name in names {
        life.end(name, is_former(name)).await?;
    }
    // No record knows the files at a former address.
    life.publish(names.iter().any(is_former)).await
}

impl Life<'_> {
    async fn end(&self, name: &ColumnName, is_former: bool) -> Result<(), Stop> {
        let columns = self.store.columns();
        if is_former {
            columns.free_name(name).await.map_err(Stop::failed)?;
            let _place = self.store.turn(Task::Publish).await.map_err(Stop::failed)?;
            let _turn = self.directory.lock().await.map_err(Stop::failed)?;
            self.directory.begin();
            let folders = self.directory.folders_in(name.as_str());
            for folder in folders.map_err(Stop::failed)? {
                let folder = format!("{name}/{folder}");
                self.directory.sweep_folder(&folder).map_err(Stop::failed)?;
            }
            let swept = self.directory.sweep_folder(name.as_str());
            swept.map_err(Stop::failed)?;
            let settled = self.directory.settle_all().await;
            settled.map_err(Stop::failed)?;
            return say(&format!("{name}  its old address leads nowhere any more"));
        }
        let held = self.hold(&[name]).await?;
        let removed = pipeline::forget_files(self.folders, name);
        held.release().await?;
        let removed = removed?;
        columns.note_end(now(), name).await.map_err(Stop::failed)?;
        columns.give_up_list(name).await.map_err(Stop::failed)?;
        say(&format!(
            "{name}  collected no more; its articles stay, and its feed says that it ended"
        ))?;
        if let Some(text) = removed {
            tell(&format!(
                "dibao: {name}.toml is removed; it said:\n{}",
                text.trim_end()
            ));
        }
        Ok(())
    }
}
