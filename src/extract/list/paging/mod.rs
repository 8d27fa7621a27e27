//! Which page of a column comes after this one, and how many there are.
//!
//! Owns the order in which a page's ways of saying so are asked. Never guesses a URL: it comes
//! from a link of the page, or from the page's own call of the script that writes such links.

mod anchor;
mod count;
pub(in crate::extract) mod numbers;
pub(in crate::extract) mod query;
pub(in crate::extract) mod script;

use scraper::selector::ToCss;
use url::Url;

use crate::config::ListRules;
use crate::extract::family::{self, Sheet};
use crate::extract::{Problem, list};
pub(in crate::extract) use count::total;

/// The URL of the next (older) page.
pub(in crate::extract) fn next(
    sheet: &Sheet<'_>,
    rules: &ListRules,
    problems: &mut Vec<Problem>,
) -> Option<Url> {
    // A page that calls the script and is the last one has no next page, whatever its links say.
    let by_script = || family::pager(sheet, rules.pages);
    let by_link = || anchor::next(sheet).or_else(|| script::next(sheet));
    let by_data = || family::data(sheet, rules.pages);
    let next = by_selector(sheet, rules, problems)
        .or_else(|| by_script().unwrap_or_else(|| by_link().or_else(|| by_data().flatten())))?;
    (!list::same_page(&next, sheet.here)).then_some(next)
}

/// Where the script of a page that lists nothing gets its list, or more of it: `Some(None)` where
/// it says that there is no more.
pub(in crate::extract) fn data(sheet: &Sheet<'_>, rules: &ListRules) -> Option<Option<Url>> {
    let data = family::data(sheet, rules.pages)?;
    Some(data.filter(|data| !list::same_page(data, sheet.here)))
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
    elements.find_map(|element| list::target(element.attr("href")?, sheet.base))
}

/// Where an anchor or an option of a pager leads: by its address, its value, or the address that
/// a click opens.
pub(in crate::extract) fn target(element: scraper::ElementRef<'_>, base: &Url) -> Option<Url> {
    let address = match element.value().name() {
        // A bare number is an argument of some script.
        "option" => element
            .attr("value")
            .filter(|value| value.contains(|c: char| !c.is_ascii_digit())),
        _ => element.attr("href"),
    };
    address
        .and_then(|address| list::target(address, base))
        .or_else(|| list::opened(element, base))
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
