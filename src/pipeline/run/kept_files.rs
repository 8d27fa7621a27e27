//! Fetches the pictures and attached files of columns that keep them, once their articles were read.
//!
//! Owns how many files a run fetches, and when a file is tried again. A copy comes before its row in
//! the store: a kill leaves at most a copy without a row. A picture that stands in its page as base64
//! is taken from that page. Never archives a file: there is nothing in it to read anew.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use encoding_rs::Encoding;

use super::collector::Collector;
use super::leases::keep_hosts;
use super::report::{ColumnReport, Ending};
use crate::config::Column;
use crate::decode;
use crate::extract::{inline_hash, inline_picture};
use crate::fetch::{FetchError, Fetched, Page, Session, host_of};
use crate::model::{FileCopy, FileRole, Verdict};
use crate::pipeline::progress::Step;
use crate::pipeline::reading::RunError;
use crate::pipeline::record::{Budget, FLOOD, Spender};
use crate::publish::{PublishError, Room};
use crate::store::{KeptCopy, LeaseKind, Store, WantedFile};

/// Files that a run asks for.
const OF_A_RUN: u32 = 200;
/// After this many bytes a run asks for no more files.
const BYTES_OF_A_RUN: u64 = 100 << 20;
/// How long a file rests after each failure, in hours. After the last one it is given up.
const RESTS: [i64; 5] = [1, 6, 24, 3 * 24, 7 * 24];
/// After this many passing failures of a host in a row a run leaves it alone.
const FAILURES: u32 = 3;
/// The reason why a picture is not kept: the bytes are none.
const NO_PICTURE: &str = "no-picture";
/// The reason why an attached file is not kept: the bytes are of no format that is kept.
const NO_FILE: &str = "no-file";

/// Fetches the files that a column wants to keep, in the time that its run has left. Never fails as a
/// whole, and does not change the column's state: a missing file is tried again.
pub async fn keep_files(
    collector: &Collector,
    column: &Column,
    limit: Duration,
    report: &mut ColumnReport,
) {
    let is_well = matches!(
        report.ending,
        Ending::Complete | Ending::Failed { .. } | Ending::LeftAside { .. }
    );
    if !column.publish.keeps_files() || !is_well || report.host_trouble.is_some() {
        return;
    }
    let left = limit.saturating_sub(report.elapsed);
    let session = collector.session(LeaseKind::Run, None);
    let kept = tokio::select! {
        () = collector.stop.cancelled() => Ok(()),
        () = tokio::time::sleep(left) => Ok(()),
        lost = keep_hosts(&session) => Err(lost),
        kept = fetch_files(collector, column, &session, &mut report.kept_files) => kept,
    };
    let closed = session.close().await.map_err(RunError::from);
    if let Err(error) = kept.and(closed) {
        let (reason, column) = (error.reason(), &report.column);
        if error.is_fatal() {
            report.ending = error.into();
        } else {
            let message = error.into_message();
            tracing::warn!(%column, reason, message, "files are left for the next run");
        }
    }
}

async fn fetch_files(
    collector: &Collector,
    column: &Column,
    session: &Session,
    kept: &mut usize,
) -> Result<(), RunError> {
    let store = &collector.store;
    let rules = &column.publish;
    let roles = [
        (rules.mirror_images, FileRole::Picture),
        (rules.mirror_files, FileRole::Attachment),
    ];
    for (_, role) in roles.into_iter().filter(|(keeps, _)| *keeps) {
        store.kept_files().note(&column.name, role).await?;
    }
    let spending = Budget::new(store, column, Spender::Run);
    spending.load(store, collector.clock.now()).await?;
    let kept_place = collector.kept.clone();
    blocking(move || kept_place.tidy()).await?;
    let mut run = FileRun {
        collector,
        column,
        session,
        avoided: Avoided::default(),
        spending,
        bytes: 0,
    };
    run.lose_missing_files().await?;
    let wanted = store
        .kept_files()
        .wanted(collector.clock.now(), &column.portal, OF_A_RUN);
    for wanted in wanted.await? {
        let host = host_of(&wanted.url);
        if run.bytes >= BYTES_OF_A_RUN || !run.has_room() {
            break;
        }
        let before = run.bytes;
        if run.avoids(&host).await? {
            continue;
        }
        *kept += usize::from(run.fetch(&wanted, &host).await?);
        let spending = &run.spending;
        spending.add_file(collector.clock.now(), run.bytes - before);
        spending.write_down(store, false).await?;
        collector.progress.tell(Step::KeptFileDone {
            column: &column.name,
            url: &wanted.url,
        });
    }
    let (now, spending) = (collector.clock.now(), &run.spending);
    if let Some(message) = spending.files_left(now) {
        let subject = column.name.as_str();
        store
            .incidents()
            .note(now, FLOOD, subject, &message)
            .await?;
    }
    Ok(spending.write_down(store, true).await?)
}

