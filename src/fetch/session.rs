//! The requests of a run: tries, redirects, turns, and cookies.
//!
//! Owns the cookies of one run and the hosts that it holds. Never knows what a page means to the
//! caller.

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
use crate::model::FileRole;

/// The most redirects that are followed.
const REDIRECTS: usize = 10;

/// How often one URL may occur in a chain of redirects: twice, because the first answer may set a
/// cookie.
const VISITS: usize = 2;

/// Tries after the first.
const RETRIES: usize = 3;

/// The requests of one run. Cookies live as long as the session; some portals redirect for ever
/// without them.
pub struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) host_book: Arc<dyn HostBook>,
    cookies: Jar,
    /// The hosts that the session holds, each with one of its URLs.
    hosts: Mutex<BTreeMap<String, Url>>,
    /// Hosts that answer over http and not over https.
    plain: Mutex<BTreeSet<String>>,
}

impl Drop for Session {
    /// A run that is aborted gives its hosts back within this process. Across processes, its leases
    /// expire.
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

    /// Takes the host of `url` for this session. Every request does so by itself. An error if
    /// another process holds the host.
    pub async fn enter(&self, url: &Url) -> Result<(), FetchError> {
        let host = host_of(url);
        if self.hosts().contains_key(&host) {
            return Ok(());
        }
        // The map is not locked here: the wait for other turns may be long, and `renew` needs the
        // map in the meantime.
        let entered = self.shared.pace.enter(url, &*self.host_book).await;
        match entered.map_err(|error| FetchError::from_host_book(url, error))? {
            Some(until) => Err(FetchError::HostLeased {
                url: url.to_string(),
                until,
            }),
            None => {
                // Two requests of the session may have come to the host at once.
                let was_held = self.hosts().insert(host.clone(), url.clone()).is_some();
                if was_held {
                    self.shared.pace.abandon(&host);
                }
                Ok(())
            }
        }
    }

    /// Renews the leases of the session's hosts. An error names a host that another process has
    /// taken.
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

    /// Gives all of the session's hosts back, and returns the first error.
    pub async fn close(&self) -> Result<(), FetchError> {
        let mut closed = Ok(());
        let hosts = std::mem::take(&mut *self.hosts());
        for (_, url) in hosts {
            let left = self.shared.pace.leave(&url, &*self.host_book).await;
            closed = closed.and(left.map_err(|error| FetchError::from_host_book(&url, error)));
        }
        closed
    }

    /// Fetches `url` in its host's turn, if robots.txt allows it. With `validators` the result may
    /// be that the page has not changed. After a transient error there are three more tries, unless
    /// the host asks for a rest of more than a minute.
    pub async fn get(
        &self,
        url: &Url,
        rules: &FetchRules,
        validators: Option<&Validators>,
    ) -> Result<Fetched, FetchError> {
        self.get_page(url, None, rules, validators).await
    }

    async fn get_page(
        &self,
        url: &Url,
        listed: Option<&Url>,
        rules: &FetchRules,
        validators: Option<&Validators>,
    ) -> Result<Fetched, FetchError> {
        // This comes before the tries, because the look-up of robots.txt has its own.
        self.permission(url, rules).await?;
        let purpose = Purpose::Page { listed };
        self.get_with_retries(url, rules, validators, purpose).await
    }

    /// Fetches like [`Session::get`] a page to which the page at `listed` links, and names that page
    /// as the referrer. A portal that is
    /// followed over http may link to itself over https without serving it. Then the page is
    /// fetched over http, like its list.
    pub async fn get_linked(
        &self,
        url: &Url,
        listed: &Url,
        rules: &FetchRules,
        validators: Option<&Validators>,
    ) -> Result<Fetched, FetchError> {
        let Some(plain) = over_http(url, listed) else {
            return self.get_page(url, Some(listed), rules, validators).await;
        };
        let host = host_of(url);
        let is_known = self.plain().contains(&host);
        if is_known {
            return self.get_page(&plain, Some(listed), rules, validators).await;
        }
        match self.get_page(url, Some(listed), rules, validators).await {
            Err(error @ (FetchError::Tls { .. } | FetchError::Unreachable { .. })) => {
                match self.get_page(&plain, Some(listed), rules, validators).await {
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

    /// Fetches a file of `page`, like a browser, by the same rules of politeness. It makes one try, and
    /// the answer is not archived.
    pub async fn get_file(
        &self,
        url: &Url,
        page: &Url,
        role: FileRole,
        rules: &FetchRules,
    ) -> Result<Fetched, FetchError> {
        let purpose = Purpose::File { page, role };
        self.follow_redirects(url, rules, None, purpose).await
    }

    fn plain(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.plain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One try, and more after transient errors.
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
            // Full jitter: requests that failed together are not repeated together.
            .adjust(|_, wait| wait.map(|wait| wait.mul_f64(rand::random())))
            .notify(|error, wait| {
                tracing::info!(reason = error.reason(), %error, attempt, ?wait, "trying again");
                attempt += 1;
            })
            .await
    }

    /// One try: the request and its redirects.
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
        // The wait for turns does not count.
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
            // "Not modified" has nothing to be read: its verdict is counted, and that is all.
            let has_changed = received.exchange.status != 304 || validators.is_none();
            if purpose.is_recorded() && has_changed {
                // The answer is archived before it is read.
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
        let may_ask = self.host_book.may_ask();
        may_ask.map_err(|error| FetchError::from_host_book(url, error))?;
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
                // The rest is stored at once, in case the process is killed.
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

    /// How to reach a URL's server, if that is allowed.
    pub(super) fn route(&self, url: &Url, rules: &FetchRules) -> Result<Route, FetchError> {
        let shared = &*self.shared;
        shared.clients.route(url, &shared.options, rules)
    }
}

/// The same URL over http, if it is an https URL, and the page that links to it is an http URL of
/// the same host.
fn over_http(url: &Url, listed: &Url) -> Option<Url> {
    let is_same = url.host() == listed.host() && url.port().is_none() && listed.port().is_none();
    let mut plain = url.clone();
    let is_changed = (url.scheme(), listed.scheme()) == ("https", "http")
        && is_same
        && plain.set_scheme("http").is_ok();
    is_changed.then_some(plain)
}
