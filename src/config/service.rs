//! `dibao.toml`: what the service calls itself. Every key has a default, and an environment
//! variable that wins over it.

use std::path::Path;

use serde::Deserialize;
use url::Url;

use super::ConfigError;
use super::keys::{self, Keys};

/// The service's own settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// What feeds call themselves; ends with a slash.
    pub base_url: Url,
    /// A URL or address for portals to complain to; part of the user agent.
    pub contact: Option<String>,
}

const KEYS: Keys = Keys {
    names: &["base_url", "contact"],
    tables: &[],
};

#[derive(Default, Deserialize)]
struct ServiceSpec {
    base_url: Option<String>,
    contact: Option<String>,
}

impl Service {
    /// Reads `file` (missing means defaults) and what the environment says over it.
    pub fn load(
        file: &Path,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let spec: ServiceSpec = match std::fs::read_to_string(file) {
            Ok(text) => keys::parse(file, &text, &KEYS)?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => ServiceSpec::default(),
            Err(e) => {
                let problem = format!("cannot be read: {e}");
                return Err(ConfigError::new(file, problem, "make it readable"));
            }
        };
        let base = environment("DIBAO_BASE_URL")
            .or(spec.base_url)
            .unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
        Ok(Self {
            base_url: base_url(&base).ok_or_else(|| {
                let problem = format!("{base:?} is no http:// or https:// URL");
                let remedy = "write the address at which public/ is served: https://news.example";
                ConfigError::at(file, "base_url", &problem, remedy)
            })?,
            contact: environment("DIBAO_CONTACT").or(spec.contact),
        })
    }
}

/// Reads a base URL and ends its path with a slash, so that joining keeps the last segment.
fn base_url(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
        return None;
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}
