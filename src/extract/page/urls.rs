//! What a URL shows by itself: whether it leads to an article, a list, a file or a first page.
//!
//! Owns the signs in paths and queries. Never resolves an address, and never fetches.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::pattern::pattern;
use crate::identify::is_address;

/// Whether two URLs are one page, like `/x/`, `/x/index.html` and `/x/#top`.
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
    // A URL has only ASCII.
    pattern(
        r"(?xi-u) /art[_/] | post_[0-9] | content_[0-9] | /content/ | /info/[0-9]+/[0-9]+ | t[0-9]{8}_[0-9]
        | [0-9]{5,} | [0-9a-f]{16,} | /20[0-9][0-9][-/]?[0-9][0-9]
        | [?&](?:id|\w*id|guid|article)=\w",
    )
});

/// Beginnings of the file names of list pages.
const LISTING: [&str; 7] = [
    "index", "list", "default", "node_", "channel", "main", "more",
];

/// Whether a URL carries the number that content systems give to an article.
pub(in crate::extract) fn is_numbered(url: &Url) -> bool {
    let path = &url[url::Position::BeforePath..];
    is_page(url) && NUMBERED.is_match(path)
}

/// Whether a URL can be an article's: it has a number, or names a file that is not a list page.
pub(in crate::extract) fn is_page(url: &Url) -> bool {
    if let Some(inner) = url.fragment().filter(|inner| is_address(inner)) {
        return inner.contains("id=") || inner.contains(|c: char| c.is_ascii_digit());
    }
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

/// Whether a URL is a file to download. A row may link to one beside its article.
pub(in crate::extract) fn is_download(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    [
        ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".zip", ".rar", ".ofd", ".wps",
    ]
    .iter()
    .any(|end| path.ends_with(end))
}

/// Whether a URL's path is that of a site's first page.
pub(in crate::extract) fn is_first(url: &Url) -> bool {
    if url.fragment().is_some_and(is_address) {
        return false;
    }
    let path = url.path().to_ascii_lowercase();
    path == "/" || path.starts_with("/index.") || path.starts_with("/default.")
}

/// Whether a URL is a site's first page.
pub(in crate::extract) fn is_root(url: &Url) -> bool {
    is_first(url) && url.query().is_none()
}

/// Whether `url` is in the folder of `here` or below it, as further list pages are.
pub(in crate::extract) fn is_beside(url: &Url, here: &Url) -> bool {
    url.host() == here.host() && folder(url).starts_with(folder(here))
}

fn folder(url: &Url) -> &str {
    let path = url.path();
    path.rfind('/').map_or(path, |end| &path[..=end])
}
