//! From arguments and files to what the rooms work with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::Stop;
use super::args::Folders;
use crate::archive::{Archive, ArchiveError, Reader};
use crate::config::{self, Column, ConfigError, Cron, Service};
use crate::fetch::{Fetcher, FetcherOptions};
use crate::model::{Clock, ColumnName};
use crate::notify::Notifier;
use crate::pipeline::{ArchiveWriter, AskedBy, Collector, Progress};
use crate::publish::Directory;
use crate::render::{Site, paths};
use crate::store::{Holder, Purpose, Store, StoreError};

/// The configuration, read and compiled.
pub(super) struct Setting {
    pub(super) columns: Vec<Column>,
    pub(super) cron: Cron,
    pub(super) service: Service,
}

impl Setting {
    /// Reads every file; all errors are told at once.
    pub(super) fn load(places: &Folders) -> Result<Self, Stop> {
        let mut errors: Vec<ConfigError> = Vec::new();
        let columns = config::load_columns(&places.feeds).unwrap_or_else(|broken| {
            errors.extend(broken);
            Vec::new()
        });
        let cron = Cron::load(&places.cron).map_err(|error| errors.push(error));
        let service = service().map_err(|error| errors.push(error));
        match (cron, service) {
            (Ok(cron), Ok(service)) if errors.is_empty() => Ok(Self {
                columns,
                cron,
                service,
            }),
            _ => Err(told(&errors)),
        }
    }

    /// The columns of these names, in the order of the files; all where none is named.
    pub(super) fn chosen(&self, names: &[ColumnName]) -> Result<Vec<&Column>, Stop> {
        for name in names {
            if !self.columns.iter().any(|column| column.name == *name) {
                let known: Vec<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
                return Err(Stop::configuration(format_args!(
                    "there is no column {name}\n  remedy: name one of: {}",
                    known.join(", ")
                )));
            }
        }
        Ok(self
            .columns
            .iter()
            .filter(|column| names.is_empty() || names.contains(&column.name))
            .collect())
    }

    /// These columns with the time limit of their jobs.
    pub(super) fn limited<'a>(&self, columns: &[&'a Column]) -> Vec<(&'a Column, Duration)> {
        columns
            .iter()
            .map(|column| (*column, self.cron.job(&column.name).timeout))
            .collect()
    }
}

pub(super) fn told(errors: &[ConfigError]) -> Stop {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Stop::configuration(lines.join("\n"))
}

/// Where the service's settings stand.
pub(super) const SERVICE: &str = "dibao.toml";

/// The service's settings alone, for commands that need no column.
pub(super) fn service() -> Result<Service, ConfigError> {
    Service::load(Path::new(SERVICE), |name| std::env::var(name).ok())
}

/// One column by name, for commands that read a single page.
pub(super) fn column(places: &Folders, name: &ColumnName) -> Result<Column, Stop> {
    let columns = config::load_columns(&places.feeds).map_err(|errors| told(&errors))?;
    let known = columns.iter().find(|column| column.name == *name);
    known.cloned().ok_or_else(|| {
        Stop::configuration(format_args!(
            "there is no column {name}\n  remedy: write {}/{name}.toml, or leave --column out",
            places.feeds.display()
        ))
    })
}

/// How dibao introduces itself to portals.
pub(super) fn user_agent(contact: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match contact {
        Some(contact) => format!("dibao/{version} (+{contact})"),
        None => format!("dibao/{version}"),
    }
}

/// A fetcher that introduces itself with this contact.
pub(super) fn fetcher(places: &Folders, contact: Option<&str>) -> Result<Fetcher, Stop> {
    let options = FetcherOptions {
        user_agent: user_agent(contact),
        connect_to: places.connect_to.clone(),
        ..FetcherOptions::default()
    };
    Fetcher::new(options).map_err(Stop::configuration)
}

