//! The content of an article page, and the details of its reading.
//!
//! Owns the hash by which two states of a page are compared. Never reads a page.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::decode::Charset;
use crate::fetch::Validators;
use crate::identify::Fingerprint;
use crate::model::{Body, ColumnName, Field, ListRow, Metadata, Provenance, content_sha256};

/// The content of an article page.
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
    /// The hash by which two states of a page are compared. White space does not count. Nor does
    /// the host in links to the page's own `addresses`: a move to https or to another host is not
    /// an edit.
    pub(in crate::store) fn sha256(&self, addresses: &[&Url]) -> String {
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

    /// Whether a page that was read now has this content, by the hash of its fields.
    pub fn is_said_by(&self, read: &ReadPage) -> bool {
        let addresses = [&read.url, &read.found_at];
        self.sha256(&addresses) == read.content.sha256(&addresses)
    }

    /// Whether both have exactly the same values, wherever those were found.
    pub fn is_to_the_letter(&self, other: &Self) -> bool {
        (&self.title, &self.metadata, &self.body) == (&other.title, &other.metadata, &other.body)
    }

    pub(in crate::store) fn fingerprint(&self) -> Fingerprint {
        let day = self.metadata.published_on.or(self.metadata.issued_on);
        Fingerprint::new(&self.title, day, &self.body.body_text)
    }
}

/// An article page that was fetched and read, and that has all fields an article must have.
#[derive(Clone, Debug)]
pub struct ReadPage {
    /// The portal.
    pub portal: String,
    /// The URL under which it is known.
    pub url: Url,
    /// Its URL after redirects.
    pub found_at: Url,
    /// Its content.
    pub content: PageContent,
    /// Its HTTP validators.
    pub validators: Validators,
    /// How it was read, and from which capture.
    pub reading: Reading,
}

/// How a page was read, and from which capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The number of its capture.
    pub capture: Option<i64>,
    /// The charset in which it was read.
    pub charset: Option<Charset>,
    /// What a column's list said of it; kept from the first reading on.
    pub row: Option<ListRow>,
    /// The column whose rules read it.
    pub read_by: Option<ColumnName>,
    /// Fields that the page no longer shows, kept from its former state.
    pub kept: Vec<Field>,
    /// The URLs of the article's further parts.
    pub parts: Vec<Url>,
}

/// The host that replaces the portal's own.
const OWN: &str = "own.invalid";

fn hide_host(url: &mut Url, is_own: impl Fn(&Url) -> bool) {
    if is_own(url) && matches!(url.scheme(), "http" | "https") {
        // These cannot fail: it has a host.
        let _ = url.set_scheme("http");
        let _ = url.set_port(None);
        let _ = url.set_host(Some(OWN));
    }
}
