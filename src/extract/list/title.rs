//! The title that a link gives to its article.
//!
//! Owns the reading of titles: complete if the page has them complete, without dates, bullets and
//! marks like 置顶 and NEW. Never looks beyond the link.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use scraper::ElementRef;

use super::{date_marks, text};
use crate::extract::fields::{dates, meta};
use crate::extract::page::dom;
use crate::extract::page::dom::Attributes;
use crate::extract::page::pattern::pattern;

/// Words of links that lead to an article without naming it.
const POINTERS: [&str; 10] = [
    "查看",
    "详情",
    "详细",
    "详细信息",
    "查看详情",
    "查看全文",
    "阅读全文",
    "点击查看",
    "浏览",
    "查看更多",
];

/// Whether the title is meaningless, so that another text of the row must be the item's title.
pub(super) fn is_pointer(title: &str) -> bool {
    let title = title.trim_matches(['[', ']', '【', '】', '(', ')', '>', '»', ' ']);
    title.is_empty() || POINTERS.contains(&title)
}

/// Marks in a title that do not describe the article. Each is in a text node of its own.
const MARKS: [&str; 11] = [
    "置顶", "NEW", "NEW!", "HOT", "HOT!", "新", "热", "顶", "荐", "图文", "最新",
];

/// An anchor's title: its heading, or its text without dates; its `title` attribute if the text is
/// cut.
pub(super) fn read(anchor: ElementRef<'_>) -> String {
    let heading = anchor.descendent_elements().skip(1).find(|element| {
        matches!(
            element.value().name(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
        ) && !date_marks::is_part(&text::whole(**element))
    });
    let shown = heading
        .or_else(|| over_summary(anchor))
        .map(undated)
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| undated(anchor));
    let whole = anchor
        .attribute("title")
        .map(of_attribute)
        .unwrap_or_default();
    let title = pick(shown, whole);
    match is_cut(&title) || title.is_empty() {
        true => near(anchor, title),
        false => title,
    }
}

/// The whole of a cut or missing title, from an attribute of an element in the link or around it, or
/// from the words of its picture.
fn near(anchor: ElementRef<'_>, shown: String) -> String {
    /// No known link has more elements.
    const MOST: usize = 20;
    /// A shorter text of a picture is no title.
    const LEAST: usize = 6;
    let below = || anchor.descendent_elements().skip(1).take(MOST);
    let around = anchor.parent().and_then(ElementRef::wrap);
    // The element around a picture's link may be a row with a title of its own.
    let around = around.filter(|_| !shown.is_empty());
    let titles = below()
        .chain(around)
        .filter_map(|element| element.attribute("title"));
    let pictures = below().filter(|element| element.value().name() == "img");
    let words = pictures.filter_map(|picture| picture.attribute("alt"));
    let whole = titles
        .chain(words)
        .map(of_attribute)
        .find(|whole| match shown.is_empty() {
            true => whole.chars().count() >= LEAST && !whole.is_ascii() && !is_cut(whole),
            false => pick(shown.clone(), whole.clone()) != shown && whole.starts_with(stem(&shown)),
        });
    whole.unwrap_or(shown)
}

fn stem(title: &str) -> &str {
    title.trim_end_matches(['…', '.', '。', '⋯'])
}

fn is_cut(title: &str) -> bool {
    ["...", "…", "⋯", "。。。"]
        .iter()
        .any(|end| title.ends_with(end))
}

