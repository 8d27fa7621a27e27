//! `[fetch]` of a feed file: how a column's pages are fetched.
//!
//! Owns the defaults, and compiles the keys. Never connects anywhere.

use std::time::Duration;

use encoding_rs::Encoding;
use serde::Deserialize;
use url::Url;

use super::compile::Compile;
use super::error::{ConfigError, ConfigErrors};

/// How a column's pages are fetched.
#[derive(Clone, Debug)]
pub struct FetchRules {
    /// Overrides the charset that pages declare.
    pub charset: Option<&'static Encoding>,
    /// The pause between two requests to a host.
    pub delay: Duration,
    /// The time limit of a whole request, including the body.
    pub timeout: Duration,
    /// The user agent for this column; `None` for that of the service.
    pub user_agent: Option<String>,
    /// Whether the site's robots.txt is obeyed.
    pub robots: bool,
    /// The proxy, if there is one.
    pub proxy: Option<Url>,
    /// What the portal's TLS must offer.
    pub tls: TlsRules,
    /// Whether addresses that are not public (loopback, private …) are allowed.
    pub allow_private: bool,
}

/// What a portal's TLS must offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TlsRules {
    /// TLS 1.2 or newer, and a certificate that can be verified.
    #[default]
    Verified,
    /// Any certificate: expired, self-signed, another host's. Somebody on the way can read and
    /// change the traffic.
    Unverified,
    /// TLS 1.0 or newer, broken ciphers and signatures, and any certificate. Somebody on the way
    /// can read and change the traffic.
    Legacy,
}

impl TlsRules {
    /// The values of `tls` in a feed file.
    pub const NAMES: [&str; 3] = ["verified", "unverified", "legacy"];

    /// Its name in feed files and in `status`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Unverified => "unverified",
            Self::Legacy => "legacy",
        }
    }
}

impl Default for FetchRules {
    fn default() -> Self {
        Self {
            charset: None,
            delay: Duration::from_secs(3),
            timeout: Duration::from_secs(30),
            user_agent: None,
            robots: true,
            proxy: None,
            tls: TlsRules::Verified,
            allow_private: false,
        }
    }
}

#[derive(Default, Deserialize)]
pub(super) struct FetchSpec {
    charset: Option<String>,
    delay: Option<String>,
    timeout: Option<String>,
    user_agent: Option<String>,
    robots: Option<bool>,
    proxy: Option<String>,
    tls: Option<String>,
    allow_private: Option<bool>,
}

impl Compile<'_> {
    pub(super) fn fetch(&self, spec: FetchSpec) -> Result<FetchRules, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let charset = spec.charset.map(|label| self.charset(&label));
        let charset = errors.or_default(charset.transpose());
        let default = FetchRules::default();
        let proxy = spec.proxy.map(|proxy| self.proxy(&proxy));
        let proxy = errors.or_default(proxy.transpose());
        let tls = errors.or_default(self.tls(spec.tls));
        if tls == TlsRules::Legacy && proxy.is_some() {
            let problem = "\"legacy\" does not go through a proxy";
            let remedy = "leave one of tls and proxy out";
            errors.add(ConfigError::at(self.file, "fetch.tls", problem, remedy));
        }
        let mut length = |key, text, usual| errors.or_default(self.duration(key, text, usual));
        let rules = FetchRules {
            charset,
            delay: length("fetch.delay", spec.delay, default.delay),
            timeout: length("fetch.timeout", spec.timeout, default.timeout),
            user_agent: spec.user_agent,
            robots: spec.robots.unwrap_or(default.robots),
            proxy,
            tls,
            allow_private: spec.allow_private.unwrap_or(default.allow_private),
        };
        errors.end(Some(rules))
    }

    fn charset(&self, label: &str) -> Result<&'static Encoding, ConfigError> {
        crate::decode::charset(label).ok_or_else(|| {
            let problem = format!("{label:?} is not a known charset");
            let remedy = "write utf-8 or gb18030";
            ConfigError::at(self.file, "fetch.charset", &problem, remedy)
        })
    }

    fn proxy(&self, text: &str) -> Result<Url, ConfigError> {
        let url = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https" | "socks5h") && url.has_host());
        url.ok_or_else(|| {
            let problem = format!("{text:?} is not the address of a proxy");
            let remedy = "write http://HOST:PORT, https://HOST:PORT or socks5h://HOST:PORT";
            ConfigError::at(self.file, "fetch.proxy", &problem, remedy)
        })
    }

    fn tls(&self, text: Option<String>) -> Result<TlsRules, ConfigError> {
        match text.as_deref() {
            None | Some("verified") => Ok(TlsRules::Verified),
            Some("unverified") => Ok(TlsRules::Unverified),
            Some("legacy") if cfg!(feature = "legacy-tls") => Ok(TlsRules::Legacy),
            Some("legacy") => {
                let problem =
                    "\"legacy\" needs a build of dibao with old TLS, and this one has none";
                let remedy = "in dibao's source, run: cargo build --release --features legacy-tls";
                Err(ConfigError::at(self.file, "fetch.tls", problem, remedy))
            }
            Some(other) => {
                let problem = format!("{other:?} is not a way to trust a portal");
                let remedy = format!("write one of {}", TlsRules::NAMES.join(", "));
                Err(ConfigError::at(self.file, "fetch.tls", &problem, &remedy))
            }
        }
    }
}
