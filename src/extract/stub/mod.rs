//! Stubs: pages that servers, templates and firewalls send with status 200 instead of an article or
//! a list.
//!
//! Owns the verdict and its order: signs of an article or a list come first, and rule out a stub.
//! Never judges by one word alone: the words must be nearly all of the page's text.

mod body;
mod index;
mod jump;
mod moved;
mod onward;
mod outage;
mod place;
mod view;
mod vocabulary;
mod words;

use scraper::Html;
use url::Url;

use crate::extract::answer::Stub;
use crate::extract::page::cells::Cells;
use crate::extract::page::text::PageText;
use crate::extract::page::tree;
use crate::model::ListRow;
use view::View;

/// Known stubs have less than a quarter of this.
const MAX_BYTES: usize = 128 << 10;
/// A page with more characters outside links, heads and footers is not a stub.
const MAX_SAID: usize = 240;
/// The most characters of a log-in page, including its links.
const MAX_LOG_IN: usize = 300;
/// For a page with fewer characters, its title or its password field decides.
const BARE: usize = 60;
/// The most bytes of pages like `ok` and `<html></html>`. A few words of Chinese may be news.
const TINY_BYTES: usize = 400;
const TINY_SAID: usize = 30;

pub(super) use body::{of_article, signs};
pub(super) use place::Place;

/// Whether a page at an article's address is a site's first page or a column's.
pub(super) fn index(document: &Html, cells: &Cells, base: &Url) -> Option<Stub> {
    index::recognise(document, cells, base)
}

/// Whether a page at the address of the article in this row is a notice that the site has moved.
pub(super) fn moved(document: &Html, row: &ListRow) -> Option<Stub> {
    moved::recognise(document, row)
}

/// Whether an article's text tells of a move of the site, and its title does not.
pub fn tells_of_move(title: &str, text: &str) -> bool {
    moved::is_told_by(title, text)
}

/// The stub that a page from `base` is, if it is one.
pub fn stub<'a>(page: impl Into<PageText<'a>>, base: &Url) -> Option<Stub> {
    let text = page.into();
    let document = tree::parse(text);
    recognise(&document, &Cells::new(document.tree.root()), text, base)
}

/// The same for a parsed page.
pub(super) fn recognise(
    document: &Html,
    cells: &Cells,
    text: PageText<'_>,
    base: &Url,
) -> Option<Stub> {
    let html = text.html;
    if html.len() > MAX_BYTES {
        return None;
    }
    let is_outage = outage::is_outage(document);
    let view = View::new(document, cells, base, MAX_SAID);
    let has_content = view
        .as_ref()
        .is_some_and(|view| view.is_article() || view.is_list());
    if is_outage && !has_content {
        return Some(Stub::Maintenance);
    }
    let view = view.filter(|_| !has_content)?;
    let told = by_words(&view);
    let is_plain = match told {
        // The words for readers without scripts say nothing about those with scripts.
        Some(Stub::Challenge) => view.all > 0,
        Some(Stub::NotFound) => !onward::tells_of_move(&view),
        Some(Stub::LogIn) => true,
        _ => false,
    };
    let sent = match is_plain {
        true => None,
        false => onward::recognise(document, text, &view),
    };
    match sent {
        Some(Stub::Unfilled) => return told.or(sent),
        Some(sent) => return Some(sent),
        None => {}
    }
    let by_form = || by_form(&view, html.trim().len() <= TINY_BYTES);
    told.or_else(by_form).or_else(|| by_lines(&view))
}

/// The verdict from the words of the page.
fn by_words(view: &View<'_>) -> Option<Stub> {
    let is_bare = view.all <= BARE;
    if view.mentions(&words::GATEWAY) {
        return Some(Stub::Maintenance);
    }
    if view.says(&words::CHALLENGE) || (is_bare && view.is_titled(&words::CHALLENGE)) {
        return Some(Stub::Challenge);
    }
    if view.says(&words::NOT_FOUND) || view.is_titled(&words::NOT_FOUND) {
        return Some(Stub::NotFound);
    }
    let is_form = view.says(&words::LOG_IN) || view.is_titled(&words::LOG_IN);
    let is_asked = || !view.shows && view.says(&words::LOG_IN_FIRST);
    if view.all <= MAX_LOG_IN && ((view.password && is_form) || is_asked()) {
        return Some(Stub::LogIn);
    }
    if view.is_titled(&words::SERVER) {
        return Some(Stub::Maintenance);
    }
    // An article may announce a stub's subject. Pictures and an article's tools suggest an article,
    // but pictures do not count if the visitor is told to come back.
    let is_sent_away = view.all <= BARE && view.says(&words::COME_BACK);
    let may_announce = (view.shows && !is_sent_away) || view.has_tools;
    (!may_announce && view.says(&words::MAINTENANCE)).then_some(Stub::Maintenance)
}

/// The verdict from all lines of the page, if it shows nothing else.
fn by_lines(view: &View<'_>) -> Option<Stub> {
    let lines: Vec<&str> = view.printed.iter().map(String::as_str).collect();
    let found = body::from_lines(&lines, &view.title, view.password).filter(|_| !view.shows)?;
    (found != Stub::Maintenance || !view.has_tools).then_some(found)
}

/// The verdict from the elements of the page.
fn by_form(view: &View<'_>, is_tiny: bool) -> Option<Stub> {
    if view.shows {
        return None;
    }
    if view.password && view.all <= BARE {
        return Some(Stub::LogIn);
    }
    if let Some(to) = view.goes_to.as_deref().filter(|_| view.all <= TINY_SAID) {
        return onward::of_address(&view.base.join(to).ok()?, view.base);
    }
    if view.all == 0 && view.scripts {
        return Some(Stub::Challenge);
    }
    let is_tiny = is_tiny && view.all <= TINY_SAID && view.links == 0;
    (is_tiny && view.is_ascii()).then_some(Stub::Maintenance)
}
