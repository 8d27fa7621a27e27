//! A run's requests: tries, redirects, turns, and what is remembered between them.
//!
//! Owns the cookies of one run and the hosts that it asks. Never knows what an answer means to
//! whoever asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::SET_COOKIE;
use url::Url;

use super::answer::{self, Answer};
use super::clients::Route;
use super::error::FetchError;
use super::host_book::{HostAccess, HostBook};
use super::meter;
use super::pace::{LONGEST_REST, host_of};
use super::page::{Fetched, Validators};
use super::purpose::Purpose;
use super::request::{self, Received, RequestOptions};
use super::shared::Shared;
use crate::config::FetchRules;

/// Redirects that are followed.
const REDIRECTS: usize = 10;

/// One URL is asked this often in a chain of redirects: a second time because the first answer
/// set a cookie.
const VISITS: usize = 2;

/// Tries after the first.
const RETRIES: usize = 3;

/// The requests of one run. Cookies live as long as it does, since some portals loop without.
pub struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) host_book: Arc<dyn HostBook>,
    cookies: Jar,
    /// The hosts that were taken, each with a URL of it.
    hosts: Mutex<BTreeMap<String, Url>>,
    /// Hosts that https did not reach, and http did.
    plain: Mutex<BTreeSet<String>>,
}

impl Drop for Session {
    /// Whoever was broken off holds no host any more within this process; across processes, its
    /// leases run out.
    fn drop(&mut self) {
        let hosts = std::mem::take(&mut *self.hosts());
        for host in hosts.keys() {
            self.shared.pace.abandon(host);
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("host_book", &self.host_book)
            .finish()
    }
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>, host_book: Arc<dyn HostBook>) -> Self {
        Self {
            shared,
            host_book,
            cookies: Jar::default(),
            hosts: Mutex::default(),
            plain: Mutex::default(),
        }
    }

    fn hosts(&self) -> MutexGuard<'_, BTreeMap<String, Url>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the host of `url` for this session, as every request does by itself; an error when
    /// another process has it.
    pub async fn enter(&self, url: &Url) -> Result<(), FetchError> {
        let host = host_of(url);
        if self.hosts().contains_key(&host) {
            return Ok(());
        }
        // Without the lock: it may take until others have had their turn, and the hosts that are
        // held must be renewed meanwhile.
        let entered = self.shared.pace.enter(url, &*self.host_book).await;
        match entered.map_err(|error| FetchError::from_host_book(url, error))? {
            Some(until) => Err(FetchError::HostLeased {
                url: url.to_string(),
                until,
            }),
            None => {
                self.hosts().insert(host, url.clone());
                Ok(())
            }
        }
    }

    /// Holds the session's hosts for longer; an error names one that another process has taken.
    pub async fn renew(&self) -> Result<(), FetchError> {
        let hosts = self.hosts().clone();
        for (host, url) in hosts {
            let entry = self.host_book.enter(&host).await;
            if let HostAccess::Held { until } =
                entry.map_err(|error| FetchError::from_host_book(&url, error))?
            {
                return Err(FetchError::HostLeased {
                    url: url.to_string(),
                    until,
                });
            }
        }
        Ok(())
    }

    /// Gives the session's hosts back. The first error is told when all were.
    pub async fn close(&self) -> Result<(), FetchError> {
        let mut closed = Ok(());
        let hosts = std::mem::take(&mut *self.hosts());
        for (_, url) in hosts {
            let left = self.shared.pace.leave(&url, &*self.host_book).await;
            closed = closed.and(left.map_err(|error| FetchError::from_host_book(&url, error)));
        }
        closed
    }

    /// Fetches `url`, waiting for its host's turn first, where robots.txt allows it. Where
    /// `validators` are given, the page may turn out to be unchanged. What is likely to pass is
    /// tried four times in all; a host that asks to be left alone for longer than a minute is not
    /// waited for.
    pub async fn get(
        &self,
        url: &Url,
        rules: &FetchRules,
        validators: Option<&Validators>,
    ) -> Result<Fetched, FetchError> {
        // Before the tries: a robots.txt that cannot be read has had its own.
        self.permission(url, rules).await?;
        self.get_with_retries(url, rules, validators, Purpose::Page)
            .await
    }

    /// Fetches like [`Session::get`] what a page at `listed` links to. A portal that is followed over
    /// http may link to itself over https and not serve that; it is asked over http then, as its
    /// list was, which gives away nothing that the list did not.
    pub async fn get_linked(
        &self,
        url: &Url,
        listed: &Url,
        rules: &FetchRules,
        validators: Option<&Validators>,
    ) -> Result<Fetched, FetchError> {
        let Some(plain) = over_http(url, listed) else {
            return self.get(url, rules, validators).await;
        };
        let host = host_of(url);
        let is_known = self.plain().contains(&host);
        if is_known {
            return self.get(&plain, rules, validators).await;
        }
        match self.get(url, rules, validators).await {
            Err(error @ (FetchError::Tls { .. } | FetchError::Unreachable { .. })) => {
                match self.get(&plain, rules, validators).await {
                    Ok(fetched) => {
                        tracing::info!(%url, %error, "https does not answer, http does");
                        self.plain().insert(host);
                        Ok(fetched)
                    }
                    Err(_) => Err(error),
                }
            }
            got => got,
        }
    }

