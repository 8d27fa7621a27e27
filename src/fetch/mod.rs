//! HTTP and manners.
//!
//! Owns every connection to a portal: what its robots.txt allows, one request to a host at a time
//! and a pause after it, deadlines, the cap on bodies, redirects, retries, validators, and which addresses may be
//! connected to. Never knows what an article is, and never asks the environment for a proxy,
//! which would resolve names where the guard cannot see.

mod address;
mod challenge;
mod connect_to;
mod error;
mod exchange;
mod locks;
mod pace;
mod permission;
mod robots;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::cookie::Jar;
use reqwest::{Client, ClientBuilder, redirect};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use url::{Host, Url};

use crate::config::FetchRules;
use address::{Elsewhere, Guarded};
pub use connect_to::{ConnectTo, ConnectToError};
pub use error::FetchError;
use exchange::{Answer, Ask, Route};
pub use pace::host_of;
use pace::{LONGEST_REST, Pace};
use permission::Permissions;
pub use robots::Robots;

/// For one connection, DNS and TLS included.
const CONNECT: Duration = Duration::from_secs(10);

/// Redirects that are followed.
const REDIRECTS: usize = 10;

/// One URL is asked this often in a chain of redirects: a second time because the first answer
/// set a cookie.
const VISITS: usize = 2;

/// Tries after the first.
const RETRIES: usize = 3;

/// How a fetcher is made.
#[derive(Clone, Debug)]
pub struct FetcherOptions {
    /// What dibao calls itself, with an address to complain to.
    pub user_agent: String,
    /// Hosts whose connections go elsewhere; the first that fits a URL counts.
    pub connect_to: Vec<ConnectTo>,
    /// Leave to connect to loopback, private and other addresses that are not public.
    pub allow_private: bool,
    /// The longest wait before the second try; it doubles with each further one.
    pub retry_delay: Duration,
}

impl Default for FetcherOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!("dibao/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_to: Vec::new(),
            allow_private: false,
            retry_delay: Duration::from_secs(2),
        }
    }
}

/// What a request gave.
#[allow(clippy::large_enum_variant, reason = "one a request")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The page is what it was when its validators were given.
    NotModified,
    /// The page.
    Page(Page),
}

/// A page as the portal sent it, compression aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it was found, after redirects.
    pub url: Url,
    /// The same, where every redirect on the way was permanent (301, 308).
    pub moved_to: Option<Url>,
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The body, decompressed; never empty.
    pub body: Vec<u8>,
    /// What to ask with next time.
    pub validators: Validators,
}

/// What a conditional request is made with (RFC 9110, section 13.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag`, for `If-None-Match`.
    pub etag: Option<String>,
    /// The `Last-Modified`, for `If-Modified-Since`.
    pub last_modified: Option<String>,
}

/// Fetches pages. Clones share connections, cookies and the pace.
#[derive(Clone)]
pub struct Fetcher(Arc<Shared>);

struct Shared {
    options: FetcherOptions,
    direct: Client,
    /// One client for each `--connect-to`, since a client resolves names in one way.
    elsewhere: Vec<Client>,
    pace: Pace,
    permissions: Permissions,
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fetcher").field(&self.0.options).finish()
    }
}

impl Fetcher {
    /// Makes a fetcher; fails when the system has no usable TLS.
    pub fn new(options: FetcherOptions) -> Result<Self, FetchError> {
        let cookies = Arc::new(Jar::default());
        let guarded = || {
            builder(&cookies).dns_resolver(Guarded {
                allow_private: options.allow_private,
            })
        };
        let elsewhere = options.connect_to.iter().map(|rule| {
            let client = match rule.to_host.clone() {
                Some(host) => builder(&cookies).dns_resolver(Elsewhere { host }),
                None => guarded(),
            };
            // HTTP/2 takes the host from the URL, in which the port is the other one's.
            build(client.http1_only())
        });
        Ok(Self(Arc::new(Shared {
            elsewhere: elsewhere.collect::<Result<_, _>>()?,
            direct: build(guarded())?,
            pace: Pace::default(),
            permissions: Permissions::default(),
            options,
        })))
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
        self.tries(url, rules, validators, None).await
    }

