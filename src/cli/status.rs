//! `dibao status`: how every column is, from the store alone.

use serde::Serialize;
use url::Url;

use super::args::Places;
use super::setting::{self, Setting};
use super::{Done, Stop, backup, say};
use crate::archive;
use crate::config::{Column, FetchRules, TlsRules};
use crate::fetch::host_of;
use crate::model::{Clock, ColumnName, Instant, Verdict};
use crate::store::{
    BackfillState, DeadLetter, FailingReceiver, HeldCount, Incident, Removal, Store, StoreError,
    VerdictCount,
};

#[derive(Serialize)]
struct Status {
    columns: Vec<ColumnStatus>,
    incidents: Vec<Incident>,
    /// Hubs and webhooks that take nothing at present.
    receivers: Vec<FailingReceiver>,
    /// Changes that webhooks never took, the newest first.
    dead_letters: Vec<DeadLetter>,
    /// Articles that were removed, and why.
    removals: Vec<Removal>,
    /// What the portals sent, in data/warc.
    archive: ArchiveStatus,
}

#[derive(Serialize)]
struct ArchiveStatus {
    files: usize,
    bytes: u64,
}

/// Dead letters that are told.
const LETTERS: i64 = 100;

#[derive(Serialize)]
struct ColumnStatus {
    column: ColumnName,
    articles: i64,
    waiting: i64,
    /// Of these, what was read and held back, by the reason.
    held: Vec<HeldCount>,
    last_run_at: Option<Instant>,
    last_ok_at: Option<Instant>,
    last_new_at: Option<Instant>,
    next_run_at: Option<Instant>,
    /// Whether the last run ended well; `null` before the first.
    healthy: Option<bool>,
    reason: Option<String>,
    message: Option<String>,
    /// Until when its host is left alone, since it was in trouble.
    resting_until: Option<Instant>,
    /// What its feed file allows that dibao does not do by itself.
    allowed: Vec<String>,
    /// What came of its fetches so far.
    verdicts: Vec<VerdictCount>,
    /// How far its last backfill has come; `null` before the first.
    backfill: Option<BackfillStatus>,
}

#[derive(Serialize)]
struct BackfillStatus {
    /// Whether a run has queued it.
    wanted: bool,
    /// List pages done.
    list_pages: u32,
    /// The list page that comes next; `null` once it is complete.
    next_url: Option<Url>,
    completed_at: Option<Instant>,
    /// Why it is complete.
    reason: Option<String>,
    message: Option<String>,
}

pub(super) async fn status(places: &Places, json: bool) -> Result<Done, Stop> {
    let setting = Setting::load(places)?;
    let store = Store::open_existing(&places.data())
        .await
        .map_err(Stop::configuration)?;
    let (files, bytes) =
        archive::size(&setting::archive_in(&places.data())).map_err(Stop::failed)?;
    let archive = ArchiveStatus { files, bytes };
    let status = read(&setting, &store, archive)
        .await
        .map_err(Stop::failed)?;
    store.close().await;
    if json {
        say(&serde_json::to_string_pretty(&status).map_err(Stop::failed)?)?;
    } else {
        print(&status)?;
    }
    let healthy = status
        .columns
        .iter()
        .all(|column| column.healthy != Some(false));
    Ok(if healthy { Done::Well } else { Done::Partly })
}

async fn read(
    setting: &Setting,
    store: &Store,
    archive: ArchiveStatus,
) -> Result<Status, StoreError> {
    let now = Clock::system().now();
    let mut columns = Vec::with_capacity(setting.columns.len());
    for column in &setting.columns {
        columns.push(column_status(setting, store, column, now).await?);
    }
    Ok(Status {
        columns,
        incidents: store.open_incidents().await?,
        receivers: store.failing_receivers().await?,
        dead_letters: store.dead_letters(LETTERS).await?,
        removals: store.removals().await?,
        archive,
    })
}

