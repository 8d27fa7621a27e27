//! Finds the title if there is no label or tag for it: in a heading near the text, or in `<title>`
//! without the names of site and column.
//!
//! Owns the comparison of `<title>` with the page's lines. Never reads labels or tags.

use std::ops::Range;

use scraper::Html;

use super::label_pairs::{self, Sign};
use super::labels;
use super::meta::Tags;
use crate::extract::page::cells::{Cell, Cells};
use crate::extract::page::{boilerplate, dom, strings};
use crate::model::Field;

/// Signs between a title and the names of site and column. The last of them occur in titles, too.
const SEPARATORS: &[&str] = &[
    "_", "|", "｜", "--", " - ", "-", "–", "—", "－", ">>", " – ",
];
/// Endings of the names of sites and their parts.
const SITES: &[&str] = &[
    "网",
    "网站",
    "门户",
    "政府",
    "平台",
    "政务",
    "信息公开",
    "政府信息公开",
    "在线",
    "首页",
    "频道",
    "专栏",
    "公报",
    "委员会",
    "厅",
    "局",
    "部",
    "动态",
    "要闻",
    "新闻",
    "公告",
    "公示",
    "通知公告",
];
/// A shorter line proves nothing.
const MIN: usize = 4;
const MAX: usize = 120;

