//! Links that may lead to articles.
//!
//! Owns the reading of one anchor: its URL, its title, and whether the URL looks like an
//! article's. Never decides whether it is an item.

use std::sync::LazyLock;

use ego_tree::NodeId;
use regex::Regex;
use scraper::{ElementRef, Html};
use url::Url;

use super::{marks, text};

/// A link that may lead to an article.
pub(super) struct Link {
    pub(super) node: NodeId,
    pub(super) url: Url,
    pub(super) title: String,
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

/// The page's links, in page order. `here` is the page's own URL.
pub(super) fn all(document: &Html, here: &Url, base: &Url) -> Vec<Link> {
    document
        .root_element()
        .descendent_elements()
        .filter(|element| element.value().name() == "a")
        .filter_map(|anchor| read(anchor, here, base))
        .take(MOST)
        .collect()
}

/// Reads one anchor; `None` when it leads nowhere, to this page, or to the pager and the like.
pub(super) fn read(anchor: ElementRef<'_>, here: &Url, base: &Url) -> Option<Link> {
    let url = target(anchor.attr("href")?, base)?;
    let title = title(anchor);
    let furniture = FURNITURE
        .iter()
        .any(|word| title.eq_ignore_ascii_case(word));
    let number = title.chars().all(|c| c.is_ascii_digit());
    let same = same_page(&url, here);
    (!furniture && !same && (title.is_empty() || !number)).then(|| Link {
        node: anchor.id(),
        url,
        title,
    })
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

/// Whether the title is such that another text of the row must be the item's name.
pub(super) fn is_pointer(title: &str) -> bool {
    let title = title.trim_matches(['[', ']', '【', '】', '(', ')', '>', '»', ' ']);
    title.is_empty() || POINTERS.contains(&title)
}

/// An anchor's title: its heading or text without dates, or its `title` where the text is cut.
fn title(anchor: ElementRef<'_>) -> String {
    let heading = anchor.descendent_elements().skip(1).find(|element| {
        matches!(
            element.value().name(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
        ) && !marks::is_date_only(&text::of(**element))
    });
    let undated = |element: ElementRef<'_>| {
        let pieces: Vec<&str> = element
            .descendants()
            .filter_map(text::shown)
            .filter(|piece| !marks::is_date_only(piece))
            .collect();
        clean(&pieces.concat())
    };
    let shown = heading
        .map(undated)
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| undated(anchor));
    let whole = anchor.attr("title").map(first_line).unwrap_or_default();
    pick(shown, whole)
}

/// The `title` attribute wins where the text is missing, was cut, or goes on into a summary.
pub(super) fn pick(shown: String, whole: String) -> String {
    let stem = shown.trim_end_matches(['…', '.', '。', '⋯']);
    let cut = ["...", "…", "⋯", "。。。"]
        .iter()
        .any(|end| shown.ends_with(end));
    let longer = !stem.is_empty() && whole.starts_with(stem) && whole.len() > shown.len();
    let summary = whole.chars().count() >= 4 && shown.starts_with(&whole);
    let usable = !whole.is_empty() && !whole.ends_with("...") && !whole.ends_with('…');
    if usable && (shown.is_empty() || cut || longer || summary) {
        whole
    } else {
        shown
    }
}

/// A `title` attribute may go on with date and hits on further lines.
fn first_line(title: &str) -> String {
    let line = title.lines().map(str::trim).find(|line| !line.is_empty());
    let line = clean(line.unwrap_or_default());
    match line.strip_prefix("标题") {
        Some(rest) => rest.trim_start_matches(['：', ':', ' ']).to_owned(),
        None => line,
    }
}

/// A title without the bullets that stand before it.
pub(super) fn clean(title: &str) -> String {
    let title = text::tidy(title);
    title
        .trim_start_matches([
            '·', '•', '●', '■', '▪', '◆', '▶', '►', '›', '»', '>', '・', ' ',
        ])
        .to_owned()
}

/// Parts of a URL's path and query in which content systems number their articles.
#[allow(
    clippy::expect_used,
    reason = "a constant pattern, compiled in every test run"
)]
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi) /art[_/] | post_\d | content_\d | /content/ | /info/\d+/\d+ | t\d{8}_\d
        | \d{5,} | [0-9a-f]{16,} | /20\d\d[-/]?\d\d
        | [?&](?:id|\w*id|guid|article)=\w",
    )
    .expect("valid pattern")
});

/// File names of pages that list, by their beginnings.
const LISTING: [&str; 7] = [
    "index", "list", "default", "node_", "channel", "main", "more",
];

/// Whether a URL carries the number that content systems give to an article.
pub(super) fn is_numbered(url: &Url) -> bool {
    let path = &url[url::Position::BeforePath..];
    is_page(url) && NUMBERED.is_match(path)
}

/// Whether a URL can be an article's: a file, and not one that lists, or a number.
pub(super) fn is_page(url: &Url) -> bool {
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
pub(super) fn is_download(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    [
        ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".zip", ".rar", ".ofd", ".wps",
    ]
    .iter()
    .any(|end| path.ends_with(end))
}
