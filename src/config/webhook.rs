//! `[[webhook]]` of `dibao.toml`: receivers of changes.
//!
//! Owns the form of secrets. Never sends anything, and never shows a secret.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use url::Url;

use super::compile::web_address;
use super::error::{ConfigError, ConfigErrors};
use super::keys::Keys;
use super::patterns::Patterns;

/// The prefix of a secret in Standard Webhooks.
const MARK: &str = "whsec_";
/// A shorter one could be guessed.
const SHORTEST: usize = 24;

/// A receiver of changes.
#[derive(Clone)]
pub struct Webhook {
    /// The address that changes are sent to.
    pub url: Url,
    /// The key that signs messages, as raw bytes.
    pub secret: Vec<u8>,
    /// The columns whose changes are sent; all columns if empty.
    pub columns: Patterns,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The secret is left out.
        f.debug_struct("Webhook")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

pub(super) const KEYS: Keys = Keys {
    names: &["url", "secret", "columns"],
    tables: &[],
};

#[derive(Deserialize)]
pub(super) struct WebhookSpec {
    url: String,
    secret: String,
    #[serde(default)]
    columns: Vec<String>,
}

/// Compiles all webhooks. The store knows a webhook by its URL, so a URL may stand only once.
pub(super) fn compile_all(
    file: &Path,
    specs: Vec<WebhookSpec>,
) -> Result<Vec<Webhook>, ConfigErrors> {
    let mut errors = ConfigErrors::default();
    let mut webhooks: Vec<Webhook> = Vec::with_capacity(specs.len());
    for (nth, spec) in specs.into_iter().enumerate() {
        let webhook = compile(file, spec).map_err(|error| error.nth(nth));
        let Some(webhook) = errors.take(webhook) else {
            continue;
        };
        if webhooks.iter().any(|known| known.url == webhook.url) {
            let problem = format!("{} is there twice", webhook.url);
            let remedy = "name all its columns in one [[webhook]], or make the URLs differ: …?of=a";
            errors.add(ConfigError::at(file, "webhook.url", &problem, remedy).nth(nth));
        }
        webhooks.push(webhook);
    }
    errors.end(Some(webhooks))
}

fn compile(file: &Path, spec: WebhookSpec) -> Result<Webhook, ConfigError> {
    Ok(Webhook {
        url: web_address(file, "webhook.url", &spec.url)?,
        secret: secret(&spec.secret).ok_or_else(|| {
            let problem = format!("is not {MARK} and Base64 of at least {SHORTEST} bytes");
            let remedy = format!("make one: echo {MARK}$(openssl rand -base64 32)");
            ConfigError::at(file, "webhook.secret", &problem, remedy)
        })?,
        columns: Patterns::of_key(file, "webhook.columns", &spec.columns)?,
    })
}

fn secret(text: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(text.strip_prefix(MARK)?).ok()?;
    (bytes.len() >= SHORTEST).then_some(bytes)
}
