//! Reads a column page: its items and its next page.
//!
//! Owns the order of the methods: the column's own selectors, the data and records of a script, and
//! then the block of the page that repeats a link with a date. Never reads an article, and never
//! asks for the current day: an undated item stays undated if the page does not give the year.

mod article_signs;
mod block;
mod column_rules;
mod date_marks;
mod days;
mod flat;
mod head;
mod item;
mod jpage;
mod json;
mod json_item;
mod link;
mod names;
mod page;
mod paging;
mod pinned;
mod scripted;
mod text;
mod title;
mod xml;
mod years;
mod zone;

use std::collections::{HashMap, HashSet};

use scraper::Html;
use url::Url;

use crate::config::ListRules;
use crate::extract::answer::{Above, ColumnPage, Further, Item, Problem};
use crate::extract::family::query;
use crate::extract::family::sheet::Sheet;
use crate::extract::page::text::PageText;
use crate::extract::page::tree;
use crate::extract::parts;
use article_signs::Prose;
use item::Found;
use json::Data;
use page::Page;
pub use paging::pages_upward;
pub(super) use paging::{link_name, number_of_page, numbers_apart, place};

/// A parsed column page.
pub(super) enum Parsed {
    /// An answer in JSON.
    Data(Data),
    /// A page.
    Document(Html),
}

impl Parsed {
    /// Parses the text of a column page.
    pub(super) fn new(text: PageText<'_>) -> Self {
        match Data::parse(text.html) {
            Some(data) => Self::Data(data),
            None => Self::Document(tree::parse(text)),
        }
    }
}

/// Reads a column page from `base`. `above` is what stands above its rows.
pub fn column_page<'a>(
    page: impl Into<PageText<'a>>,
    base: &Url,
    rules: &ListRules,
    above: Above,
) -> ColumnPage {
    let text = page.into();
    read(&Parsed::new(text), text, base, rules, above)
}

/// Reads a parsed column page.
pub(super) fn read(
    parsed: &Parsed,
    text: PageText<'_>,
    base: &Url,
    rules: &ListRules,
    above: Above,
) -> ColumnPage {
    match parsed {
        Parsed::Data(data) => read_data(data, text, base, rules, above),
        Parsed::Document(document) => read_document(document, text, base, rules, above),
    }
}

/// Reads an answer in JSON: its items, or those in its HTML.
fn read_data(
    data: &Data,
    text: PageText<'_>,
    here: &Url,
    rules: &ListRules,
    above: Above,
) -> ColumnPage {
    let html = data.html();
    let pieces = PageText {
        html: &html,
        ..text
    };
    let document = tree::parse(pieces);
    let mut problems = Vec::new();
    let mut items = data.items(here);
    let mut below = Above::Unknown;
    if items.is_empty() {
        let page = Page::new(&document, here);
        (items, below) = in_page(&page, pieces, rules, above, &mut problems);
    }
    let text = if html.is_empty() { text.html } else { &html };
    let sheet = Sheet::new(&document, text, here, here, items.len());
    let next = paging::data(&sheet, rules)
        .unwrap_or_else(|| query::next(here, &data.list_size(), items.len()));
    if items.is_empty() {
        problems.push(Problem::NoItems);
    }
    ColumnPage {
        title: None,
        items: once(items),
        next,
        below,
        problems,
        ..ColumnPage::default()
    }
}

fn read_document(
    document: &Html,
    text: PageText<'_>,
    here: &Url,
    rules: &ListRules,
    above: Above,
) -> ColumnPage {
    let page = Page::new(document, here);
    let mut problems = Vec::new();
    let (mut items, below) = in_page(&page, text, rules, above, &mut problems);
    let mut sheet = Sheet::new(document, text.html, here, &page.base, items.len());
    if items.is_empty() {
        items = in_scripts(&page, text, &sheet.scripts, above);
        sheet.items = items.len();
    }
    let shell = match items.is_empty() {
        true => paging::data(&sheet, rules).flatten(),
        false => None,
    };
    if items.is_empty() && shell.is_none() {
        problems.push(Problem::NoItems);
    }
    let next = shell.or_else(|| paging::next(&sheet, rules, &mut problems));
    let total = paging::total(&sheet);
    let further = match next {
        Some(_) => Further::None,
        None => paging::further(&sheet, total),
    };
    ColumnPage {
        title: names::column(document),
        site: names::site(document),
        items: once(items),
        last: paging::last(&sheet, next.as_ref(), total),
        next,
        total,
        further,
        below,
        problems,
    }
}

/// The items that the page shows, or would show after its scripts have run.
fn in_page(
    page: &Page<'_>,
    text: PageText<'_>,
    rules: &ListRules,
    above: Above,
    problems: &mut Vec<Problem>,
) -> (Vec<Item>, Above) {
    let mut found = column_rules::items(page, rules, problems);
    if found.is_empty() {
        found = records(text, page.here);
    }
    if found.is_empty() {
        found = block::items(page);
        column_rules::refine(page, rules, &mut found, problems);
    }
    let below = days::complete(&mut found, above);
    (found.into_iter().map(|found| found.item).collect(), below)
}

/// The items that a script of the page holds as data, or writes as markup. An article's page may
/// hold the titles of others.
fn in_scripts(page: &Page<'_>, text: PageText<'_>, scripts: &str, above: Above) -> Vec<Item> {
    let mut items = json::in_scripts(scripts, &page.base);
    if items.is_empty() {
        items = scripted::items(page, text, above);
    }
    let titles = items.iter().map(|item| item.title.chars().count()).sum();
    match Prose::beside(page, &[]).outweighs(items.len(), titles) {
        true => Vec::new(),
        false => items,
    }
}

/// Each article once, at its first place. A further part of an article under the same title is not
/// an item.
fn once(mut items: Vec<Item>) -> Vec<Item> {
    let mut urls = HashSet::new();
    items.retain(|item| urls.insert(item.url.clone()));
    let titles: HashMap<Url, String> = items
        .iter()
        .map(|item| (item.url.clone(), item.title.clone()))
        .collect();
    items.retain(|item| {
        let firsts = parts::firsts(&item.url);
        !firsts
            .iter()
            .any(|first| titles.get(first) == Some(&item.title))
    });
    items
}

/// The items that the page keeps in a script for Hanweb's jpage.
fn records(text: PageText<'_>, base: &Url) -> Vec<Found> {
    let Some(records) = jpage::records(text.html) else {
        return Vec::new();
    };
    let document = tree::parse(PageText {
        html: &records,
        ..text
    });
    block::items(&Page::new(&document, base))
}

#[cfg(test)]
mod tests;
