//! Column pages: a page in, its items and the next page out.
//!
//! Owns the order of the ways: the column's own selectors, records that a script would show, and
//! then whatever block of the page repeats a link with a date. Never reads an article, and never
//! asks what day it is: a date without a year that nothing on the page completes stays out.

mod block;
mod datastore;
mod flat;
mod item;
mod link;
mod marks;
mod page;
mod prose;
mod rules;
mod text;
mod title;
mod zone;

use std::collections::HashSet;

use scraper::Html;
use url::Url;

use super::{ColumnPage, Item, Problem, Stub, paging, stub, tree};
use crate::config::ListRules;
pub(super) use link::{is_numbered, is_page, opened, same_page, target};
use page::Page;

/// Reads a column page that was found at `base`.
pub fn column_page(html: &str, base: &Url, rules: &ListRules) -> ColumnPage {
    read(&tree::parse(html), html, base, rules)
}

/// Reads a column page like [`column_page`], unless it is a stub.
pub fn column_page_or_stub(html: &str, base: &Url, rules: &ListRules) -> Result<ColumnPage, Stub> {
    let document = tree::parse(html);
    match stub::of(&document, html, base) {
        Some(stub) => Err(stub),
        None => Ok(read(&document, html, base, rules)),
    }
}

fn read(document: &Html, html: &str, base: &Url, rules: &ListRules) -> ColumnPage {
    let page = Page::new(document, base);
    let mut problems = Vec::new();
    let mut items = rules::items(&page, rules, &mut problems);
    if items.is_empty() {
        items = records(html, base);
    }
    if items.is_empty() {
        let mut found = block::items(&page);
        rules::refine(&page, rules, &mut found, &mut problems);
        items = found.into_iter().map(|found| found.item).collect();
    }
    let mut urls = HashSet::new();
    items.retain(|item| urls.insert(item.url.clone()));
    if items.is_empty() {
        problems.push(Problem::NoItems);
    }
    ColumnPage {
        title: title(document),
        items,
        next: paging::next(document, base, &page.base, rules, &mut problems),
        total: paging::total(document),
        problems,
    }
}

/// The items that the page keeps in a script for Hanweb's jpage to show.
fn records(html: &str, base: &Url) -> Vec<Item> {
    let Some(records) = datastore::records(html) else {
        return Vec::new();
    };
    let document = tree::parse(&records);
    let items = block::items(&Page::new(&document, base));
    items.into_iter().map(|found| found.item).collect()
}

/// What the page calls the column: its official tag, else the part of `<title>` that is not the
/// site's name.
fn title(document: &Html) -> Option<String> {
    let mut elements = document.root_element().descendent_elements();
    let tag = |name: &str| {
        document
            .root_element()
            .descendent_elements()
            .filter(|element| element.value().name() == "meta")
            .find(|meta| {
                meta.attr("name")
                    .is_some_and(|n| n.eq_ignore_ascii_case(name))
            })
            .and_then(|meta| meta.attr("content"))
            .map(text::tidy)
            .filter(|value| {
                !["", "null", "undefined", "栏目名称", "网站名称"].contains(&value.as_str())
            })
    };
    if let Some(name) = tag("ColumnName") {
        return Some(name);
    }
    let whole = text::of(*elements.find(|element| element.value().name() == "title")?);
    let site = tag("SiteName");
    let parts: Vec<&str> = whole
        .split(['-', '_', '|', '–', '—', '>', '·'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let is_site = |part: &str| {
        site.as_deref() == Some(part)
            || ["网站", "门户", "政府", "委员会", "局", "厅", "网"]
                .iter()
                .any(|end| part.ends_with(end))
    };
    let part = parts.iter().find(|part| !is_site(part)).or(parts.first())?;
    Some((*part).to_owned())
}

#[cfg(test)]
mod tests;