/// Who is told of what is published.
pub(super) fn notifier(service: &Service) -> Result<Notifier, Stop> {
    let user_agent = user_agent(service.contact.as_deref());
    let (hubs, webhooks) = (service.hubs.clone(), service.webhooks.clone());
    Notifier::new(&user_agent, hubs, webhooks).map_err(Stop::configuration)
}

/// The store and the published folder, both known to be usable before any portal is asked.
pub(super) async fn open(places: &Folders) -> Result<(Store, Directory), Stop> {
    let store = store(places).await.map_err(refused)?;
    let directory = open_tree(&places.public(), Purpose::Real)?;
    directory.check_writable().map_err(Stop::configuration)?;
    Ok((store, directory))
}

/// Why a store that cannot be used ends a command.
pub(super) fn refused(error: StoreError) -> Stop {
    match &error {
        // Neither the command line nor a file is wrong: time, or room on the disk, may mend it.
        StoreError::Open { reason, .. }
            if ![StoreError::CORRUPT, StoreError::READ_ONLY].contains(reason) =>
        {
            Stop::failed(error)
        }
        _ => Stop::configuration(error),
    }
}

/// A real store that is there already, for commands that write nothing to it.
pub(super) async fn known_store(places: &Folders) -> Result<Store, Stop> {
    let store = Store::open_existing(&places.data())
        .await
        .map_err(refused)?;
    match store.purpose().await.map_err(refused)? {
        Purpose::Real => Ok(store),
        Purpose::Demo => Err(Stop::configuration(format_args!(
            "{}: holds the demo's invented articles\n  remedy: name another folder with --data",
            places.data().display()
        ))),
    }
}

/// The archive of the store's data folder, to read.
pub(super) fn archive(places: &Folders) -> Reader {
    Reader::new(&places.data().join("warc"))
}

/// Opens the store, or begins one where nothing was published yet. An empty store in the place of
/// a lost one would empty every feed and give articles other ids.
pub(super) async fn store(places: &Folders) -> Result<Store, StoreError> {
    let (data, public) = (places.data(), places.public());
    if !Store::is_in(&data) && published_seq(&public).is_some_and(|seq| seq > 0) {
        return Err(StoreError::Lost {
            folder: data,
            published: public,
        });
    }
    Store::open(&data, Purpose::Real).await
}

/// The last change that a published tree of real articles tells of.
pub(super) fn published_seq(public: &Path) -> Option<i64> {
    if public.join(DEMO_MARK).exists() {
        return None;
    }
    #[derive(serde::Deserialize)]
    struct Manifest {
        seq: i64,
    }
    let manifest = std::fs::read(public.join(paths::MANIFEST)).ok()?;
    let manifest: Manifest = serde_json::from_slice(&manifest).ok()?;
    Some(manifest.seq)
}

/// The file that marks a published tree as the demo's.
const DEMO_MARK: &str = ".dibao-demo";

/// Opens a published tree. Like the store, it holds either real articles or the demo's: invented
/// ones never stand among real ones.
pub(super) fn open_tree(public: &Path, purpose: Purpose) -> Result<Directory, Stop> {
    let mark = public.join(DEMO_MARK);
    let is_demo = mark.exists();
    let is_real = !is_demo && public.join(paths::MANIFEST).exists();
    let refused = match purpose {
        Purpose::Real if is_demo => Some("holds the demo's invented articles"),
        Purpose::Demo if is_real => Some("holds real articles, with which the demo does not mix"),
        _ => None,
    };
    if let Some(why) = refused {
        return Err(Stop::configuration(format_args!(
            "{}: {why}\n  remedy: name another folder with --public",
            public.display()
        )));
    }
    let directory = Directory::open(public).map_err(Stop::configuration)?;
    if purpose == Purpose::Demo && !is_demo {
        std::fs::write(&mark, "").map_err(|e| {
            Stop::configuration(format_args!("{}: cannot be written: {e}", mark.display()))
        })?;
    }
    Ok(directory)
}

