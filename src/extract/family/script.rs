//! Pagers that a script of the page draws, from the current page's number and the number of pages.
//! Their links put a number into an address.
//!
//! Owns the reading of that address and those numbers from the script. Never runs it: addresses
//! that are computed in another way stay unknown.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use url::Url;

use super::sheet::Sheet;
use crate::extract::page::pattern::pattern;
use crate::extract::page::urls;

/// `location.href = 'list?page=' + n + '&x=1'`, or the same in a variable:
/// `var url = "/gzdt/" + (n + 1) + ".html"`.
static JUMP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?x) (?: \blocation (?:\s*\.\s*href)? \s* = | \blocation\s*\.\s*(?:assign|replace)\s*\( | \bopen\s*\(
          | (?P<variable> \b[A-Za-z_$][0-9A-Za-z_$]*\s*= ) )
        \s* (?: [0-9A-Za-z_$.=!<>()\x20]+ \? \s* (?: ["'][^"'\n]*["'] \s* : \s* )? )?
        ["'] (?P<before> [^"'<>\s]+ ) ["'] \s* \+ \s* \(? \s* (?P<number> [A-Za-z_$][0-9A-Za-z_$.]* (?:\(\))? )
        (?: \s*\+\s*1 | (?P<less> \s*-\s*1 ) )? \s* \)?
        (?: \s* \+ \s* ["'] (?P<after> [^"'<>\s]* ) ["'] )? \s* (?: [;,:)}\n] | $ )"#,
    )
});

/// The same as a template: `` `/gzdt/${n}.html` ``
static TEMPLATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x) ` (?P<before> [^`$<>\s]+ ) \$\{ \s* (?P<number> [A-Za-z_$][0-9A-Za-z_$.]* ) (?: \s*\+\s*1 )? \s* \}
        (?P<after> [^`$<>\s]* ) `",
    )
});

/// The same with a place for the number: `href: "/gzdt/{page}.html"`
static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?ix) ["'] (?P<before> [^"'<>\s{}]* [/=_-] ) \{\{? \s* (?P<number> page | number | pageindex | pageno | n ) \s* \}?\}
        (?P<after> [^"'<>\s{}]* ) ["']"#,
    )
});

/// The beginning and end of a variable that can be a list page's address.
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:(?i:https?):/|\.{0,2}/|[^?]*\?).*[/_=-]$|^\.{0,2}/"));

/// The places at which a script puts a number into an address.
fn jumps(scripts: &str) -> impl Iterator<Item = Captures<'_>> {
    const MOST: usize = 20;
    let opened = JUMP.captures_iter(scripts).filter(|jump| {
        let before = &jump["before"];
        let ends = || {
            jump.name("after")
                .is_none_or(|after| after.as_str().starts_with(['.', '&', '/']))
        };
        jump.name("variable").is_none() || ADDRESS.is_match(before) && ends()
    });
    opened
        .take(MOST)
        .chain(TEMPLATE.captures_iter(scripts).take(MOST))
        .chain(PLACE.captures_iter(scripts).take(MOST))
}

/// `currPage: (0+1)`, `"setPage", 1`
static CURRENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?ix) (?: \b(?: curr(?:ent)?(?:page|index)? | curpage | cur | pageindex | pageno | pagenum(?:ber)? )["']? \s*[:=]
          | ["']setPage["']\s*, ) \s* \(?\s* ["']? ([0-9]{1,6}) (?: \s*\+\s* ([0-9]{1,2}) )?"#,
    )
});

/// `pageCount: 3`
static COUNT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\b(?:pagecount|countpage|totalpages?|pages|pagetotal|maxpage|allpage|lastpage)["']?\s*[:=]\s*["']?([0-9]{1,6})\b"#,
    )
});

/// `total: 186` and `pageSize: 15`: the number of items, and of those on a page.
static TOTAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\b(?:total(?:count|num|records?|items?)?|recordcount|recordtotal|items|count)["']?\s*[:=]\s*["']?([0-9]{1,7})\b"#,
    )
});
static SIZE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\b(?:pagesize|perpage|limit|itemsonpage|rows)["']?\s*[:=]\s*["']?([0-9]{1,4})\b"#,
    )
});

/// The call of a script that draws a pager.
static DRAWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:pagination|paginator|laypage|paging|\bpager?|initpage|setpage)[a-z.]*\s*\(\s*\{",
    )
});

/// `goPage(2)` in a link.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^\s*(?:javascript:|return\b)?\s*([A-Za-z_$][0-9A-Za-z_$]*)\(\s*["']?(\d{1,6})["']?\s*\)"#,
    )
});

/// The numbers are at most this many bytes from the address.
const AROUND: usize = 800;