    /// Fetches a picture that stands on `page`, with the same manners, as a browser asks for it. It is
    /// tried once, and not handed to the books; what has to be said of it is for who asked.
    pub async fn get_picture(
        &self,
        url: &Url,
        page: &Url,
        rules: &FetchRules,
    ) -> Result<Fetched, FetchError> {
        let purpose = Purpose::Picture { page };
        self.follow_redirects(url, rules, None, purpose).await
    }

    fn plain(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.plain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Four tries.
    pub(super) async fn get_with_retries(
        &self,
        url: &Url,
        rules: &FetchRules,
        validators: Option<&Validators>,
        purpose: Purpose<'_>,
    ) -> Result<Fetched, FetchError> {
        let waits = ExponentialBuilder::new()
            .with_min_delay(self.shared.options.retry_delay)
            .with_max_times(RETRIES);
        let mut attempt = 1;
        let follow = || self.follow_redirects(url, rules, validators, purpose);
        follow
            .retry(waits)
            .when(|error| {
                let rest = error.retry_after().unwrap_or_default();
                error.is_transient() && !error.is_ours() && rest <= LONGEST_REST
            })
            // Full jitter: those who failed together do not come back together.
            .adjust(|_, wait| wait.map(|wait| wait.mul_f64(rand::random())))
            .notify(|error, wait| {
                tracing::info!(reason = error.reason(), %error, attempt, ?wait, "trying again");
                attempt += 1;
            })
            .await
    }

    /// One try: the request, and those that redirects lead to.
    async fn follow_redirects(
        &self,
        url: &Url,
        rules: &FetchRules,
        validators: Option<&Validators>,
        purpose: Purpose<'_>,
    ) -> Result<Fetched, FetchError> {
        let user_agent = rules.user_agent.as_ref();
        let mut here = url.clone();
        let mut permanent = true;
        let mut visits: HashMap<Url, usize> = HashMap::new();
        // Waiting for turns is not the portal's time.
        let mut left = rules.timeout;
        for hop in 0..=REDIRECTS {
            let visits = visits.entry(here.clone()).or_default();
            *visits += 1;
            if *visits > VISITS {
                break;
            }
            let pause = self.permission(&here, rules).await?;
            let validators = validators.filter(|_| hop == 0);
            let ask = RequestOptions {
                user_agent: user_agent.unwrap_or(&self.shared.options.user_agent),
                validators,
                cookies: self.cookies.cookies(&here),
                left,
                deadline: rules.timeout,
                purpose,
            };
            let received = self.request_in_turn(&here, rules, pause, &ask).await?;
            left = left.saturating_sub(received.exchange.took);
            let mut capture = None;
            if purpose.is_recorded() {
                // Before anything is made of it.
                let kept = self.host_book.keep(Arc::clone(&received.exchange)).await;
                capture = kept.map_err(|error| FetchError::from_host_book(&here, error))?;
            }
            match answer::read(&received, validators.is_some(), purpose)? {
                Answer::NotModified => return Ok(Fetched::NotModified),
                Answer::Page(mut page) => {
                    page.capture = capture;
                    page.moved_to = (hop > 0 && permanent).then(|| page.url.clone());
                    return Ok(Fetched::Page(page));
                }
                Answer::Redirect { to, permanent: p } => {
                    permanent &= p;
                    here = to;
                    here.set_fragment(None);
                }
            }
        }
        Err(FetchError::RedirectLoop {
            url: url.to_string(),
            last: here.to_string(),
        })
    }

    /// One request in its host's turn.
    async fn request_in_turn(
        &self,
        url: &Url,
        rules: &FetchRules,
        pause: Duration,
        ask: &RequestOptions<'_>,
    ) -> Result<Received, FetchError> {
        let route = self.route(url, rules)?;
        self.enter(url).await?;
        let turn = self.shared.pace.turn(url, pause).await;
        let mut turn = turn.map_err(|resting| FetchError::Resting {
            url: url.to_string(),
            status: resting.status,
            left: resting.left,
        })?;
        let received = request::send(route, url, ask).await;
        match &received {
            Ok(Received { exchange, .. }) => {
                meter::answered(exchange.status, exchange.body.len(), exchange.took);
            }
            Err(error) => meter::failed(error.reason()),
        }
        let received = received?;
        if let Some(length) = answer::retry_after(&received) {
            turn.rest(received.exchange.status, length);
            if length > LONGEST_REST {
                // At once, for whoever comes after a kill.
                let noted = self.host_book.rest(&host_of(url), turn.owed()).await;
                noted.map_err(|error| FetchError::from_host_book(url, error))?;
            }
        }
        let mut cookies = received.headers.get_all(SET_COOKIE).iter().peekable();
        if cookies.peek().is_some() {
            self.cookies.set_cookies(&mut cookies, url);
        }
        Ok(received)
    }

    /// How to reach a URL's server, where that is allowed.
    pub(super) fn route(&self, url: &Url, rules: &FetchRules) -> Result<Route, FetchError> {
        let shared = &*self.shared;
        shared.clients.route(url, &shared.options, rules)
    }
}

/// The same address over http, where both it and the page that links to it are one host's, and only
/// that page is fetched over http.
fn over_http(url: &Url, listed: &Url) -> Option<Url> {
    let is_same = url.host() == listed.host() && url.port().is_none() && listed.port().is_none();
    let mut plain = url.clone();
    let is_changed = (url.scheme(), listed.scheme()) == ("https", "http")
        && is_same
        && plain.set_scheme("http").is_ok();
    is_changed.then_some(plain)
}
