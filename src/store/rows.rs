//! Rows read back: what a page says, and what the other files ask of it.

use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use url::Url;
use uuid::Uuid;

use super::from_row::from_row;
use super::{ReadPage, StoreError};
use crate::identify::Fingerprint;
use crate::model::{Body, Metadata, Provenance, content_sha256};

/// What an article page says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageContent {
    /// 标题
    pub title: String,
    /// The label block's other values.
    #[serde(flatten)]
    pub metadata: Metadata,
    /// Text, pictures, files.
    #[serde(flatten)]
    pub body: Body,
    /// Where each value was found.
    pub provenance: Provenance,
}

impl PageContent {
    /// By which two states of a page are compared: what is read off it, white space aside, and by
    /// which of its `addresses` the portal calls itself in links: a move to https or to another
    /// host edits no article.
    pub(super) fn sha256(&self, addresses: &[&Url]) -> String {
        let fold = |text: &str| -> String { text.split_whitespace().collect() };
        let mut body = self.body.clone();
        let is_own = |url: &Url| addresses.iter().any(|own| own.host() == url.host());
        for url in body.images.iter_mut().map(|image| &mut image.url) {
            hide_host(url, is_own);
        }
        for url in body.attachments.iter_mut().map(|file| &mut file.url) {
            hide_host(url, is_own);
        }
        for own in addresses
            .iter()
            .filter_map(|url| Some((url.host_str()?, url.port())))
        {
            let host = match own {
                (host, Some(port)) => format!("{host}:{port}"),
                (host, None) => host.to_owned(),
            };
            for scheme in ["http", "https"] {
                let own = format!("\"{scheme}://{host}/");
                if body.body_html.contains(&own) {
                    body.body_html = body.body_html.replace(&own, "\"/");
                }
            }
        }
        body.body_html = fold(&body.body_html.replace("&nbsp;", " ").replace("<br>", " "));
        body.body_text = fold(&body.body_text);
        content_sha256(&fold(&self.title), &self.metadata, &body)
    }

    /// Whether a page that was read now says what this said, as states of a page are compared.
    pub fn is_said_by(&self, read: &ReadPage) -> bool {
        let addresses = [&read.url, &read.found_at];
        self.sha256(&addresses) == read.content.sha256(&addresses)
    }

    /// Whether both say the same to the letter, wherever it was found.
    pub fn is_to_the_letter(&self, other: &Self) -> bool {
        (&self.title, &self.metadata, &self.body) == (&other.title, &other.metadata, &other.body)
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        let day = self.metadata.published_on.or(self.metadata.issued_on);
        Fingerprint::new(&self.title, day, &self.body.body_text)
    }
}

/// The host that stands for the portal's own.
const OWN: &str = "own.invalid";

fn hide_host(url: &mut Url, is_own: impl Fn(&Url) -> bool) {
    if is_own(url) && matches!(url.scheme(), "http" | "https") {
        // These cannot fail: it has a host.
        let _ = url.set_scheme("http");
        let _ = url.set_port(None);
        let _ = url.set_host(Some(OWN));
    }
}

/// A row of `pages` as far as identity needs it.
#[derive(Clone)]
pub(super) struct PageRow {
    pub(super) found: i64,
    pub(super) canonical_url: String,
    pub(super) article_id: Option<String>,
    pub(super) index_number: Option<String>,
    content: String,
    pub(super) content_sha256: String,
    pub(super) first_seen_ms: i64,
}

from_row!(
    PageRow:
    found, canonical_url, article_id, index_number, content, content_sha256, first_seen_ms
);

impl PageRow {
    /// What the page says, read back.
    pub(super) fn content(&self) -> Result<PageContent, StoreError> {
        serde_json::from_str(&self.content)
            .map_err(|e| StoreError::record(format!("page {}", self.canonical_url), e))
    }
}

/// Reads back an article's id.
pub(super) fn parse_id(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|e| StoreError::record(format!("article id {text}"), e))
}

/// Whether the number is a template's, which counts as none.
pub(super) async fn is_known_template(
    tx: &mut SqliteConnection,
    portal: &str,
    number: &str,
) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM template_numbers WHERE portal = ? AND index_number = ?)",
    )
    .bind(portal)
    .bind(number)
    .fetch_one(tx)
    .await?)
}
