//! What a headline's element holds beside the headline: 打印, 关闭, NEW, 置顶, the readings of ruby.
//!
//! Owns these words, and their removal from headings before anything is read. Never touches the
//! text.

use std::sync::LazyLock;

use ego_tree::NodeId;
use regex::Regex;
use scraper::{Html, Node};

use super::headings;
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::pattern::pattern;
use crate::extract::page::strings;

/// A longer element is no heading.
const MAX: usize = 200;
/// Pages have fewer headings; the rest is left as it is.
const MOST: usize = 200;

/// Words of tools and marks that stand apart from a headline.
const WORDS: &str = "打印本页|打印此页|打印文章|打印正文|打印|关闭窗口|关闭本页|关闭|加入收藏|收藏|分享到|分享|复制链接|置顶|最新|(?i:new|hot)!?|字[体号](?:大小)?[:：\\s]*(?:[\\[【(（]?\\s*[大中小]\\s*[\\]】)）]?[\\s|｜/、]*){2,3}";

/// A mark in brackets, which may stand before or behind a headline.
const MARKS: &str = r"[\[【〖(（]\s*(?:置顶|顶|荐|热|最新|(?i:new|hot|top)!?)\s*[\]】〗)）]";

/// A mark without brackets is one only where the element's name says so: 顶 may begin a headline.
static MARK: LazyLock<Regex> =
    LazyLock::new(|| pattern("^(?:顶|热|热门|荐|推荐|头条|新|(?i:top))$"));
const NAMES: [&str; 14] = [
    "top", "zd", "zhiding", "ding", "hot", "re", "new", "tj", "jian", "tag", "label", "icon",
    "badge", "mark",
];

/// A day in digits, which some portals print behind the headline. It stays on the page, where it is
/// read as the article's.
static DAY_AT_END: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\s*\[\s*(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}\s*\]\s*$"));

/// 【打印】 at the end, also after other such words.
static AT_END: LazyLock<Regex> = LazyLock::new(|| {
    let inner = format!(r"(?:{WORDS})(?:[\s|｜/、]*(?:{WORDS}))*");
    pattern(&format!(
        r"(?:\s*[\[【〖(（]\s*{inner}\s*[\]】〗)）]|\s*{MARKS}|\s[|｜]?\s*(?:{inner})|\b?NEW!?)\s*$"
    ))
});

/// 【置顶】 at the beginning.
static AT_BEGINNING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*(?:[\[【〖(（]\s*(?:置顶|顶|荐|推荐|最新|热|热门|(?i:new|hot)!?)\s*[\]】〗)）]|(?:置顶|NEW!?)\s)",
    )
});

/// A line about the article, which some portals print within the heading. It belongs behind it.
static FACTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*[\[【(（]?\s*(?:(?:发布|发表|更新|信息|文章|稿件)?(?:时间|日期|来源)\s*[:：]|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2})",
    )
});

/// A column's name in brackets.
static COLUMN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*[\[【〖]\s*[^\[\]【】〖〗\s]{2,10}\s*[\]】〗]\s*$"));

static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"^[\[【〖(（|｜\s]*(?:(?:{WORDS})[|｜/、\s]*)+[\]】〗)）|｜\s]*$|^\s*{MARKS}\s*$"
    ))
});

/// A headline without such words at its ends, and without a day behind it.
pub(in crate::extract) fn headline(text: &str) -> &str {
    let line = without_words(text);
    match DAY_AT_END.find(line) {
        Some(day) if day.start() > 0 => without_words(&line[..day.start()]),
        _ => line,
    }
}

fn without_words(text: &str) -> &str {
    /// Less is no headline.
    const MIN: usize = 4;
    let mut line = text.trim();
    loop {
        let start = AT_BEGINNING.find(line).map_or(0, |found| found.end());
        let end = AT_END.find(line).map_or(line.len(), |found| found.start());
        let core = line.get(start..end).unwrap_or(line).trim();
        if core.len() == line.len() || strings::len(core) < MIN {
            return line;
        }
        line = core;
    }
}

/// Takes such words, and the readings of ruby, out of the page's headings. Returns whether there are
/// any.
pub(in crate::extract) fn take_out(html: &mut Html) -> bool {
    let mut gone: Vec<NodeId> = Vec::new();
    let mut cut: Vec<(NodeId, String)> = Vec::new();
    let mut behind: Vec<(NodeId, NodeId)> = Vec::new();
    let headings = html.tree.root().descendants();
    let headings = headings.filter(|node| headings::rank(*node).is_some());
    for node in headings.take(MOST) {
        let Some(text) = dom::short_text(node, MAX) else {
            continue;
        };
        let words = dom::elements(node).filter(|inner| is_extra(*inner));
        gone.extend(words.map(|word| word.id()));
        behind.extend(facts(node).map(|facts| (node.id(), facts)));
        if without_words(&text).len() < text.trim().len() {
            cut.extend(ends(node));
        }
    }
    let is_changed = !(cut.is_empty() && gone.is_empty() && behind.is_empty());
    for (id, text) in cut {
        if let Some(mut node) = html.tree.get_mut(id)
            && let Node::Text(old) = node.value()
        {
            old.text = text.into();
        }
    }
    for (heading, facts) in behind {
        if let Some(mut heading) = html.tree.get_mut(heading) {
            heading.insert_id_after(facts);
        }
    }
    for id in gone {
        if let Some(mut node) = html.tree.get_mut(id) {
            node.detach();
        }
    }
    is_changed
}

