//! Archives exchanges with portals, many in one batch.
//!
//! Owns the order: into the archive, where it survives a power cut, then into the index. All
//! exchanges that wait share one write to each, so that portals do not wait one after another.
//! Never fetches.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use url::Url;

use super::error::from_store;
use crate::archive::{Archive, ArchiveError, ArchivedCapture, Capture, EarlierCapture, Truncated};
use crate::fetch::{Cut, Exchange, HostBookError};
use crate::model::Timestamp;
use crate::store::{NewCapture, Store};

/// A batch has at most this many exchanges,
const AT_ONCE: usize = 256;
/// and is closed once it holds this many bytes.
const BYTES_AT_ONCE: usize = 16 << 20;

/// Writes into an archive and its index. Clones hand their exchanges to the same task.
#[derive(Clone, Debug)]
pub struct ArchiveWriter {
    jobs: mpsc::Sender<Job>,
    archive: Archive,
    store: Store,
}

/// An exchange that waits to be archived.
#[derive(Debug)]
struct Job {
    exchange: Arc<Exchange>,
    at: Timestamp,
    /// A former capture of the same URL, with its number.
    known: Option<(i64, EarlierCapture)>,
    done: oneshot::Sender<Result<Archived, HostBookError>>,
}

/// An exchange that is archived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Archived {
    /// For a page that was sent whole, the number of the capture that has its body.
    pub(super) capture: Option<i64>,
    /// The bytes that it takes in the archive.
    pub(super) bytes: u64,
}

impl ArchiveWriter {
    /// Starts the writing task, which ends with the last clone. Needs a running tokio runtime.
    pub fn start(archive: Archive, store: Store) -> Self {
        let (send, jobs) = mpsc::channel(AT_ONCE);
        tokio::spawn(write_down(archive.clone(), store.clone(), jobs));
        Self {
            jobs: send,
            archive,
            store,
        }
    }

    /// Erases the captures of these addresses: they show an article that was removed.
    pub(in crate::pipeline) async fn erase(&self, urls: &[&Url]) -> Result<(), HostBookError> {
        let places = self
            .store
            .captures()
            .without_article(urls)
            .await
            .map_err(from_store)?;
        if places.is_empty() {
            return Ok(());
        }
        let forgotten = self.store.captures().forget_sums().await;
        forgotten.map_err(from_store)?;
        let (archive, these) = (self.archive.clone(), places.clone());
        let erased = tokio::task::spawn_blocking(move || {
            let mut these = these.iter();
            these.try_for_each(|place| archive.erase(&place.file, place.offset))
        });
        let broken = |cause: String| HostBookError {
            reason: "archive",
            cause,
        };
        erased
            .await
            .map_err(|error| broken(error.to_string()))?
            .map_err(|error| broken(error.to_string()))?;
        self.store
            .captures()
            .forget(&places)
            .await
            .map_err(from_store)
    }

    /// Archives an exchange.
    pub(super) async fn write(
        &self,
        exchange: Arc<Exchange>,
        at: Timestamp,
        known: Option<(i64, EarlierCapture)>,
    ) -> Result<Archived, HostBookError> {
        let (done, written) = oneshot::channel();
        let job = Job {
            exchange,
            at,
            known,
            done,
        };
        let gone = || HostBookError {
            reason: "archive",
            cause: "the archive is closed".to_owned(),
        };
        self.jobs.send(job).await.map_err(|_| gone())?;
        written.await.unwrap_or_else(|_| Err(gone()))
    }
}

async fn write_down(archive: Archive, store: Store, mut jobs: mpsc::Receiver<Job>) {
    let mut under_way = JoinSet::new();
    loop {
        // What comes meanwhile is in the next batch.
        while under_way.len() >= archive.writes_at_once() {
            under_way.join_next().await;
        }
        let Some(first) = jobs.recv().await else {
            break;
        };
        while under_way.try_join_next().is_some() {}
        let mut bytes = first.exchange.body.len();
        let mut batch = vec![first];
        while batch.len() < AT_ONCE
            && bytes < BYTES_AT_ONCE
            && let Ok(next) = jobs.try_recv()
        {
            bytes += next.exchange.body.len();
            batch.push(next);
        }
        under_way.spawn(write_batch(archive.clone(), store.clone(), batch));
    }
    while under_way.join_next().await.is_some() {}
}

async fn write_batch(archive: Archive, store: Store, batch: Vec<Job>) {
    let written = tokio::task::spawn_blocking(move || {
        let places = archive_all(&archive, &batch);
        (batch, places)
    });
    // A panic there drops the jobs: whoever waits for one learns that the archive is closed.
    let Ok((batch, places)) = written.await else {
        return;
    };
    let mut indexed = Vec::with_capacity(batch.len());
    for (job, place) in batch.into_iter().zip(places) {
        match place {
            Ok(place) => indexed.push((job, place)),
            Err(error) => tell(job, Err(error)),
        }
    }
    let captures: Vec<NewCapture<'_>> = indexed
        .iter()
        .map(|(job, place)| NewCapture {
            place,
            whole: is_whole(&job.exchange).then_some((&job.exchange.url, job.at)),
        })
        .collect();
    let noted = store.captures().note(&captures).await.map_err(from_store);
    for (index, (job, place)) in indexed.into_iter().enumerate() {
        let id = noted.as_ref().map(|ids| ids.get(index).copied().flatten());
        let known = job.known.as_ref().filter(|_| place.is_revisit);
        let known = known.map(|(id, _)| *id);
        let archived = id.map(|id| Archived {
            capture: id.or(known),
            bytes: place.length,
        });
        tell(job, archived.map_err(HostBookError::clone));
    }
}

fn tell(job: Job, written: Result<Archived, HostBookError>) {
    // A caller that gave up waiting needs no answer; the record stays.
    let _ = job.done.send(written);
}

/// Whether an exchange brought a whole page.
fn is_whole(exchange: &Exchange) -> bool {
    let is_success = (200..300).contains(&exchange.status);
    is_success && exchange.cut.is_none() && !exchange.body.is_empty()
}

fn archive_all(archive: &Archive, batch: &[Job]) -> Vec<Result<ArchivedCapture, HostBookError>> {
    let fields: Vec<[(&str, String); 1]> = batch
        .iter()
        .map(|job| [("fetchTimeMs", job.exchange.took.as_millis().to_string())])
        .collect();
    let captures: Vec<Capture<'_>> = batch
        .iter()
        .zip(&fields)
        .map(|(job, fields)| capture(job, fields))
        .collect();
    let refused = |error: ArchiveError| HostBookError {
        reason: error.reason(),
        cause: error.to_string(),
    };
    match archive.write_all(&captures) {
        Ok(places) => places
            .into_iter()
            .map(|place| place.map_err(refused))
            .collect(),
        Err(error) => vec![Err(refused(error)); batch.len()],
    }
}

fn capture<'a>(job: &'a Job, fields: &'a [(&'a str, String)]) -> Capture<'a> {
    let exchange = &*job.exchange;
    Capture {
        url: &exchange.url,
        at: job.at,
        address: exchange.address,
        request_head: &exchange.request_head,
        status: exchange.status,
        response_head: &exchange.response_head,
        body: &exchange.body,
        truncated: exchange.cut.map(|cut| match cut {
            Cut::Length => Truncated::Length,
            Cut::Time => Truncated::Time,
            Cut::Disconnect => Truncated::Disconnect,
        }),
        fields,
        earlier: job.known.as_ref().map(|(_, earlier)| earlier),
    }
}
