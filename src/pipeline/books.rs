//! The fetcher's books, kept in the store and the archive.
//!
//! Owns the order: what was sent is archived and on the disk before anything is made of it. Never
//! fetches.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::archive::{Archive, Capture, Earlier, Place, Truncated};
use crate::fetch::{BookError, Books, Cut, Entry, Exchange, Rest, RobotsCopy};
use crate::model::{Clock, Instant};
use crate::store::{Holder, Store, StoreError};

/// Books in the store and the archive, by the collector's clock.
#[derive(Debug)]
pub(super) struct StoreBooks {
    pub(super) store: Store,
    pub(super) archive: Archive,
    pub(super) clock: Clock,
    pub(super) holder: Holder,
}

impl Books for StoreBooks {
    fn enter<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Entry, BookError>> {
        Box::pin(async move {
            let now = self.clock.now();
            let held = self.store.lease(host, &self.holder, now).await;
            match held.map_err(told)? {
                Some(until) => Ok(Entry::Held {
                    until: until.to_string(),
                }),
                None => {
                    let rest = self.store.host_rest(host, now).await;
                    Ok(Entry::Open(rest.map_err(told)?))
                }
            }
        })
    }

    fn leave<'a>(&'a self, host: &'a str, rest: Rest) -> BoxFuture<'a, Result<(), BookError>> {
        Box::pin(async move {
            let noted = self
                .store
                .note_host_rest(host, self.clock.now(), rest)
                .await;
            let released = self.store.release(host, &self.holder).await;
            noted.and(released).map_err(told)
        })
    }

    fn robots<'a>(&'a self, site: &'a str) -> BoxFuture<'a, Result<Option<RobotsCopy>, BookError>> {
        Box::pin(async move {
            let copy = self.store.robots(site, self.clock.now()).await;
            copy.map_err(told)
        })
    }

    fn keep_robots<'a>(
        &'a self,
        site: &'a str,
        copy: &'a RobotsCopy,
    ) -> BoxFuture<'a, Result<(), BookError>> {
        Box::pin(async move {
            let kept = self.store.keep_robots(site, self.clock.now(), copy).await;
            kept.map_err(told)
        })
    }

    fn keep(&self, exchange: Arc<Exchange>) -> BoxFuture<'_, Result<Option<i64>, BookError>> {
        Box::pin(async move {
            let at = self.clock.now();
            let known = match exchange.status {
                200..300 | 304 => self.store.last_capture(&exchange.url).await.map_err(told)?,
                _ => None,
            };
            let (id, earlier) = known.unzip();
            let archive = self.archive.clone();
            let sent = Arc::clone(&exchange);
            let written =
                tokio::task::spawn_blocking(move || write(&archive, &sent, at, earlier.as_ref()));
            let place = match written.await {
                Ok(written) => written?,
                Err(broken) => {
                    return Err(BookError {
                        reason: "archive",
                        cause: broken.to_string(),
                    });
                }
            };
            let is_whole = (200..300).contains(&exchange.status)
                && exchange.cut.is_none()
                && !exchange.body.is_empty();
            let whole = is_whole.then_some((&exchange.url, at));
            let noted = self.store.note_capture(&place, whole).await;
            let new = noted.map_err(told)?;
            Ok(new.or(id.filter(|_| place.is_revisit)))
        })
    }
}

fn write(
    archive: &Archive,
    exchange: &Exchange,
    at: Instant,
    earlier: Option<&Earlier>,
) -> Result<Place, BookError> {
    let took = exchange.took.as_millis().to_string();
    let capture = Capture {
        url: &exchange.url,
        at,
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
        fields: &[("fetchTimeMs", took)],
        earlier,
    };
    archive.write(&capture).map_err(|error| BookError {
        reason: error.reason(),
        cause: error.to_string(),
    })
}

fn told(error: StoreError) -> BookError {
    BookError {
        reason: error.reason(),
        cause: error.to_string(),
    }
}
