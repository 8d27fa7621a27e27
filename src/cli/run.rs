//! `dibao run`: collects columns once, then publishes.
//!
//! Owns the order of the command and its exit code. Never collects or publishes itself.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::outcome::{Done, Stop, say};
use super::ready::Ready;
use super::{bars, log};
use crate::config::{Column, Config, Folders};
use crate::model::ColumnName;
use crate::pipeline::{
    self, BackfillReport, Checker, Collector, ColumnReport, Progress, PublishFailure, PublishInput,
    PublishReport, Reach,
};
use crate::publish::PublishFolder;
use crate::service;
use crate::store::{Purpose, Store, StoreError};

/// A run reads the data for rot for about so long, once within a day.
const SHARE: Duration = Duration::from_secs(2);

/// Collects and publishes. A run that is told to stop abandons its work and publishes nothing more.
/// This is not a failure: the next run continues there, and publishes.
pub(super) async fn run(folders: &Folders, names: &[ColumnName]) -> Result<Done, Stop> {
    let Ready {
        config,
        collector,
        directory,
    } = Ready::open(folders, names, bars::bars()).await?;
    let chosen = config.select(names)?;
    let reports = pipeline::collect_all(&collector, &config.with_timeouts(&chosen)).await;
    let piece = Reach {
        pages: Some(pipeline::PIECE),
        ..Reach::default()
    };
    let mut pieces: Vec<BackfillReport> = Vec::new();
    // Runs report a store that fails.
    let wanted = collector.store.backfills().wanted().await;
    let wanted = wanted.unwrap_or_default();
    let is_wanted = |column: &&Column| wanted.contains(column.name.as_str());
    for column in chosen.into_iter().filter(is_wanted) {
        pieces.extend(pipeline::work_off(&collector, column, &piece).await);
    }
    let mut published = publish(&collector, &config, &directory).await;
    let damage = check_share(&collector, folders).await;
    if damage.as_ref().is_ok_and(|lines| !lines.is_empty()) && matches!(published, Some(Ok(_))) {
        // The feed of incidents tells of it.
        published = publish(&collector, &config, &directory).await;
    }
    let told = tell_others(&collector, &config, &directory, &published).await;
    // Printed only now: a closed stdout must not prevent the publishing.
    for report in &reports {
        say(&report.to_string())?;
    }
    for report in &pieces {
        say(&report.to_string())?;
    }
    say_published(published)?;
    told?;
    let damage = damage.map_err(Stop::failed)?;
    for line in &damage {
        super::outcome::tell(&format!("dibao: {}: {line}", StoreError::CORRUPT));
    }
    note_trouble(&collector, &reports);
    let (keep, now) = (config.service.keep_archive, collector.clock.now());
    let deleted = service::delete_old_files(&collector.store, &folders.archive(), keep, now).await;
    collector.store.close().await;
    for file in deleted.map_err(Stop::failed)? {
        say(&file.to_string())?;
    }
    let pieces_done = if pieces.iter().any(BackfillReport::is_failure) {
        Done::Partly
    } else {
        Done::Well
    };
    for report in &pieces {
        tell_failures(&report.news);
        tell_failures(&report.older);
    }
    Ok(match done(&reports) {
        _ if !damage.is_empty() => Done::Partly,
        Done::Well => pieces_done,
        done => done,
    })
}

/// Notes beside the store what could not be written into it, for `dibao status`.
fn note_trouble(collector: &Collector, reports: &[ColumnReport]) {
    match reports.iter().find_map(ColumnReport::not_written) {
        Some((reason, message)) => {
            let now = collector.clock.now();
            collector.store.note_trouble(reason, message, now);
        }
        None => collector.store.clear_trouble(),
    }
}

/// Reads a share of the data for rot. Returns the damage that this run met, in lines.
async fn check_share(collector: &Collector, folders: &Folders) -> Result<Vec<String>, StoreError> {
    let Collector { store, clock, .. } = collector;
    let (archive, now) = (folders.archive(), clock.now());
    let met = store.incidents().note_damage(now).await?;
    let checker = Checker {
        store,
        archive: &archive,
        now,
    };
    let found = checker.share(SHARE).await?;
    let mut lines: Vec<String> = met.iter().map(ToString::to_string).collect();
    lines.extend(found.rows.iter().map(ToString::to_string));
    lines.dedup();
    lines.extend(found.files.into_iter().map(|file| file.message));
    Ok(lines)
}

/// Publishes everything, unless told to stop meanwhile.
pub(super) async fn publish(
    collector: &Collector,
    config: &Config,
    directory: &PublishFolder,
) -> Option<Result<PublishReport, PublishFailure>> {
    let Collector {
        store,
        stop,
        progress,
        ..
    } = collector;
    publish_store(store, (stop, progress), config, directory).await
}

/// Publishes everything like [`publish`], for commands without a collector.
pub(super) async fn publish_store(
    store: &Store,
    (stop, progress): (&CancellationToken, &Progress),
    config: &Config,
    directory: &PublishFolder,
) -> Option<Result<PublishReport, PublishFailure>> {
    let site = service::site(&config.service, Purpose::Real);
    let input = PublishInput::new(config, &site, store, directory, progress);
    stop.run_until_cancelled(pipeline::publish(&input)).await
}

/// Sends notices about the published changes to hubs and webhooks.
async fn tell_others(
    collector: &Collector,
    config: &Config,
    directory: &PublishFolder,
    published: &Option<Result<PublishReport, PublishFailure>>,
) -> Result<(), Stop> {
    if !matches!(published, Some(Ok(_))) {
        return Ok(());
    }
    let notifier = service::notifier(&config.service).map_err(Stop::configuration)?;
    let site = service::site(&config.service, Purpose::Real);
    let (store, clock, stop) = (&collector.store, &collector.clock, &collector.stop);
    let files = directory.files();
    let told = notifier.tell(store, &site, &files, clock, stop);
    told.await.map_err(Stop::failed)
}

pub(super) fn say_published(
    published: Option<Result<PublishReport, PublishFailure>>,
) -> Result<(), Stop> {
    match published {
        Some(Ok(published)) => say(&published.to_string()),
        Some(Err(error)) => {
            let reason = error.reason();
            Err(Stop::failed(format_args!("{reason}: {error}")))
        }
        None => say("stopped  the results are stored; the next run goes on, and publishes them"),
    }
}

/// Reports each page that failed. The result is exit 1 if a column failed, in whole or in part.
pub(super) fn done(reports: &[ColumnReport]) -> Done {
    for report in reports {
        tell_failures(report);
    }
    if reports.iter().any(ColumnReport::is_failure) {
        Done::Partly
    } else {
        Done::Well
    }
}

/// Reports the failures of a column on stderr: as text, or in the log if that is JSON.
pub(super) fn tell_failures(report: &ColumnReport) {
    for failure in &report.failures {
        let (column, verdict) = (&report.column, failure.verdict.code());
        if log::is_json() {
            tracing::warn!(%column, url = %failure.url, verdict, "{}", failure.message);
        } else {
            super::outcome::tell(&format!("{column}: {verdict}: {}", failure.message));
        }
    }
}