/// The hosts that are no longer asked.
#[derive(Default)]
struct Avoided {
    hosts: BTreeSet<String>,
    failures: BTreeMap<String, u32>,
}

/// The fetching of a column's files while it goes on.
struct FileRun<'a> {
    collector: &'a Collector,
    column: &'a Column,
    session: &'a Session,
    avoided: Avoided,
    spending: Budget,
    bytes: u64,
}

impl Avoided {
    /// Counts a failure; a blocked file, or failures in a row, mean that the host is at fault.
    fn count(&mut self, host: &str, error: &FetchError) {
        let failures = self.failures.entry(host.to_owned()).or_default();
        *failures = if error.is_transient() {
            *failures + 1
        } else {
            0
        };
        let is_blocked = error.verdict() == Some(Verdict::BlockedByWaf);
        if is_blocked || *failures >= FAILURES {
            self.hosts.insert(host.to_owned());
        }
    }
}

impl FileRun<'_> {
    fn store(&self) -> &Store {
        &self.collector.store
    }

    /// Whether the column may bring more files today, and the disk has room for them.
    fn has_room(&self) -> bool {
        let is_low = self.spending.room().is_some_and(Room::is_low);
        !is_low
            && self
                .spending
                .files_left(self.collector.clock.now())
                .is_none()
    }

    /// Whether a host is left alone, in this run or since an earlier one.
    async fn avoids(&mut self, host: &str) -> Result<bool, RunError> {
        if self.avoided.hosts.contains(host) {
            return Ok(true);
        }
        let now = self.collector.clock.now();
        let resting = self.store().hosts().trouble(host, now).await?;
        let is_avoided = resting.is_some_and(|resting| self.collector.leaves_alone(&resting));
        if is_avoided {
            self.avoided.hosts.insert(host.to_owned());
        }
        Ok(is_avoided)
    }

    /// Whether a file was fetched and is kept. A missing one is tried again later; where its page
    /// shows another address in its place now, the article takes that one.
    async fn fetch(&mut self, wanted: &WantedFile, host: &str) -> Result<bool, RunError> {
        let (column, session) = (self.column, self.session);
        let none = match wanted.role {
            FileRole::Picture => NO_PICTURE,
            FileRole::Attachment => NO_FILE,
        };
        let got = session.get_file(&wanted.url, &wanted.page, wanted.role, &column.fetch);
        let mut passes = false;
        let reason = match got.await {
            Ok(Fetched::Page(page)) => {
                self.avoided.failures.remove(host);
                self.bytes += page.body.len() as u64;
                let body = match inline_hash(&wanted.url) {
                    Some(hash) => inline(page, hash, column.fetch.charset).await,
                    None => Some(page.body),
                };
                if let Some(body) = body
                    && self.keep(wanted, body).await?
                {
                    return Ok(true);
                }
                none
            }
            // The request was unconditional.
            Ok(Fetched::NotModified) => none,
            Err(error @ FetchError::HostBook { .. }) => return Err(error.into()),
            // This says nothing about the file.
            Err(FetchError::HostLeased { .. } | FetchError::Resting { .. }) => {
                self.avoided.hosts.insert(host.to_owned());
                return Ok(false);
            }
            Err(error) => {
                if let FetchError::TooLarge { limit, .. } = &error {
                    self.bytes += *limit as u64;
                }
                self.avoided.count(host, &error);
                passes = error.is_transient();
                error.reason()
            }
        };
        if !passes {
            let (now, portal) = (self.collector.clock.now(), &self.column.portal);
            let articles = self.store().articles();
            articles
                .readdress(now, portal, &wanted.page, &wanted.url)
                .await?;
        }
        tracing::debug!(column = %column.name, url = %wanted.url, reason, "no copy");
        self.put_off(wanted, reason).await?;
        Ok(false)
    }

    /// Keeps a file: its copy first, then its row in the store. `false` if the bytes are of no format
    /// that is kept.
    async fn keep(&self, wanted: &WantedFile, body: Vec<u8>) -> Result<bool, RunError> {
        let is_inline = inline_hash(&wanted.url).is_some();
        let (role, named) = (wanted.role, wanted.named);
        let judge = move |body: &[u8]| match role {
            FileRole::Picture if is_inline => FileCopy::from_inline(body),
            FileRole::Picture => FileCopy::from_picture(body),
            FileRole::Attachment => FileCopy::from_attachment(body, named),
        };
        let judged = tokio::task::spawn_blocking(move || (judge(&body), body)).await;
        let Ok((Some(copy), body)) = judged else {
            return Ok(false);
        };
        let (place, put) = (self.collector.kept.clone(), copy.clone());
        blocking(move || place.put(&put, body)).await?;
        let (portal, url) = (&self.column.portal, &wanted.url);
        let is_wanted = self.store().kept_files().keep(portal, url, &copy).await?;
        if !is_wanted && !self.store().kept_files().is_kept(&copy.sha256).await? {
            let place = self.collector.kept.clone();
            blocking(move || place.remove(&copy)).await?;
        }
        Ok(true)
    }

    async fn put_off(&self, wanted: &WantedFile, reason: &str) -> Result<(), RunError> {
        let WantedFile { url, failures, .. } = wanted;
        let rest = usize::try_from(*failures)
            .ok()
            .and_then(|tries| RESTS.get(tries));
        let now = self.collector.clock.now();
        let next = rest.map(|hours| now.plus(TimeDelta::hours(*hours)));
        let portal = &self.column.portal;
        let put_off = self.store().kept_files().put_off(portal, url, next, reason);
        Ok(put_off.await?)
    }

    /// Queues files again if their copies are lost, for example after a restore without them.
    async fn lose_missing_files(&self) -> Result<(), RunError> {
        let mut kept = self.store().kept_files().kept().await?;
        kept.retain(|kept| kept.portal == self.column.portal);
        let place = self.collector.kept.clone();
        let lost = blocking(move || {
            let mut lost = Vec::new();
            for KeptCopy { copy, .. } in kept {
                if !place.has(&copy)? {
                    lost.push(copy.sha256);
                }
            }
            Ok(lost)
        });
        for sha256 in lost.await? {
            self.store().kept_files().lose(&sha256).await?;
        }
        Ok(())
    }
}

/// The bytes of a picture that stands in its page, if they still do.
async fn inline(page: Page, hash: &str, charset: Option<&'static Encoding>) -> Option<Vec<u8>> {
    let hash = hash.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let text = decode::decode(&page.body, page.content_type.as_deref(), charset).text;
        inline_picture(&text, &hash)
    });
    read.await.ok().flatten()
}

/// Does something with kept copies on a thread of its own.
async fn blocking<T: Send + 'static>(
    does: impl FnOnce() -> Result<T, PublishError> + Send + 'static,
) -> Result<T, RunError> {
    let done = tokio::task::spawn_blocking(does).await;
    done.map_err(|broken| {
        RunError::Fetch(FetchError::HostBook {
            url: String::new(),
            reason: "publish",
            cause: broken.to_string(),
        })
    })?
    .map_err(not_kept)
}

/// A copy could not be put into its place. Every other would fail, too.
fn not_kept(error: PublishError) -> RunError {
    RunError::Fetch(FetchError::HostBook {
        url: error.path.display().to_string(),
        reason: error.reason(),
        cause: error.to_string(),
    })
}
