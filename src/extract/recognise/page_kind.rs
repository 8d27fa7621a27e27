//! The kind of a page to follow: a column, an article, or a site's first page.
//!
//! Owns that question alone. Never part of a run: runs know what they fetch.

use std::collections::HashSet;

use scraper::{ElementRef, Html};
use url::Url;

use super::column_links::column_links;
use crate::extract::answer::{ColumnPage, Extracted};
use crate::extract::body::container;
use crate::extract::body::density::Weights;
use crate::extract::fields::meta::Tags;
use crate::extract::page::cells::Cells;
use crate::extract::page::dom::Attributes;
use crate::extract::page::text::PageText;
use crate::extract::page::{dom, links, strings, tree, urls};
use crate::model::Field;

/// The kind of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// A list of articles.
    Column,
    /// An article.
    Article,
    /// A collection of columns.
    Home,
}

/// A smaller number of items is not a list; of columns, not a first page.
const FEW: usize = 3;
/// This many items make a column, even at an address for first pages.
const MANY: usize = 8;
/// This many characters of text outside links make an article.
const TEXT: usize = 120;

/// The kind of a page from `base`, given its readings as an article and as a list, if it has one.
pub(in crate::extract) fn page_kind(
    text: PageText<'_>,
    base: &Url,
    page: &Extracted,
    listed: &ColumnPage,
) -> Option<PageKind> {
    let document = tree::parse(text);
    let tags = Tags::new(&document);
    let is_article = page.title.is_some() && !page.body.is_empty();
    let files_itself = match &page.metadata.index_number {
        // A list may print a number for each of its items.
        Some(_) if tags.title().is_none() => listed.items.len() < FEW || urls::is_numbered(base),
        number => number.is_some() || tags.title().is_some(),
    };
    if is_article && files_itself && !urls::is_root(base) {
        return Some(PageKind::Article);
    }
    let column_links = column_links(text, base).len();
    let gathers = column_links >= FEW;
    let is_first = |name: &str| tags.get(name).is_some_and(|value| value == "首页");
    if column_links > 0 && (is_first("ColumnType") || is_first("ColumnName")) {
        return Some(PageKind::Home);
    }
    if urls::is_root(base) && gathers && !is_mostly(listed, &document, base) {
        return Some(PageKind::Home);
    }
    if is_article && has_text(&document, page, base) {
        return Some(PageKind::Article);
    }
    let is_numbered = is_article && urls::is_numbered(base);
    if is_numbered && listed.items.len() < FEW {
        return Some(PageKind::Article);
    }
    if is_list(listed) {
        return Some(PageKind::Column);
    }
    if is_numbered {
        return Some(PageKind::Article);
    }
    gathers.then_some(PageKind::Home)
}

fn is_list(page: &ColumnPage) -> bool {
    let dated = page.items.iter().filter(|item| item.published_on.is_some());
    page.next.is_some() || dated.count() >= 1 || page.items.len() >= FEW
}

/// Whether the items are nearly all of the articles that the page links to. A collection of columns
/// shows a few articles of each.
fn is_mostly(page: &ColumnPage, document: &Html, base: &Url) -> bool {
    let from = links::base(document, base);
    let anchors = document.root_element().descendent_elements();
    let urls: HashSet<Url> = anchors
        .filter(|element| element.value().name() == "a")
        .filter(|anchor| is_titled(*anchor))
        .filter_map(|anchor| links::target(anchor.attribute("href")?, &from))
        .filter(urls::is_page)
        .collect();
    page.items.len() >= MANY && page.items.len() * 5 >= urls.len() * 4
}

/// Whether a link's text is as long as a title, and longer than a column's name.
fn is_titled(anchor: ElementRef<'_>) -> bool {
    const LEAST: usize = 8;
    const MOST: usize = 400;
    let text = dom::short_text(*anchor, MOST).unwrap_or_default();
    strings::len(&text) >= LEAST
}

/// Whether an element named for the text holds some, at an address like an article's.
fn has_text(document: &Html, page: &Extracted, base: &Url) -> bool {
    let cells = Cells::new(document.tree.root());
    let weights = Weights::new(document, &cells, &(0..0));
    let known = container::known(document, &weights);
    let weight = known.map_or(0, |known| weights.of_node(known.node));
    let is_dated = page.provenance.contains_key(&Field::PublishedOn);
    weight >= TEXT || (weight >= container::MIN_WEIGHT && is_dated && urls::is_numbered(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(url: &str, page: &str) -> Option<PageKind> {
        crate::extract::page_kind(page, &Url::parse(url).unwrap())
    }

    fn items() -> String {
        let item = |nth| {
            format!(
                "<li><a href=/gzdt/202512/t20251229_{nth}.html>我县召开会议部署工作{nth}</a><span>2025-12-{nth}</span>"
            )
        };
        (10..22).map(item).collect()
    }

    #[test]
    fn columns_articles_and_first_pages_are_told_apart() {
        let list = format!("<title>工作动态</title><ul>{}</ul>", items());
        assert_eq!(
            kind("http://www.x.gov.cn/gzdt/", &list),
            Some(PageKind::Column)
        );
        let text = "<p>会议指出，要认真做好岁末年初的各项工作，确保群众温暖过冬。</p>".repeat(5);
        let side = format!(
            "<h1>供热开工</h1><p>发布时间：2025-12-29</p><div id=zoom>{text}</div><ul>{}</ul>",
            items()
        );
        let article = "http://www.x.gov.cn/gzdt/202512/t20251229_1.html";
        assert_eq!(kind(article, &side), Some(PageKind::Article));
        let columns = "<a href=/a/>工作动态</a><a href=/b/>通知公告</a><a href=/c/>政策文件</a>";
        let others = items().replace("/gzdt/", "/tzgg/");
        let home = format!("{columns}<ul>{}</ul><div><ul>{others}</ul></div>", items());
        assert_eq!(kind("http://www.x.gov.cn/", &home), Some(PageKind::Home));
        let said = format!(
            "<meta name=ColumnType content=首页>{columns}<ul>{}</ul>",
            items()
        );
        assert_eq!(kind("http://www.x.gov.cn/", &said), Some(PageKind::Home));
        assert_eq!(kind("http://www.x.gov.cn/", &list), Some(PageKind::Column));
        let row = |nth| {
            format!(
                "<tr><td>000000000/2025-{nth}<td><a href=/gzdt/202512/t20251229_{nth}.html>我县召开会议部署工作{nth}</a><td>2025-12-{nth}"
            )
        };
        let rows: String = (10..22).map(row).collect();
        let table = format!("<table><tr><th>索引号<th>信息名称<th>发布日期{rows}</table>");
        assert_eq!(
            kind("http://www.x.gov.cn/gzdt/", &table),
            Some(PageKind::Column)
        );
        assert_eq!(kind("http://www.x.gov.cn/gzdt/", "<p>ok"), None);
    }
}
