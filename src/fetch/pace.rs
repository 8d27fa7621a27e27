//! One request to a host at a time, and a pause after each.
//!
//! Owns the turns at a host, within the process by locks and across processes by the host book.
//! Never sends anything. Drops a host after its rest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use url::Url;

use super::host_book::{HostAccess, HostBook, HostBookError, Rest};
use super::locks::Locks;

/// With more hosts than these, those without a rest are dropped.
const MANY: usize = 64;

/// The shortest pause. The client needs this time until a connection is free again; without it, it
/// would open a second one.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);

/// The longest rest that a request waits for. For a longer one the request fails, and the schedule
/// tries again.
pub(super) const LONGEST_REST: Duration = Duration::from_secs(60);

/// The host by which connections are counted, in this process and across processes: its name, with
/// the port if it is not the scheme's default. `http://` and `https://` of one name are one host.
pub fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The turns at every host with recent requests.
#[derive(Default)]
pub(super) struct Pace {
    hosts: Locks<Host, MANY>,
    /// The number of sessions that hold each host.
    users: Mutex<HashMap<String, usize>>,
}

struct Host {
    free_at: Instant,
    /// The status with which the host asked for a rest; 0 if it did not.
    status: u16,
}

impl Host {
    fn left(&self) -> Duration {
        self.free_at.saturating_duration_since(Instant::now())
    }

    /// The rest for the host book.
    fn rest(&self) -> Rest {
        match self.status {
            0 => Rest {
                pause: self.left(),
                asked: None,
            },
            status => Rest {
                pause: Duration::ZERO,
                asked: Some((status, self.left())),
            },
        }
    }

    /// Takes the rest from the host book if it is longer.
    fn remember(&mut self, rest: Rest) {
        let (status, left) = rest.asked.unwrap_or((0, rest.pause));
        if left > self.left() {
            self.free_at = Instant::now() + left;
            self.status = status;
        }
    }
}

/// A rest that is too long to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RestingHost {
    pub(super) status: u16,
    pub(super) left: Duration,
}

/// The turn of the only request to its host. The pause begins when it is dropped, also if the
/// caller gave up.
pub(super) struct Turn {
    host: OwnedMutexGuard<Host>,
    pause: Duration,
}

impl Pace {
    /// Takes the host of `url` for a session. `Some` with the end of the lease, as text for people,
    /// if another process holds it.
    pub(super) async fn enter(
        &self,
        url: &Url,
        host_book: &dyn HostBook,
    ) -> Result<Option<String>, HostBookError> {
        let mut host = self.host(url).lock_owned().await;
        match host_book.enter(&host_of(url)).await? {
            HostAccess::Held { until } => Ok(Some(until)),
            HostAccess::Open(rest) => {
                host.remember(rest);
                *self.users().entry(host_of(url)).or_default() += 1;
                Ok(None)
            }
        }
    }

    /// Gives a session's host back. The last session stores the rest in the host book.
    pub(super) async fn leave(
        &self,
        url: &Url,
        host_book: &dyn HostBook,
    ) -> Result<(), HostBookError> {
        let host = self.host(url).lock_owned().await;
        let name = host_of(url);
        self.abandon(&name);
        if self.users().contains_key(&name) {
            return Ok(());
        }
        host_book.leave(&name, host.rest()).await
    }

    /// Counts one session less for this host.
    pub(super) fn abandon(&self, host: &str) {
        let mut users = self.users();
        if let Some(count) = users.get_mut(host) {
            *count -= 1;
            if *count == 0 {
                users.remove(host);
            }
        }
    }

    fn users(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the host's turn. `pause` begins when the turn ends.
    pub(super) async fn turn(&self, url: &Url, pause: Duration) -> Result<Turn, RestingHost> {
        let host = self.host(url).lock_owned().await;
        let left = host.left();
        if host.status != 0 && left > LONGEST_REST {
            let status = host.status;
            return Err(RestingHost { status, left });
        }
        tokio::time::sleep_until(host.free_at).await;
        let mut turn = Turn { host, pause };
        turn.host.status = 0;
        Ok(turn)
    }

    fn host(&self, url: &Url) -> Arc<tokio::sync::Mutex<Host>> {
        let now = Instant::now();
        let new = || Host {
            free_at: now,
            status: 0,
        };
        let is_stale = |host: &Host| host.free_at <= now;
        self.hosts.lock(host_of(url), new, is_stale)
    }
}

impl Turn {
    /// The rest that the host asked for, for the host book.
    pub(super) fn owed(&self) -> Rest {
        Rest {
            pause: Duration::ZERO,
            asked: Some((self.host.status, self.pause)),
        }
    }

    /// Lets the host rest for longer, as it asked with `status`.
    pub(super) fn rest(&mut self, status: u16, length: Duration) {
        self.pause = self.pause.max(length);
        self.host.status = status;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.host.free_at = Instant::now() + self.pause.max(SHORTEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(host: usize) -> Url {
        format!("http://h{host}.example/").parse().unwrap()
    }

    #[test]
    fn both_schemes_of_a_name_are_one_host() {
        for (url, host) in [
            ("http://www.lc.gov.cn/a", "www.lc.gov.cn"),
            ("http://www.lc.gov.cn./a", "www.lc.gov.cn"),
            ("https://WWW.lc.gov.cn:443/b", "www.lc.gov.cn"),
            ("http://www.lc.gov.cn:8080/", "www.lc.gov.cn:8080"),
            ("http://[::1]:81/", "[::1]:81"),
        ] {
            assert_eq!(host_of(&url.parse().unwrap()), host);
        }
    }

    #[tokio::test]
    async fn a_turn_waits_for_the_end_of_the_last_and_its_pause() {
        let pace = Pace::default();
        let pause = Duration::from_millis(30);
        let start = Instant::now();
        drop(pace.turn(&url(1), pause).await.unwrap());
        drop(pace.turn(&url(2), pause).await.unwrap());
        assert!(start.elapsed() < pause, "another host does not wait");
        drop(pace.turn(&url(1), pause).await.unwrap());
        assert!(start.elapsed() >= pause);
    }

    #[tokio::test]
    async fn a_long_rest_is_an_answer_and_not_a_wait() {
        let pace = Pace::default();
        let mut turn = pace.turn(&url(1), Duration::ZERO).await.unwrap();
        turn.rest(503, Duration::from_secs(3600));
        drop(turn);
        let resting = pace.turn(&url(1), Duration::ZERO).await.err().unwrap();
        assert_eq!(resting.status, 503);
        assert!(resting.left > Duration::from_secs(3590));
    }

    #[tokio::test]
    async fn hosts_that_have_rested_are_forgotten() {
        let pace = Pace::default();
        let held = pace.turn(&url(0), Duration::from_secs(9)).await.unwrap();
        drop(pace.turn(&url(1), Duration::from_secs(9)).await.unwrap());
        for host in 2..1000 {
            drop(pace.turn(&url(host), Duration::ZERO).await.unwrap());
        }
        let hosts = pace.hosts.keys();
        assert!(hosts.len() <= MANY + 2, "{}", hosts.len());
        let is_known = |host: &str| hosts.iter().any(|known| known == host);
        assert!(is_known("h0.example") && is_known("h1.example"));
        drop(held);
    }
}
