//! Reads a page that is named on the command line: a file offline, or a URL by fetching it.
//!
//! Owns the way from a name to a text. A file may be no larger than an answer. Never judges what a
//! text says.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use url::Url;

use crate::config::{Column, FetchRules, Folders, ServiceConfig};
use crate::decode::{Decoded, decode};
use crate::extract::{self, PageText};
use crate::fetch::{Fetched, Fetcher, Hops, LARGEST};
use crate::model::Verdict;
use crate::service;

/// A page as text.
pub(super) struct TextPage {
    /// The base of its relative links.
    pub(super) base: Url,
    /// Its URL, if that is known.
    pub(super) url: Option<Url>,
    pub(super) decoded: Decoded,
    /// Its `Refresh` header.
    pub(super) refresh: Option<String>,
}

impl TextPage {
    /// The page, to be read.
    pub(super) fn page(&self) -> PageText<'_> {
        PageText::from(&self.decoded).with_refresh(self.refresh.as_deref())
    }
}

/// Whether the name is a URL, not a file.
pub(super) fn is_url(name: &str) -> bool {
    let scheme = name.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        ["http", "https"]
            .iter()
            .any(|web| web.eq_ignore_ascii_case(scheme))
    })
}

/// Reads pages, one after another.
pub(super) struct Pages<'a> {
    folders: &'a Folders,
    column: Option<&'a Column>,
    url: Option<Url>,
    fetcher: Option<Fetcher>,
}

impl<'a> Pages<'a> {
    /// Pages of `column`, if one is given; `url` is the URL of pages from files.
    pub(super) fn new(folders: &'a Folders, column: Option<&'a Column>, url: Option<Url>) -> Self {
        Self {
            folders,
            column,
            url,
            fetcher: None,
        }
    }

    /// Reads the page with this name.
    pub(super) async fn read(&mut self, name: &str) -> Result<TextPage, String> {
        if is_url(name) {
            self.fetch(name).await
        } else {
            self.open(Path::new(name))
        }
    }

    async fn fetch(&mut self, name: &str) -> Result<TextPage, String> {
        let url = Url::parse(name).map_err(|e| format!("{name}: is not a URL: {e}"))?;
        let fetcher = match self.fetcher.take() {
            Some(fetcher) => fetcher,
            None => {
                // Without a column no configuration is used at all.
                let contact = match self.column {
                    Some(_) => {
                        ServiceConfig::load(&self.folders.service)
                            .map_err(|e| e.to_string())?
                            .contact
                    }
                    None => None,
                };
                service::fetcher(self.folders, contact.as_deref())
            }
        };
        let by_default = FetchRules::default();
        let rules = self.column.map_or(&by_default, |column| &column.fetch);
        let listed = self.column.map_or(&url, |column| &column.url);
        let followed = self.follow(&fetcher, &url, listed, rules).await;
        self.fetcher = Some(fetcher);
        followed
    }

    /// Fetches the page, or the one to which it only sends the browser on.
    async fn follow(
        &self,
        fetcher: &Fetcher,
        url: &Url,
        listed: &Url,
        rules: &FetchRules,
    ) -> Result<TextPage, String> {
        let mut hops = Hops::new(url);
        let mut asked = url.clone();
        loop {
            let fetched = fetcher.get_linked(&asked, listed, rules).await;
            let Fetched::Page(page) = fetched.map_err(|e| e.to_string())? else {
                return Err(format!("{asked}: answered 304 without being asked"));
            };
            let name = url.as_str();
            let page = TextPage {
                decoded: self.decode(name, &page.body, page.content_type.as_deref())?,
                refresh: page.refresh,
                base: page.url,
                url: Some(url.clone()),
            };
            let Some(to) = extract::onward(page.page(), &page.base) else {
                return Ok(page);
            };
            hops.go(&to).map_err(|e| e.to_string())?;
            asked = to;
        }
    }

    fn open(&self, file: &Path) -> Result<TextPage, String> {
        let name = file.display();
        let bytes = bytes(file).map_err(|e| {
            let remedy = "name a saved page, or a URL with http:// or https://";
            format!("{name}: cannot be read: {e}\n  remedy: {remedy}")
        })?;
        let Some(bytes) = bytes else {
            let code = Verdict::TooLarge.code();
            return Err(format!(
                "{name}: {code}: it is larger than {LARGEST} bytes, which is the most that is read of a \
                 page"
            ));
        };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            let code = Verdict::Empty.code();
            return Err(format!("{name}: {code}: it is empty"));
        }
        Ok(TextPage {
            decoded: self.decode(&name.to_string(), &bytes, None)?,
            refresh: None,
            // RFC 6761 keeps `.invalid` from ever being a real host.
            base: match &self.url {
                Some(url) => url.clone(),
                None => Url::parse("http://unknown.invalid/").map_err(|e| e.to_string())?,
            },
            url: self.url.clone(),
        })
    }

    fn decode(
        &self,
        name: &str,
        bytes: &[u8],
        content_type: Option<&str>,
    ) -> Result<Decoded, String> {
        let charset = self.column.and_then(|column| column.fetch.charset);
        let decoded = decode(bytes, content_type, charset);
        if decoded.is_text() {
            return Ok(decoded);
        }
        let (code, charset, found) = (
            Verdict::Garbage.code(),
            decoded.charset.name(),
            decoded.found,
        );
        Err(format!(
            "{name}: {code}: its bytes are not text, read as {charset} ({found})\n  remedy: name a \
             page of HTML; documents and pictures are not read"
        ))
    }
}

/// The bytes of a file; `None` if it is larger than [`LARGEST`]. A pipe or a device is read like a
/// file, up to that size.
fn bytes(file: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let most = LARGEST as u64;
    let opened = File::open(file)?;
    let known = opened.metadata().map_or(0, |metadata| metadata.len());
    let mut bytes = Vec::new();
    if known <= most {
        opened.take(most + 1).read_to_end(&mut bytes)?;
    }
    Ok((known.max(bytes.len() as u64) <= most).then_some(bytes))
}
