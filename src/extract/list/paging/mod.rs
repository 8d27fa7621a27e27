//! The page of a column after this one, and the number of pages.
//!
//! Owns the order of the ways to find the next page. Never guesses a URL: it comes from a link of
//! the page, or from the page's call of the script that writes these links.

mod anchor;
mod count;
mod form;
mod further;
mod last;
mod numbers;

use scraper::selector::ToCss;
use url::Url;

use crate::config::ListRules;
use crate::extract::answer::Problem;
use crate::extract::family::sheet::Sheet;
use crate::extract::family::{self, script};
use crate::extract::page::dom::Attributes;
use crate::extract::page::{links, urls};
pub(in crate::extract) use anchor::name as link_name;
pub(super) use count::total;
pub(super) use further::further;
pub(in crate::extract) use further::place;
pub(super) use last::last;
pub use last::pages_upward;
pub(in crate::extract) use last::{number_of_page, numbers_apart};

/// The URL of the next (older) page.
pub(super) fn next(
    sheet: &Sheet<'_>,
    rules: &ListRules,
    problems: &mut Vec<Problem>,
) -> Option<Url> {
    // The last page's call of the script overrides its links: there is no next page.
    let by_script = || family::pager(sheet, rules.pages);
    let by_form = || form::next(sheet, count::total(sheet));
    let by_link = || {
        anchor::next(sheet)
            .or_else(|| script::next(sheet))
            .or_else(by_form)
    };
    let by_data = || family::data(sheet, rules.pages);
    let next = by_selector(sheet, rules, problems)
        .or_else(|| by_script().unwrap_or_else(|| by_link().or_else(|| by_data().flatten())))?;
    (!urls::same_page(&next, sheet.here)).then_some(next)
}

/// The address from which the script of a page without a list gets its items, or more of them;
/// `Some(None)` if there are no more.
pub(super) fn data(sheet: &Sheet<'_>, rules: &ListRules) -> Option<Option<Url>> {
    let data = family::data(sheet, rules.pages)?;
    Some(data.filter(|data| !urls::same_page(data, sheet.here)))
}

fn by_selector(sheet: &Sheet<'_>, rules: &ListRules, problems: &mut Vec<Problem>) -> Option<Url> {
    let selector = rules.next.as_ref()?;
    let Some(element) = sheet.document.select(selector).next() else {
        problems.push(Problem::SelectorMatchedNothing {
            key: "list.next".to_owned(),
            rule: selector.to_css_string(),
        });
        return None;
    };
    let mut elements = element.descendent_elements();
    elements.find_map(|element| links::target(element.attribute("href")?, sheet.base))
}

#[cfg(test)]
mod tests;
