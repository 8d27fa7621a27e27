//! The HTTP client of a request: where its connections go, and which certificates they trust.
//!
//! Owns `--connect-to`, proxies and the TLS rules of columns, with one client for each combination.
//! Never looks into an answer. Never takes a proxy from the environment: it would resolve names
//! without the check of addresses.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body_util::BodyExt;
use http_body_util::combinators::BoxBody;
use reqwest::dns::Resolve;
use reqwest::{Proxy, redirect};
use url::{Host, Url};

use super::address::{self, ConnectToResolver, GuardedResolver, SystemResolver};
use super::error::{CONNECT, ClientError, FetchError};
use super::exchange::MOST_HEADERS;
#[cfg(feature = "legacy-tls")]
use super::legacy;
use super::options::FetcherOptions;
use super::tls::{http_client, plain_http_client, unverified_http_client};
use crate::config::{FetchRules, TlsRules};
use crate::model::is_of_other_service;

/// A body that is being received.
pub(super) type Incoming = BoxBody<Bytes, ClientError>;

/// An HTTP client.
#[derive(Clone)]
pub(super) enum Client {
    /// Over rustls, for nearly all portals.
    Modern(reqwest::Client),
    /// Over OpenSSL, for portals whose TLS rustls does not support.
    #[cfg(feature = "legacy-tls")]
    Legacy(Box<legacy::Client>),
}

impl Client {
    /// Sends a GET request with exactly these headers.
    pub(super) async fn get(
        &self,
        url: Url,
        headers: HeaderMap,
    ) -> Result<Response<Incoming>, ClientError> {
        match self {
            Self::Modern(client) => {
                let response = client.get(url).headers(headers).send().await?;
                Ok(Response::from(response).map(|body| body.map_err(ClientError::from).boxed()))
            }
            #[cfg(feature = "legacy-tls")]
            Self::Legacy(client) => {
                let response = legacy::get(client, &url, headers).await?;
                Ok(response.map(|body| body.map_err(ClientError::from).boxed()))
            }
        }
    }
}

/// How to reach a URL's server.
pub(super) struct Route {
    pub(super) client: Client,
    /// The URL to whose host and port the client connects.
    pub(super) address: Url,
}

/// The clients. Each is made when it is first needed.
#[derive(Default)]
pub(super) struct Clients(Mutex<HashMap<ClientKind, Client>>);

/// The properties in which clients differ.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ClientKind {
    by: Target,
    /// The rules for TLS; `None` if all is sent over `http:`.
    tls: Option<TlsRules>,
}

/// Where connections go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Target {
    /// To the URL's host.
    Dns { allow_private: bool },
    /// To another host.
    ConnectTo { host: String },
    /// To a proxy, which looks names up itself.
    Proxy(Url),
}