/// The last element of a heading, if it is a line with date or source behind the headline.
fn facts(heading: DomNode<'_>) -> Option<NodeId> {
    const MAX: usize = 100;
    const MIN: usize = 4;
    let is_blank = |node: &DomNode<'_>| {
        let text = node.value().as_text();
        text.is_some_and(|text| strings::len(&text.text) == 0)
    };
    let last = heading.children().rfind(|node| !is_blank(node))?;
    let is_line = matches!(
        dom::name(last),
        "small" | "span" | "em" | "i" | "font" | "p" | "div"
    );
    let text = dom::short_text(last, MAX).filter(|text| is_line && FACTS.is_match(text))?;
    let before = strings::len(&dom::text(heading)).saturating_sub(strings::len(&text));
    (before >= MIN).then_some(last.id())
}

/// Whether an element inside a heading is not a part of the headline.
fn is_extra(node: DomNode<'_>) -> bool {
    /// No such word is longer.
    const MAX: usize = 24;
    if matches!(dom::name(node), "rt" | "rp") {
        return true;
    }
    let is_column = |text: &str| dom::name(node) == "a" && COLUMN.is_match(text);
    let is_inline = !dom::is_block(dom::name(node)) && !dom::is_mute(dom::name(node));
    is_inline
        && dom::short_text(node, MAX).is_some_and(|text| {
            WHOLE.is_match(&text)
                || is_column(&text)
                || MARK.is_match(text.trim()) && is_named_mark(node)
        })
}

fn is_named_mark(node: DomNode<'_>) -> bool {
    let class = dom::attr(node, "class").unwrap_or_default();
    let mut words = class.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| NAMES.iter().any(|name| word.eq_ignore_ascii_case(name)))
}

/// The text nodes of a heading that begin or end with such words, without them.
fn ends(node: DomNode<'_>) -> Vec<(NodeId, String)> {
    let texts = node.descendants().filter(|node| {
        let text = node.value().as_text();
        text.is_some_and(|text| strings::len(&text.text) > 0)
    });
    let said = texts.filter_map(|node| Some((node.id(), node.value().as_text()?.text.to_string())));
    let changed = said.filter_map(|(id, text)| {
        let line = match WHOLE.is_match(&text) {
            true => "",
            false => without_words(&text),
        };
        (line.len() < text.trim().len()).then(|| (id, line.to_owned()))
    });
    changed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_and_marks_are_no_part_of_a_headline() {
        for text in [
            "某县召开供热工作会议 打印 关闭",
            "某县召开供热工作会议【打印】",
            "某县召开供热工作会议 [打印] [关闭]",
            "某县召开供热工作会议（打印 关闭）",
            "某县召开供热工作会议NEW",
            "某县召开供热工作会议 [2025-11-20]",
            "某县召开供热工作会议 new!",
            "【置顶】某县召开供热工作会议",
            "[顶] 某县召开供热工作会议 | 收藏",
            "置顶 某县召开供热工作会议",
            "某县召开供热工作会议[热]",
            "某县召开供热工作会议 【TOP】",
            "某县召开供热工作会议 字号：大 中 小",
            "某县召开供热工作会议 [字体：大 中 小] [打印]",
        ] {
            assert_eq!(headline(text), "某县召开供热工作会议", "{text}");
        }
        for text in [
            "关于禁止打印涉密文件的通知",
            "某厂打印车间关闭",
            "【栏目】某县召开会议",
            "供热公司更名为HOT",
            "【打印】",
            "某县供热情况通报（2025年11月20日）",
            "某品牌推出NEWS栏目",
            "顶层设计与实践",
            "某市拟任职干部公示（推荐）",
        ] {
            assert_eq!(headline(text), text);
        }
    }

    #[test]
    fn headings_lose_what_is_not_theirs_and_the_text_keeps_it() {
        let heading = |inner: &str| {
            let mut html =
                Html::parse_document(&format!("<h1>{inner}</h1><p>请打印 <em>NEW</em></p>"));
            take_out(&mut html);
            dom::text(*html.root_element())
        };
        for inner in [
            "某县召开会议<span class=new>NEW</span>",
            "<span class=tag>置顶</span>某县召开会议",
            "某<ruby>县<rp>(</rp><rt>xiàn</rt><rp>)</rp></ruby>召开会议",
            "某县召开会议 <a href=#>打印</a> <a href=#>关闭</a>",
            "某县召开会议 <a>[打印]</a>",
            "某县召开会议 打印 关闭",
            "<b>某县召开会议</b>【打印】",
            "<i class='icon-top'>顶</i>某县召开会议",
            "<span class=tag>推荐</span>某县召开会议",
            "<a href=/gzdt/>[工作动态]</a> 某县召开会议",
            "某县召开会议<font color=red>[热]</font>",
            "某县召开会议<small>字号：<a>大</a> <a>中</a> <a>小</a></small>",
        ] {
            assert_eq!(heading(inner), "某县召开会议 请打印 NEW", "{inner}");
        }
        let facts = heading("某县召开会议<small>2025-11-20 来源：某局</small>");
        assert_eq!(facts, "某县召开会议2025-11-20 来源：某局 请打印 NEW");
        for inner in [
            "<font color=red>顶</font>层设计",
            "<span>推荐</span>名单公示",
        ] {
            let text = heading(inner).replace(' ', "");
            assert!(text.starts_with(['顶', '推']), "{text}");
        }
    }
}
