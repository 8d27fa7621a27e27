//! `dibao status`: shows the state of every column, from the store alone.
//!
//! Owns the words and the exit code. Never asks a portal.

use std::collections::BTreeMap;

use serde::Serialize;

use super::args::StatusOrder;
use super::left_out;
use super::lines::say_lines;
use super::outcome::{Done, Stop, say};
use super::why::lost;
use crate::config::{Column, Config, FetchRules, Folders, Patterns, TlsRules};
use crate::model::{Clock, ColumnName, ColumnStatus, Incident, Standing, Timestamp, megabytes};
use crate::pipeline;
use crate::service;
use crate::store::{DeadLetter, FailingReceiver, ListedState, Removal, Store, StoreError, Trouble};

/// The columns that `dibao status` is asked for, and their order.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) patterns: Vec<String>,
    pub(super) only: Vec<Standing>,
    pub(super) sort: StatusOrder,
}

#[derive(Serialize)]
struct Status {
    overview: Overview,
    columns: Vec<Shown>,
    incidents: Vec<Incident>,
    /// What could not be written into the store, of which it cannot tell itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<Trouble>,
    /// Hubs and webhooks that accept nothing at present.
    receivers: Vec<FailingReceiver>,
    /// Changes that webhooks never accepted, the newest first.
    dead_letters: Vec<DeadLetter>,
    /// Articles that were removed, and why.
    removals: Vec<Removal>,
    /// The size of data/warc.
    archive: ArchiveStatus,
}

/// The sums over the columns that are shown.
#[derive(Serialize)]
struct Overview {
    columns: usize,
    /// How many columns stand so, by name.
    standings: BTreeMap<&'static str, usize>,
    articles: i64,
    waiting: i64,
    held: i64,
}

impl Overview {
    fn of(columns: &[Shown]) -> Self {
        let mut standings: BTreeMap<&'static str, usize> = BTreeMap::new();
        for column in columns {
            *standings.entry(column.status.standing.name()).or_default() += 1;
        }
        let sum =
            |value: fn(&ColumnStatus) -> i64| columns.iter().map(|c| value(&c.status)).sum::<i64>();
        Self {
            columns: columns.len(),
            standings,
            articles: sum(|status| status.articles),
            waiting: sum(|status| status.waiting),
            held: sum(ColumnStatus::held_back),
        }
    }

    /// In a line: the worst first.
    fn line(&self) -> String {
        let known = Standing::ALL.into_iter();
        let counted = known.filter_map(|standing| {
            let count = self.standings.get(standing.name())?;
            Some(format!("{count} {}", standing.name()))
        });
        let counted: Vec<String> = counted.collect();
        let word = if self.columns == 1 {
            "column"
        } else {
            "columns"
        };
        let colon = if counted.is_empty() { "" } else { ": " };
        format!(
            "{} {word}{colon}{}  ·  {} articles, {} waiting, {} held  ·  times of Beijing",
            self.columns,
            counted.join(", "),
            self.articles,
            self.waiting,
            self.held
        )
    }
}

#[derive(Serialize)]
struct ArchiveStatus {
    files: usize,
    bytes: u64,
}

/// At most this many dead letters are shown.
const LETTERS: i64 = 100;
/// At most this many articles of a column that are held back are shown, unless as JSON.
const HELD: usize = 20;

/// A column, with details that only its operator may see.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    status: ColumnStatus,
    /// Rules of its feed file that allow more than the defaults.
    allowed: Vec<String>,
    /// The articles that were read and are held back, the newest first.
    held_articles: Vec<ListedState>,
}

pub(super) async fn status(folders: &Folders, asked: &Asked, json: bool) -> Result<Done, Stop> {
    let config = left_out::load_rest(folders)?;
    let patterns = Patterns::new(&asked.patterns).map_err(Stop::configuration)?;
    let chosen: Vec<&Column> = config
        .columns
        .iter()
        .filter(|column| patterns.matches(&column.name))
        .collect();
    let left_out = left_out::done(&config, &asked.patterns);
    if chosen.is_empty() && left_out == Done::Well {
        return Err(Stop::configuration(format_args!(
            "{}: matches no column\n  remedy: write PORTAL/COLUMN, lucheng/*, */notices, or leave it out",
            asked.patterns.join(" ")
        )));
    }
    let store = Store::open_existing(service::store_place(folders))
        .await
        .map_err(Stop::configuration)?;
    let (files, bytes) = store.captures().size().await.map_err(Stop::failed)?;
    let archive = ArchiveStatus { files, bytes };
    let read = read(&config, (&chosen, &patterns), asked, &store, archive).await;
    let mut status = read.map_err(Stop::failed)?;
    let titles = match json {
        true => BTreeMap::new(),
        false => titles(&config, &store).await.map_err(Stop::failed)?,
    };
    status.trouble = Trouble::in_folder(&folders.data);
    store.close().await;
    if json {
        say(&serde_json::to_string_pretty(&status).map_err(Stop::failed)?)?;
    } else {
        print(&status, &titles)?;
    }
    let healthy = status.trouble.is_none()
        && status
            .columns
            .iter()
            .all(|column| column.status.healthy != Some(false));
    Ok(match healthy {
        true => left_out,
        false => Done::Partly,
    })
}

