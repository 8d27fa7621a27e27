//! A list page in the form that the families read.
//!
//! Owns the data that several families need: the page's scripts, read once. Never knows a family.

use scraper::Html;
use url::Url;

use crate::extract::page::calls::Calls;
use crate::extract::page::links;

/// A list page.
pub(in crate::extract) struct Sheet<'a> {
    pub(in crate::extract) document: &'a Html,
    /// The page as it was sent: only there does an island of XML survive.
    pub(in crate::extract) text: &'a str,
    /// The page's own URL.
    pub(in crate::extract) here: &'a Url,
    /// The base of relative URLs.
    pub(in crate::extract) base: &'a Url,
    /// The number of recognised items. A page without items is the shell of a script.
    pub(in crate::extract) items: usize,
    /// The text of the page's scripts, one after another.
    pub(in crate::extract) scripts: String,
    /// The page's functions.
    pub(in crate::extract) calls: Calls<'a>,
}

impl<'a> Sheet<'a> {
    pub(in crate::extract) fn new(
        document: &'a Html,
        text: &'a str,
        here: &'a Url,
        base: &'a Url,
        items: usize,
    ) -> Self {
        Self {
            document,
            text,
            here,
            base,
            items,
            scripts: scripts(document),
            calls: Calls::new(document.tree.root(), here),
        }
    }

    /// An address as a whole URL, if it is on the page's own host.
    pub(in crate::extract) fn own(&self, address: &str) -> Option<Url> {
        let url = links::target(address, self.base)?;
        (url.host() == self.here.host()).then_some(url)
    }
}

fn scripts(document: &Html) -> String {
    let scripts = document
        .root_element()
        .descendent_elements()
        .filter(|element| element.value().name() == "script");
    let mut whole = String::new();
    for script in scripts {
        whole.extend(script.text());
        whole.push('\n');
    }
    whole
}
