//! The host book: leases, rests, copies of robots.txt and answers, which outlive a request.
//!
//! Owns the interface between a fetcher and the keeper of its host book. Never stores anything
//! itself. Times are lengths from now on, since a fetcher has no wall clock.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use thiserror::Error;

use super::exchange::Exchange;

/// Keeps a fetcher's host book. The store's host book outlives the process.
pub trait HostBook: fmt::Debug + Send + Sync {
    /// Counts a request that is about to be sent. An error if no further one may be sent.
    fn may_ask(&self) -> Result<(), HostBookError> {
        Ok(())
    }

    /// Takes a host for this process, or renews its lease, and returns the rest that is left.
    fn enter<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<HostAccess, HostBookError>>;

    /// Gives a host back, and stores the rest that is left.
    fn leave<'a>(&'a self, host: &'a str, rest: Rest) -> BoxFuture<'a, Result<(), HostBookError>>;

    /// Stores at once the rest that a host asks for.
    fn rest<'a>(&'a self, host: &'a str, rest: Rest) -> BoxFuture<'a, Result<(), HostBookError>>;

    /// The copy of a site's robots.txt, while it is fresh.
    fn robots<'a>(
        &'a self,
        site: &'a str,
    ) -> BoxFuture<'a, Result<Option<RobotsCopy>, HostBookError>>;

    /// Keeps a copy of a site's robots.txt.
    fn keep_robots<'a>(
        &'a self,
        site: &'a str,
        copy: &'a RobotsCopy,
    ) -> BoxFuture<'a, Result<(), HostBookError>>;

    /// Archives a request and its answer before they are read, and returns the number of the
    /// capture.
    fn keep(&self, exchange: Arc<Exchange>) -> BoxFuture<'_, Result<Option<i64>, HostBookError>>;
}

/// Whether this process may send requests to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostAccess {
    /// This process holds the host, and must wait for this rest first.
    Open(Rest),
    /// Another process holds the host.
    Held {
        /// The end of its lease, as text for people.
        until: String,
    },
}

/// The time during which a host gets no request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// The rest of the pause after the last request.
    pub pause: Duration,
    /// The status with which the host asked for a rest (`Retry-After`), and the time that is left.
    pub asked: Option<(u16, Duration)>,
}

/// A copy of a site's robots.txt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotsCopy {
    /// The file; `None` if the site has none.
    pub body: Option<Vec<u8>>,
    /// How long the copy is still valid.
    pub fresh_for: Duration,
}

/// The host book cannot be kept, so nothing may be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{cause}")]
pub struct HostBookError {
    /// A stable code.
    pub reason: &'static str,
    /// The error and the remedy.
    pub cause: String,
}

/// No host book, for single requests outside a run.
#[derive(Clone, Copy, Debug)]
pub struct NoHostBook;

impl HostBook for NoHostBook {
    fn enter<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<HostAccess, HostBookError>> {
        Box::pin(async { Ok(HostAccess::Open(Rest::default())) })
    }

    fn leave<'a>(&'a self, _: &'a str, _: Rest) -> BoxFuture<'a, Result<(), HostBookError>> {
        Box::pin(async { Ok(()) })
    }

    fn rest<'a>(&'a self, _: &'a str, _: Rest) -> BoxFuture<'a, Result<(), HostBookError>> {
        Box::pin(async { Ok(()) })
    }

    fn robots<'a>(
        &'a self,
        _: &'a str,
    ) -> BoxFuture<'a, Result<Option<RobotsCopy>, HostBookError>> {
        Box::pin(async { Ok(None) })
    }

    fn keep_robots<'a>(
        &'a self,
        _: &'a str,
        _: &'a RobotsCopy,
    ) -> BoxFuture<'a, Result<(), HostBookError>> {
        Box::pin(async { Ok(()) })
    }

    fn keep(&self, _: Arc<Exchange>) -> BoxFuture<'_, Result<Option<i64>, HostBookError>> {
        Box::pin(async { Ok(None) })
    }
}
