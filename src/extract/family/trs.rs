//! TRS WCM: `index.html`, `index_1.html` …, from the call of the script that writes the pager, or
//! from the script itself if the page contains it.
//!
//! Owns the forms of that call. Never takes another function's arguments for a pager's: a call of
//! an unknown form is ignored.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use url::Url;

use super::sheet::Sheet;
use super::system::Family;
use crate::config::PagingFamily;
use crate::extract::page::pattern::pattern;

pub(super) const FAMILY: Family = Family {
    name: PagingFamily::Trs,
    marks: &[
        r"(?i)\bcreatePage(?:HTML)?\s*\(",
        r"(?i)\bTRS_(?:Editor|UEDITOR|PreAppend|WEB)\b|\btrs_editor_view\b",
        r"/t20\d{6}_\d+\.s?html?\b",
        r"/[PW]02\d{15,}\.\w",
        r"(?i)\btrs(?:ads|analytics|_?search)\b",
    ],
    #[rustfmt::skip]
    containers: &[
        ".TRS_Editor", ".trs_editor_view", ".TRS_UEDITOR", ".TRS_PreAppend", ".trs_web", "#dochtmlcon",
    ],
    pager: next,
    total,
    ..Family::NONE
};

/// `createPageHTML(total, current, "index", "html")`. Either number may be in quotes or in a
/// variable, and further arguments may follow, such as the count of items. With the element's name
/// in front, `createPageHTML('page_div', total, current, 'index', 'htm', items)`, it is another
/// script, which counts from 1.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?x) \b (?i:creat) e? (?i:Page(?:HTML)?) \d? \s* \( \s*
        (?: (?P<element> ["'] [0-9A-Za-z_.\#-]+ ["'] ) \s*,\s* )??
        ["']? (?P<total> [A-Za-z_][0-9A-Za-z_]* | [0-9]{1,6} ) ["']? \s*,\s*
        ["']? (?P<current> [A-Za-z_][0-9A-Za-z_]* | [0-9]{1,6} ) ["']? \s*,\s*
        ["'] (?P<name> [0-9A-Za-z_./-]+ ) ["'] \s*,\s* ["'] \.? (?P<end> [0-9A-Za-z]+ ) ["'] \s*
        (?: , \s* ["']? [0-9A-Za-z_-]* ["']? \s* ){0,3} \)"#,
    )
});

/// `Pager({size:20, current:0, prefix:'index', suffix:'html'})`, with its keys in any order.
static OBJECT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)Page[a-z]*\s*\(\s*\{([^{}]+)\}"));

static KEY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\b([A-Za-z]+)["']?\s*:\s*["']?([0-9A-Za-z_./-]+)"#));

/// `"index" + "_" + nextPage + "." + "html"` in a script of the page, after the pieces of its
/// constants are joined.
static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"([0-9A-Za-z_./-]+)_["']\s*\+\s*(?:nextPage|\(?\s*currentPage\s*\+\s*1\s*\)?)\s*\+\s*["']\.([0-9A-Za-z]+)"#,
    )
});

static JOINED: LazyLock<Regex> = LazyLock::new(|| pattern(r#"["']\s*\+\s*["']"#));

/// `var countPage = 20`
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\b([A-Za-z_][0-9A-Za-z_]*)\s*=\s*["']?([0-9]{1,6})\b"#));

/// A pager, as the script's call describes it.
struct Pager {
    total: u32,
    current: u32,
    /// Whether the first page is number 1 instead of 0.
    counts_from_one: bool,
    name: String,
    end: String,
}

fn next(sheet: &Sheet<'_>) -> Option<Option<Url>> {
    let pager = read(&sheet.scripts)?;
    // From 0, page n + 1 of the pager is file n. From 1, it is file n + 1, and only the first page
    // has no number.
    let last = match pager.counts_from_one {
        true => pager.total,
        false => pager.total.saturating_sub(1),
    };
    let Pager { name, end, .. } = &pager;
    let file = format!("{name}_{}.{end}", pager.current.saturating_add(1));
    let url = sheet.base.join(&file).ok();
    Some(url.filter(|_| pager.current < last))
}

fn total(sheet: &Sheet<'_>) -> Option<u32> {
    Some(read(&sheet.scripts)?.total)
}

fn read(scripts: &str) -> Option<Pager> {
    by_call(scripts)
        .or_else(|| by_object(scripts))
        .or_else(|| by_script(scripts))
}

/// The pager's call, unless it is commented out.
fn by_call(scripts: &str) -> Option<Pager> {
    let mut calls = CALL.captures_iter(scripts);
    let call = calls.find(|call| is_live(scripts, call))?;
    Some(Pager {
        total: number(scripts, &call["total"])?,
        current: number(scripts, &call["current"])?,
        counts_from_one: call.name("element").is_some(),
        name: call["name"].to_owned(),
        end: call["end"].to_owned(),
    })
}

fn by_object(scripts: &str) -> Option<Pager> {
    let mut calls = OBJECT.captures_iter(scripts);
    calls.find_map(|call| {
        let value = |name: &str| {
            let mut keys = KEY.captures_iter(&call[1]);
            let found = keys.find(|key| key[1].eq_ignore_ascii_case(name))?;
            Some(found[2].to_owned())
        };
        Some(Pager {
            total: value("size")?.parse().ok()?,
            current: value("current")?.parse().ok()?,
            counts_from_one: false,
            name: value("prefix")?,
            end: value("suffix")?.trim_start_matches('.').to_owned(),
        })
        .filter(|_| is_live(scripts, &call))
    })
}

/// The pager from the script itself, if the page contains it.
fn by_script(scripts: &str) -> Option<Pager> {
    let total = number(scripts, "countPage")?;
    let current = number(scripts, "currentPage")?;
    let joined = JOINED.replace_all(scripts, "");
    let written = WRITTEN.captures(&joined)?;
    Some(Pager {
        total,
        current,
        counts_from_one: false,
        name: written[1].to_owned(),
        end: written[2].to_owned(),
    })
}

/// Whether a call is not commented out.
fn is_live(scripts: &str, call: &Captures<'_>) -> bool {
    let line = call.get(0).map_or("", |call| &scripts[..call.start()]);
    let line = line.rsplit('\n').next().unwrap_or_default();
    !line.trim_start().starts_with("//")
}

/// The argument itself, or the last value of the variable with that name.
fn number(scripts: &str, argument: &str) -> Option<u32> {
    argument.parse().ok().or_else(|| {
        let values = NUMBER.captures_iter(scripts);
        let value = values.filter(|value| &value[1] == argument).last()?;
        value[2].parse().ok()
    })
}
