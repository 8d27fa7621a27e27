//! Copies of robots.txt, for as long as each counts.

use std::sync::Arc;

use tokio::time::Instant;

use super::error::FetchError;
use super::host_book::RobotsCopy;
use super::locks::Locks;
use super::robots::Robots;

/// With more sites than these, stale copies are dropped.
const MANY: usize = 1024;

/// What is known of every site's robots.txt.
#[derive(Default)]
pub(super) struct RobotsCopies {
    pub(super) sites: Locks<Option<Site>, MANY>,
}

/// What a site's robots.txt was found to be, and how long that counts.
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
    /// There is none: everything may be asked for.
    Nothing,
    /// It could not be read: nothing may.
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
