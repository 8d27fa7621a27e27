//! The fetcher's host book, kept in the store and the archive.
//!
//! Owns which former capture an exchange may refer to. Never fetches.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::archive_writer::ArchiveWriter;
use super::budget::Budget;
use super::error::from_store;
use crate::fetch::{Exchange, HostAccess, HostBook, HostBookError, Rest, RobotsCopy};
use crate::model::Clock;
use crate::store::{Holder, Lease, LeaseKind, Store};

/// A host book in the store and the archive, by the collector's clock.
#[derive(Debug)]
pub(in crate::pipeline) struct StoreHostBook {
    pub(in crate::pipeline) store: Store,
    /// Writes each exchange into the archive; `None` where nothing is archived.
    pub(in crate::pipeline) archive_writer: Option<ArchiveWriter>,
    pub(in crate::pipeline) clock: Clock,
    pub(in crate::pipeline) holder: Holder,
    /// How often the store's server had taken this process for dead when the session began.
    pub(in crate::pipeline) deaths: u64,
    /// The purpose for which hosts are leased.
    pub(in crate::pipeline) lease: LeaseKind,
    /// What the column may still make dibao store; `None` where that is counted elsewhere.
    pub(in crate::pipeline) budget: Option<Budget>,
}

impl HostBook for StoreHostBook {
    fn may_ask(&self) -> Result<(), HostBookError> {
        let own = self.store.hosts().are_own(self.deaths);
        own.map_err(from_store)?;
        match &self.budget {
            Some(budget) => budget.ask(self.clock.now()),
            None => Ok(()),
        }
    }

    fn enter<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<HostAccess, HostBookError>> {
        Box::pin(async move {
            let now = self.clock.now();
            let entered = self
                .store
                .hosts()
                .enter(self.lease, host, &self.holder, now)
                .await;
            Ok(match entered.map_err(from_store)? {
                (Lease::Held { until, .. }, _) => HostAccess::Held {
                    until: until.to_string(),
                },
                (Lease::Taken, rest) => HostAccess::Open(rest),
            })
        })
    }

    fn leave<'a>(&'a self, host: &'a str, rest: Rest) -> BoxFuture<'a, Result<(), HostBookError>> {
        Box::pin(async move {
            let now = self.clock.now();
            let left = self.store.hosts().leave(host, &self.holder, now, rest);
            left.await.map_err(from_store)
        })
    }

    fn rest<'a>(&'a self, host: &'a str, rest: Rest) -> BoxFuture<'a, Result<(), HostBookError>> {
        Box::pin(async move {
            let noted = self
                .store
                .hosts()
                .note_rest(host, self.clock.now(), rest)
                .await;
            noted.map_err(from_store)
        })
    }

    fn robots<'a>(
        &'a self,
        site: &'a str,
    ) -> BoxFuture<'a, Result<Option<RobotsCopy>, HostBookError>> {
        Box::pin(async move {
            let copy = self.store.hosts().robots(site, self.clock.now()).await;
            copy.map_err(from_store)
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
            kept.map_err(from_store)
        })
    }

    fn keep(&self, exchange: Arc<Exchange>) -> BoxFuture<'_, Result<Option<i64>, HostBookError>> {
        Box::pin(async move {
            let Some(archive_writer) = &self.archive_writer else {
                return Ok(None);
            };
            let at = self.clock.now();
            let known = match exchange.status {
                200..300 => self
                    .store
                    .captures()
                    .last(&exchange.url)
                    .await
                    .map_err(from_store)?,
                _ => None,
            };
            let archived = archive_writer.write(exchange, at, known).await?;
            if let Some(budget) = &self.budget {
                budget.add_bytes(at, archived.bytes);
                let written = budget.write_down(&self.store, false);
                written.await.map_err(from_store)?;
            }
            Ok(archived.capture)
        })
    }
}
