//! Reads the configuration again while the service runs: on SIGHUP, and when a file of it changes.
//!
//! Owns which configuration is in force, and when files count as changed. If a new one has an error, the
//! old one stays. Only columns that were not in force may be left out: those whose feed files are
//! broken from the start.
//!
//! Files are polled with one `stat` each. The system's notices of changes do not reach network file
//! systems and many mounts in containers, and editors and deployments replace files, folders and
//! links in different ways.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::active::ActiveConfig;
use super::error::StartError;
use super::signal::Hangups;
use crate::config::{self, Folders};
use crate::model::{Clock, LogList, inode};
use crate::serve::Source;
use crate::store::CONFIGURATION;

/// How often files are polled. Changed files are read once two polls in a row see the same state:
/// then nobody is writing them.
const POLL: Duration = Duration::from_secs(2);
/// With twice, thrice this many files the polls are twice, thrice as far apart.
const MANY: usize = 1000;

/// Reads the configuration again on a signal, or when files changed.
#[derive(Debug)]
pub(super) struct Reloader {
    folders: Folders,
    hangups: Hangups,
    active: watch::Sender<Arc<ActiveConfig>>,
    /// The configuration of the start: a few of its keys stay in force.
    first: Arc<ActiveConfig>,
    /// The files when they were read last.
    read: Files,
    /// The files when they were polled last.
    polled: Files,
    /// The errors in the files, if there are any; logged once.
    trouble: Option<Trouble>,
    /// What the store knows of them; `None` until it knows whether there are any.
    noted: Option<Option<Trouble>>,
}

/// Errors in the files, and what follows from them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Trouble {
    follows: &'static str,
    error: String,
}

impl Trouble {
    fn stays(error: &impl ToString) -> Self {
        Self {
            follows: "the configuration stays as it was",
            error: error.to_string(),
        }
    }

    fn left_out(error: String) -> Self {
        Self {
            follows: "columns are left out until their files are mended",
            error,
        }
    }

    fn log(&self) {
        let Self { follows, error } = self;
        tracing::error!(reason = CONFIGURATION, %error, "{follows}");
    }
}

impl Reloader {
    /// Reads the configuration for the first time. From now on SIGHUP does not end the process.
    pub(super) fn start(folders: &Folders) -> Result<Self, StartError> {
        let hangups = Hangups::listen().map_err(StartError::System)?;
        // Polled before they are read: a file that changes meanwhile is read again.
        let files = Files::poll(folders);
        let first = Arc::new(ActiveConfig::load(folders)?);
        first.tell_unmatched(folders);
        let trouble = first.left_out().map(Trouble::left_out);
        if let Some(trouble) = &trouble {
            trouble.log();
        }
        Ok(Self {
            folders: folders.clone(),
            hangups,
            active: watch::Sender::new(first.clone()),
            first,
            read: files.clone(),
            polled: files,
            trouble,
            noted: None,
        })
    }

    /// The configuration in force, now and from now on.
    pub(super) fn active(&self) -> watch::Receiver<Arc<ActiveConfig>> {
        self.active.subscribe()
    }

    /// Follows signals and files until told to stop.
    pub(super) async fn follow(mut self, source: Source, stop: CancellationToken) {
        loop {
            let pause = self.pause();
            let is_asked = tokio::select! {
                () = stop.cancelled() => return,
                () = self.hangups.next() => true,
                () = tokio::time::sleep(pause) => false,
            };
            let folders = self.folders.clone();
            let polled = tokio::task::spawn_blocking(move || Files::poll(&folders)).await;
            let Ok(polled) = polled else { continue };
            let is_settled = polled == self.polled;
            self.polled = polled;
            if is_asked || (is_settled && self.polled != self.read) {
                self.read = self.polled.clone();
                self.reload(is_asked).await;
            }
            if self.noted.as_ref() != Some(&self.trouble) {
                self.note(&source).await;
            }
        }
    }

