//! `dibao check`: validates every file, and reads each column's page and three articles.
//!
//! Owns the words and the exit code. Never stores anything.

use std::collections::BTreeMap;

use super::outcome::{Done, Stop, say, tell};
use super::{ready, survey};
use crate::config::{Column, Config, Folders, ServiceConfig};
use crate::identify::CanonicalUrl;
use crate::model::Clock;
use crate::pipeline::Baseline;
use crate::pipeline::Surveyor;
use crate::service;
use crate::store::{Purpose, Store};

pub(super) async fn check(
    folders: &Folders,
    names: &[String],
    offline: bool,
) -> Result<Done, Stop> {
    let config = Config::load(folders)?;
    let chosen = config.select(names)?;
    check_twins(&config)?;
    ready::tell_unmatched(&config, folders);
    ready::tell_unshared(folders);
    for topic in config.topics.iter() {
        say(&format!("topic {}  ok  {}", topic.name, topic.query))?;
    }
    if offline {
        for column in chosen {
            say(&due(&config, folders, column, "ok"))?;
        }
        return Ok(Done::Well);
    }
    let store = known_store(folders).await?;
    let surveyor = surveyor(folders, &config.service, store.clone());
    let mut done = Done::Well;
    for column in chosen {
        let usual = match &store {
            None => Baseline::default(),
            Some(store) => Baseline::load(store, column, None, &[])
                .await
                .map_err(Stop::failed)?,
        };
        if !check_one(&surveyor, &config, folders, column, &usual).await? {
            done = Done::Partly;
        }
    }
    surveyor.close().await.map_err(Stop::failed)?;
    Ok(done)
}

/// Refuses two feed files for one list. Two lists of one page are two columns.
fn check_twins(config: &Config) -> Result<(), Stop> {
    let mut lists: BTreeMap<(String, String), &Column> = BTreeMap::new();
    let mut twins = Vec::new();
    for column in config.columns.iter() {
        let url = CanonicalUrl::from(&column.url).as_str().to_owned();
        let Some(first) = lists.insert((url, column.list.written()), column) else {
            continue;
        };
        let (one, other) = (&first.name, &column.name);
        twins.push(format!(
            "{one} and {other} are the same list of {}\n  remedy: dibao merge {one} {other}; or, if the \
             page has two lists, name the items of each as list.item",
            column.url
        ));
    }
    match twins.is_empty() {
        true => Ok(()),
        false => Err(Stop::configuration(twins.join("\n"))),
    }
}

/// Checks one column. `false` if it has a fault, which was printed.
async fn check_one(
    surveyor: &Surveyor,
    config: &Config,
    folders: &Folders,
    column: &Column,
    usual: &Baseline,
) -> Result<bool, Stop> {
    let surveyed = match surveyor.survey(column, None).await {
        Ok(surveyed) => surveyed,
        Err(error) => {
            say(&due(config, folders, column, "failed"))?;
            tell(&format!("{}: {error}", column.name));
            return Ok(false);
        }
    };
    let missing = surveyed.missing(column);
    let unread = surveyed.read().next().is_none();
    let is_well = missing.is_empty() && !unread;
    let word = if is_well { "ok" } else { "failed" };
    say(&due(config, folders, column, word))?;
    say(&survey::format_survey(&surveyed, column, Some(usual)))?;
    for (field, url) in missing {
        let name = field.name();
        tell(&format!(
            "{}: {url}: shows no {name}, which is required; name where it stands under [article] in the \
             feed file, or list it as optional under [fields]",
            column.name
        ));
    }
    if unread {
        let what = match surveyed.page.items.is_empty() {
            true => {
                "shows no list of titles and links; where it does, name its items under [list] in the \
                     feed file"
            }
            false => "none of its articles can be read",
        };
        tell(&format!("{}: {}: {what}", column.name, column.url));
    }
    Ok(is_well)
}

/// A line with the column and when it is due.
fn due(config: &Config, folders: &Folders, column: &Column, word: &str) -> String {
    let when = if config.cron.has_job(&column.name) {
        config.cron.job(&column.name).cron.clone()
    } else {
        format!("hourly: no job of {} matches it", folders.cron.display())
    };
    let next = config
        .cron
        .next(&column.name, Clock::system().now())
        .map_or_else(|| "never".to_owned(), |next| next.to_string());
    format!(
        "{}  {word}  {}  {when}  next {next}",
        column.name, column.url
    )
}

/// A surveyor: reads pages with the manners of a run, and with the host book of the store if there
/// is one.
pub(super) fn surveyor(
    folders: &Folders,
    config: &ServiceConfig,
    store: Option<Store>,
) -> Surveyor {
    let fetcher = service::fetcher(folders, config.contact.as_deref());
    Surveyor::new(&fetcher, store, Clock::system())
}

/// The store, if it exists; reading pages does not make a new one.
pub(super) async fn known_store(folders: &Folders) -> Result<Option<Store>, Stop> {
    let place = service::store_place(folders);
    if !place.is_begun() {
        return Ok(None);
    }
    let opened = Store::open(place, Purpose::Real).await;
    opened.map(Some).map_err(Stop::configuration)
}
