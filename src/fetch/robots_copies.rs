//! Copies of robots.txt in memory.
//!
//! Owns the copies and their age. Never fetches one.

use std::sync::Arc;

use tokio::time::Instant;

use super::error::FetchError;
use super::host_book::RobotsCopy;
use super::locks::Locks;
use super::robots::Robots;

/// With more sites than these, stale copies are dropped.
const MANY: usize = 1024;

/// The copies by site.
#[derive(Default)]
pub(super) struct RobotsCopies {
    pub(super) sites: Locks<Option<Site>, MANY>,
}

/// A site's robots.txt, and how long it is valid.
pub(super) struct Site {
    pub(super) until: Instant,
    pub(super) found: Found,
}

impl Site {
    pub(super) fn is_fresh(&self) -> bool {
        self.until > Instant::now()
    }
}

#[derive(Clone)]
pub(super) enum Found {
    Rules(Arc<Robots>),
    /// There is no file: everything may be fetched.
    Nothing,
    /// The file could not be read: nothing may be fetched.
    Failed(FetchError),
}

impl Found {
    pub(super) fn from_copy(copy: &RobotsCopy) -> Self {
        match &copy.body {
            Some(body) => Self::Rules(Arc::new(Robots::parse(body))),
            None => Self::Nothing,
        }
    }
}
