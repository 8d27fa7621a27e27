//! Places for clients: so many for each address, so that none takes those of the others.
//!
//! Owns the places of each address, and who waits for one of its own. Never refuses a request.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::problem::Problem;

/// Addresses that are remembered before those without a taken place are forgotten.
const MOST: usize = 1024;
/// How long a request waits for its turn among those of its client.
const WAIT: Duration = Duration::from_secs(3);

/// The address of a client, as its proxy names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client(pub(super) IpAddr);

/// Places for clients. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Places {
    each: usize,
    taken: Arc<Mutex<HashMap<IpAddr, Arc<Semaphore>>>>,
}

impl Places {
    /// So many places for each address.
    pub(super) fn new(each: usize) -> Self {
        Self {
            each,
            taken: Arc::default(),
        }
    }

    /// The places of this address.
    pub(super) fn of(&self, address: IpAddr) -> Arc<Semaphore> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() >= MOST {
            // Whoever has a place, or waits for one, holds the semaphore.
            taken.retain(|_, places| Arc::strong_count(places) > 1);
        }
        let places = taken.entry(network(address));
        let places = places.or_insert_with(|| Arc::new(Semaphore::new(self.each)));
        Arc::clone(places)
    }
}

/// The network of a client: on IPv6, a client has a whole network of addresses.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            Ipv6Addr::from(network).into()
        }
        address => address,
    }
}

/// Passes on one request of each client at a time. The others wait for their turn, and for nobody
/// else's.
pub(super) async fn in_turn(
    State(places): State<Places>,
    request: Request,
    next: Next,
) -> Response {
    let Some(Client(client)) = request.extensions().get::<Client>().copied() else {
        return next.run(request).await;
    };
    let turn = places.of(client).acquire_owned();
    match tokio::time::timeout(WAIT, turn).await {
        Ok(_turn) => next.run(request).await,
        Err(_) => {
            let detail = "earlier requests from this address are not answered yet: ask one after \
                          another";
            let status = StatusCode::TOO_MANY_REQUESTS;
            let problem = Problem::new(status, "too-often", detail);
            problem.after(WAIT.as_secs()).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_places_whatever_others_take() {
        let places = Places::new(2);
        let of = |address: &str| places.of(address.parse().unwrap());
        let one = of("203.0.113.1");
        let taken: Vec<_> = (0..2).map(|_| one.clone().try_acquire_owned()).collect();
        assert!(taken.iter().all(Result::is_ok));
        assert!(of("203.0.113.1").try_acquire().is_err());
        assert!(of("203.0.113.2").try_acquire().is_ok());
        // A network of IPv6 is one client, and an address of IPv4 is the same in both forms.
        let six = of("2001:db8::1").try_acquire_many_owned(2);
        assert!(six.is_ok() && of("2001:db8::2").try_acquire().is_err());
        assert!(of("::ffff:203.0.113.1").try_acquire().is_err());
    }

    #[test]
    fn only_addresses_with_a_taken_place_are_remembered() {
        let places = Places::new(1);
        let held = places.of([10, 0, 0, 0].into()).try_acquire_owned();
        for number in 0..5000u32 {
            places.of(std::net::Ipv4Addr::from(0x0a00_0001 + number).into());
        }
        assert!(places.taken.lock().unwrap().len() <= MOST);
        assert!(places.of([10, 0, 0, 0].into()).try_acquire().is_err());
        drop(held);
    }
}