async fn read(
    config: &Config,
    (chosen, patterns): (&[&Column], &Patterns),
    asked: &Asked,
    store: &Store,
    archive: ArchiveStatus,
) -> Result<Status, StoreError> {
    let now = Clock::system().now();
    let mut columns = Vec::with_capacity(chosen.len());
    for column in chosen {
        let of = (&column.name, &column.url, column.pause);
        let status = pipeline::column_status(store, &config.cron, of, now).await?;
        columns.push((status, allowed(&column.fetch)));
    }
    for file in config.broken.iter() {
        for name in file.columns().iter().filter(|name| patterns.matches(name)) {
            let of = (name, &file.errors);
            let status = pipeline::broken_status(store, &config.cron, of, now).await?;
            columns.push((status, Vec::new()));
        }
    }
    columns.retain(|(status, _)| asked.only.is_empty() || asked.only.contains(&status.standing));
    columns.sort_by_key(|(status, _)| place(status, asked.sort));
    let mut shown = Vec::with_capacity(columns.len());
    for (status, allowed) in columns {
        shown.push(Shown {
            held_articles: store.queue().held_back(&status.column).await?,
            status,
            allowed,
        });
    }
    Ok(Status {
        overview: Overview::of(&shown),
        columns: shown,
        incidents: incidents_of(config, chosen, store.incidents().open().await?),
        trouble: None,
        receivers: store.notices().failing_receivers().await?,
        dead_letters: store.notices().dead_letters(LETTERS).await?,
        removals: removals_of(store, chosen, patterns).await?,
        archive,
    })
}

/// The titles of the columns, as their readers see them.
async fn titles(
    config: &Config,
    store: &Store,
) -> Result<BTreeMap<ColumnName, String>, StoreError> {
    let infos = pipeline::column_infos(store, &config.columns, &config.cron).await?;
    Ok(infos
        .into_iter()
        .map(|info| (info.name, info.title))
        .collect())
}

/// The incidents of the chosen columns and of their portals, and those that concern no column and no
/// portal alone.
fn incidents_of(config: &Config, chosen: &[&Column], mut open: Vec<Incident>) -> Vec<Incident> {
    if chosen.len() == config.columns.len() {
        return open;
    }
    let is_of =
        |portal: &str, column: &Column| column.portal == portal || column.name.portal() == portal;
    open.retain(|incident| {
        let subject = &incident.subject;
        let is_named = |column: &Column| column.name.as_str() == subject;
        if config.columns.iter().any(is_named) {
            return chosen.iter().any(|column| is_named(column));
        }
        let portal = subject.split('/').next().unwrap_or_default();
        let is_known = config.columns.iter().any(|column| is_of(portal, column));
        !is_known || chosen.iter().any(|column| is_of(portal, column))
    });
    open
}

/// The removals of articles of the chosen columns. Of an article of which only the tombstone was
/// published, before the store was restored, the portal alone is known.
async fn removals_of(
    store: &Store,
    chosen: &[&Column],
    patterns: &Patterns,
) -> Result<Vec<Removal>, StoreError> {
    let all = store.articles().removals().await?;
    if patterns.is_empty() {
        return Ok(all);
    }
    let mut removals = Vec::new();
    for removal in all {
        let is_chosen = match store.articles().with_id(removal.id).await? {
            Some(article) => article.columns.iter().any(|name| patterns.matches(name)),
            None => chosen.iter().any(|column| column.portal == removal.portal),
        };
        if is_chosen {
            removals.push(removal);
        }
    }
    Ok(removals)
}

/// The place of a column in this order; columns of the same place stay in the order of their names.
fn place(status: &ColumnStatus, order: StatusOrder) -> (Option<Standing>, i64) {
    match order {
        StatusOrder::Standing => (Some(status.standing), 0),
        StatusOrder::Name => (None, 0),
        StatusOrder::New => (None, status.last_new_at.map_or(i64::MIN, Timestamp::millis)),
        StatusOrder::Waiting => (None, -(status.waiting + status.held_back())),
    }
}

