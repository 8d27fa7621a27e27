//! Two states of a page, compared.
//!
//! Owns what does not count: white space, counters and clocks, the host in links to the page's own
//! addresses, and whatever `identify` leaves out of the other addresses. Never replaces a value.

use std::collections::BTreeMap;

use url::Url;

use super::content::{PageContent, ReadPage};
use crate::identify::{Comparison, NamedUrl, SeenValues, steady_text};
use crate::model::{Body, content_sha256};

/// The result of comparing a page with its former state.
pub(super) struct Compared {
    /// Whether it is as it was, for readers.
    pub(super) is_same: bool,
    /// The values of parameters in its addresses that have changed so far.
    pub(super) seen: SeenValues,
}

/// The host that replaces the portal's own.
const OWN: &str = "own.invalid";

impl PageContent {
    /// The hash by which two states of a page are compared.
    pub(in crate::store) fn sha256(&self, addresses: &[&Url]) -> String {
        let addresses = Addresses::of(&self.body, addresses);
        self.hashed(&addresses, &Comparison::default())
    }

    /// Whether a page that was read now has this content.
    pub fn is_said_by(&self, read: &ReadPage) -> bool {
        self.compared_with(read, &SeenValues::default()).is_same
    }

    /// Compares a page that was read now with this state.
    pub(super) fn compared_with(&self, read: &ReadPage, seen: &SeenValues) -> Compared {
        let own = [&read.url, &read.found_at];
        let before = Addresses::of(&self.body, &own);
        let now = Addresses::of(&read.content.body, &own);
        let comparison = Comparison::new(&before.named(), &now.named(), seen);
        let is_equal = self.hashed(&before, &comparison) == read.content.hashed(&now, &comparison);
        Compared {
            is_same: is_equal && !comparison.is_confirmed,
            seen: comparison.seen,
        }
    }

    fn hashed(&self, addresses: &Addresses, comparison: &Comparison) -> String {
        let forms = addresses.forms(comparison);
        let form = |url: &mut Url| {
            if let Some(form) = forms.get(url.as_str()).and_then(|form| form.parse().ok()) {
                *url = form;
            }
        };
        let mut body = self.body.clone();
        body.images
            .iter_mut()
            .for_each(|image| form(&mut image.url));
        for file in &mut body.attachments {
            form(&mut file.url);
            file.name = steady_text(&file.name);
        }
        let html = with_addresses(&body.body_html, |address| forms.get(address).cloned());
        let html = html.replace("&nbsp;", " ").replace("<br>", " ");
        body.body_html = fold(&steady_text(&html));
        body.body_text = fold(&steady_text(&body.body_text));
        content_sha256(&fold(&self.title), &self.metadata, &body)
    }
}

/// The address that stands now in the place of one that stood in a text before; `None` if that is
/// the same one, or cannot be told.
pub(super) fn address_now(
    before: &Body,
    now: &Body,
    page: &Url,
    seen: &SeenValues,
    old: &Url,
) -> Option<Url> {
    let (before, now) = (Addresses::of(before, &[page]), Addresses::of(now, &[page]));
    let comparison = Comparison::new(&before.named(), &now.named(), &seen.known_to_vary());
    let form = before.forms(&comparison).remove(old.as_str())?;
    let forms = now.forms(&comparison).into_iter();
    let mut same = forms.filter(|(_, other)| *other == form);
    let (address, _) = same.next()?;
    let is_alone = same.next().is_none();
    let new: Url = address.parse().ok()?;
    (is_alone && new != *old).then_some(new)
}

/// The text with another address in the place of an old one.
pub(super) fn readdressed(body: &Body, old: &Url, new: &Url) -> Body {
    let mut body = body.clone();
    let images = body.images.iter_mut().map(|image| &mut image.url);
    let files = body.attachments.iter_mut().map(|file| &mut file.url);
    for url in images.chain(files).filter(|url| **url == *old) {
        *url = new.clone();
    }
    let escaped = new.as_str().replace('&', "&amp;");
    body.body_html = with_addresses(&body.body_html, |address| {
        (address == old.as_str()).then(|| escaped.clone())
    });
    body
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The addresses within a page's text, each with the one that is compared and its name.
struct Addresses(Vec<(String, Url, String)>);

impl Addresses {
    fn of(body: &Body, own: &[&Url]) -> Self {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for file in &body.attachments {
            let name = steady_text(&file.name);
            found.entry(file.url.to_string()).or_insert(name);
        }
        for image in &body.images {
            let name = image.caption.as_ref().or(image.alt.as_ref());
            let name = name.cloned().unwrap_or_default();
            found.entry(image.url.to_string()).or_insert(name);
        }
        with_addresses(&body.body_html, |address| {
            found.entry(address.to_owned()).or_default();
            None
        });
        let is_own = |url: &Url| own.iter().any(|own| own.host() == url.host());
        let named = found.into_iter().filter_map(|(address, name)| {
            let mut url = Url::parse(&address).ok()?;
            if is_own(&url) {
                hide_host(&mut url);
            }
            Some((address, url, name))
        });
        Self(named.collect())
    }

    fn named(&self) -> Vec<NamedUrl<'_>> {
        let named = |(_, url, name)| NamedUrl { url, name };
        self.0
            .iter()
            .map(|(address, url, name)| named((address, url, name)))
            .collect()
    }

    /// The form of each address in which it is compared.
    fn forms(&self, comparison: &Comparison) -> BTreeMap<String, String> {
        let forms = comparison.compared(&self.named()).into_iter();
        let addresses = self.0.iter().map(|(address, ..)| address.clone());
        addresses
            .zip(forms.map(|form| format!("http://{form}")))
            .collect()
    }
}

/// The markup with other addresses in its attributes, where `other` has one.
fn with_addresses(html: &str, mut other: impl FnMut(&str) -> Option<String>) -> String {
    const BEGIN: &str = "=\"http";
    let mut replaced = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(BEGIN) {
        let (before, value) = rest.split_at(at + 2);
        let (value, after) = value.split_at(value.find('"').unwrap_or(value.len()));
        replaced.push_str(before);
        match other(&value.replace("&amp;", "&")) {
            Some(other) => replaced.push_str(&other),
            None => replaced.push_str(value),
        }
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

fn hide_host(url: &mut Url) {
    if matches!(url.scheme(), "http" | "https") {
        // These cannot fail: it has a host.
        let _ = url.set_scheme("http");
        let _ = url.set_port(None);
        let _ = url.set_host(Some(OWN));
    }
}
