//! The configuration while the service runs: read again on SIGHUP, and when a file of it changes.
//!
//! Owns what is in force, and when files count as changed. Never puts half of a configuration in
//! force: a new one is compiled whole first, and with an error in it the old one stays.
//!
//! Files are looked at, not watched: what the system tells of changes says nothing on network file
//! systems and little of mounts in containers, and editors and deployments replace files, folders
//! and links in ways of their own. A look is a `stat` a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Stop;
use super::args::Folders;
use super::setting::{self, Setting};
use crate::config;
use crate::model::{Clock, ColumnName};
use crate::notify::Notifier;
use crate::render::Site;
use crate::serve::Source;
use crate::store::Purpose;

/// How often files are looked at. Those that changed are read once two looks see the same: nobody
/// is writing them any more.
const LOOK: Duration = Duration::from_secs(2);
/// The code of an incident, and what it is about: the files as they are cannot be read.
const BROKEN: &str = "configuration";

/// A configuration, and what is made of it.
pub(super) struct InForce {
    pub(super) setting: Setting,
    pub(super) site: Site,
    pub(super) notifier: Notifier,
}

impl InForce {
    pub(super) fn load(places: &Folders) -> Result<Self, Stop> {
        let setting = Setting::load(places)?;
        Ok(Self {
            site: setting::site(&setting.service, Purpose::Real),
            notifier: setting::notifier(&setting.service)?,
            setting,
        })
    }

    fn names(&self) -> BTreeSet<&ColumnName> {
        let columns = self.setting.columns.iter();
        columns.map(|column| &column.name).collect()
    }
}

/// Reads the configuration again when it is told to, or sees that it should.
pub(super) struct Reloader {
    places: Folders,
    hangups: Hangups,
    in_force: watch::Sender<Arc<InForce>>,
    /// What was in force at start: some of it stays so.
    first: Arc<InForce>,
    read: Files,
    looked: Files,
    /// What is wrong with the files as they are; told once.
    error: Option<String>,
    /// What the store has been told of that; nothing yet at start.
    noted: Option<Option<String>>,
}

impl Reloader {
    /// Reads the configuration for the first time. From now on SIGHUP does not end the process.
    pub(super) fn start(places: &Folders) -> Result<Self, Stop> {
        let hangups = Hangups::listen().map_err(Stop::failed)?;
        // Before they are read: a file that changes meanwhile is read again.
        let files = Files::look(places);
        let first = Arc::new(InForce::load(places)?);
        Ok(Self {
            places: places.clone(),
            hangups,
            in_force: watch::Sender::new(first.clone()),
            first,
            read: files.clone(),
            looked: files,
            error: None,
            noted: None,
        })
    }

    /// What is in force, now and from now on.
    pub(super) fn in_force(&self) -> watch::Receiver<Arc<InForce>> {
        self.in_force.subscribe()
    }

    /// Follows signals and files until told to stop.
    pub(super) async fn follow(mut self, source: Source, stop: CancellationToken) {
        loop {
            let is_asked = tokio::select! {
                () = stop.cancelled() => return,
                () = self.hangups.next() => true,
                () = tokio::time::sleep(LOOK) => false,
            };
            let places = self.places.clone();
            let looked = tokio::task::spawn_blocking(move || Files::look(&places)).await;
            let Ok(looked) = looked else { continue };
            let is_settled = looked == self.looked;
            self.looked = looked;
            if is_asked || (is_settled && self.looked != self.read) {
                self.read = self.looked.clone();
                self.reload(is_asked).await;
            }
            if self.noted.as_ref() != Some(&self.error) {
                self.note(&source).await;
            }
        }
    }

    async fn reload(&mut self, is_asked: bool) {
        let places = self.places.clone();
        let loaded = tokio::task::spawn_blocking(move || InForce::load(&places)).await;
        let error = match loaded {
            Ok(Ok(new)) => {
                self.put_in_force(new);
                None
            }
            Ok(Err(Stop::Configuration(error) | Stop::Failed(error))) => Some(error),
            Err(error) => Some(error.to_string()),
        };
        if let Some(error) = &error
            && (is_asked || self.error.as_ref() != Some(error))
        {
            tracing::error!(reason = BROKEN, %error, "the configuration stays as it was");
        }
        self.error = error;
    }

    fn put_in_force(&self, new: InForce) {
        let old = self.in_force.borrow().clone();
        let names = |names: &mut dyn Iterator<Item = &&ColumnName>| -> Vec<String> {
            names.map(ToString::to_string).collect()
        };
        let (was, is) = (old.names(), new.names());
        tracing::info!(
            columns = is.len(),
            added = ?names(&mut is.difference(&was)),
            removed = ?names(&mut was.difference(&is)),
            "the configuration was read again"
        );
        let (first, service) = (&self.first.setting.service, &new.setting.service);
        for (key, stays) in [
            ("connections", first.connections != service.connections),
            ("contact", first.contact != service.contact),
            ("api.rate", first.rate != service.rate),
        ] {
            if stays {
                let key = format!("dibao.toml: key `{key}`");
                tracing::warn!(
                    reason = "restart-needed",
                    "{key}: another value takes effect once dibao is started anew"
                );
            }
        }
        self.in_force.send_replace(Arc::new(new));
    }

    /// Notes in the store, once one is open, whether the files are broken.
    async fn note(&mut self, source: &Source) {
        let Some(live) = source.live() else {
            return;
        };
        let (store, now) = (&live.store, Clock::system().now());
        let noted = match &self.error {
            Some(error) => {
                let message = format!("the configuration stays as it was: {error}");
                store.incidents().note(now, BROKEN, BROKEN, &message).await
            }
            None => store.incidents().close(now, BROKEN, BROKEN).await,
        };
        match noted {
            Ok(()) => self.noted = Some(self.error.clone()),
            Err(error) => {
                let reason = error.reason();
                tracing::warn!(reason, %error, "an incident is not noted");
            }
        }
    }
}

/// The files of the configuration, with what shows that one was changed or replaced.
#[derive(Clone, PartialEq, Eq)]
struct Files(BTreeMap<PathBuf, Option<(Option<SystemTime>, u64, u64)>>);

impl Files {
    fn look(places: &Folders) -> Self {
        let mut paths = config::feed_files(&places.feeds).unwrap_or_default();
        paths.push(places.cron.clone());
        paths.push(setting::SERVICE.into());
        let seen = |path: PathBuf| {
            let metadata = std::fs::metadata(&path).ok();
            let looks = metadata.map(|m| (m.modified().ok(), m.len(), place_on_disk(&m)));
            (path, looks)
        };
        Self(paths.into_iter().map(seen).collect())
    }
}

#[cfg(unix)]
fn place_on_disk(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn place_on_disk(_: &Metadata) -> u64 {
    0
}

/// Signals to read the configuration again.
#[cfg(unix)]
struct Hangups(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Hangups {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::hangup()).map(Self)
    }

    async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending().await
        }
    }
}

/// There are none on this system.
#[cfg(not(unix))]
struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        std::future::pending().await
    }
}