/// The first paragraph of a link around a whole card, if another paragraph follows.
fn over_summary(anchor: ElementRef<'_>) -> Option<ElementRef<'_>> {
    /// No known card has more elements.
    const MOST: usize = 60;
    const LEAST: usize = 4;
    let mut paragraphs = anchor
        .descendent_elements()
        .skip(1)
        .take(MOST)
        .filter(|element| {
            let is_leaf = element
                .child_elements()
                .all(|child| !dom::is_block(child.value().name()));
            let text = text::whole(**element);
            dom::is_block(element.value().name())
                && is_leaf
                && text.chars().count() >= LEAST
                && !date_marks::is_part(&text)
        });
    let first = paragraphs.next()?;
    paragraphs.next().is_some().then_some(first)
}

/// The text of an element without the pieces that are dates, parts of dates, or marks.
fn undated(element: ElementRef<'_>) -> String {
    let pieces: Vec<&str> = element.descendants().filter_map(text::shown).collect();
    let mut pieces = date_marks::without_dates(&pieces);
    let blank = |piece: &&str| piece.trim().is_empty();
    pieces.retain(|piece| !blank(piece) || piece.contains(char::is_whitespace));
    let last = pieces.iter().rposition(|piece| !blank(piece));
    let first = pieces.iter().position(|piece| !blank(piece));
    if first != last {
        // A red 新 before a title may be its first word; 置顶 and NEW never are.
        let ends = last.filter(|at| is_mark(pieces[*at]));
        let begins =
            first.filter(|at| is_mark(pieces[*at]) && pieces[*at].trim().len() > "新".len());
        for at in ends.into_iter().chain(begins) {
            pieces[at] = "";
        }
    }
    clean(&pieces.concat())
}

fn is_mark(piece: &str) -> bool {
    let word = piece.trim().trim_matches(BRACKETS);
    MARKS.iter().any(|mark| word.eq_ignore_ascii_case(mark))
}

const BRACKETS: [char; 9] = ['[', ']', '【', '】', '(', ')', '（', '）', ' '];

/// Chooses the `title` attribute if the text is missing, cut, or continued by a summary.
pub(super) fn pick(shown: String, whole: String) -> String {
    let stem = stem(&shown);
    let cut = is_cut(&shown);
    let longer = !stem.is_empty() && whole.starts_with(stem) && whole.len() > shown.len();
    let summary = whole.chars().count() >= 4 && shown.starts_with(&whole);
    let usable = !whole.is_empty() && !whole.ends_with("...") && !whole.ends_with('…');
    if usable && (shown.is_empty() || cut || longer || summary) {
        whole
    } else {
        shown
    }
}

/// The place where an attribute runs into the next one because its quotation mark is missing.
static TORN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\s*["']\s*(?:target|class|href|style|title|rel)\s*=[\s\S]*$"#));

/// The title in a `title` attribute. The attribute may begin with 标题： and continue with date and
/// hits, on further lines or, if an editor joined them, on the same line.
fn of_attribute(attribute: &str) -> String {
    let attribute = TORN.replace(attribute, "");
    let mut lines = attribute
        .split(['\n', '\r'])
        .flat_map(|line| line.split("<br"))
        .map(|line| line.trim_start_matches(['/', '>', ' ']).trim())
        .filter(|line| !line.is_empty());
    let first = clean(lines.next().unwrap_or_default());
    let Some(named) = first.strip_prefix("标题") else {
        return first;
    };
    let named = named.trim_start_matches(['：', ':', ' ']);
    let end = [
        "发布时间：",
        "发布时间:",
        "发布日期：",
        "发布日期:",
        "日期：",
        "时间：",
    ]
    .iter()
    .filter_map(|label| named.find(&format!(" {label}")))
    .min();
    end.map_or(named, |end| &named[..end]).to_owned()
}

/// A mark in brackets before or after the title.
static BRACKETED: LazyLock<Regex> = LazyLock::new(|| {
    let mark = r"[\[【(（]\s*(?:置顶|顶|新|热|荐|最新|(?i:new|hot|top)!?)\s*[\]】)）]";
    pattern(&format!(r"^\s*{mark}\s*|\s*{mark}\s*$"))
});

/// A title without the bullets that stand before it and the marks in brackets around it.
pub(super) fn clean(title: &str) -> String {
    let title = text::tidy(&meta::unescaped_title(title));
    let title = BRACKETED.replace_all(title.trim_start_matches(BULLETS), "");
    title.trim_start_matches(BULLETS).to_owned()
}

const BULLETS: [char; 13] = [
    '·', '•', '●', '■', '▪', '◆', '▶', '►', '›', '»', '>', '・', ' ',
];

/// A title with a date at one of its ends.
pub(super) struct Dated {
    pub(super) date: NaiveDate,
    /// The rest.
    pub(super) title: String,
}

/// A date in figures at an end of a title. A date in words, （2025年12月29日）, is part of the title.
static DATED: LazyLock<Regex> = LazyLock::new(|| {
    let date = r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?";
    let around = format!(
        r"(?x) ^ [\[(（【]? (?P<before> {date} ) (?: [\])）】]\s* | \s+ ) (?P<after_it> \D.* ) $
        | ^ (?P<before_it> .*? ) (?: \s* [\[(（【]\s* | \s+ ) (?P<after> {date} ) \s* [\])）】]? $"
    );
    pattern(&around)
});

/// Takes the date off a title.
pub(super) fn dated(title: &str) -> Option<Dated> {
    let found = DATED.captures(title)?;
    let date = found.name("before").or(found.name("after"))?.as_str();
    let rest = found.name("after_it").or(found.name("before_it"))?.as_str();
    let title = clean(rest);
    let date = dates::find(date)?.date;
    (!title.is_empty()).then_some(Dated { date, title })
}
