//! jpage: the page holds the first records as XML, and `dataproxy.jsp` returns further ones.
//!
//! Owns the request for the records after the page's own: the address in its `nextgroup`, else
//! `startrecord` and `endrecord`, which count from 1, both included. Never reads the records.

use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;
use url::Url;

use crate::extract::family::sheet::Sheet;
use crate::extract::page::pattern::pattern;

/// The address from which the page's script gets its records.
static PROXY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"["']([^"'<>\s?]{0,200}dataproxy\.jsp)\b"#));

/// The numbers that the script passes to it, as `webid:1`, `"webid":"1"` or `webid=1`.
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?i)\b([a-z]{3,20})["']?\s*[:=]\s*["']?(\d{1,9})\b"#));

/// The parameters of the request, in the order of the portals' own script.
const PARAMETERS: [&str; 7] = [
    "col",
    "appid",
    "webid",
    "columnid",
    "sourceContentType",
    "unitid",
    "permissiontype",
];

/// `<nextgroup><![CDATA[<a href="…"></a>]]></nextgroup>`: the address of the next records, possibly
/// encrypted.
static GROUP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"<nextgroup>[^<]*<!\[CDATA\[\s*<a\b[^<>]*?\bhref\s*=\s*["']([^"<>]+?)["']\s*>"#)
});

/// The URL of the next records; `None` if the page is not a jpage, `Some(None)` if it has the last
/// records.
pub(super) fn next(sheet: &Sheet<'_>) -> Option<Option<Url>> {
    let is_answer = sheet.here.path().ends_with("/dataproxy.jsp");
    if is_answer && (sheet.items == 0 || elements(sheet.document, "record") == 0) {
        // An answer without records is past the last one, whatever it says.
        return Some(None);
    }
    if let Some(group) = GROUP.captures(sheet.text) {
        return Some(sheet.own(&group[1].replace("&amp;", "&")));
    }
    if is_answer {
        return Some(after_answer(sheet.document, sheet.here));
    }
    PROXY.captures(&sheet.scripts)?;
    Some(after_first_page(sheet))
}

fn after_first_page(sheet: &Sheet<'_>) -> Option<Url> {
    let scripts = &sheet.scripts;
    let mut url = sheet.own(&PROXY.captures(scripts)?[1])?;
    number(scripts, "columnid").and(number(scripts, "unitid"))?;
    let Records { held, step, total } = records(sheet)?;
    if total.is_some_and(|total| held >= total) {
        return None;
    }
    for name in PARAMETERS {
        if let Some(number) = number(scripts, name) {
            url.query_pairs_mut().append_pair(name, &number.to_string());
        }
    }
    url.query_pairs_mut()
        .append_pair("startrecord", &(held + 1).to_string())
        .append_pair("endrecord", &(held + step).to_string())
        .append_pair("perpage", &step.to_string());
    Some(url)
}

/// The number of the proxy's answers that hold all records, including the first page.
pub(super) fn pages(sheet: &Sheet<'_>) -> Option<u32> {
    PROXY.captures(&sheet.scripts)?;
    let Records { held, step, total } = records(sheet)?;
    let further = total?.saturating_sub(held).div_ceil(step);
    u32::try_from(further).ok()?.checked_add(1)
}

/// The records of a first page.
struct Records {
    /// The number of records in the page itself.
    held: u64,
    /// The number of records in an answer of the proxy.
    step: u64,
    total: Option<u64>,
}

fn records(sheet: &Sheet<'_>) -> Option<Records> {
    let (document, scripts) = (sheet.document, sheet.scripts.as_str());
    let step = number(scripts, "perpage").filter(|step| *step > 0)?;
    // The first page may hold the records of several pages in the browser, or show the first of
    // them as HTML, or be a shell.
    let held = scripts
        .matches("<record>")
        .count()
        .max(elements(document, "record"));
    let held = u64::try_from(held)
        .ok()
        .filter(|held| *held > 0)
        .unwrap_or(if sheet.items > 0 { step } else { 0 });
    let total = number(scripts, "totalrecord")
        .or_else(|| number(scripts, "total"))
        .or_else(|| total(scripts));
    Some(Records { held, step, total })
}

/// The number that the script assigns to this name.
fn number(scripts: &str, name: &str) -> Option<u64> {
    let mut numbers = NUMBER.captures_iter(scripts);
    let found = numbers.find(|number| number[1].eq_ignore_ascii_case(name))?;
    found[2].parse().ok()
}

/// After an answer of the proxy: the same request for the next records.
fn after_answer(document: &Html, here: &Url) -> Option<Url> {
    let number = |name: &str| {
        let (_, value) = here.query_pairs().find(|(key, _)| key == name)?;
        value.parse::<u64>().ok()
    };
    let (start, end) = (number("startrecord")?, number("endrecord")?);
    let step = end.checked_sub(start)?.checked_add(1)?;
    let total = document
        .root_element()
        .descendent_elements()
        .find(|element| element.value().name() == "totalrecord")
        .and_then(|element| element.text().next()?.trim().parse().ok());
    if total.is_some_and(|total: u64| end >= total) {
        return None;
    }
    let from = end.checked_add(1)?.to_string();
    let to = end.checked_add(step)?.to_string();
    let mut url = here.clone();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(here.query_pairs().map(|(name, value)| {
            let value = match &*name {
                "startrecord" => from.clone(),
                "endrecord" => to.clone(),
                _ => value.into_owned(),
            };
            (name, value)
        }));
    Some(url)
}

fn elements(document: &Html, name: &str) -> usize {
    let all = document.root_element().descendent_elements();
    all.filter(|element| element.value().name() == name).count()
}

/// `<totalrecord>` in the XML in the first page's script.
fn total(scripts: &str) -> Option<u64> {
    let (_, rest) = scripts.split_once("<totalrecord>")?;
    rest.split('<').next()?.trim().parse().ok()
}
