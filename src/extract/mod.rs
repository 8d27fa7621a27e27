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
use page::cells::Cells;
use page::tree;

pub use answer::{Above, ColumnPage, Confidence, Extracted, Further, Item, Problem, Stub};
pub use article::article;
pub use family::family;
pub use fields::row::{FOUND as FROM_LIST, row_title, rows_differ};
pub use list::{column_page, pages_upward};
pub use page::inline::{inline_hash, inline_picture};
pub use page::text::PageText;
pub use parts::firsts;
pub use recognise::breadcrumbs::breadcrumbs;
pub use recognise::column_links::{ColumnLink, column_links, frames};
pub use recognise::file::{file, large_file};
pub use recognise::first_page::{first_pages, follows, later_page};
pub use recognise::page_kind::PageKind;
pub use stub::{stub, tells_of_move};

/// Reads an article page like [`article()`], unless the page or the text in the article's place is a
/// stub. `row` is what the column's list says of the article, if one lists it.
pub fn article_or_stub<'a>(
    page: impl Into<PageText<'a>>,
    base: &Url,
    rules: &ArticleRules,
    row: Option<&ListRow>,
) -> Result<Extracted, Stub> {
    let text = page.into();
    let (mut document, is_too_much) = tree::parse_and_tell(text);
    body::called_files::put(&mut document, base);
    if let Some(stub) = row.and_then(|row| stub::moved(&document, row)) {
        return Err(stub);
    }
    let cells = Cells::new(document.tree.root());
    let place = stub::Place::find(&document, &cells, row.map(|row| row.title.as_str()));
    let is_index = || stub::index(&document, &cells, base).filter(|_| rules.body.is_none());
    let whole = || stub::recognise(&document, &cells, text, base).or_else(is_index);
    if let Some(stub) = (!place.is_found()).then(whole).flatten() {
        return Err(stub);
    }
    let signs = stub::signs(&document, &cells, place);
    let mut page = article::read(document, cells, base, rules, row);
    page.shows_row = place.is_listed;
    match stub::of_article(&page, &signs) {
        Some(stub) => Err(stub),
        None => Ok(article::mark_too_much(page, is_too_much)),
    }
}

/// Reads a column page like [`column_page`], unless it is a stub.
pub fn column_page_or_stub<'a>(
    page: impl Into<PageText<'a>>,
    base: &Url,
    rules: &ListRules,
    above: Above,
) -> Result<ColumnPage, Stub> {
    let text = page.into();
    let parsed = list::Parsed::new(text);
    let page = list::read(&parsed, text, base, rules, above);
    let stub = match &parsed {
        list::Parsed::Data(_) => None,
        list::Parsed::Document(document) => {
            let cells = Cells::new(document.tree.root());
            stub::recognise(document, &cells, text, base)
        }
    };
    match stub {
        // A shell that names its list's address looks like an unfilled page.
        // A page that lists something sends nobody on.
        Some(Stub::Onward(_)) if !page.items.is_empty() => Ok(page),
        Some(stub) if !page.is_shell() => Err(stub),
        _ => Ok(page),
    }
}

/// The address to which a page from `base` only sends the browser on.
pub fn onward<'a>(page: impl Into<PageText<'a>>, base: &Url) -> Option<Url> {
    let text = page.into();
    let Some(Stub::Onward(to)) = stub(text, base) else {
        return None;
    };
    let listed = column_page(text, base, &ListRules::default(), Above::Unknown);
    listed.items.is_empty().then_some(to)
}

/// The kind of a page from `base`, if it has one.
pub fn page_kind<'a>(page: impl Into<PageText<'a>>, base: &Url) -> Option<PageKind> {
    let text = page.into();
    let page = article(text, base, &ArticleRules::default());
    let listed = column_page(text, base, &ListRules::default(), Above::Unknown);
    recognise::page_kind::page_kind(text, base, &page, &listed)
}