/// A title and its place.
pub(in crate::extract) type Found = (String, &'static str);

/// The content of `<title>`, if there is any.
fn tag(html: &Html) -> Option<String> {
    let title = html.tree.nodes().find(|node| dom::name(*node) == "title")?;
    let text: String = title
        .descendants()
        .filter_map(|node| node.value().as_text().map(|text| text.text.to_string()))
        .collect();
    strings::title(&text)
}

/// Whether a line can be a title: it is not too short, and not a link, a label, a tool or a site
/// name.
fn may_be_title(text: &str, linked: usize, tags: &Tags) -> bool {
    let length = strings::len(text);
    let names = [tags.get("SiteName"), tags.get("ColumnName")];
    let is_name = || {
        names
            .iter()
            .flatten()
            .any(|name| strings::fold(name) == strings::fold(text))
    };
    (MIN..=MAX).contains(&length)
        && linked * 2 < length
        && labels::whole(text).is_none()
        && !boilerplate::is_path(text)
        && !boilerplate::is_boilerplate(text)
        && !is_subtitle(text)
        && !is_fact(text)
        && !is_name()
}

/// A line that continues a title: `——某某纪实`.
fn is_subtitle(text: &str) -> bool {
    text.starts_with("——") || text.starts_with("--")
}

/// A line that begins with a label of its own: `发布时间：2025-12-29 …`.
fn is_fact(text: &str) -> bool {
    let chars: Vec<char> = text.chars().take(MAX).collect();
    let label = labels::at(&chars)
        .filter(|(label, _)| label.field.is_some_and(|field| field != Field::Title));
    label.is_some_and(|(_, length)| chars.get(length).is_some_and(|c| strings::is_colon(*c)))
}

/// The longest line that `<title>` repeats: it is the title, in any element. The site's name does
/// not count, unless `<title>` begins with it and continues.
pub(in crate::extract) fn repeated(html: &Html, cells: &[Cell], tags: &Tags) -> Option<Found> {
    let whole = tag(html)?;
    let said = strings::fold(&whole);
    let is_name = |line: &str| {
        let line = strings::fold(line);
        is_site(&line, tags) && (line == said || !said.starts_with(&line))
    };
    let longest = cells
        .iter()
        .filter(|cell| {
            let is_part =
                is_within(&strings::fold(&cell.text), &said) || is_blank_part(&cell.text, &whole);
            !cell.hidden && is_part
        })
        .filter(|cell| may_be_title(&cell.text, cell.linked, tags) && !is_name(&cell.text))
        .max_by_key(|cell| strings::len(&cell.text))?;
    Some((longest.text.clone(), "heading as in <title>"))
}

/// A heading of several lines that `<title>` repeats in one.
fn repeated_in_lines(html: &Html, cells: &Cells, tags: &Tags, end: usize) -> Option<Found> {
    let said = strings::fold(&tag(html)?);
    let headings = html.tree.root().descendants().filter(|node| {
        let range = cells.below(node.id());
        rank(*node).is_some() && range.len() > 1 && range.end <= end
    });
    let texts = headings.filter_map(|node| Some(strings::joined(&dom::short_text(node, MAX)?)));
    let mut found = texts.filter(|text| {
        is_within(&strings::fold(text), &said)
            && may_be_title(text, 0, tags)
            && !is_site(text, tags)
    });
    found.next().map(|text| (text, "heading as in <title>"))
}

/// The heading of the text: before the body's first cell, or among its first cells.
pub(in crate::extract) fn heading(
    html: &Html,
    cells: &Cells,
    tags: &Tags,
    body: &Range<usize>,
) -> Option<Found> {
    let end = (body.start + 3).min(cells.all.len()).max(body.start);
    let line = repeated(html, &cells.all[..end], tags);
    let lines = || repeated_in_lines(html, cells, tags, end);
    if let Some(found) = line.or_else(lines) {
        return Some(found);
    }
    // If `<title>` has only the site's name, a heading may have it, too.
    let site = tag(html).filter(|said| is_site(said, tags));
    let site = site.map(|said| strings::fold(&said));
    let mut nearest: Option<(usize, String)> = None;
    for node in html.tree.root().descendants() {
        let Some(rank) = rank(node) else {
            continue;
        };
        let range = cells.below(node.id());
        if range.is_empty() || range.start >= body.start {
            continue;
        }
        let inside = &cells.all[before_facts(cells, range)];
        let Some(text) = dom::short_text(node, MAX) else {
            continue;
        };
        let lines: Vec<&str> = inside.iter().map(|cell| cell.text.as_str()).collect();
        let text = match lines.len() < cells.below(node.id()).len() {
            true => strings::joined(&lines.join("\n")),
            false => strings::joined(&text),
        };
        let linked = inside.iter().map(|cell| cell.linked).sum();
        let hidden = inside.iter().all(|cell| cell.hidden);
        if may_be_title(&text, linked, tags)
            && site.as_ref() != Some(&strings::fold(&text))
            && !hidden
            && nearest.as_ref().is_none_or(|(other, _)| rank >= *other)
        {
            nearest = Some((rank, text));
        }
    }
    nearest.map(|(_, text)| (text, "heading"))
}

/// The cells of a heading before the line with date and author, which the title's box may also
/// hold.
fn before_facts(cells: &Cells, range: Range<usize>) -> Range<usize> {
    let says = |cell: &Cell| {
        let pairs = label_pairs::read(cell);
        pairs
            .iter()
            .any(|pair| pair.sign == Sign::Colon && pair.label.field.is_some())
    };
    let facts = (range.start + 1..range.end).find(|nth| says(&cells.all[*nth]));
    range.start..facts.unwrap_or(range.end)
}

/// The line right above the one with date and author. Pages without a heading have their title
/// there.
pub(in crate::extract) fn above(html: &Html, cells: &Cells, line: usize) -> Option<Found> {
    let cell = cells.all[..line]
        .iter()
        .rev()
        .find(|cell| strings::len(&cell.text) > 0)?;
    let heading = html.tree.get(cell.holder).filter(|holder| {
        rank(*holder).is_some() && (2..=3).contains(&cells.below(holder.id()).len())
    });
    let text = match heading.and_then(|holder| dom::short_text(holder, MAX)) {
        Some(lines) => strings::joined(&lines),
        None => cell.text.clone(),
    };
    let text = &text;
    let length = strings::len(text);
    let fits = (MIN + 4..=MAX).contains(&length)
        && cell.linked == 0
        && !cell.hidden
        && !text.contains('。')
        && !boilerplate::is_path(text)
        && !boilerplate::is_boilerplate(text);
    fits.then(|| (text.clone(), "line above date"))
}

/// The rank of an element as a heading: `h1` first, then elements named as titles.
fn rank(node: dom::Here<'_>) -> Option<usize> {
    let marks = dom::marks(node);
    let named = ["title", "biaoti", " bt ", "_bt", "-bt", "_tit", "tit "]
        .iter()
        .any(|mark| marks.contains(mark));
    match dom::name(node) {
        "h1" => Some(2),
        "h2" => Some(2),
        "h3" | "h4" | "h5" | "h6" => Some(1),
        "div" | "p" | "td" | "ucaptitle" | "dt" if named || is_numbered(&marks) => Some(2),
        _ => None,
    }
}

/// `bt1`, `bt2`: 标题, with a number.
fn is_numbered(marks: &str) -> bool {
    let mut words = marks.split_whitespace();
    words.any(|word| {
        let rest = word.strip_prefix("bt").unwrap_or_default();
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit())
    })
}

