//! `dibao recheck`: reads known articles again now, and publishes.
//!
//! Owns the words, which pages are meant, and the exit code. Never reads a page itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::outcome::{Done, Stop, say, tell};
use super::ready::Ready;
use super::{bars, run, why};
use crate::config::{Column, Config, Folders};
use crate::model::ColumnName;
use crate::pipeline::{self, Collector, ColumnReport, Ending};
use crate::store::{AddressState, DuePage, Store};

/// How long the command waits for the end of a run that asks the same host.
const PATIENCE: Duration = Duration::from_secs(60);
const ASK_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn recheck(folders: &Folders, asked: &[String]) -> Result<Done, Stop> {
    let Ready {
        config,
        collector,
        directory,
        refused,
        ..
    } = Ready::open(folders, &[""; 0], bars::bars()).await?;
    let chosen = chosen(&config, &collector, &refused, asked).await?;
    let mut reports = Vec::with_capacity(chosen.len());
    for (column, pages) in chosen {
        reports.push(read(&collector, &config, column, &pages).await);
    }
    let published = run::publish(&collector, &config, &*directory).await;
    for report in &reports {
        say(&report.to_string())?;
    }
    run::say_published(published)?;
    collector.store.close().await;
    let passed = reports
        .iter()
        .any(|report| matches!(report.ending, Ending::PassedOver { .. }));
    if passed {
        tell("dibao: a run has the host\n  remedy: try again once it has ended");
    }
    Ok(match passed {
        true => Done::Partly,
        false => run::done(&reports),
    })
}

/// The pages of the articles that are asked for, by the column whose rules read them.
async fn chosen<'a>(
    config: &'a Config,
    collector: &Collector,
    refused: &[(ColumnName, String)],
    asked: &[String],
) -> Result<Vec<(&'a Column, Vec<DuePage>)>, Stop> {
    let store = &collector.store;
    let mut ids: BTreeSet<Uuid> = BTreeSet::new();
    for asked in asked {
        ids.extend(articles(store, asked).await?);
    }
    let mut pages: BTreeMap<ColumnName, Vec<DuePage>> = BTreeMap::new();
    for id in ids {
        let of_article = store.articles().pages_of(id).await.map_err(Stop::failed)?;
        for (column, page) in of_article {
            let column = column.ok_or_else(|| {
                let url = &page.url;
                Stop::configuration(format_args!(
                    "{url}: no column lists it any more\n  remedy: see `dibao why {url}`"
                ))
            })?;
            pages.entry(column).or_default().push(page);
        }
    }
    let today = collector.clock.now().date();
    let mut chosen = Vec::with_capacity(pages.len());
    for (name, pages) in pages {
        let mut columns = config.columns.iter();
        let Some(column) = columns.find(|column| column.name == name) else {
            return Err(Stop::configuration(format_args!(
                "{name}: has no feed file that can be read, and its articles are not read again\n  \
                 remedy: write or mend {name}.toml among the feed files"
            )));
        };
        if let Some((name, reason)) = refused.iter().find(|(refused, _)| *refused == name) {
            return Err(Stop::configuration(format_args!("{name}: {reason}")));
        }
        if column.pause.rests_on(today) {
            return Err(Stop::configuration(format_args!(
                "{name} is paused\n  remedy: dibao resume {name}"
            )));
        }
        chosen.push((column, pages));
    }
    Ok(chosen)
}

/// The articles at an address, or with an id.
async fn articles(store: &Store, asked: &str) -> Result<Vec<Uuid>, Stop> {
    if let Ok(id) = Uuid::parse_str(asked.trim()) {
        let article = store.articles().with_id(id).await.map_err(Stop::failed)?;
        return match article {
            Some(article) if article.is_tombstone() => Err(removed(asked)),
            Some(_) => Ok(vec![id]),
            None => Err(Stop::configuration(format_args!(
                "{asked}: no article has this id\n  remedy: take it from the article's page, or give \
                 the article's address"
            ))),
        };
    }
    let url = why::address(asked)?;
    let known = why::answer(store, url).await.map_err(Stop::failed)?;
    if known.state == AddressState::Removed {
        return Err(removed(asked));
    }
    let ids = known.articles();
    match ids.is_empty() {
        false => Ok(ids),
        true => Err(Stop::configuration(format_args!(
            "{asked}: no article is known at this address\n  remedy: see what became of it: dibao why \
             {asked}; new articles are read by `dibao run`"
        ))),
    }
}

fn removed(asked: &str) -> Stop {
    Stop::configuration(format_args!(
        "{asked}: was removed, and is never asked for again\n  remedy: none; see `dibao status`"
    ))
}

/// Reads the pages once the host is free: the run of another process may have it.
async fn read(
    collector: &Collector,
    config: &Config,
    column: &Column,
    pages: &[DuePage],
) -> ColumnReport {
    let (began, limit) = (Instant::now(), config.cron.job(&column.name).timeout);
    loop {
        let report = pipeline::recheck(collector, column, pages, limit).await;
        let is_held = matches!(report.ending, Ending::PassedOver { .. });
        if !is_held || began.elapsed() >= PATIENCE || collector.stop.is_cancelled() {
            return report;
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}