/// What a command has that collects columns and publishes: opened, and known to be usable before
/// any portal is asked.
pub(super) struct Ready {
    pub(super) setting: Setting,
    pub(super) collector: Collector,
    pub(super) directory: Directory,
}

impl Ready {
    /// Reads the configuration, sees that it has these columns, and opens what they need, for
    /// somebody who wants to know now and may stop it by a signal.
    pub(super) async fn open(
        places: &Folders,
        names: &[ColumnName],
        progress: Progress,
    ) -> Result<Self, Stop> {
        let stop = CancellationToken::new();
        super::serve::stop_on_signal(stop.clone());
        let setting = Setting::load(places)?;
        setting.chosen(names)?;
        let (store, directory) = open(places).await?;
        let fetcher = fetcher(places, setting.service.contact.as_deref())?;
        let data = places.data();
        let collector = collector(data, store, fetcher, AskedBy::Person, progress, stop);
        Ok(Self {
            collector: collector.await.map_err(Stop::failed)?,
            setting,
            directory,
        })
    }
}

/// The archive's folder in a data folder.
pub(super) fn archive_in(data: &Path) -> PathBuf {
    data.join("warc")
}

/// Everything that collecting needs, until `stop` is cancelled. The archive stands in the store's
/// data folder, and is mended where a crash left it torn.
pub(super) async fn collector(
    data: PathBuf,
    store: Store,
    fetcher: Fetcher,
    asked_by: AskedBy,
    progress: Progress,
    stop: CancellationToken,
) -> Result<Collector, OpenError> {
    watch_clock(&store).await?;
    let ends = store.archive_ends().await?;
    let folder = archive_in(&data);
    // Mending may read a whole file.
    let opened = tokio::task::spawn_blocking(move || Archive::open(&folder, &ends));
    let archive = opened.await.map_err(std::io::Error::other)??;
    Ok(Collector {
        archive_writer: ArchiveWriter::start(archive, store.clone()),
        store,
        fetcher,
        clock: Clock::system(),
        holder: Holder::this_process(),
        asked_by,
        progress,
        stop,
    })
}

/// How far the clock may be behind what was written before: corrections of that size are usual.
const BEHIND: TimeDelta = TimeDelta::hours(1);
/// The code of an incident: the clock was set back.
const CLOCK_BEHIND: &str = "clock-behind";

/// Tells of a clock that was set back, or of one that was ahead before. Nothing is lost by either:
/// every instant that is told comes after the last one.
async fn watch_clock(store: &Store) -> Result<(), StoreError> {
    let now = Clock::system().now();
    match store.last_written().await? {
        Some(last) if last.plus(-BEHIND) > now => {
            let message = format!(
                "the clock shows {now}, and the store was written at {last} before: see whether the \
                 machine's clock is right; what is collected is kept, told of as later than what was \
                 there, and looked at again once the clock has caught up"
            );
            tracing::warn!(reason = CLOCK_BEHIND, "{message}");
            store
                .note_incident(now, CLOCK_BEHIND, "clock", &message)
                .await
        }
        _ => {
            // Nothing is written where nothing is to be said: another process may hold the lock.
            let open = store.open_incidents().await?;
            if open.iter().any(|incident| incident.reason == CLOCK_BEHIND) {
                store.close_incident(now, CLOCK_BEHIND, "clock").await?;
            }
            Ok(())
        }
    }
}

/// The data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("the archive cannot be opened: {0}")]
    Broken(#[from] std::io::Error),
}

impl OpenError {
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Store(error) => error.reason(),
            Self::Archive(error) => error.reason(),
            Self::Broken(_) => "archive",
        }
    }
}

/// How the published site calls itself.
pub(super) fn site(service: &Service, purpose: Purpose) -> Site {
    Site {
        base_url: service.base_url.clone(),
        hubs: service.hubs.clone(),
        demo: purpose == Purpose::Demo,
    }
}
