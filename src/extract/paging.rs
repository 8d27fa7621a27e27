//! Which page of a column comes after this one, and how many there are.
//!
//! Owns the order in which a page's ways of saying so are asked. Never guesses a URL: it comes
//! from a link of the page, or from the page's own call of the script that writes such links.

mod anchor;
mod count;
mod hanweb;
mod numbers;
mod trs;

use scraper::Html;
use scraper::selector::ToCss;
use url::Url;

use super::{PagingFamily, Problem};
use crate::config::ListRules;
pub(super) use count::total;

/// The URL of the next (older) page. `here` is the page's own URL, `base` what its links start
/// from.
pub(super) fn next(
    document: &Html,
    here: &Url,
    base: &Url,
    rules: &ListRules,
    problems: &mut Vec<Problem>,
) -> Option<Url> {
    let by_link = || anchor::next(document, here, base);
    let by_script = || hanweb::next(document, here, base);
    let next = by_selector(document, base, rules, problems).or_else(|| match rules.pages {
        Some(PagingFamily::Trs) => trs::next(document, base).flatten(),
        Some(PagingFamily::Hanweb) => by_script().or_else(by_link),
        Some(PagingFamily::Ucap | PagingFamily::Vsb | PagingFamily::Next) => by_link(),
        // A page that calls the script and is the last one has no next page, whatever its links
        // say.
        None => trs::next(document, base).unwrap_or_else(|| by_link().or_else(by_script)),
    })?;
    (!super::list::same_page(&next, here)).then_some(next)
}

fn by_selector(
    document: &Html,
    base: &Url,
    rules: &ListRules,
    problems: &mut Vec<Problem>,
) -> Option<Url> {
    let selector = rules.next.as_ref()?;
    let Some(element) = document.select(selector).next() else {
        problems.push(Problem::SelectorMatchedNothing {
            key: "list.next".to_owned(),
            rule: selector.to_css_string(),
        });
        return None;
    };
    let mut elements = element.descendent_elements();
    elements.find_map(|element| super::list::target(element.attr("href")?, base))
}

/// The text of the page's scripts, one after another.
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

/// Where an anchor or an option of a pager leads: by its address, its value, or the address that
/// a click opens.
fn target(element: scraper::ElementRef<'_>, base: &Url) -> Option<Url> {
    let address = match element.value().name() {
        // A bare number is an argument of some script.
        "option" => element
            .attr("value")
            .filter(|value| value.contains(|c: char| !c.is_ascii_digit())),
        _ => element.attr("href"),
    };
    address
        .and_then(|address| super::list::target(address, base))
        .or_else(|| super::list::opened(element, base))
}

/// Whether `url` stands where the column's further pages do: in the folder of `here`, or below.
fn is_beside(url: &Url, here: &Url) -> bool {
    url.host() == here.host() && folder(url).starts_with(folder(here))
}

fn folder(url: &Url) -> &str {
    let path = url.path();
    path.rfind('/').map_or(path, |end| &path[..=end])
}

#[cfg(test)]
mod tests;
