//! The fetcher's books, kept in the store and the archive.
//!
//! Owns which former capture an exchange may refer to. Never fetches.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::scribe::ArchiveWriter;
use crate::fetch::{Entry, Exchange, HostBook, HostBookError, Rest, RobotsCopy};
use crate::model::Clock;
use crate::store::{Holder, Lease, LeaseKind, Store, StoreError};

/// HostBook in the store and the archive, by the collector's clock.
#[derive(Debug)]
pub(super) struct StoreHostBook {
    pub(super) store: Store,
    /// Who writes down what is sent; `None` where nothing of it is kept.
    pub(super) scribe: Option<ArchiveWriter>,
    pub(super) clock: Clock,
    pub(super) holder: Holder,
    /// What hosts are taken for.
    pub(super) errand: LeaseKind,
}

impl HostBook for StoreHostBook {
    fn enter<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Entry, HostBookError>> {
        Box::pin(async move {
            let now = self.clock.now();
            let held = self
                .store
                .hosts()
                .lease_for(self.errand, host, &self.holder, now)
                .await;
            match held.map_err(told)? {
                Lease::Held { until, .. } => Ok(Entry::Held {
                    until: until.to_string(),
                }),
                Lease::Taken => {
                    let rest = self.store.hosts().rest(host, now).await;
                    Ok(Entry::Open(rest.map_err(told)?))
                }
            }
        })
    }

    fn leave<'a>(&'a self, host: &'a str, rest: Rest) -> BoxFuture<'a, Result<(), HostBookError>> {
        Box::pin(async move {
            let noted = self.rest(host, rest).await;
            let released = self.store.hosts().release(host, &self.holder).await;
            noted.and(released.map_err(told))
        })
    }

    fn rest<'a>(&'a self, host: &'a str, rest: Rest) -> BoxFuture<'a, Result<(), HostBookError>> {
        Box::pin(async move {
            let noted = self
                .store
                .hosts()
                .note_rest(host, self.clock.now(), rest)
                .await;
            noted.map_err(told)
        })
    }

    fn robots<'a>(
        &'a self,
        site: &'a str,
    ) -> BoxFuture<'a, Result<Option<RobotsCopy>, HostBookError>> {
        Box::pin(async move {
            let copy = self.store.hosts().robots(site, self.clock.now()).await;
            copy.map_err(told)
        })
    }

    fn keep_robots<'a>(
        &'a self,
        site: &'a str,
        copy: &'a RobotsCopy,
    ) -> BoxFuture<'a, Result<(), HostBookError>> {
        Box::pin(async move {
            let kept = self
                .store
                .hosts()
                .keep_robots(site, self.clock.now(), copy)
                .await;
            kept.map_err(told)
        })
    }

    fn keep(&self, exchange: Arc<Exchange>) -> BoxFuture<'_, Result<Option<i64>, HostBookError>> {
        Box::pin(async move {
            let Some(scribe) = &self.scribe else {
                return Ok(None);
            };
            let at = self.clock.now();
            let known = match exchange.status {
                200..300 | 304 => self
                    .store
                    .captures()
                    .last(&exchange.url)
                    .await
                    .map_err(told)?,
                _ => None,
            };
            scribe.write(exchange, at, known).await
        })
    }
}

/// As a fetcher is told of it.
pub(super) fn told(error: StoreError) -> HostBookError {
    HostBookError {
        reason: error.reason(),
        cause: error.to_string(),
    }
}
