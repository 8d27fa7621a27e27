//! Compiles single values of the files: URLs, selectors, lengths of time.
//!
//! Owns their forms. Never reads a file, and never knows which key is in which table.

use std::path::Path;
use std::time::Duration;

use scraper::Selector;
use url::Url;

use super::error::ConfigError;

/// Compiles the strings of a file; errors name the file and the key.
pub(super) struct Compile<'a> {
    pub(super) file: &'a Path,
}

impl Compile<'_> {
    pub(super) fn url(&self, key: &str, text: &str) -> Result<Url, ConfigError> {
        let remedy = "write an absolute http:// or https:// URL";
        let bad = |why: &str| {
            ConfigError::at(
                self.file,
                key,
                &format!("{text:?} is not a usable URL: {why}"),
                remedy,
            )
        };
        let url = Url::parse(text).map_err(|e| bad(&e.to_string()))?;
        match url.scheme() {
            "http" | "https" if url.host().is_some() => Ok(url),
            scheme => Err(bad(&format!("its scheme is `{scheme}`"))),
        }
    }

    pub(super) fn selector(
        &self,
        key: &str,
        text: Option<String>,
    ) -> Result<Option<Selector>, ConfigError> {
        text.map(|text| {
            Selector::parse(&text).map_err(|e| {
                let problem = format!("{text:?} is not a CSS selector: {e}");
                ConfigError::at(self.file, key, &problem, "fix it, or leave the key out")
            })
        })
        .transpose()
    }

    pub(super) fn duration(
        &self,
        key: &str,
        text: Option<String>,
        default: Duration,
    ) -> Result<Duration, ConfigError> {
        match text {
            None => Ok(default),
            Some(text) => duration(&text).ok_or_else(|| {
                let problem = format!("{text:?} is not a length of time");
                ConfigError::at(self.file, key, &problem, "write 500ms, 3s, 10m or 2h")
            }),
        }
    }
}

/// Reads the URL of a hub or a webhook.
pub(super) fn web_address(file: &Path, key: &str, text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text).ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| {
            let problem = format!("{text:?} is not an http:// or https:// URL");
            ConfigError::at(file, key, &problem, "write its whole address")
        })
}

/// Reads `500ms`, `3s`, `10m`, `2h`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let millis = match text[digits..].trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.checked_mul(millis)?))
}
