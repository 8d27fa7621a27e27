//! The rate limit: requests a second for each client, by address.
//!
//! Owns the identity of a client and the refusal; `governor` counts. Never counts requests for
//! published files.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::problem::Problem;
use crate::config::Rate;
use crate::render::paths;

/// The time between two removals of idle clients.
const SWEEP: Duration = Duration::from_secs(60);

/// The address at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// Counts the requests of each client.
#[derive(Clone, Debug)]
pub(super) struct Counter {
    limiter: Option<Arc<DefaultKeyedRateLimiter<IpAddr>>>,
    is_behind_proxy: bool,
}

impl Counter {
    pub(super) fn new(rate: Option<Rate>) -> Self {
        let quota = rate.map(|rate| Quota::per_second(rate.per_second));
        Self {
            limiter: quota.map(|quota| Arc::new(RateLimiter::keyed(quota))),
            is_behind_proxy: rate.is_some_and(|rate| rate.is_behind_proxy),
        }
    }

    /// Removes idle clients at intervals, without end.
    pub(super) async fn sweep(&self) {
        loop {
            tokio::time::sleep(SWEEP).await;
            if let Some(limiter) = &self.limiter {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
    }

    /// Seconds until the client may try again; `None` if it may go on now.
    fn refusal(&self, request: &Request) -> Option<u64> {
        let limiter = self.limiter.as_ref()?;
        let client = self.client(request)?;
        let not_until = limiter.check_key(&network(client)).err()?;
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        Some(wait.as_secs() + 1)
    }

    fn client(&self, request: &Request) -> Option<IpAddr> {
        // The proxy adds the address that it saw at the end. The client may have written the rest.
        let forwarded = request.headers().get_all("x-forwarded-for");
        let last = forwarded.iter().next_back();
        let said =
            last.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
        said.filter(|_| self.is_behind_proxy).or(peer)
    }
}

/// The network of a client: on IPv6, a client has a whole network of addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            Ipv6Addr::from(network).into()
        }
        address => address,
    }
}

/// Whether the request is for a published file that has the name of a feed of one's own choice.
fn is_published(request: &Request) -> bool {
    let uri = request.uri();
    uri.query().is_none_or(str::is_empty)
        && uri.path().trim_start_matches('/') == paths::CHOICE_JSON
}

/// Passes a request on, or refuses it with the time of the next try.
pub(super) async fn limit(
    State(counter): State<Counter>,
    request: Request,
    next: Next,
) -> Response {
    let refusal = match is_published(&request) {
        true => None,
        false => counter.refusal(&request),
    };
    match refusal {
        None => next.run(request).await,
        Some(seconds) => {
            let detail = "too many requests from this address: ask again later, and less often";
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-often", detail);
            problem.after(seconds).into_response()
        }
    }
}
