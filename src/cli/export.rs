//! `dibao export`: writes the articles, or the changes, to stdout, a batch at a time.
//!
//! Owns the batches. Never holds all articles in memory.

use std::io::Write;
use std::pin::pin;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use super::args::Format;
use super::filter_args::FilterArgs;
use super::outcome::{Done, Stop};
use crate::config::{Config, Folders};
use crate::pipeline;
use crate::render::api::given::{KnownNames, Parameters};
use crate::render::export::{Export, Form};
use crate::render::{self, ColumnInfo, TopicInfo};
use crate::search::ArticleFilter;
use crate::service;
use crate::store::{Snapshot, Store, StoreError};

/// Changes read from the store at a time.
const BATCH: i64 = 1000;

/// The data to export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exported {
    /// The articles; with `is_snapshot`, below a line with the number of the last change.
    Articles { is_snapshot: bool },
    /// The changes after this number.
    Changes { after: i64 },
}

pub(super) async fn export(
    folders: &Folders,
    format: Format,
    exported: Exported,
    filters: &FilterArgs,
) -> Result<Done, Stop> {
    let given = filters.read()?;
    let store = Store::open_existing(service::store_place(folders))
        .await
        .map_err(Stop::configuration)?;
    let mut export = Export::new(match format {
        Format::Ndjson => Form::Ndjson,
        Format::Json => Form::Json,
        Format::Csv => Form::Csv,
    });
    match exported {
        Exported::Changes { .. } if format == Format::Csv => {
            return Err(Stop::configuration(
                "changes have no CSV form\n  remedy: leave --format out, or write --format json",
            ));
        }
        Exported::Articles { is_snapshot: true } if format != Format::Ndjson => {
            return Err(Stop::configuration(
                "a snapshot is NDJSON\n  remedy: leave --format out",
            ));
        }
        Exported::Changes { after } => changes(&store, after, &mut export).await?,
        Exported::Articles { is_snapshot } => {
            let snapshot = chosen(folders, &store, &given).await?;
            if is_snapshot {
                put(&export
                    .record(&json!({"seq": snapshot.seq}))
                    .map_err(Stop::failed)?)?;
            }
            let mut articles = pin!(store.changes().snapshot(&snapshot));
            while let Some(article) = articles.try_next().await.map_err(Stop::failed)? {
                put(&export.article(&article).map_err(Stop::failed)?)?;
            }
        }
    }
    put(export.end())?;
    store.close().await;
    Ok(Done::Well)
}

/// The articles that match the filters.
async fn chosen(folders: &Folders, store: &Store, given: &Parameters) -> Result<Snapshot, Stop> {
    let mut known = KnownNames::default();
    for column in store.columns().stored().await.map_err(Stop::failed)? {
        known.add(&column.name, &column.portal);
    }
    // What is collected can be exported, whatever is wrong with the configuration.
    if let Ok(config) = Config::load(folders) {
        for column in config.columns.iter() {
            known.add(&column.name, &column.portal);
        }
    }
    let listed = FilterArgs::filter(given, &known)?;
    if listed != ArticleFilter::default() {
        store.search().complete().await.map_err(Stop::failed)?;
    }
    let chosen = store
        .changes()
        .choose(&listed)
        .await
        .map_err(Stop::failed)?;
    Ok(chosen.0)
}

/// Writes the list of feeds.
pub(super) async fn opml(folders: &Folders) -> Result<Done, Stop> {
    let config = super::left_out::load_rest(folders)?;
    let store = super::ready::known_store(folders).await?;
    let listed = async {
        let site = service::site(&config.service, &store).await?;
        let infos = pipeline::column_infos(&store, &config.columns, &config.cron).await?;
        Ok::<_, StoreError>((site, infos))
    };
    let (site, infos) = listed.await.map_err(Stop::failed)?;
    store.close().await;
    let columns: Vec<&ColumnInfo> = infos.iter().collect();
    let topics = pipeline::topic_infos(&config.topics, &infos);
    let topics: Vec<&TopicInfo> = topics.iter().collect();
    put(&render::opml::render(&site, &columns, &topics).map_err(Stop::failed)?)?;
    put(b"\n")?;
    Ok(Done::Well)
}

async fn changes(store: &Store, after: i64, export: &mut Export) -> Result<(), Stop> {
    let batches = stream::try_unfold(after, |after| async move {
        let batch = store.changes().after(after, BATCH).await?;
        let next = batch.last().map(|change| change.seq);
        Ok::<_, StoreError>(next.map(|next| (stream::iter(batch).map(Ok::<_, StoreError>), next)))
    });
    let mut changes = pin!(batches.try_flatten());
    while let Some(change) = changes.try_next().await.map_err(Stop::failed)? {
        put(&export.record(&change).map_err(Stop::failed)?)?;
    }
    Ok(())
}

/// Writes bytes to stdout, like [`super::outcome::say`].
fn put(bytes: &[u8]) -> Result<(), Stop> {
    match std::io::stdout().write_all(bytes) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(e) => Err(Stop::failed(format_args!("stdout cannot be written: {e}"))),
    }
}
