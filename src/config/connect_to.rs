//! `--connect-to`: a host's connections go elsewhere, as curl's do.
//!
//! Owns the reading of `HOST1:PORT1:HOST2:PORT2`, and which URLs a rule is for. Never changes the
//! `Host` header and the name in the TLS handshake: these stay those of the URL.

use std::str::FromStr;

use thiserror::Error;
use url::Url;

/// Connections to one host and port go to another. The other host is allowed even if it is a
/// private address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectTo {
    /// The host of the URL; `None` for any.
    from_host: Option<String>,
    /// The port of the URL; `None` for any.
    from_port: Option<u16>,
    /// The host to connect to; `None` for the URL's own.
    pub to_host: Option<String>,
    /// The port to connect to; `None` for the URL's own.
    pub to_port: Option<u16>,
}

/// A `--connect-to` that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "--connect-to {text:?}: {problem}; write HOST1:PORT1:HOST2:PORT2, an IPv6 address in [brackets]"
)]
pub struct ConnectToError {
    text: String,
    problem: String,
}

impl ConnectTo {
    /// Whether this rule is for `url`.
    pub fn is_for(&self, url: &Url) -> bool {
        let host = self.from_host.as_deref();
        host.is_none_or(|host| url.host_str().is_some_and(|h| h.eq_ignore_ascii_case(host)))
            && (self.from_port.is_none() || url.port_or_known_default() == self.from_port)
    }
}

impl FromStr for ConnectTo {
    type Err = ConnectToError;

    fn from_str(text: &str) -> Result<Self, ConnectToError> {
        let error = |problem: String| ConnectToError {
            text: text.to_owned(),
            problem,
        };
        let parts = split(text);
        let [from_host, from_port, to_host, to_port] = parts[..] else {
            return Err(error(format!("it has {} parts, not 4", parts.len())));
        };
        let host = |host: &str| -> Result<Option<String>, ConnectToError> {
            if host.is_empty() {
                return Ok(None);
            }
            match url::Host::parse(host) {
                Ok(host) => Ok(Some(host.to_string())),
                Err(e) => Err(error(format!("{host:?} is not a host: {e}"))),
            }
        };
        let port = |port: &str| -> Result<Option<u16>, ConnectToError> {
            match port.parse() {
                _ if port.is_empty() => Ok(None),
                Ok(number) if number > 0 => Ok(Some(number)),
                _ => Err(error(format!("{port:?} is not a port"))),
            }
        };
        Ok(Self {
            from_host: host(from_host)?,
            from_port: port(from_port)?,
            to_host: host(to_host)?,
            to_port: port(to_port)?,
        })
    }
}

/// Splits at colons outside brackets.
fn split(text: &str) -> Vec<&str> {
    let mut bracketed = false;
    text.split(|c: char| {
        match c {
            '[' => bracketed = true,
            ']' => bracketed = false,
            _ => {}
        }
        c == ':' && !bracketed
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_for(text: &str, url: &str) -> bool {
        text.parse::<ConnectTo>()
            .unwrap()
            .is_for(&url.parse().unwrap())
    }

    #[test]
    fn curls_notation_is_read() {
        let all: ConnectTo = "www.lc.gov.cn:80:127.0.0.1:8080".parse().unwrap();
        assert_eq!(all.to_host.as_deref(), Some("127.0.0.1"));
        assert_eq!(all.to_port, Some(8080));
        let six: ConnectTo = "[2001:db8::1]::[::1]:8080".parse().unwrap();
        assert_eq!(six.from_host.as_deref(), Some("[2001:db8::1]"));
        assert_eq!(
            (six.from_port, six.to_host.as_deref()),
            (None, Some("[::1]"))
        );
    }

    #[test]
    fn host_and_port_of_the_url_decide_and_empty_means_any() {
        let rule = "www.lc.gov.cn:80:127.0.0.1:8080";
        assert!(is_for(rule, "http://WWW.lc.gov.cn/a"));
        assert!(!is_for(rule, "https://www.lc.gov.cn/a"));
        assert!(!is_for(rule, "http://lc.gov.cn/a"));
        assert!(is_for("::127.0.0.1:8080", "https://any.example:444/"));
        assert!(is_for("[2001:db8::1]::x:1", "http://[2001:db8:0::1]:7/"));
    }

    #[test]
    fn an_error_names_text_problem_and_remedy() {
        for (text, problem) in [
            ("a:80:b", "it has 3 parts, not 4"),
            ("a:80:::1:8080", "it has 6 parts, not 4"),
            ("a:http:b:80", "\"http\" is not a port"),
            ("a:0:b:80", "\"0\" is not a port"),
            ("a b:80:c:80", "\"a b\" is not a host"),
        ] {
            let error = text.parse::<ConnectTo>().unwrap_err().to_string();
            assert!(error.contains(problem) && error.contains(text), "{error}");
            assert!(error.contains("HOST1:PORT1:HOST2:PORT2"), "{error}");
        }
    }
}