/// The rules that allow more than the defaults, in the syntax of a feed file.
fn allowed(rules: &FetchRules) -> Vec<String> {
    let tls = (rules.tls != TlsRules::Verified).then(|| format!("tls = {:?}", rules.tls.name()));
    let robots = (!rules.robots).then(|| "robots = false".to_owned());
    let private = rules
        .allow_private
        .then(|| "allow_private = true".to_owned());
    let proxy = rules.proxy.as_ref().map(|proxy| {
        // The address may hold a password: it is left out.
        let host = proxy.host_str().unwrap_or_default();
        format!("proxy = \"{}://{host}\"", proxy.scheme())
    });
    [tls, robots, private, proxy]
        .into_iter()
        .flatten()
        .collect()
}

/// The articles that are held back, each in a line.
fn print_held(articles: &[ListedState]) -> Result<(), Stop> {
    for held in articles.iter().take(HELD) {
        let day = held.listed_on.map(|day| format!("{day}  "));
        say_lines(&format!(
            "    {}{}  {}{}  {}",
            held.reason.as_deref().unwrap_or_default(),
            lost(&held.fields),
            day.unwrap_or_default(),
            held.title.as_deref().unwrap_or_default(),
            held.url
        ))?;
    }
    match articles.len().saturating_sub(HELD) {
        0 => Ok(()),
        more => say_lines(&format!("    and {more} more: see `dibao status --json`")),
    }
}

/// Prints the status. Titles are those of the columns' feeds.
fn print(status: &Status, titles: &BTreeMap<ColumnName, String>) -> Result<(), Stop> {
    let time = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), Timestamp::minute);
    say_lines(&status.overview.line())?;
    for Shown {
        status: column,
        allowed,
        held_articles,
    } in &status.columns
    {
        let held = match column.held_back() {
            0 => String::new(),
            held => format!(", {held} held"),
        };
        let title = titles.get(&column.column).map_or("", String::as_str);
        say_lines(&format!(
            "{}  {}  {title}\n  {} articles, {} waiting{held}; last run {}, last new {}, next {}",
            column.column,
            column.standing.name(),
            column.articles,
            column.waiting,
            time(column.last_run_at),
            time(column.last_new_at),
            time(column.next_run_at),
        ))?;
        if let (Some(reason), Some(message)) = (&column.reason, &column.message) {
            say_lines(&format!("  {reason}: {message}"))?;
        }
        for held in &column.held {
            say_lines(&format!(
                "  {} held back: {}, such as {}",
                held.articles, held.reason, held.example
            ))?;
        }
        print_held(held_articles)?;
        if let Some(until) = column.resting_until {
            say_lines(&format!(
                "  its host is left alone until {}",
                until.minute()
            ))?;
        }
        if !allowed.is_empty() {
            let allowed = allowed.join(", ");
            say_lines(&format!("  its feed file says {allowed}"))?;
        }
        if let Some(backfill) = &column.backfill {
            say_lines(&format!("  backfill {}", backfill.words()))?;
        }
    }
    if let Some(Trouble {
        reason,
        message,
        at,
    }) = &status.trouble
    {
        say_lines(&format!(
            "not stored  {reason}  at {}\n  {message}",
            at.minute()
        ))?;
    }
    for incident in &status.incidents {
        say_lines(&format!(
            "incident  {}  {}  since {}, seen {} times\n  {}",
            incident.reason,
            incident.subject,
            incident.opened_at.minute(),
            incident.seen_count,
            incident.message
        ))?;
    }
    for failing in &status.receivers {
        say_lines(&format!(
            "not told  {}  of {}: tried {} times, next at {}\n  {}",
            failing.receiver,
            failing.subject,
            failing.failures,
            failing.next_try_at.minute(),
            failing.reason
        ))?;
    }
    for letter in &status.dead_letters {
        say_lines(&format!(
            "put aside  change {}  for {}, {}\n  {}",
            letter.seq,
            letter.receiver,
            letter.at.minute(),
            letter.reason
        ))?;
    }
    for removal in &status.removals {
        let Removal { id, at, reason, .. } = removal;
        say_lines(&format!("removed  {id}  {}  {reason}", at.minute()))?;
        if !removal.is_complete {
            say_lines("  not from everywhere yet: run `dibao remove` again for it")?;
        }
    }
    let ArchiveStatus { files, bytes } = status.archive;
    say(&format!("archive  {files} files, {}", megabytes(bytes)))
}
