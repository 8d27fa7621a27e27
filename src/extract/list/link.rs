//! Links that may lead to articles.
//!
//! Owns the reading of one anchor: its URL, its title, and whether the URL looks like an article's.
//! Never decides whether it is an item.

use ego_tree::NodeId;
use scraper::{ElementRef, Html};
use url::Url;

use super::title::{self, Dated};
use crate::extract::page::calls::Calls;
use crate::extract::page::dom::Attributes;
use crate::extract::page::{dom, links, urls};

/// A link that may lead to an article.
pub(super) struct Link {
    pub(super) node: NodeId,
    pub(super) url: Url,
    pub(super) title: String,
    /// The date that the title begins or ends with.
    pub(super) dated: Option<Dated>,
}

/// A page with more links is not a column page; the surplus is not read.
const MOST: usize = 5_000;

/// Words of links that never lead to an article.
const BOILERPLATE: [&str; 34] = [
    "加载更多",
    "点击加载更多",
    "查看更多",
    "显示更多",
    "首页",
    "尾页",
    "末页",
    "上一页",
    "下一页",
    "上页",
    "下页",
    "前一页",
    "后一页",
    "第一页",
    "最后一页",
    "最后页",
    "更多",
    "更多>>",
    "更多>",
    "更多+",
    "more",
    "more>>",
    "返回",
    "返回首页",
    "返回顶部",
    "关闭",
    "打印",
    "登录",
    "注册",
    "网站地图",
    "内容纠错",
    "我要纠错",
    "纠错",
    "分享",
];

/// The page's links, in page order. `here` is the page's own URL.
pub(super) fn all(document: &Html, here: &Url, base: &Url, calls: &Calls<'_>) -> Vec<Link> {
    document
        .root_element()
        .descendent_elements()
        .filter(|element| element.value().name() == "a" || opens(*element, base, calls))
        .filter_map(|element| read(element, here, base, calls))
        .take(MOST)
        .collect()
}

/// Reads one anchor, or an element that acts as one; `None` if it leads nowhere, to this page, or
/// to a pager and the like.
pub(super) fn read(
    anchor: ElementRef<'_>,
    here: &Url,
    base: &Url,
    calls: &Calls<'_>,
) -> Option<Link> {
    let href = anchor
        .attribute("href")
        .and_then(|href| links::article(href, base))
        .filter(|url| !urls::same_page(url, here) || links::is_inner(url));
    let url = href
        .or_else(|| links::opened(anchor, base))
        .or_else(|| links::held(anchor, base))
        .or_else(|| calls.opened(anchor, base))?;
    let title = title::read(anchor);
    let boilerplate = BOILERPLATE
        .iter()
        .any(|word| title.eq_ignore_ascii_case(word));
    let number = title.chars().all(|c| c.is_ascii_digit());
    let same = urls::same_page(&url, here) && !links::is_inner(&url);
    (!boilerplate && !same && (title.is_empty() || !number)).then(|| Link {
        node: anchor.id(),
        url,
        dated: title::dated(&title),
        title,
    })
}

/// The most nodes to check for links below an element that opens an address.
const BELOW: usize = 100;

/// Whether an element acts as a link: a click opens an address, or it holds one for a script, and
/// it contains no links.
fn opens(element: ElementRef<'_>, base: &Url, calls: &Calls<'_>) -> bool {
    let is_opening = element.attribute("onclick").is_some_and(links::is_opening);
    let holds = || {
        let name = element.value().name();
        let is_row = dom::is_block(name) || matches!(name, "tr" | "td" | "span" | "b" | "em");
        is_row && !matches!(name, "body" | "form") && links::held(element, base).is_some()
    };
    let is_called =
        || element.attribute("onclick").is_some() && calls.opened(element, base).is_some();
    (is_opening || holds() || is_called())
        && !element
            .descendent_elements()
            .skip(1)
            .take(BELOW)
            .any(|below| {
                let leads = below.attribute("href").is_some_and(|href| !is_idle(href));
                below.value().name() == "a" && (leads || links::held(below, base).is_some())
                    || below.attribute("onclick").is_some()
            })
}

/// Whether an `href` leads nowhere, because an element around it handles the click.
fn is_idle(href: &str) -> bool {
    let href = href.trim().to_ascii_lowercase();
    href.is_empty()
        || href.starts_with('#')
        || href.starts_with("javascript:") && !links::is_opening(&href)
}
