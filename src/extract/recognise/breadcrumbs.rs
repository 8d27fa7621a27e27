//! The path to a page, in the page's own words: 当前位置：首页 > 政务公开 > 工作动态.
//!
//! Owns the search for that line and the order of its links. Never asks where they lead.

use scraper::{ElementRef, Html};
use url::Url;

use crate::extract::page::dom::Attributes;
use crate::extract::page::text::PageText;
use crate::extract::page::{boilerplate, dom, links, strings, tree, urls};

/// The most characters of a path's line.
const MAX: usize = 300;
/// The links are at most this many levels above the words 当前位置.
const LEVELS: usize = 3;
/// Parts of the class and id names of this line.
#[rustfmt::skip]
const MARKS: &[&str] = &[
    "crumb", "position", "location", "weizhi", "dqwz", "dqlm", "curpos", "curr_pos", "local", "bread", "wz_nav", "sitepath",
];

/// The links of the page's path, the innermost column last, without the page itself and the site's
/// first page. Empty if the page shows no path.
pub fn breadcrumbs<'a>(page: impl Into<PageText<'a>>, base: &Url) -> Vec<Url> {
    let document = tree::parse(page);
    let base_of_links = links::base(&document, base);
    let lines = beside_words(&document)
        .chain(around_words(&document).map(anchors))
        .chain(by_name(&document).map(anchors));
    let mut paths = lines.map(|line| path(&line, base, &base_of_links));
    paths.find(|path| !path.is_empty()).unwrap_or_default()
}

type Node<'a> = ego_tree::NodeRef<'a, scraper::Node>;

/// The text nodes that begin like a path.
fn beginnings(document: &Html) -> impl Iterator<Item = Node<'_>> {
    document.tree.root().descendants().filter(|node| {
        let text = node.value().as_text();
        text.is_some_and(|text| text.len() <= MAX * 3 && is_beginning(text))
    })
}

/// Whether a text is 当前位置, or the 首页 of a path without these words.
fn is_beginning(text: &str) -> bool {
    let text = strings::fold(text);
    boilerplate::is_path(&text) || matches!(text.as_str(), "首页" | "网站首页" | "主页")
}

/// The links after these words on the same line.
fn beside_words(document: &Html) -> impl Iterator<Item = Vec<ElementRef<'_>>> {
    let words = beginnings(document);
    let words = words.filter(|node| {
        node.value()
            .as_text()
            .is_some_and(|text| boilerplate::is_path(text))
    });
    words.map(|node| {
        let beside = node.next_siblings().filter_map(ElementRef::wrap);
        let line = beside.take_while(|element| !dom::is_block(element.value().name()));
        line.flat_map(anchors).collect()
    })
}

/// The smallest element around these words that reads as a path and has links.
fn around_words(document: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    beginnings(document).filter_map(|node| {
        let mut around = node.ancestors().filter_map(ElementRef::wrap).take(LEVELS);
        around.find(|element| {
            let reads_so = || boilerplate::is_path(&dom::text(**element));
            is_line(element) && reads_so() && !anchors(*element).is_empty()
        })
    })
}

fn by_name(document: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    let elements = document.root_element().descendent_elements();
    elements.filter(|element| {
        let marks = dom::marks(**element);
        MARKS.iter().any(|mark| marks.contains(mark)) && is_line(element)
    })
}

fn is_line(element: &ElementRef<'_>) -> bool {
    !matches!(
        element.value().name(),
        "html" | "body" | "head" | "script" | "style"
    ) && dom::short_text(**element, MAX).is_some()
}

fn anchors(line: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    line.descendent_elements()
        .filter(|element| element.value().name() == "a" && element.attribute("href").is_some())
        .collect()
}

fn path(line: &[ElementRef<'_>], here: &Url, base: &Url) -> Vec<Url> {
    let mut urls: Vec<Url> = Vec::new();
    for anchor in line {
        let url = anchor
            .attribute("href")
            .and_then(|href| links::target(href, base));
        let Some(url) = url.filter(|url| !urls::is_root(url) && !urls::same_page(url, here)) else {
            continue;
        };
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Vec<String> {
        let base = Url::parse("http://www.x.gov.cn/zwgk/gzdt/202512/t20251229_1.html").unwrap();
        let page =
            format!("<div class=nav><a href=/zwgk/>政务公开</a></div>{line}<h1>供热开工</h1>");
        let urls = breadcrumbs(&page, &base);
        urls.iter().map(|url| url.path().to_owned()).collect()
    }

    #[test]
    fn the_path_is_read_however_it_is_set() {
        for line in [
            "<div>当前位置：<a href=/>首页</a> &gt; <a href=/zwgk/>政务公开</a> &gt; <a href=../>工作动态</a></div>",
            "<p><span>您所在的位置：</span><span><a href=/index.html>首页</a>>><a href=/zwgk/>政务公开</a>>><a href=../>工作动态</a></span></p>",
            "<ul class='breadcrumb'><li><a href=/>首页</a><li><a href=/zwgk/>政务公开</a><li><a href=../>工作动态</a><li><a href=''>正文</a></ul>",
            "<h1><span><a href=/>首页</a>><a href=/zwgk/>政务公开</a>><a href=../>工作动态</a></span></h1>",
            "您当前的位置：<a href=/>某网</a>&nbsp;&gt;&nbsp;<a href=/zwgk/>政务公开</a>&nbsp;&gt;&nbsp;<a href=../>工作动态</a><p><a href=/x/>别处</a></p>",
            "<div class=dqwz><a href=/>首页</a>-<a href=/zwgk/>政务公开</a>-<a href=/zwgk/gzdt/>工作动态</a></div>",
        ] {
            assert_eq!(of(line), ["/zwgk/", "/zwgk/gzdt/"], "{line}");
        }
        assert_eq!(of(""), Vec::<String>::new());
        assert_eq!(of("<div class=position>正文</div>"), Vec::<String>::new());
    }
}
