//! Links that may lead to articles.
//!
//! Owns the reading of one anchor: its URL, its title, and whether the URL looks like an
//! article's. Never decides whether it is an item.

use std::sync::LazyLock;

use ego_tree::NodeId;
use regex::Regex;
use scraper::{ElementRef, Html};
use url::Url;

use super::title::{self, Dated};
use crate::extract::page::pattern::pattern;

/// A link that may lead to an article.
pub(in crate::extract) struct Link {
    pub(in crate::extract) node: NodeId,
    pub(in crate::extract) url: Url,
    pub(in crate::extract) title: String,
    /// The date that the title begins or ends with.
    pub(in crate::extract) dated: Option<Dated>,
}

/// A page with more links is no column page; the surplus is not read.
const MOST: usize = 5_000;

/// Words of links that lead elsewhere.
const FURNITURE: [&str; 30] = [
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
pub(in crate::extract) fn all(document: &Html, here: &Url, base: &Url) -> Vec<Link> {
    document
        .root_element()
        .descendent_elements()
        .filter(|element| element.value().name() == "a" || opens(*element))
        .filter_map(|element| read(element, here, base))
        .take(MOST)
        .collect()
}

/// Reads one anchor, or what stands for one; `None` when it leads nowhere, to this page, or to the
/// pager and the like.
pub(in crate::extract) fn read(anchor: ElementRef<'_>, here: &Url, base: &Url) -> Option<Link> {
    let href = anchor.attr("href").and_then(|href| target(href, base));
    let url = href.or_else(|| opened(anchor, base))?;
    let title = title::of(anchor);
    let furniture = FURNITURE
        .iter()
        .any(|word| title.eq_ignore_ascii_case(word));
    let number = title.chars().all(|c| c.is_ascii_digit());
    let same = same_page(&url, here);
    (!furniture && !same && (title.is_empty() || !number)).then(|| Link {
        node: anchor.id(),
        url,
        dated: title::dated(&title),
        title,
    })
}

/// The address that a click opens, as a literal of its script.
static OPENED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?x) ^ \s* (?: (?:javascript:|return\b) \s* )?
        (?: (?:window|self|top|parent|document) \s* \. \s* )?
        (?: open \s* \( | location (?: \s*\.\s* href )? \s* =
          | location \s*\.\s* (?:assign|replace) \s* \( )
        \s* ["'] ([^"'<>]{1,2000}) ["'] \s* (?: [,);] | $ )"#,
    )
});

/// Where the element's `onclick` leads, or an `href` that is such a script; `None` where the
/// address is computed.
pub(in crate::extract) fn opened(element: ElementRef<'_>, base: &Url) -> Option<Url> {
    let scripts = [element.attr("onclick"), element.attr("href")];
    let mut addresses = scripts
        .into_iter()
        .flatten()
        .filter_map(|script| OPENED.captures(script));
    target(&addresses.next()?[1], base)
}

/// How many nodes below an element that opens an address are looked at for links of its own.
const BELOW: usize = 100;

/// Whether an element stands for a link: a click opens an address, and it is no box around links.
fn opens(element: ElementRef<'_>) -> bool {
    element
        .attr("onclick")
        .is_some_and(|script| OPENED.is_match(script))
        && !element
            .descendent_elements()
            .skip(1)
            .take(BELOW)
            .any(|below| {
                let leads = below.attr("href").is_some_and(|href| !is_idle(href));
                below.value().name() == "a" && leads || below.attr("onclick").is_some()
            })
}

/// Whether an `href` leads nowhere, and a click is heard by what is around it.
fn is_idle(href: &str) -> bool {
    let href = href.trim().to_ascii_lowercase();
    href.is_empty()
        || href.starts_with('#')
        || href.starts_with("javascript:") && !OPENED.is_match(&href)
}

/// Where an `href` leads: an absolute `http(s)` URL without its fragment.
pub(in crate::extract) fn target(href: &str, base: &Url) -> Option<Url> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let mut url = base.join(href).ok()?;
    url.set_fragment(None);
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Whether two URLs are one page: `/x/`, `/x/index.html` and `/x/#top` are.
pub(in crate::extract) fn same_page(a: &Url, b: &Url) -> bool {
    let folder = |url: &Url| {
        let path = url.path();
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        match file.split_once('.') {
            Some(("index", _)) => format!("{folder}/"),
            _ => path.to_owned(),
        }
    };
    a.host() == b.host()
        && a.port_or_known_default() == b.port_or_known_default()
        && a.query() == b.query()
        && folder(a) == folder(b)
}

/// Parts of a URL's path and query in which content systems number their articles.
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?xi) /art[_/] | post_\d | content_\d | /content/ | /info/\d+/\d+ | t\d{8}_\d
        | \d{5,} | [0-9a-f]{16,} | /20\d\d[-/]?\d\d
        | [?&](?:id|\w*id|guid|article)=\w",
    )
});

/// File names of pages that list, by their beginnings.
const LISTING: [&str; 7] = [
    "index", "list", "default", "node_", "channel", "main", "more",
];

/// Whether a URL carries the number that content systems give to an article.
pub(in crate::extract) fn is_numbered(url: &Url) -> bool {
    let path = &url[url::Position::BeforePath..];
    is_page(url) && NUMBERED.is_match(path)
}

/// Whether a URL can be an article's: a file, and not one that lists, or a number.
pub(in crate::extract) fn is_page(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default();
    let named = |name: &str| name.len() >= 5 && name.chars().all(|c| c.is_ascii_digit());
    if file.is_empty() || LISTING.iter().any(|name| file.starts_with(name)) {
        return named(folder)
            || (!file.is_empty() && url.query().is_some_and(|q| q.contains("id=")));
    }
    let foreign = url.host_str().is_some_and(|host| {
        ["beian.gov.cn", "beian.miit.gov.cn", "conac.cn"]
            .iter()
            .any(|end| host.ends_with(end))
    });
    !foreign && (file.contains('.') || url.query().is_some() || NUMBERED.is_match(&path))
}

/// Whether a URL is a file to download; a row may link to it beside its article.
pub(in crate::extract) fn is_download(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    [
        ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".zip", ".rar", ".ofd", ".wps",
    ]
    .iter()
    .any(|end| path.ends_with(end))
}
