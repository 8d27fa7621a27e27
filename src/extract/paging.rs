//! Which page of a column comes after this one.
//!
//! Owns the ways in which content systems number their list pages. Never guesses a URL: it comes
//! from a link of the page, or from the page's own call of the script that writes such links.

use std::sync::LazyLock;

use regex::Regex;
use scraper::{ElementRef, Html};
use unicode_normalization::UnicodeNormalization;
use url::Url;

use super::{PagingFamily, Problem};
use crate::config::ListRules;

/// The URL of the next (older) page. `here` is the page's own URL, `base` what its links start
/// from.
pub(super) fn next(
    document: &Html,
    here: &Url,
    base: &Url,
    rules: &ListRules,
    problems: &mut Vec<Problem>,
) -> Option<Url> {
    let next = by_selector(document, base, rules, problems).or_else(|| match rules.pages {
        Some(PagingFamily::Trs) => trs(document, base).flatten(),
        Some(
            PagingFamily::Ucap | PagingFamily::Vsb | PagingFamily::Hanweb | PagingFamily::Next,
        ) => anchor(document, here, base),
        // A page that calls the script and is the last one has no next page, whatever its links
        // say.
        None => trs(document, base).unwrap_or_else(|| anchor(document, here, base)),
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
        });
        return None;
    };
    let mut elements = element.descendent_elements();
    elements.find_map(|element| super::list::target(element.attr("href")?, base))
}

/// `createPageHTML(total, current, "index", "html")`, and nothing that has other arguments: there
/// are other functions of that name.
#[allow(
    clippy::expect_used,
    reason = "a constant pattern, compiled in every test run"
)]
static TRS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x) \b createPage(?:HTML)? \s* \( \s* (\d{1,6}) \s*,\s* (\d{1,6}) \s*,
        \s* ["'] ([\w.-]+) ["'] \s*,\s* ["'] (\w{1,8}) ["'] \s* \)"#,
    )
    .expect("valid pattern")
});

/// TRS WCM: the first argument is how many pages there are, the second which one this is, from 0.
/// `None` where the page makes no such call, `Some(None)` where it does and is the last page.
fn trs(document: &Html, base: &Url) -> Option<Option<Url>> {
    let scripts = document
        .root_element()
        .descendent_elements()
        .filter(|element| element.value().name() == "script");
    for script in scripts {
        let text: String = script.text().collect();
        let call = TRS.captures_iter(&text).find(|call| {
            let line = call.get(0).map_or("", |call| &text[..call.start()]);
            let line = line.rsplit('\n').next().unwrap_or_default();
            !line.trim_start().starts_with("//")
        });
        if let Some(call) = call {
            let (total, current): (u32, u32) = (call[1].parse().ok()?, call[2].parse().ok()?);
            let file = format!("{}_{}.{}", &call[3], current + 1, &call[4]);
            return Some(base.join(&file).ok().filter(|_| current + 1 < total));
        }
    }
    None
}

/// Names of the link to the next page, white space and arrows aside.
const NAMES: [&str; 7] = [
    "下一页",
    "下页",
    "后一页",
    "后页",
    "下一頁",
    "下1页",
    "nextpage",
];

/// `<link rel=next>`, then a link of that name, then a lone `»`, which is a name only among links
/// that stay in the column's folder.
fn anchor(document: &Html, here: &Url, base: &Url) -> Option<Url> {
    let links = || {
        document
            .root_element()
            .descendent_elements()
            .filter(|element| {
                matches!(element.value().name(), "a" | "link") && element.attr("href").is_some()
            })
    };
    let target = |element: ElementRef<'_>| super::list::target(element.attr("href")?, base);
    let is_next = |element: &ElementRef<'_>| {
        let rel = element.attr("rel").unwrap_or_default();
        rel.split_ascii_whitespace()
            .any(|rel| rel.eq_ignore_ascii_case("next"))
    };
    let by_rel = links().filter(is_next).find_map(target);
    let anchors = || links().filter(|element| element.value().name() == "a");
    let by_name = || {
        anchors()
            .filter(|anchor| NAMES.contains(&name(*anchor).as_str()))
            .find_map(target)
    };
    let by_sign = || {
        anchors()
            .filter(|anchor| matches!(text(*anchor).trim(), "»" | "›" | ">" | "→"))
            .filter_map(target)
            .find(|url| url.host() == here.host() && folder(url).starts_with(folder(here)))
    };
    by_rel.or_else(by_name).or_else(by_sign)
}

/// What a link calls itself, by its text, its `title` or its picture, in one form.
fn name(anchor: ElementRef<'_>) -> String {
    let text = text(anchor);
    let shown = if text.trim().is_empty() {
        let picture = anchor
            .descendent_elements()
            .find_map(|element| element.attr("alt"));
        anchor
            .attr("title")
            .or(picture)
            .unwrap_or_default()
            .to_owned()
    } else {
        text
    };
    shown
        .nfkc()
        .filter(|c| !c.is_whitespace() && !">»›→[]()|".contains(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The start of a link's text; more than this is no link of a pager.
fn text(anchor: ElementRef<'_>) -> String {
    anchor
        .text()
        .take(8)
        .flat_map(str::chars)
        .take(64)
        .collect()
}

fn folder(url: &Url) -> &str {
    let path = url.path();
    path.rfind('/').map_or(path, |end| &path[..=end])
}

#[cfg(test)]
mod tests;
