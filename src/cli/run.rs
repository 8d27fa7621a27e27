//! `dibao run`: collects columns once, and publishes them.
//!
//! Owns the order of the command and its exit code. Never collects or publishes itself.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Write;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::outcome::{Done, Stop, say};
use super::ready::{self, Ready};
use super::{bars, left_out, log};
use crate::archive::ArchiveFiles;
use crate::config::{Column, Config, Folders};
use crate::model::ColumnName;
use crate::notify::{Notifier, Published};
use crate::pipeline::{
    self, BackfillReport, Checker, Collector, ColumnReport, Progress, PublishFailure, PublishInput,
    PublishReport, Reach,
};
use crate::publish::{KeptPlace, PublishPlace};
use crate::service;
use crate::store::{Store, StoreError};

/// A run reads the data for rot for about so long, once within a day.
const SHARE: Duration = Duration::from_secs(2);

/// The shortest time between two publications of a run.
const SHORTEST_PAUSE: Duration = Duration::from_secs(2);
/// The next publication of a run waits so many times as long as the last one took: each looks at all
/// columns, which takes seconds where there are a hundred thousand.
const PAUSES: u32 = 19;
/// How long a command that is told to stop may publish.
const GRACE: Duration = Duration::from_secs(30);

/// Collects and publishes. A run that is told to stop abandons its work, and publishes what it has.
/// This is not a failure: the next run continues there.
pub(super) async fn run(folders: &Folders, names: &[String]) -> Result<Done, Stop> {
    let Ready {
        config,
        collector,
        directory,
        archive,
        ..
    } = Ready::open(folders, names, bars::bars()).await?;
    ready::tell_unmatched(&config, folders);
    let chosen = left_out::select(&config, names)?;
    let left_out = left_out::done(&config, names);
    let notifier = service::notifier(&config.service).map_err(Stop::configuration)?;
    notifier
        .begin(&collector.store, collector.clock.now())
        .await
        .map_err(Stop::failed)?;
    let (told, ended) = watch::channel(());
    // The columns whose lines are printed.
    let said: RefCell<BTreeSet<ColumnName>> = RefCell::default();
    let columns = config.with_timeouts(&chosen);
    let with_files = chosen.iter().filter(|column| column.publish.keeps_files());
    let with_files: BTreeSet<&ColumnName> = with_files.map(|column| &column.name).collect();
    let hosts_at_once = config.service.hosts_at_once;
    let collected = async {
        let reports = pipeline::collect_all(&collector, &columns, hosts_at_once, |report| {
            // The files of others are still to come.
            let is_whole = !with_files.contains(&report.column);
            if is_whole && bars::above(|| writeln!(std::io::stdout(), "{report}").is_ok()) {
                said.borrow_mut().insert(report.column.clone());
            }
            if report.has_news() {
                told.send_replace(());
            }
        });
        let reports = reports.await;
        drop(told);
        reports
    };
    let early = publish_meanwhile(ended, || publish(&collector, &config, &*directory));
    let (reports, early) = tokio::join!(collected, early);
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
    let mut published = publish(&collector, &config, &*directory).await;
    let damage = check_share(&collector, &archive).await;
    if damage.as_ref().is_ok_and(|lines| !lines.is_empty()) && matches!(published, Some(Ok(_))) {
        // The feed of incidents tells of it.
        published = publish(&collector, &config, &*directory).await;
    }
    if let Some(Ok(last)) = &mut published {
        let mut all = early;
        all.add(*last);
        *last = all;
    }
    let told = tell_others(&notifier, &collector, &config, &*directory, &published).await;
    // A closed stdout did not prevent the publishing.
    for report in &reports {
        if !said.borrow().contains(&report.column) {
            say(&report.to_string())?;
        }
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
    let deleted = service::delete_old_files(&collector.store, &archive, keep, now).await;
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
    Ok(match damage.is_empty() {
        true => done(&reports).and(pieces_done).and(left_out),
        false => Done::Partly,
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
async fn check_share(
    collector: &Collector,
    archive: &ArchiveFiles,
) -> Result<Vec<String>, StoreError> {
    let Collector { store, clock, .. } = collector;
    let now = clock.now();
    let met = store.incidents().note_damage(now).await?;
    let checker = Checker {
        store,
        archive,
        now,
    };
    let found = checker.share(SHARE).await?;
    let mut lines: Vec<String> = met.iter().map(ToString::to_string).collect();
    lines.extend(found.rows.iter().map(ToString::to_string));
    lines.dedup();
    lines.extend(found.files.into_iter().map(|file| file.message));
    Ok(lines)
}

/// Publishes what is collected while other columns are still being collected, so that nobody's news
/// waits for a slow portal. Returns what was written. An error is left for the last publication.
async fn publish_meanwhile<F>(
    mut ended: watch::Receiver<()>,
    publish: impl Fn() -> F,
) -> PublishReport
where
    F: Future<Output = Option<Result<PublishReport, PublishFailure>>>,
{
    let mut all = PublishReport::default();
    let mut pause = SHORTEST_PAUSE;
    loop {
        let closed = ended.clone();
        let next = async {
            tokio::time::sleep(pause).await;
            ended.changed().await
        };
        tokio::select! {
            next = next => if next.is_err() { return all },
            () = until_closed(closed) => return all,
        }
        let began = Instant::now();
        let Some(Ok(published)) = publish().await else {
            return all;
        };
        all.add(published);
        pause = (began.elapsed() * PAUSES).max(SHORTEST_PAUSE);
    }
}

async fn until_closed(mut ended: watch::Receiver<()>) {
    while ended.changed().await.is_ok() {}
}

/// Publishes everything. Once told to stop, this may take [`GRACE`] longer.
pub(super) async fn publish(
    collector: &Collector,
    config: &Config,
    directory: &dyn PublishPlace,
) -> Option<Result<PublishReport, PublishFailure>> {
    let Collector {
        store,
        stop,
        progress,
        kept,
        ..
    } = collector;
    publish_store(store, (stop, progress), config, (directory, kept)).await
}

/// Publishes everything like [`publish`], for commands without a collector.
pub(super) async fn publish_store(
    store: &Store,
    (stop, progress): (&CancellationToken, &Progress),
    config: &Config,
    places: (&dyn PublishPlace, &KeptPlace),
) -> Option<Result<PublishReport, PublishFailure>> {
    let published = async {
        let site = service::site(&config.service, store).await?;
        let input = PublishInput::new(config, &site, store, places, progress);
        pipeline::publish(&input).await
    };
    tokio::select! {
        published = published => Some(published),
        () = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        } => None,
    }
}

/// Sends notices about the published changes to hubs, webhooks and people.
async fn tell_others(
    notifier: &Notifier,
    collector: &Collector,
    config: &Config,
    directory: &dyn PublishPlace,
    published: &Option<Result<PublishReport, PublishFailure>>,
) -> Result<(), Stop> {
    if !matches!(published, Some(Ok(_))) || notifier.receivers().next().is_none() {
        return Ok(());
    }
    let (store, clock, stop) = (&collector.store, &collector.clock, &collector.stop);
    let site = service::site(&config.service, store).await;
    let site = site.map_err(Stop::failed)?;
    let files = directory.files();
    let columns = pipeline::column_infos(store, &config.columns, &config.cron).await;
    let columns = columns.map_err(Stop::failed)?;
    let published = Published {
        store,
        site: &site,
        columns: &columns,
        files: &files,
        clock,
    };
    let told = notifier.tell(&published, stop);
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

/// Reports what failed. The result is exit 1 if a column failed, in whole or in part.
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

/// Reports the failures of a column on stderr, a line for each verdict: as text, or in the log if
/// that is JSON.
pub(super) fn tell_failures(report: &ColumnReport) {
    for (failure, message) in report.failures_by_verdict() {
        let (column, verdict) = (&report.column, failure.verdict.code());
        if log::is_json() {
            tracing::warn!(%column, url = %failure.url, verdict, "{message}");
        } else {
            super::outcome::tell(&format!("{column}: {verdict}: {message}"));
        }
    }
}
