//! The names that a column page gives: that of the column, and that of its site.
//!
//! Owns the order of the places: the official tags, then for the site the office in the footer
//! (主办单位), then the parts of `<title>`. Never reads an item.

use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;

use super::text;
use crate::extract::page::dom::Attributes;
use crate::extract::page::pattern::pattern;

/// Values of tags that no editor filled.
const UNFILLED: [&str; 5] = ["", "null", "undefined", "栏目名称", "网站名称"];

/// Ends of a part of `<title>` that names the site.
const SITES: [&str; 7] = ["网站", "门户", "政府", "委员会", "局", "厅", "网"];

/// What sites add to the name of their office,
const ADDED: [&str; 7] = [
    "门户网站群",
    "门户网站",
    "官方网站",
    "政务网站",
    "门户",
    "官网",
    "网站",
];
/// and what they put in front of it.
const GREETINGS: [&str; 5] = ["欢迎访问", "欢迎光临", "欢迎进入", "欢迎来到", "您好"];

/// The shortest and the longest name of an office.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=30;
/// A longer piece of text is no line of a footer.
const LONGEST_LINE: usize = 1000;

/// What stands before the name of the office behind the site.
static LABEL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"主\s*办(?:\s*单\s*位)?\s*[:：]|^主\s*办\s*单\s*位$"));
/// What ends that name.
static END: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        // 应急管理局 and 市场监督管理局 are names, 版权局 and 质量技术监督局 were.
        r"[\s,，.。;；、|｜/A-Za-z0-9]|承\s*办|协\s*办|技术(?:支持|支撑|保障|服务|维护)|版权(?:所有|归)|地址|联系|电话|邮编|备案|标识|网址|(?:运行|网站|日常)?(?:维护|管理)(?:单位|部门|方)?\s*[:：]",
    )
});

/// The page's name for the column: its official tag, else `<title>` without the site's name.
pub(super) fn column(document: &Html) -> Option<String> {
    if let Some(name) = tag(document, "ColumnName") {
        return Some(name);
    }
    let whole = title(document)?;
    let site = tag(document, "SiteName");
    let parts = parts(&whole);
    let is_site = |part: &str| site.as_deref() == Some(part) || names_site(part);
    let part = parts.iter().find(|part| !is_site(part)).or(parts.first())?;
    Some((*part).to_owned())
}

/// The name of the site: its official tag, the office in its footer, or the part of `<title>` that
/// names a site.
pub(super) fn site(document: &Html) -> Option<String> {
    let tagged = tag(document, "SiteName").and_then(|name| plain(&name));
    tagged.or_else(|| office(document)).or_else(|| {
        let whole = title(document)?;
        let parts = parts(&whole);
        let named = parts.iter().rev().find(|part| names_site(part))?;
        plain(named)
    })
}

fn tag(document: &Html, name: &str) -> Option<String> {
    let elements = document.root_element().descendent_elements();
    let metas = elements.filter(|element| element.value().name() == "meta");
    let mut named = metas.filter(|meta| {
        let own = meta.attribute("name");
        own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    });
    let content = named.find_map(|meta| meta.attribute("content"));
    let content = content.map(text::tidy);
    content.filter(|value| !UNFILLED.contains(&value.as_str()))
}

fn title(document: &Html) -> Option<String> {
    let mut elements = document.root_element().descendent_elements();
    let title = elements.find(|element| element.value().name() == "title")?;
    Some(text::whole(*title))
}