impl Clients {
    /// How to reach a URL's server, where that is allowed.
    pub(super) fn route(
        &self,
        url: &Url,
        options: &FetcherOptions,
        rules: &FetchRules,
    ) -> Result<Route, FetchError> {
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(FetchError::RefusedScheme {
                url: url.to_string(),
            });
        }
        if let Some(port) = url.port().filter(|port| is_of_other_service(*port)) {
            return Err(FetchError::RefusedAddress {
                url: url.to_string(),
                cause: format!(
                    "port {port} belongs to another service than the web, as browsers say"
                ),
            });
        }
        let allow_private = options.allow_private || rules.allow_private;
        let rule = options.connect_to.iter().find(|rule| rule.is_for(url));
        let to_host = rule.and_then(|rule| rule.to_host.clone());
        if to_host.is_none() && !allow_private {
            address::check_literal(url).map_err(|refused| FetchError::RefusedAddress {
                url: url.to_string(),
                cause: refused.to_string(),
            })?;
        }
        let mut address = url.clone();
        // A client would send a password in the URL.
        let _ = address.set_username("");
        let _ = address.set_password(None);
        if let Some(port) = rule.and_then(|rule| rule.to_port) {
            // Cannot fail: the URL has a host.
            let _ = address.set_port(Some(port));
        }
        // A client does not resolve an address, so it must be replaced in the URL itself.
        if let Some(host) = &to_host
            && !matches!(url.host(), Some(Host::Domain(_)))
        {
            let _ = address.set_host(Some(host));
        }
        let by = match (to_host, &rules.proxy) {
            (Some(host), _) => Target::ConnectTo { host },
            (None, Some(proxy)) => Target::Proxy(proxy.clone()),
            (None, None) => Target::Dns { allow_private },
        };
        let is_secure = |url: &Url| url.scheme() == "https";
        let is_plain = !is_secure(url) && !rules.proxy.as_ref().is_some_and(is_secure);
        let tls = (!is_plain).then_some(rules.tls);
        let client = self.client(ClientKind { by, tls }, options, url)?;
        Ok(Route { client, address })
    }

    /// The client of this kind, for this URL. Where it needs the system's certificates, there must be some.
    fn client(
        &self,
        way: ClientKind,
        options: &FetcherOptions,
        url: &Url,
    ) -> Result<Client, FetchError> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&way) {
            return Ok(client.clone());
        }
        let client = build(&way, options).map_err(|error| FetchError::Setup {
            url: url.to_string(),
            cause: error.to_string(),
        })?;
        made.insert(way, client.clone());
        Ok(client)
    }
}

fn build(way: &ClientKind, options: &FetcherOptions) -> Result<Client, ClientError> {
    let resolver: Arc<dyn Resolve> = match &way.by {
        Target::Dns { allow_private } => Arc::new(GuardedResolver {
            allow_private: *allow_private,
            resolver: options.resolver.clone(),
        }),
        Target::ConnectTo { host } => Arc::new(ConnectToResolver { host: host.clone() }),
        // A column that names a proxy permits connections to it, also on this machine.
        Target::Proxy(_) => Arc::new(SystemResolver),
    };
    let proxy = match &way.by {
        Target::Proxy(proxy) => Some(proxy),
        _ => None,
    };
    if way.tls == Some(TlsRules::Legacy) {
        return match proxy {
            None => old(resolver),
            Some(_) => Err("tls = \"legacy\" does not go through a proxy".into()),
        };
    }
    let builder = match way.tls {
        None => plain_http_client()?,
        Some(TlsRules::Verified) => http_client().map_err(|error| -> ClientError {
            let remedy = "install the system's certificates (Debian: ca-certificates)";
            format!("{error}; {remedy}").into()
        })?,
        Some(TlsRules::Unverified | TlsRules::Legacy) => unverified_http_client(),
    };
    let builder = builder
        .connect_timeout(CONNECT)
        .redirect(redirect::Policy::none())
        // One request to a host at a time gains nothing from HTTP/2.
        .http1_only()
        // Old servers write these headers, and every browser reads them.
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_max_headers(MOST_HEADERS)
        // No connection is kept open: it would take a place at the portal, and another process, or
        // the other scheme, would open a second one beside it.
        .pool_max_idle_per_host(0)
        .no_proxy()
        .dns_resolver(resolver);
    let builder = match proxy {
        Some(proxy) => builder.proxy(Proxy::all(proxy.as_str())?),
        None => builder,
    };
    Ok(Client::Modern(builder.build()?))
}

/// A client for old TLS, in builds that have it.
#[cfg(feature = "legacy-tls")]
fn old(resolver: Arc<dyn Resolve>) -> Result<Client, ClientError> {
    Ok(Client::Legacy(Box::new(legacy::client(resolver)?)))
}

#[cfg(not(feature = "legacy-tls"))]
fn old(_: Arc<dyn Resolve>) -> Result<Client, ClientError> {
    let remedy = "in dibao's source, run: cargo build --release --features legacy-tls";
    Err(format!("this build has no TLS before 1.2; {remedy}").into())
}
