//! The log of visits: who asked for what, and when.
//!
//! Owns the visits and the count of open requests of each host. Never changes an answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// One request that the portal received.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The requested host in lower case, without a port.
    pub host: String,
    /// The path with the query.
    pub path: String,
    /// The visitor's `User-Agent`.
    pub user_agent: String,
    /// Whether it came over TLS.
    pub secure: bool,
    /// When the request was complete.
    pub start: Instant,
    /// When the answer was sent or the visitor left; `None` before.
    pub end: Option<Instant>,
    /// The status of the answer; 0 if it has none.
    pub status: u16,
    /// How many requests the host was answering then, with this one.
    pub at_once: usize,
}

/// The log. A lock is held only for a push or a copy.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Account>);

#[derive(Debug, Default)]
struct Account {
    visits: Vec<Visit>,
    under_way: HashMap<String, usize>,
    asked: HashMap<(String, String), usize>,
}

impl Log {
    fn account(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the beginning of a visit. Returns its place in the log, and how many earlier requests
    /// the host had for this path.
    pub(super) fn begin(&self, mut visit: Visit) -> (usize, usize) {
        let mut account = self.account();
        let under_way = account.under_way.entry(visit.host.clone()).or_default();
        *under_way += 1;
        visit.at_once = *under_way;
        let path = (visit.host.clone(), visit.path.clone());
        let asked = account.asked.entry(path).or_default();
        let before = *asked;
        *asked += 1;
        account.visits.push(visit);
        (account.visits.len() - 1, before)
    }

    /// Notes the status before the answer is sent.
    pub(super) fn status(&self, place: usize, status: u16) {
        if let Some(visit) = self.account().visits.get_mut(place) {
            visit.status = status;
        }
    }

    /// Notes that an answer was sent, or that the visitor left.
    pub(super) fn end(&self, place: usize) {
        let mut account = self.account();
        let Some(visit) = account.visits.get_mut(place) else {
            return;
        };
        visit.end = Some(Instant::now());
        let host = visit.host.clone();
        if let Some(under_way) = account.under_way.get_mut(&host) {
            *under_way = under_way.saturating_sub(1);
        }
    }

    pub(super) fn all(&self) -> Vec<Visit> {
        self.account().visits.clone()
    }

    pub(super) fn of(&self, host: &str) -> Vec<Visit> {
        let account = self.account();
        let visits = account.visits.iter();
        visits.filter(|visit| visit.host == host).cloned().collect()
    }
}
