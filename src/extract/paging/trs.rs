//! TRS WCM: the call of the script that writes the pager.
//!
//! Owns the two shapes of that call. Never takes another function's arguments for a pager's: a
//! call that has neither shape says nothing.

use std::sync::LazyLock;

use crate::extract::pattern::pattern;
use regex::{Captures, Regex};
use scraper::Html;
use url::Url;

/// `createPageHTML(total, current, "index", "html")`; either number may stand in quotes or in a
/// variable. With the element's name before them and the count of items after them,
/// `createPageHTML('page_div', total, current, 'index', 'htm', items)`, it is another script that
/// counts from 1.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?x) \b createPage(?:HTML)? \s* \( \s*
        (?: (?P<element> ["'] [0-9A-Za-z_.\#-]+ ["'] ) \s*,\s* )??
        ["']? (?P<total> [A-Za-z_][0-9A-Za-z_]* | [0-9]{1,6} ) ["']? \s*,\s*
        ["']? (?P<current> [A-Za-z_][0-9A-Za-z_]* | [0-9]{1,6} ) ["']? \s*,\s*
        ["'] (?P<name> [\w.-]+ ) ["'] \s*,\s* ["'] (?P<end> \w{1,8} ) ["'] \s*
        (?: , \s* (?P<items> ["']? \w{1,64} ["']? ) \s* )? \)"#,
    )
});

/// `var countPage = 20`
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\b([A-Za-z_]\w{0,63})\s*=\s*["']?(\d{1,6})\b"#));

/// `None` where the page makes no such call, `Some(None)` where it does and is the last page.
pub(super) fn next(document: &Html, base: &Url) -> Option<Option<Url>> {
    let text = super::scripts(document);
    let call = call(&text)?;
    let total = number(&text, &call["total"])?;
    let current = number(&text, &call["current"])?;
    // From 0: page n + 1 of the pager is file n. From 1: it is file n + 1, and the first page
    // alone has no number.
    let counts_from_one = call.name("element").is_some();
    let last = if counts_from_one {
        total
    } else {
        total.saturating_sub(1)
    };
    let file = format!("{}_{}.{}", &call["name"], current + 1, &call["end"]);
    Some(base.join(&file).ok().filter(|_| current < last))
}

/// How many list pages the call says there are.
pub(super) fn total(document: &Html) -> Option<u32> {
    let text = super::scripts(document);
    number(&text, &call(&text)?["total"])
}

/// The pager's call, where it is not commented out.
fn call(scripts: &str) -> Option<Captures<'_>> {
    CALL.captures_iter(scripts).find(|call| {
        let line = call.get(0).map_or("", |call| &scripts[..call.start()]);
        let line = line.rsplit('\n').next().unwrap_or_default();
        // Each of the two shapes has both of its further arguments, or neither.
        call.name("element").is_some() == call.name("items").is_some()
            && !line.trim_start().starts_with("//")
    })
}

/// The argument itself, or what the script last gave to the variable of that name.
fn number(scripts: &str, argument: &str) -> Option<u32> {
    argument.parse().ok().or_else(|| {
        let values = NUMBER.captures_iter(scripts);
        let value = values.filter(|value| &value[1] == argument).last()?;
        value[2].parse().ok()
    })
}
