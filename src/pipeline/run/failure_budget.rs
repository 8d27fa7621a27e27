//! How many more failures of a portal a run accepts.
//!
//! Owns when a run stops asking a host: the column's, or another on which its articles are. Never
//! asks anything.

use std::collections::BTreeMap;

use url::Url;

use crate::config::Column;
use crate::fetch::host_of;
use crate::pipeline::reading::PageError;

/// After this many passing failures in a row the portal is left alone until the next run.
const FAILURES: usize = 3;
/// This many blocked pages in a row mean that the host blocks us. A single one may be blocked for a
/// word on it.
const BLOCKED_PAGES: usize = 2;

/// How many more failures of a portal a run accepts.
#[derive(Default)]
pub(in crate::pipeline) struct FailureBudget {
    failures: usize,
    /// Blocked pages in a row, by host.
    blocked_pages: BTreeMap<String, usize>,
    is_blocked: bool,
    /// Whether other hosts than the column's are left alone, as far as this is known.
    other_hosts: BTreeMap<String, bool>,
}

impl FailureBudget {
    /// A page at this URL was read.
    pub(super) fn renew(&mut self, url: &Url) {
        self.failures = 0;
        self.blocked_pages.remove(&host_of(url));
    }

    /// Counts a failure. If it shows that a host blocks us, that host is returned.
    pub(super) fn spend(&mut self, error: &PageError, column: &Column) -> Option<String> {
        self.failures = if error.is_transient() {
            self.failures + 1
        } else {
            0
        };
        let host = error.blocked_host(column)?;
        let pages = self.blocked_pages.entry(host.clone()).or_default();
        *pages += 1;
        if *pages < BLOCKED_PAGES {
            return None;
        }
        if host == host_of(&column.url) {
            self.is_blocked = true;
        } else {
            self.other_hosts.insert(host.clone(), true);
        }
        Some(host)
    }

    /// Whether another host than the column's is left alone; `None` if that is not known yet.
    pub(super) fn avoids(&self, host: &str) -> Option<bool> {
        self.other_hosts.get(host).copied()
    }

    /// Remembers whether another host than the column's is left alone.
    pub(super) fn remember(&mut self, host: String, is_avoided: bool) {
        self.other_hosts.insert(host, is_avoided);
    }

    /// Whether the run would go on after one more failure, whatever it is.
    pub(super) fn bears_a_failure(&self) -> bool {
        let is_unblocked = self
            .blocked_pages
            .values()
            .all(|pages| pages + 1 < BLOCKED_PAGES);
        !self.is_spent() && is_unblocked && self.failures + 1 < FAILURES
    }

    /// Whether this run asks the column's host no more.
    pub(in crate::pipeline) fn is_spent(&self) -> bool {
        self.is_blocked || self.failures >= FAILURES
    }
}
