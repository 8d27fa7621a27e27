//! A column's own selectors, for pages that need more than general recognition.
//!
//! Owns the use of the selectors and the problems of those without a match. Never invents an item
//! that no selector names.

use scraper::selector::ToCss;
use scraper::{ElementRef, Selector};

use super::date_marks::Date;
use super::item::{self, Found};
use super::page::Page;
use super::{date_marks, link, text, title};
use crate::config::ListRules;
use crate::extract::answer::Problem;
use crate::extract::page::dom::Attributes;

/// The items that the column's selectors for item and link name; empty without these selectors or
/// without a match.
pub(super) fn items(page: &Page<'_>, rules: &ListRules, problems: &mut Vec<Problem>) -> Vec<Found> {
    let (key, selector) = match (&rules.item, &rules.link) {
        (Some(item), _) => ("list.item", item),
        (None, Some(link)) => ("list.link", link),
        (None, None) => return Vec::new(),
    };
    let rows: Vec<ElementRef<'_>> = page.document.select(selector).collect();
    if rows.is_empty() {
        problems.push(missing(key, selector));
        return Vec::new();
    }
    let link = rules.link.as_ref().filter(|_| rules.item.is_some());
    let mut links_found = link.is_none();
    let mut found = Vec::new();
    for row in rows {
        let named = link.and_then(|link| row.select(link).next());
        links_found |= named.is_some();
        found.extend(named.map_or_else(|| of_row(page, row), |named| of_link(page, row, named)));
    }
    if let Some(link) = link.filter(|_| !links_found) {
        problems.push(missing("list.link", link));
    }
    refine(page, rules, &mut found, problems);
    found
}

fn of_row(page: &Page<'_>, row: ElementRef<'_>) -> Option<Found> {
    let links = page.links_in(row.id());
    item::from_row(page, row.id(), &links, &page.marks_in(row.id()))
}

/// The item of a row whose selector names the link: the anchor itself, or the one in or around it.
fn of_link(page: &Page<'_>, row: ElementRef<'_>, named: ElementRef<'_>) -> Option<Found> {
    let is_anchor = |element: &ElementRef<'_>| element.value().name() == "a";
    let anchor = named.descendent_elements().find(is_anchor).or_else(|| {
        named
            .ancestors()
            .filter_map(ElementRef::wrap)
            .find(is_anchor)
    })?;
    let link = link::read(anchor, page.here, &page.base, &page.calls)?;
    item::from_row(page, row.id(), &[&link], &page.marks_in(row.id()))
}

/// Replaces titles and dates with those that the column's selectors name.
pub(super) fn refine(
    page: &Page<'_>,
    rules: &ListRules,
    found: &mut [Found],
    problems: &mut Vec<Problem>,
) {
    let element = |found: &Found, selector: &Selector| {
        page.element(found.top)
            .and_then(|top| top.select(selector).next())
    };
    if let Some(selector) = &rules.title {
        let mut matched = false;
        for found in &mut *found {
            if let Some(element) = element(found, selector) {
                matched = true;
                let whole = element
                    .attribute("title")
                    .map(title::clean)
                    .unwrap_or_default();
                let title = title::pick(title::clean(&text::whole(*element)), whole);
                if !title.is_empty() {
                    found.item.title = title;
                }
            }
        }
        if !matched {
            note(problems, "list.title", selector);
        }
    }
    if let Some(selector) = &rules.date {
        let mut matched = false;
        for found in &mut *found {
            if let Some(element) = element(found, selector) {
                matched = true;
                let printed = date_marks::read(*element);
                let date = printed.and_then(|date| item::complete(date, &found.item.url));
                if let (Some(Date::Yearless(month, day)), None) = (printed, date) {
                    found.month_day = Some((month, day));
                }
                found.item.published_on = date.or(found.item.published_on);
            }
        }
        if !matched {
            note(problems, "list.date", selector);
        }
    }
}

fn note(problems: &mut Vec<Problem>, key: &str, selector: &Selector) {
    let problem = missing(key, selector);
    if !problems.contains(&problem) {
        problems.push(problem);
    }
}

fn missing(key: &str, selector: &Selector) -> Problem {
    Problem::SelectorMatchedNothing {
        key: key.to_owned(),
        rule: selector.to_css_string(),
    }
}