fn parts(title: &str) -> Vec<&str> {
    title
        .split(['-', '_', '|', '–', '—', '>', '·'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

fn names_site(part: &str) -> bool {
    SITES.iter().any(|end| part.ends_with(end))
}

/// The office in the last line that names one: a footer stands below everything.
fn office(document: &Html) -> Option<String> {
    let pieces: Vec<&str> = document
        .tree
        .root()
        .descendants()
        .filter_map(text::shown)
        .map(str::trim)
        .filter(|piece| (1..=LONGEST_LINE).contains(&piece.len()))
        .collect();
    let mut lines = pieces.iter().enumerate().rev();
    let (at, behind) = lines.find_map(|(at, piece)| {
        let label = piece.contains('主').then(|| LABEL.find(piece)).flatten()?;
        Some((at, &piece[label.end()..]))
    })?;
    // The name may stand in an element of its own.
    let own = behind.trim();
    let name = match own.is_empty() {
        true => pieces.get(at + 1)?.trim_start_matches([':', '：']).trim(),
        false => own,
    };
    let end = END.find(name).map_or(name.len(), |end| end.start());
    plain(&name[..end])
}

/// The name without what sites add to it; `None` for one that names no office.
fn plain(name: &str) -> Option<String> {
    let tidy = text::tidy(name);
    let mut name = tidy.trim_end_matches(['!', '！', '.', '。']);
    for greeting in GREETINGS {
        name = name
            .trim_start_matches(greeting)
            .trim_start_matches([',', '，', '！', '!', ' ']);
    }
    if let Some(rest) = ADDED.iter().find_map(|end| name.strip_suffix(end))
        && rest.chars().count() >= *LENGTHS.start()
    {
        name = rest;
    }
    let is_name = LENGTHS.contains(&name.chars().count()) && !name.is_ascii();
    is_name.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(html: &str) -> Option<String> {
        super::site(&Html::parse_document(html))
    }

    #[test]
    fn the_official_tag_names_the_site_without_what_is_added_to_the_name() {
        for (tag, expected) in [
            ("青石县人民政府门户网站", Some("青石县人民政府")),
            ("青石县教育局网站", Some("青石县教育局")),
            ("欢迎访问青石县政府网！", Some("青石县政府网")),
            ("青石政府", Some("青石政府")),
        ] {
            let html = format!(
                "<title>通知公告_某某网</title><meta content='{tag}' name='sitename'>\
                 <p>主办单位：青石县人民政府办公室</p>"
            );
            assert_eq!(site(&html).as_deref(), expected, "{tag}");
        }
    }

    #[test]
    fn without_a_tag_the_office_of_the_footer_names_it() {
        for footer in [
            "<p>主办单位：青石县人民政府办公室　承办单位：青石县信息中心</p>",
            "<p>主办：青石县人民政府办公室 | 备案号 0000</p>",
            "<p><b>主 办 单 位：</b><a href=/>青石县人民政府办公室</a><a>网站地图</a></p>",
            "<p>主办单位</p><p>：青石县人民政府办公室</p>",
            "<p>版权所有 主办单位：青石县人民政府办公室版权所有</p>",
        ] {
            let html = format!(
                "<meta name=SiteName content=网站名称><title>通知公告_某某网</title>\
                 <a href=1.html>主办单位：别的大会</a>{footer}"
            );
            assert_eq!(
                site(&html).as_deref(),
                Some("青石县人民政府办公室"),
                "{footer}"
            );
        }
    }

    #[test]
    fn words_of_a_footer_do_not_end_the_name_of_an_office_that_has_them() {
        for (footer, expected) in [
            (
                "青石县应急管理局　网站标识码：1404000000",
                "青石县应急管理局",
            ),
            (
                "青石县市场监督管理局 技术支持：某公司",
                "青石县市场监督管理局",
            ),
            ("青石市版权局版权所有", "青石市版权局"),
            (
                "青石县质量技术监督局技术支持：某公司",
                "青石县质量技术监督局",
            ),
            ("青石县城市管理局网站管理：信息中心", "青石县城市管理局"),
            ("青石县水务局维护单位：信息中心", "青石县水务局"),
        ] {
            let html = format!("<title>通知公告</title><p>主办单位：{footer}</p>");
            assert_eq!(site(&html).as_deref(), Some(expected), "{footer}");
        }
    }

    #[test]
    fn without_both_the_title_names_it_if_a_part_of_it_names_a_site() {
        for (title, expected) in [
            ("通知公告-青石县人民政府", Some("青石县人民政府")),
            (
                "通知公告 | 政务公开 | 青石县水务局网站",
                Some("青石县水务局"),
            ),
            ("青石县人民政府门户网站", Some("青石县人民政府")),
            ("通知公告", None),
            ("News - Office", None),
            ("", None),
        ] {
            let html = format!("<title>{title}</title><p>主办单位：</p>");
            assert_eq!(site(&html).as_deref(), expected, "{title}");
        }
    }

    #[test]
    fn a_word_of_the_list_is_no_office() {
        let html = "<a href=1.html>关于调整主办单位的通知</a><p>主办：2025年大会</p>";
        assert_eq!(site(html), None);
    }
}