/// Whether `<title>` has `line` and then the site's name, or the reverse.
fn is_within(line: &str, said: &str) -> bool {
    said == line
        || is_cut_within(line, said)
        || (said.starts_with(line) && separator_follows(&said[line.len()..]))
        || (said.ends_with(line) && separator_precedes(&said[..said.len() - line.len()]))
}

/// Whether `<title>` begins or ends with the line, separated by white space: `某市人民政府 工作动态 某市召开会议`.
fn is_blank_part(line: &str, said: &str) -> bool {
    let line = strings::tidy(line);
    let ends = said
        .strip_suffix(&line)
        .is_some_and(|before| before.ends_with(char::is_whitespace));
    let begins = said
        .strip_prefix(&line)
        .is_some_and(|after| after.starts_with(char::is_whitespace));
    strings::len(&line) >= MIN * 2 && (ends || begins)
}

/// Whether `<title>` begins with the line, cut off by dots.
fn is_cut_within(line: &str, said: &str) -> bool {
    let dots = ["...", "…", "···"];
    let cut = dots
        .iter()
        .filter_map(|dots| said.split_once(dots))
        .min_by_key(|(stem, _)| stem.len());
    cut.is_some_and(|(stem, rest)| {
        let follows = rest.trim_start_matches(['.', '…', '·']);
        strings::len(stem) >= MIN * 2
            && line.starts_with(stem)
            && (follows.is_empty() || separator_follows(follows))
    })
}

fn separator_follows(rest: &str) -> bool {
    SEPARATORS
        .iter()
        .any(|separator| rest.starts_with(separator.trim()))
}

fn separator_precedes(rest: &str) -> bool {
    SEPARATORS
        .iter()
        .any(|separator| rest.ends_with(separator.trim()))
}

/// Whether a text is the name of a site or a column, or meaningless.
pub(in crate::extract) fn is_site(text: &str, tags: &Tags) -> bool {
    /// Longer texts end like a site's name only by chance.
    const MAX_NAME: usize = 24;
    let text = strings::fold(text);
    let told = ["SiteName", "ColumnName"]
        .iter()
        .filter_map(|name| tags.get(name))
        .any(|name| strings::fold(name) == text);
    told || text.is_empty()
        || (strings::len(&text) <= MAX_NAME && SITES.iter().any(|end| text.ends_with(end)))
}