/// The page after this one.
pub(in crate::extract) fn next(sheet: &Sheet<'_>) -> Option<Url> {
    jumps(&sheet.scripts).find_map(|jump| {
        let place = jump.get(0)?;
        let around = around(&sheet.scripts, place.start(), place.end());
        let count = count(around)?;
        let current = own_number(sheet, &jump)
            .or_else(|| current_number(around))
            // Some pagers count from 0.
            .map_or(1, |current| current.max(1));
        if current >= count {
            return None;
        }
        address(sheet, &jump, current + 1)
    })
}

/// The page's own number and the number of pages, from the call that draws the pager.
pub(in crate::extract) fn place(sheet: &Sheet<'_>) -> Option<(u32, u32)> {
    DRAWN.find_iter(&sheet.scripts).take(4).find_map(|call| {
        let around = around(&sheet.scripts, call.start(), call.end());
        let pages = u32::try_from(count(around)?).ok()?;
        // Some scripts say `pageIndex: 1` on every page.
        let own = jumps(around).find_map(|jump| own_number(sheet, &jump));
        let page = own.or_else(|| current_number(around));
        let page = page.map_or(1, |page| page.max(1));
        Some((u32::try_from(page).ok()?, pages))
    })
}

/// The number of pages that a script names.
pub(in crate::extract) fn total(sheet: &Sheet<'_>) -> Option<u32> {
    place(sheet).map(|(_, pages)| pages)
}

/// The number of pages: as such, or from the numbers of items.
fn count(script: &str) -> Option<u64> {
    let number = |pattern: &Regex| pattern.captures(script)?[1].parse::<u64>().ok();
    number(&COUNT).or_else(|| {
        let size = number(&SIZE).filter(|size| *size > 0)?;
        Some(number(&TOTAL)?.div_ceil(size))
    })
}

/// The target of a link's call: its number in the address that the function opens.
pub(in crate::extract) fn called(sheet: &Sheet<'_>, script: &str) -> Option<Url> {
    let simple = by_number(sheet, script);
    simple.or_else(|| sheet.calls.address(script, sheet.base))
}

/// The same for a function that puts the number into one address.
fn by_number(sheet: &Sheet<'_>, script: &str) -> Option<Url> {
    let call = CALL.captures(script)?;
    let number = call[2].parse().ok()?;
    let named = format!("function {}(", &call[1]);
    let start = sheet.scripts.find(&named)?;
    let body = around(&sheet.scripts[start..], 0, named.len());
    let parameter: String = body[named.len()..]
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || "_$".contains(*c))
        .collect();
    let jump = jumps(body).find(|jump| jump["number"] == parameter)?;
    address(sheet, &jump, number)
}

/// The address of the page with this number. Some portals count in addresses from 0 and in calls
/// from 1: `'index_' + (n - 1)`.
fn address(sheet: &Sheet<'_>, jump: &Captures<'_>, page: u64) -> Option<Url> {
    let number = page.checked_sub(less(jump))?;
    with_number(sheet, jump, number)
}

fn less(jump: &Captures<'_>) -> u64 {
    u64::from(jump.name("less").is_some())
}

fn with_number(sheet: &Sheet<'_>, jump: &Captures<'_>, number: u64) -> Option<Url> {
    let after = jump.name("after").map_or("", |after| after.as_str());
    sheet.own(&format!("{}{number}{after}", &jump["before"]))
}

/// The page's number from its own URL, if the URL fits the pattern.
fn own_number(sheet: &Sheet<'_>, jump: &Captures<'_>) -> Option<u64> {
    // A digit marks the place between the address's fixed parts.
    let one = with_number(sheet, jump, 1)?;
    let shown = jump.name("after").map_or("", |after| after.as_str());
    let before = one.as_str().strip_suffix(shown)?.strip_suffix('1')?;
    let number = sheet.here.as_str().strip_prefix(before)?;
    let number = number.strip_suffix(shown)?;
    let number: u64 = number.parse().ok()?;
    let own = with_number(sheet, jump, number)?;
    let page = number.checked_add(less(jump))?;
    urls::same_page(&own, sheet.here).then_some(page)
}

fn current_number(script: &str) -> Option<u64> {
    let told = CURRENT.captures(script)?;
    let more: u64 = told
        .get(2)
        .map_or(Some(0), |more| more.as_str().parse().ok())?;
    told[1].parse::<u64>().ok()?.checked_add(more)
}

/// The text around a place, cut at character boundaries.
fn around(text: &str, start: usize, end: usize) -> &str {
    let mut from = start.saturating_sub(AROUND);
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    let mut to = end.saturating_add(AROUND).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    &text[from..to]
}
