//! Fetches the pictures of columns that keep them, once their articles were read.
//!
//! Owns how much of that a run does, and when a picture is tried again. Bytes come before the store's
//! word of them, so a kill leaves at most a file that nothing names yet. Never shows a picture, and
//! puts none into the archive: there is nothing in one to read anew.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;

use super::collect::{Collector, keep_hosts};
use super::progress::Step;
use super::report::{ColumnReport, Ending};
use super::trouble::Trouble;
use crate::config::Column;
use crate::fetch::{FetchError, Fetched, Session, host_of};
use crate::model::{Picture, Verdict};
use crate::publish::{Directory, PublishError};
use crate::store::{LeaseKind, WantedPicture};

/// Pictures that a run asks for.
const OF_A_RUN: u32 = 200;
/// From so many bytes on, a run asks for no more.
const BYTES_OF_A_RUN: u64 = 100 << 20;
/// How long a picture rests after each try in vain, in hours. After the last one it is given up.
const RESTS: [i64; 5] = [1, 6, 24, 3 * 24, 7 * 24];
/// So many passing faults of a host in a row, and a run leaves it alone.
const PATIENCE: u32 = 3;
/// Why a picture is not kept that is none.
const NO_PICTURE: &str = "no-picture";

/// Fetches pictures that a column wants, in what its run has left of this time limit. It never fails
/// as a whole, and says nothing of how the column is: what is not there yet is tried again.
pub async fn mirror(
    collector: &Collector,
    column: &Column,
    limit: Duration,
    report: &mut ColumnReport,
) {
    let is_well = matches!(report.ending, Ending::Complete | Ending::Failed { .. });
    if !column.publish.mirror_images || !is_well || report.host_trouble.is_some() {
        return;
    }
    let left = limit.saturating_sub(report.elapsed);
    let session = collector.session(LeaseKind::Run);
    let mirrored = tokio::select! {
        () = collector.stop.cancelled() => Ok(()),
        () = tokio::time::sleep(left) => Ok(()),
        trouble = keep_hosts(&session) => Err(trouble),
        mirrored = collector.fetch_pictures(&session, column, report) => mirrored,
    };
    let closed = session.close().await.map_err(Trouble::from);
    if let Err(trouble) = mirrored.and(closed) {
        let (reason, column) = (trouble.reason(), &report.column);
        if trouble.is_fatal() {
            report.ending = trouble.into_ending();
        } else {
            let message = trouble.into_message();
            tracing::warn!(%column, reason, message, "pictures are left for the next run");
        }
    }
}

/// Which hosts are asked no more.
#[derive(Default)]
struct Avoided {
    hosts: BTreeSet<String>,
    faults: BTreeMap<String, u32>,
}

/// A run's asking for pictures, as far as it has come.
struct Asking<'a> {
    column: &'a Column,
    session: &'a Session,
    folder: &'a Directory,
    avoided: Avoided,
    bytes: u64,
}

impl Avoided {
    /// Counts a failure; a wall, or faults in a row, are the host's.
    fn wear(&mut self, host: &str, error: &FetchError) {
        let faults = self.faults.entry(host.to_owned()).or_default();
        *faults = if error.is_transient() { *faults + 1 } else { 0 };
        let is_wall = error.verdict() == Some(Verdict::BlockedByWaf);
        if is_wall || *faults >= PATIENCE {
            self.hosts.insert(host.to_owned());
        }
    }
}

impl Collector {
    async fn fetch_pictures(
        &self,
        session: &Session,
        column: &Column,
        report: &mut ColumnReport,
    ) -> Result<(), Trouble> {
        self.store.pictures().note(&column.name).await?;
        let folder = Directory::open(self.store.pictures().folder()).map_err(unkept)?;
        self.miss_lost(column).await?;
        let now = self.clock.now();
        let wanted = self.store.pictures().wanted(now, &column.portal, OF_A_RUN);
        let mut asking = Asking {
            column,
            session,
            folder: &folder,
            avoided: Avoided::default(),
            bytes: 0,
        };
        for wanted in wanted.await? {
            let host = host_of(&wanted.url);
            if asking.bytes >= BYTES_OF_A_RUN {
                break;
            }
            if asking.avoided.hosts.contains(&host) || self.is_resting(&host, &mut asking).await? {
                continue;
            }
            if self.fetch_picture(&wanted, &host, &mut asking).await? {
                report.pictures += 1;
            }
            self.progress.tell(Step::PictureDone {
                column: &column.name,
                url: &wanted.url,
            });
        }
        Ok(())
    }