/// The `<title>` without the names of site and column.
pub(in crate::extract) fn trimmed(html: &Html, tags: &Tags) -> Option<Found> {
    let mut title = tag(html)?;
    let is_name = |text: &str| is_site(text, tags);
    // No title contains an underscore, so the longest piece between underscores is the title.
    if title.contains('_') {
        let longest = title
            .split('_')
            .rev()
            .max_by_key(|part| strings::len(part))?;
        title = strings::tidy(longest);
    }
    loop {
        let shorter = SEPARATORS.iter().find_map(|separator| {
            let (before, after) = title.rsplit_once(separator)?;
            (is_name(after) && strings::len(before) >= MIN).then(|| before.to_owned())
        });
        let shorter = shorter.or_else(|| {
            SEPARATORS.iter().find_map(|separator| {
                let (before, after) = title.split_once(separator)?;
                (is_name(before) && strings::len(after) >= MIN).then(|| after.to_owned())
            })
        });
        match shorter {
            Some(shorter) => title = strings::tidy(&shorter),
            None => break,
        }
    }
    strings::title(&title).map(|title| (title, "<title>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trim(text: &str) -> Option<String> {
        let html = Html::parse_document(&format!("<title>{text}</title>"));
        trimmed(&html, &Tags::new(&html)).map(|(title, _)| title)
    }

    #[test]
    fn names_of_site_and_column_are_trimmed() {
        for text in [
            "关于某事的通知-某县人民政府网站",
            "关于某事的通知 - 工作动态 - 某县人民政府",
            "某县人民政府门户网站 关于某事的通知",
            "关于某事的通知_通知公告_某县人民政府网",
            "某市发展和改革委员会 | 关于某事的通知",
        ] {
            let expected = if text.contains("网站 ") {
                text
            } else {
                "关于某事的通知"
            };
            assert_eq!(trim(text).as_deref(), Some(expected));
        }
        assert_eq!(trim("2020-2025年规划").as_deref(), Some("2020-2025年规划"));
        assert_eq!(trim(" "), None);
    }

    #[test]
    fn the_line_that_the_title_tag_repeats_is_the_heading() {
        let page = "<title>某县召开会议-纪检</title><h1>某某网</h1><td><span>某县召开会议</span></td><div><p>会议指出。";
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let end = cells.all.len();
        let found = heading(&html, &cells, &Tags::default(), &(end - 1..end));
        assert_eq!(
            found.map(|(title, _)| title).as_deref(),
            Some("某县召开会议")
        );
    }

    #[test]
    fn a_title_that_the_title_tag_breaks_off_or_sets_last_is_found_whole() {
        for tag in [
            "关于开展2023年度农村危房改...-某县人民政府",
            "关于开展2023年度农村危房改…",
            "某县人民政府 工作动态 关于开展2023年度农村危房改造的通知",
        ] {
            let title = "关于开展2023年度农村危房改造的通知";
            let page =
                format!("<title>{tag}</title><p align=center><b>{title}</b></p><div><p>会议指出。");
            let html = Html::parse_document(&page);
            let cells = Cells::new(html.tree.root());
            let end = cells.all.len();
            let found = heading(&html, &cells, &Tags::default(), &(end - 1..end));
            assert_eq!(
                found.map(|(title, _)| title).as_deref(),
                Some(title),
                "{tag}"
            );
        }
    }

    #[test]
    fn a_title_over_two_lines_is_one() {
        let page = "<h1>某县人民政府<br>关于 A B 的\n通知</h1><div><p>会议指出。";
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let end = cells.all.len();
        let found = heading(&html, &cells, &Tags::default(), &(end - 1..end));
        let title = found.map(|(title, _)| title);
        assert_eq!(title.as_deref(), Some("某县人民政府关于 A B 的通知"));
    }

    #[test]
    fn the_nearest_heading_is_taken_where_the_title_tag_names_the_column() {
        let page = "<title>通知公告</title><h1>当前位置：首页</h1><h1>某县召开会议</h1><h3 hidden>隐藏的标题</h3><div><p>会议指出。";
        let html = Html::parse_document(page);
        let cells = Cells::new(html.tree.root());
        let end = cells.all.len();
        let found = heading(&html, &cells, &Tags::default(), &(end - 1..end));
        assert_eq!(found, Some(("某县召开会议".to_owned(), "heading")));
    }
}
