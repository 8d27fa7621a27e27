//! What outlives a request: who may ask a host, how long it rests, its robots.txt, what it sent.
//!
//! Owns the words that a fetcher and whoever keeps its books speak. Never keeps anything itself:
//! times are lengths from now on, since a fetcher has no wall clock.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use thiserror::Error;

use super::exchange::Exchange;

/// Keeps a fetcher's books, beyond its process where they are a store's.
pub trait HostBook: fmt::Debug + Send + Sync {
    /// Takes a host for this process, or holds it for longer, and tells what is remembered of it.
    fn enter<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<HostAccess, HostBookError>>;

    /// Gives a host back, and remembers how long it is to be left alone.
    fn leave<'a>(&'a self, host: &'a str, rest: Rest) -> BoxFuture<'a, Result<(), HostBookError>>;

    /// Remembers at once how long a host wants to be left alone.
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

    /// Keeps what was asked and answered, before anything is made of it, and gives the number
    /// under which it is found again.
    fn keep(&self, exchange: Arc<Exchange>) -> BoxFuture<'_, Result<Option<i64>, HostBookError>>;
}

/// Whether a host may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostAccess {
    /// It is this process's, which leaves it alone for so long first.
    Open(Rest),
    /// Another process has it, until the time that is written here unless it goes on.
    Held {
        /// As people read it.
        until: String,
    },
}

/// How long a host is to be left alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// What is left of the pause after the last request.
    pub pause: Duration,
    /// What is left of the rest that the host asked for (`Retry-After`), and with which status.
    pub asked: Option<(u16, Duration)>,
}

/// A site's robots.txt as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RobotsCopy {
    /// The file; `None` where the site has none.
    pub body: Option<Vec<u8>>,
    /// How much longer the copy counts.
    pub fresh_for: Duration,
}

/// The books cannot be kept, and so nothing may be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{cause}")]
pub struct HostBookError {
    /// A stable code.
    pub reason: &'static str,
    /// What happened, and what to do.
    pub cause: String,
}

/// No books: for single requests that belong to no run.
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
