//! Reads the items of a column page, or an article, from text; each value with its place.
//!
//! Owns the reading of pages: labels, official tags, containers, structure. Answers with a value
//! and problems, not with failure. Never uses the clock, the network or the store.
//!
//! Each folder uses only those before it: `page` (the foundation), `family` (content systems),
//! `fields` and `parts`, `body` and `list`, and on top `article`, `stub` and `recognise`.

mod answer;
mod article;
mod body;
mod family;
mod fields;
mod list;
mod page;
mod parts;
mod recognise;
mod stub;

use url::Url;

use crate::config::{ArticleRules, ListRules};
use crate::model::ListRow;
use page::tree;

pub use answer::{Above, ColumnPage, Confidence, Extracted, Further, Item, Problem, Stub};
pub use article::article;
pub use family::family;
pub use list::{column_page, pages_upward};
pub use parts::firsts;
pub use recognise::breadcrumbs::breadcrumbs;
pub use recognise::column_links::{ColumnLink, column_links, frames};
pub use recognise::page_kind::PageKind;
pub use stub::stub;

/// Reads an article page like [`article()`], unless the page or the text in the article's place is a
/// stub. `row` is what the column's list says of the article, if one lists it.
pub fn article_or_stub(
    html: &str,
    base: &Url,
    rules: &ArticleRules,
    row: Option<&ListRow>,
) -> Result<Extracted, Stub> {
    let (document, is_too_much) = tree::parse_and_tell(html);
    let is_index = || stub::index(&document, base).filter(|_| rules.body.is_none());
    if let Some(stub) = stub::recognise(&document, html, base).or_else(is_index) {
        return Err(stub);
    }
    let signs = stub::signs(&document);
    let page = article::read(document, base, rules, row);
    match stub::of_article(&page, &signs) {
        Some(stub) => Err(stub),
        None => Ok(article::mark_too_much(page, is_too_much)),
    }
}

/// Reads a column page like [`column_page`], unless it is a stub.
pub fn column_page_or_stub(
    html: &str,
    base: &Url,
    rules: &ListRules,
    above: Above,
) -> Result<ColumnPage, Stub> {
    let parsed = list::Parsed::new(html);
    let page = list::read(&parsed, html, base, rules, above);
    let stub = match &parsed {
        list::Parsed::Data(_) => None,
        list::Parsed::Document(document) => stub::recognise(document, html, base),
    };
    match stub {
        // A shell that names its list's address looks like an unfilled page.
        Some(stub) if !page.is_shell() => Err(stub),
        _ => Ok(page),
    }
}

/// The kind of a page from `base`, if it has one.
pub fn page_kind(html: &str, base: &Url) -> Option<PageKind> {
    let page = article(html, base, &ArticleRules::default());
    let listed = column_page(html, base, &ListRules::default(), Above::Unknown);
    recognise::page_kind::page_kind(html, base, &page, &listed)
}
