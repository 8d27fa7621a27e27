//! Fetches the pictures of columns that keep them, once their articles were read.
//!
//! Owns how many pictures a run fetches, and when a picture is tried again. The file of a picture
//! comes before its row in the store: a kill leaves at most a file without a row. A picture that stands
//! in its page as base64 is taken from that page. Never archives a picture: there is nothing in it to
//! read anew.

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
use crate::model::{Picture, Verdict};
use crate::pipeline::progress::Step;
use crate::pipeline::reading::RunError;
use crate::pipeline::record::{Budget, FLOOD, Spender};
use crate::publish::{PublishError, PublishFolder, Room};
use crate::store::{LeaseKind, Store, WantedPicture};

/// Pictures that a run asks for.
const OF_A_RUN: u32 = 200;
/// After this many bytes a run asks for no more pictures.
const BYTES_OF_A_RUN: u64 = 100 << 20;
/// How long a picture rests after each failure, in hours. After the last one it is given up.
const RESTS: [i64; 5] = [1, 6, 24, 3 * 24, 7 * 24];
/// After this many passing failures of a host in a row a run leaves it alone.
const FAILURES: u32 = 3;
/// The reason why a file is not kept: it is not a picture.
const NO_PICTURE: &str = "no-picture";

/// Fetches the pictures that a column wants to keep, in the time that its run has left. Never fails
/// as a whole, and does not change the column's state: a missing picture is tried again.
pub async fn keep_pictures(
    collector: &Collector,
    column: &Column,
    limit: Duration,
    report: &mut ColumnReport,
) {
    let is_well = matches!(
        report.ending,
        Ending::Complete | Ending::Failed { .. } | Ending::LeftAside { .. }
    );
    if !column.publish.mirror_images || !is_well || report.host_trouble.is_some() {
        return;
    }
    let left = limit.saturating_sub(report.elapsed);
    let session = collector.session(LeaseKind::Run, None);
    let kept = tokio::select! {
        () = collector.stop.cancelled() => Ok(()),
        () = tokio::time::sleep(left) => Ok(()),
        lost = keep_hosts(&session) => Err(lost),
        kept = fetch_pictures(collector, column, &session, &mut report.pictures) => kept,
    };
    let closed = session.close().await.map_err(RunError::from);
    if let Err(error) = kept.and(closed) {
        let (reason, column) = (error.reason(), &report.column);
        if error.is_fatal() {
            report.ending = error.into();
        } else {
            let message = error.into_message();
            tracing::warn!(%column, reason, message, "pictures are left for the next run");
        }
    }
}

async fn fetch_pictures(
    collector: &Collector,
    column: &Column,
    session: &Session,
    kept: &mut usize,
) -> Result<(), RunError> {
    let store = &collector.store;
    store.pictures().note(&column.name).await?;
    let spending = Budget::new(store, column, Spender::Run);
    spending.load(store, collector.clock.now()).await?;
    let folder = PublishFolder::open(store.pictures().folder()).map_err(not_kept)?;
    let mut run = PictureRun {
        collector,
        column,
        session,
        folder,
        avoided: Avoided::default(),
        spending,
        bytes: 0,
    };
    run.lose_missing_files().await?;
    let wanted = store
        .pictures()
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
        spending.add_picture(collector.clock.now(), run.bytes - before);
        spending.write_down(store, false).await?;
        collector.progress.tell(Step::PictureDone {
            column: &column.name,
            url: &wanted.url,
        });
    }
    let (now, spending) = (collector.clock.now(), &run.spending);
    if let Some(message) = spending.pictures_left(now) {
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

/// The fetching of a column's pictures while it goes on.
struct PictureRun<'a> {
    collector: &'a Collector,
    column: &'a Column,
    session: &'a Session,
    folder: PublishFolder,
    avoided: Avoided,
    spending: Budget,
    bytes: u64,
}

impl Avoided {
    /// Counts a failure; a blocked picture, or failures in a row, mean that the host is at fault.
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

impl PictureRun<'_> {
    fn store(&self) -> &Store {
        &self.collector.store
    }

    /// Whether the column may bring more pictures today, and the disk has room for them.
    fn has_room(&self) -> bool {
        let is_low = self.spending.room().is_some_and(Room::is_low);
        !is_low
            && self
                .spending
                .pictures_left(self.collector.clock.now())
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

    /// Whether a picture was fetched and is kept. A missing one is tried again later; where its page
    /// shows another address in its place now, the article takes that one.
    async fn fetch(&mut self, wanted: &WantedPicture, host: &str) -> Result<bool, RunError> {
        let (column, session) = (self.column, self.session);
        let got = session.get_picture(&wanted.url, &wanted.page, &column.fetch);
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
                NO_PICTURE
            }
            // The request was unconditional.
            Ok(Fetched::NotModified) => NO_PICTURE,
            Err(error @ FetchError::HostBook { .. }) => return Err(error.into()),
            // This says nothing about the picture.
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
        tracing::debug!(column = %column.name, url = %wanted.url, reason, "no picture");
        self.put_off(wanted, reason).await?;
        Ok(false)
    }

    /// Keeps a picture: its file first, then its row in the store. `false` if the bytes are not a
    /// picture.
    async fn keep(&self, wanted: &WantedPicture, body: Vec<u8>) -> Result<bool, RunError> {
        let judge = match inline_hash(&wanted.url) {
            Some(_) => Picture::from_inline,
            None => Picture::from_bytes,
        };
        let judged = tokio::task::spawn_blocking(move || (judge(&body), body)).await;
        let Ok((Some(picture), body)) = judged else {
            return Ok(false);
        };
        let file = picture.file();
        self.folder.put(&file, &body).map_err(not_kept)?;
        self.folder.settle().map_err(not_kept)?;
        let (portal, url) = (&self.column.portal, &wanted.url);
        let is_wanted = self.store().pictures().keep(portal, url, &picture).await?;
        if !is_wanted && !self.store().pictures().is_kept(&picture.sha256).await? {
            self.folder.remove(&file).map_err(not_kept)?;
        }
        Ok(true)
    }

    async fn put_off(&self, wanted: &WantedPicture, reason: &str) -> Result<(), RunError> {
        let WantedPicture { url, failures, .. } = wanted;
        let rest = usize::try_from(*failures)
            .ok()
            .and_then(|tries| RESTS.get(tries));
        let now = self.collector.clock.now();
        let next = rest.map(|hours| now.plus(TimeDelta::hours(*hours)));
        let portal = &self.column.portal;
        let put_off = self.store().pictures().put_off(portal, url, next, reason);
        Ok(put_off.await?)
    }

    /// Queues pictures again if their files are lost, for example after a restore without them.
    async fn lose_missing_files(&self) -> Result<(), RunError> {
        let folder = self.store().pictures().folder();
        for kept in self.store().pictures().kept().await? {
            let file = folder.join(kept.picture.file());
            if kept.portal == self.column.portal && !file.is_file() {
                self.store().pictures().lose(&kept.picture.sha256).await?;
            }
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

/// A picture could not be put into its folder. Every other would fail, too.
fn not_kept(error: PublishError) -> RunError {
    RunError::Fetch(FetchError::HostBook {
        url: error.path.display().to_string(),
        reason: error.reason(),
        cause: error.to_string(),
    })
}