    /// Whether a picture was fetched and is kept. One that was not is tried again later.
    async fn fetch_picture(
        &self,
        wanted: &WantedPicture,
        host: &str,
        asking: &mut Asking<'_>,
    ) -> Result<bool, Trouble> {
        let (column, session) = (asking.column, asking.session);
        let got = session.get_picture(&wanted.url, &wanted.page, &column.fetch);
        let reason = match got.await {
            Ok(Fetched::Page(page)) => {
                asking.avoided.faults.remove(host);
                asking.bytes += page.body.len() as u64;
                if self.keep(asking, wanted, page.body).await? {
                    return Ok(true);
                }
                NO_PICTURE
            }
            // Nothing was asked under a condition.
            Ok(Fetched::NotModified) => NO_PICTURE,
            Err(error @ FetchError::HostBook { .. }) => return Err(error.into()),
            // That says nothing of the picture.
            Err(FetchError::HostLeased { .. } | FetchError::Resting { .. }) => {
                asking.avoided.hosts.insert(host.to_owned());
                return Ok(false);
            }
            Err(error) => {
                if let FetchError::TooLarge { limit, .. } = &error {
                    asking.bytes += *limit as u64;
                }
                asking.avoided.wear(host, &error);
                error.reason()
            }
        };
        tracing::debug!(column = %column.name, url = %wanted.url, reason, "no picture");
        self.put_off(column, wanted, reason).await?;
        Ok(false)
    }

    /// Whether a host rests since it was in trouble; then it is asked no more.
    async fn is_resting(&self, host: &str, asking: &mut Asking<'_>) -> Result<bool, Trouble> {
        let resting = self.store.hosts().trouble(host, self.clock.now()).await?;
        let is_resting = resting.is_some_and(|resting| self.leaves_alone(&resting));
        if is_resting {
            asking.avoided.hosts.insert(host.to_owned());
        }
        Ok(is_resting)
    }

    /// Keeps a picture: its file first, then the store's word. `false` where it is none.
    async fn keep(
        &self,
        asking: &Asking<'_>,
        wanted: &WantedPicture,
        body: Vec<u8>,
    ) -> Result<bool, Trouble> {
        let judged = tokio::task::spawn_blocking(move || (Picture::of(&body), body)).await;
        let Ok((Some(picture), body)) = judged else {
            return Ok(false);
        };
        let folder = asking.folder;
        folder.put(&picture.file(), &body).map_err(unkept)?;
        let (portal, url) = (&asking.column.portal, &wanted.url);
        let is_wanted = self.store.pictures().keep(portal, url, &picture).await?;
        if !is_wanted && !self.store.pictures().is_kept(&picture.sha256).await? {
            folder.remove(&picture.file()).map_err(unkept)?;
        }
        Ok(true)
    }

    async fn put_off(
        &self,
        column: &Column,
        wanted: &WantedPicture,
        reason: &str,
    ) -> Result<(), Trouble> {
        let WantedPicture { url, failures, .. } = wanted;
        let rest = usize::try_from(*failures)
            .ok()
            .and_then(|tries| RESTS.get(tries));
        let next = rest.map(|hours| self.clock.now().plus(TimeDelta::hours(*hours)));
        let put_off = self
            .store
            .pictures()
            .put_off(&column.portal, url, next, reason);
        Ok(put_off.await?)
    }

    /// Lets pictures be fetched again of which the bytes are lost, as after a restore without them.
    async fn miss_lost(&self, column: &Column) -> Result<(), Trouble> {
        let folder = self.store.pictures().folder();
        for kept in self.store.pictures().kept().await? {
            let file = folder.join(kept.picture.file());
            if kept.portal == column.portal && !file.is_file() {
                self.store.pictures().lose(&kept.picture.sha256).await?;
            }
        }
        Ok(())
    }
}

/// A picture could not be put into its folder, and neither could the next.
fn unkept(error: PublishError) -> Trouble {
    Trouble::Fetch(FetchError::HostBook {
        url: error.path.display().to_string(),
        reason: error.reason(),
        cause: error.to_string(),
    })
}
