//! The rate limit: what each client may cost a second, by address.
//!
//! Owns the identity of a client, its account, and the refusal. Never counts requests for published
//! files.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::cost::{LEAST, Meter};
use super::places::{Client, network};
use super::problem::Problem;
use super::proxy::ProxyWatch;
use crate::config::{Proxies, Rate};
use crate::render::paths;

/// The time between two removals of idle clients.
const SWEEP: Duration = Duration::from_secs(60);
/// No client waits longer than this for its next request, whatever the last one cost.
const LONGEST: f64 = 30.0;

/// The address at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// What a client may still spend.
#[derive(Clone, Copy, Debug)]
struct Account {
    left: f64,
    at: Instant,
}

/// Keeps the accounts of all clients. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Counter {
    /// What a client may spend a second, and at once; `None` for no limit.
    rate: Option<f64>,
    accounts: Arc<Mutex<HashMap<IpAddr, Account>>>,
    proxies: Proxies,
    watch: Arc<ProxyWatch>,
}

impl Account {
    fn renewed(self, rate: f64, now: Instant) -> Self {
        let more = now.saturating_duration_since(self.at).as_secs_f64() * rate;
        Self {
            left: (self.left + more).min(rate),
            at: now,
        }
    }
}

impl Counter {
    pub(super) fn new(rate: Option<Rate>, proxies: Proxies) -> Self {
        Self {
            rate: rate.map(|rate| f64::from(rate.per_second.get())),
            accounts: Arc::default(),
            watch: Arc::new(ProxyWatch::new(&proxies)),
            proxies,
        }
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<IpAddr, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes idle clients at intervals, without end.
    pub(super) async fn sweep(&self) {
        loop {
            tokio::time::sleep(SWEEP).await;
            if let Some(rate) = self.rate {
                let now = Instant::now();
                let mut accounts = self.accounts();
                accounts.retain(|_, account| account.renewed(rate, now).left < rate);
                accounts.shrink_to_fit();
            }
        }
    }

    /// Takes the least that a request costs. Seconds until the client may try again, if it has spent
    /// more than it may.
    fn refusal(&self, client: IpAddr, now: Instant) -> Option<u64> {
        let rate = self.rate?;
        let mut accounts = self.accounts();
        let full = Account {
            left: rate,
            at: now,
        };
        let account = accounts.entry(network(client)).or_insert(full);
        *account = account.renewed(rate, now);
        if account.left <= 0.0 {
            return Some((-account.left / rate) as u64 + 1);
        }
        account.left -= LEAST;
        None
    }

    /// Takes what a request has cost besides.
    fn charge(&self, client: IpAddr, cost: f64) {
        let Some(rate) = self.rate else { return };
        if let Some(account) = self.accounts().get_mut(&network(client)) {
            account.left = (account.left - cost).max(-LONGEST * rate);
        }
    }

    fn client(&self, request: &Request) -> Option<IpAddr> {
        let peer = request.extensions().get::<Peer>().map(|peer| peer.0)?;
        let names = request.headers().get_all("x-forwarded-for");
        self.watch.saw(peer, names.iter().next().is_some());
        if !self.proxies.has(peer) {
            return Some(peer);
        }
        // Each proxy adds the address that it saw at the end. The client may have written the rest.
        let names = names.iter().filter_map(|value| value.to_str().ok());
        let names: Vec<&str> = names.flat_map(|value| value.split(',')).collect();
        let mut named = names.iter().rev().map(|name| name.trim().parse().ok());
        let last: Option<IpAddr> = named.next().flatten();
        let is_known = |address: &IpAddr| {
            matches!(self.proxies, Proxies::Named(_)) && self.proxies.has(*address)
        };
        match last.filter(is_known) {
            // A chain of proxies of one's own.
            Some(proxy) => named
                .map_while(|name| name)
                .find(|address| !is_known(address))
                .or(Some(proxy)),
            None => last.or(Some(peer)),
        }
    }
}

/// Whether the request is for a published file that has the name of a feed of one's own choice.
fn is_published(request: &Request) -> bool {
    let uri = request.uri();
    uri.query().is_none_or(str::is_empty)
        && uri.path().trim_start_matches('/') == paths::CHOICE_JSON
}

/// Passes a request on and counts what it costs, or refuses it with the time of the next try.
pub(super) async fn limit(
    State(counter): State<Counter>,
    mut request: Request,
    next: Next,
) -> Response {
    let client = counter.client(&request);
    let Some(client) = client.filter(|_| !is_published(&request)) else {
        return next.run(request).await;
    };
    if let Some(seconds) = counter.refusal(client, Instant::now()) {
        let detail = "too many requests from this address, or too costly ones: ask again later, and \
                      less often";
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-often", detail);
        return problem.after(seconds).into_response();
    }
    request.extensions_mut().insert(Client(client));
    let (answer, cost) = Meter::of(next.run(request)).await;
    counter.charge(client, cost);
    answer
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use axum::body::Body;

    use super::*;

    fn counter(proxies: Proxies) -> Counter {
        let per_second = NonZeroU32::new(10).unwrap();
        Counter::new(Some(Rate { per_second }), proxies)
    }

    #[test]
    fn cheap_requests_may_be_many_and_costly_ones_few() {
        let counter = counter(Proxies::None);
        let (cheap, costly) = ([203, 0, 113, 1].into(), [203, 0, 113, 2].into());
        let now = Instant::now();
        let taken = (0..100).take_while(|_| counter.refusal(cheap, now).is_none());
        assert_eq!(taken.count(), 40);
        assert_eq!(counter.refusal(costly, now), None);
        counter.charge(costly, 35.0);
        assert_eq!(counter.refusal(costly, now), Some(3));
        let later = now + Duration::from_secs(3);
        assert_eq!(counter.refusal(costly, later), None);
        counter.charge(costly, 1e9);
        let wait = counter.refusal(costly, later).unwrap();
        assert!((30..=31).contains(&wait), "{wait}");
    }

    #[test]
    fn a_proxy_names_the_client_and_nobody_else_does() {
        let ask = |proxies: Proxies, peer: &str, forwarded: &str| {
            let request = Request::builder().header("x-forwarded-for", forwarded);
            let mut request = request.body(Body::empty()).unwrap();
            request.extensions_mut().insert(Peer(peer.parse().unwrap()));
            counter(proxies).client(&request).unwrap().to_string()
        };
        let said = "198.51.100.7, 203.0.113.9";
        assert_eq!(ask(Proxies::None, "10.0.0.1", said), "10.0.0.1");
        assert_eq!(ask(Proxies::Any, "10.0.0.1", said), "203.0.113.9");
        assert_eq!(ask(Proxies::Any, "10.0.0.1", "unknown"), "10.0.0.1");
        let own = ["10.0.0.0/8".to_owned(), "203.0.113.9".to_owned()];
        let own = Proxies::named(&own).unwrap();
        assert_eq!(ask(own.clone(), "192.0.2.1", said), "192.0.2.1");
        assert_eq!(ask(own.clone(), "10.0.0.1", "203.0.113.8"), "203.0.113.8");
        // A chain of one's own proxies.
        assert_eq!(ask(own.clone(), "10.0.0.1", said), "198.51.100.7");
        assert_eq!(ask(own, "10.0.0.1", "203.0.113.9"), "203.0.113.9");
    }
}