async fn column_status(
    setting: &Setting,
    store: &Store,
    column: &Column,
    now: Instant,
) -> Result<ColumnStatus, StoreError> {
    let state = store.column(&column.name, column.url.as_str()).await?;
    let resting = store.host_trouble(&host_of(&column.url), now).await?;
    let backfill = store.backfill(&column.name, column.url.as_str()).await?;
    Ok(ColumnStatus {
        column: column.name.clone(),
        articles: store.article_count(&column.name).await?,
        waiting: store.waiting(&column.name).await?,
        held: store
            .held_counts(&column.name, &Verdict::HELD.map(Verdict::code))
            .await?,
        last_run_at: state.last_run_at,
        last_ok_at: state.last_ok_at,
        last_new_at: state.last_new_at,
        next_run_at: setting.cron.next(&column.name, now),
        healthy: state.last_run_at.map(|_| state.reason.is_none()),
        reason: state.reason,
        message: state.message,
        resting_until: resting.map(|resting| resting.until),
        allowed: allowed(&column.fetch),
        verdicts: store.verdicts(&column.name).await?,
        backfill: backfill.map(BackfillStatus::from),
    })
}

/// What a person should see who wonders what dibao does to a portal, or lets it do.
fn allowed(rules: &FetchRules) -> Vec<String> {
    let tls = (rules.tls != TlsRules::Verified).then(|| format!("tls = {:?}", rules.tls.name()));
    let robots = (!rules.robots).then(|| "robots = false".to_owned());
    let private = rules
        .allow_private
        .then(|| "allow_private = true".to_owned());
    let proxy = rules.proxy.as_ref().map(|proxy| {
        // A password is nobody's business.
        let host = proxy.host_str().unwrap_or_default();
        format!("proxy = \"{}://{host}\"", proxy.scheme())
    });
    [tls, robots, private, proxy]
        .into_iter()
        .flatten()
        .collect()
}

impl BackfillStatus {
    fn words(&self) -> String {
        let pages = self.list_pages;
        if let (Some(at), Some(reason)) = (self.completed_at, &self.reason) {
            return format!("complete after {pages} list pages, {at}: {reason}");
        }
        let word = if self.wanted { "queued" } else { "paused" };
        match &self.next_url {
            Some(next) => format!("{word} after {pages} list pages, goes on with {next}"),
            None => format!("{word} after {pages} list pages, the last ones"),
        }
    }
}

impl From<BackfillState> for BackfillStatus {
    fn from(state: BackfillState) -> Self {
        let (reason, message) = state.end.unzip();
        Self {
            wanted: state.wanted,
            list_pages: state.pages,
            next_url: state.next,
            completed_at: state.ended_at,
            reason,
            message,
        }
    }
}

fn print(status: &Status) -> Result<(), Stop> {
    let time = |at: Option<Instant>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    for column in &status.columns {
        let health = match column.healthy {
            None => "new",
            Some(true) => "ok",
            Some(false) => "failing",
        };
        say(&format!(
            "{}  {health}  {} articles, {} waiting; last run {}, last new {}, next {}",
            column.column,
            column.articles,
            column.waiting,
            time(column.last_run_at),
            time(column.last_new_at),
            time(column.next_run_at),
        ))?;
        if let (Some(reason), Some(message)) = (&column.reason, &column.message) {
            say(&format!("  {reason}: {message}"))?;
        }
        for held in &column.held {
            say(&format!(
                "  {} held back: {}, such as {}",
                held.articles, held.reason, held.example
            ))?;
        }
        if let Some(until) = column.resting_until {
            say(&format!("  its host is left alone until {until}"))?;
        }
        if !column.allowed.is_empty() {
            let allowed = column.allowed.join(", ");
            say(&format!("  its feed file says {allowed}"))?;
        }
        if let Some(backfill) = &column.backfill {
            say(&format!("  backfill {}", backfill.words()))?;
        }
    }
    for incident in &status.incidents {
        say(&format!(
            "incident  {}  {}  since {}, seen {} times\n  {}",
            incident.reason,
            incident.subject,
            incident.opened_at,
            incident.seen_count,
            incident.message
        ))?;
    }
    for failing in &status.receivers {
        say(&format!(
            "not told  {}  of {}: tried {} times, next at {}\n  {}",
            failing.receiver,
            failing.subject,
            failing.failures,
            failing.next_try_at,
            failing.reason
        ))?;
    }
    for letter in &status.dead_letters {
        say(&format!(
            "put aside  change {}  for {}, {}\n  {}",
            letter.seq, letter.receiver, letter.at, letter.reason
        ))?;
    }
    for removal in &status.removals {
        let Removal { id, at, reason, .. } = removal;
        say(&format!("removed  {id}  {at}  {reason}"))?;
        if !removal.is_complete {
            say("  not from everywhere yet: run `dibao remove` again for it")?;
        }
    }
    let ArchiveStatus { files, bytes } = status.archive;
    say(&format!(
        "archive  {files} files, {}",
        backup::megabytes(bytes)
    ))
}