    /// The time until the files are polled again: longer with many, but not while they change.
    fn pause(&self) -> Duration {
        let many = u32::try_from(self.polled.0.len() / MANY).unwrap_or(u32::MAX);
        match self.polled == self.read {
            true => POLL.saturating_mul(many.max(1)),
            false => POLL,
        }
    }

    async fn reload(&mut self, is_asked: bool) {
        let folders = self.folders.clone();
        let loaded = tokio::task::spawn_blocking(move || ActiveConfig::load(&folders)).await;
        let trouble = match loaded {
            Ok(Ok(new)) => {
                let left_out = new.left_out();
                let is_lost = self.active.borrow().loses_a_column_in(&new);
                match is_lost {
                    true => left_out.map(|errors| Trouble::stays(&errors)),
                    false => {
                        self.put_in_force(new);
                        left_out.map(Trouble::left_out)
                    }
                }
            }
            Ok(Err(error)) => Some(Trouble::stays(&error)),
            Err(error) => Some(Trouble::stays(&error)),
        };
        if let Some(trouble) = &trouble
            && (is_asked || self.trouble.as_ref() != Some(trouble))
        {
            trouble.log();
        }
        self.trouble = trouble;
    }

    fn put_in_force(&self, new: ActiveConfig) {
        let old = self.active.borrow().clone();
        let (was, is) = (old.names(), new.names());
        tracing::info!(
            columns = is.len(),
            added = %LogList(is.difference(&was)),
            removed = %LogList(was.difference(&is)),
            "the configuration was read again"
        );
        new.tell_unmatched(&self.folders);
        let (first, service) = (&self.first.config.service, &new.config.service);
        for (key, stays) in [
            ("connections", first.connections != service.connections),
            (
                "hosts_at_once",
                first.hosts_at_once != service.hosts_at_once,
            ),
            ("contact", first.contact != service.contact),
            ("api.rate", first.rate != service.rate),
            (
                "archive.url",
                first.places.archive != service.places.archive,
            ),
            (
                "pictures.url",
                first.places.pictures != service.places.pictures,
            ),
            ("store.url", first.places.store != service.places.store),
        ] {
            if stays {
                let key = format!("dibao.toml: key `{key}`");
                tracing::warn!(
                    reason = "restart-needed",
                    "{key}: another value takes effect once dibao is started anew"
                );
            }
        }
        self.active.send_replace(Arc::new(new));
    }

    /// Notes in the store, once one is open, whether the files have an error.
    async fn note(&mut self, source: &Source) {
        let Some(live) = source.open_store() else {
            return;
        };
        let (store, now) = (&live.store, Clock::system().now());
        let incidents = store.incidents();
        let noted = match &self.trouble {
            Some(Trouble { follows, error }) => {
                let (subject, message) = (CONFIGURATION, format!("{follows}: {error}"));
                incidents.note(now, CONFIGURATION, subject, &message).await
            }
            // Commands note single files.
            None => incidents.close_unseen(now, CONFIGURATION, now).await,
        };
        match noted {
            Ok(()) => self.noted = Some(self.trouble.clone()),
            Err(error) => {
                let reason = error.reason();
                tracing::warn!(reason, %error, "an incident is not noted");
            }
        }
    }
}

/// The files of the configuration, each with its time, size and inode: one of these changes if a
/// file is changed or replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Files(BTreeMap<PathBuf, Option<(Option<SystemTime>, u64, u64)>>);

impl Files {
    fn poll(folders: &Folders) -> Self {
        let mut paths = config::feed_files(&folders.feeds).unwrap_or_default();
        paths.extend(config::topic_files(&folders.topics).unwrap_or_default());
        paths.push(folders.cron.clone());
        paths.push(folders.service.clone());
        let states = paths.into_iter().map(|path| {
            let metadata = std::fs::metadata(&path).ok();
            let state = metadata.map(|m| (m.modified().ok(), m.len(), inode(&m)));
            (path, state)
        });
        Self(states.collect())
    }
}