    /// Four tries; where `enough` bytes are enough, the rest of the body is not read.
    async fn tries(
        &self,
        url: &Url,
        rules: &FetchRules,
        validators: Option<&Validators>,
        enough: Option<usize>,
    ) -> Result<Fetched, FetchError> {
        let waits = ExponentialBuilder::new()
            .with_min_delay(self.0.options.retry_delay)
            .with_max_times(RETRIES);
        let attempt = || self.follow(url, rules, validators, enough);
        attempt
            .retry(waits)
            .when(|error| {
                let rest = error.retry_after().unwrap_or_default();
                error.is_transient() && rest <= LONGEST_REST
            })
            // Full jitter: those who failed together do not come back together.
            .adjust(|_, wait| wait.map(|wait| wait.mul_f64(rand::random())))
            .notify(|error, wait| tracing::debug!(%error, ?wait, "trying again"))
            .await
    }

    /// One try: the request, and those that redirects lead to.
    async fn follow(
        &self,
        url: &Url,
        rules: &FetchRules,
        validators: Option<&Validators>,
        enough: Option<usize>,
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
            let ask = Ask {
                user_agent: user_agent.unwrap_or(&self.0.options.user_agent),
                validators: validators.filter(|_| hop == 0),
                deadline: rules.timeout,
                enough,
            };
            let pause = self.permission(&here, rules).await?;
            let (answer, spent) = self.polite(&here, pause, left, &ask).await?;
            left = left.saturating_sub(spent);
            match answer {
                Answer::NotModified => return Ok(Fetched::NotModified),
                Answer::Page(mut page) => {
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

    /// One request in its host's turn, with the time that it took.
    async fn polite(
        &self,
        url: &Url,
        pause: Duration,
        left: Duration,
        ask: &Ask<'_>,
    ) -> Result<(Answer, Duration), FetchError> {
        let route = self.route(url)?;
        let turn = self.0.pace.turn(url, pause).await;
        let mut turn = turn.map_err(|resting| FetchError::HttpStatus {
            url: url.to_string(),
            status: resting.status,
            retry_after: Some(resting.left),
        })?;
        let start = Instant::now();
        let answer = tokio::time::timeout(left, exchange::exchange(route, url, ask)).await;
        let answer = answer.unwrap_or_else(|_| {
            Err(FetchError::Timeout {
                url: url.to_string(),
                after: ask.deadline,
            })
        });
        if let Err(FetchError::HttpStatus {
            status,
            retry_after: Some(length),
            ..
        }) = &answer
        {
            turn.rest(*status, *length);
        }
        Ok((answer?, start.elapsed()))
    }

    /// How to reach a URL's server, where that is allowed.
    fn route(&self, url: &Url) -> Result<Route<'_>, FetchError> {
        let shared = &*self.0;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(FetchError::RefusedScheme {
                url: url.to_string(),
            });
        }
        let mut rules = shared.options.connect_to.iter().zip(&shared.elsewhere);
        let (rule, client) = match rules.find(|(rule, _)| rule.is_for(url)) {
            Some((rule, client)) => (Some(rule), client),
            None => (None, &shared.direct),
        };
        if rule.is_none_or(|rule| rule.to_host.is_none()) && !shared.options.allow_private {
            address::check_literal(url).map_err(|refused| FetchError::RefusedAddress {
                url: url.to_string(),
                cause: refused.to_string(),
            })?;
        }
        let mut address = url.clone();
        if let Some(rule) = rule {
            if let Some(port) = rule.to_port {
                // Cannot fail: the URL has a host.
                let _ = address.set_port(Some(port));
            }
            // A client does not resolve an address, so one must be exchanged in the URL itself.
            if let Some(host) = &rule.to_host
                && !matches!(url.host(), Some(Host::Domain(_)))
            {
                let _ = address.set_host(Some(host));
            }
        }
        let host = rule.and_then(|_| {
            let host = url.host_str()?;
            Some(match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            })
        });
        Ok(Route {
            client,
            address,
            host,
        })
    }
}

fn builder(cookies: &Arc<Jar>) -> ClientBuilder {
    Client::builder()
        .connect_timeout(CONNECT)
        .redirect(redirect::Policy::none())
        .cookie_provider(Arc::clone(cookies))
        .no_proxy()
}

fn build(builder: ClientBuilder) -> Result<Client, FetchError> {
    builder.build().map_err(|error| FetchError::Setup {
        url: "any URL".to_owned(),
        cause: error.to_string(),
    })
}
