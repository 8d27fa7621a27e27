//! Addresses on a page, made absolute.
//!
//! Owns the page's base and which schemes are let through. Never fetches.

use scraper::Html;
use url::Url;

use super::dom;

/// What relative addresses of the page are relative to: its `<base href>`, else where it stood.
pub(in crate::extract) fn base(html: &Html, page: &Url) -> Url {
    html.tree
        .nodes()
        .filter(|node| dom::name(*node) == "base")
        .find_map(|node| absolute(dom::attr(node, "href")?, page))
        .unwrap_or_else(|| page.clone())
}

/// An address of the page as a whole; `None` for anything but `http`, `https` and what cannot be
/// read.
pub(in crate::extract) fn absolute(text: &str, base: &Url) -> Option<Url> {
    let text: String = text
        .trim()
        .chars()
        .filter(|c| !matches!(c, '\n' | '\r' | '\t'))
        .collect();
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let url = base.join(&text.replace('\\', "/")).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Whether a URL's path is that of a site's first page.
pub(in crate::extract) fn is_first(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    path == "/" || path.starts_with("/index.") || path.starts_with("/default.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_absolute_or_none() {
        let page = Url::parse("https://www.gov.cn/a/b/c.html").unwrap();
        for (text, expected) in [
            ("./d.pdf", Some("https://www.gov.cn/a/b/d.pdf")),
            (" ../d\n.pdf ", Some("https://www.gov.cn/a/d.pdf")),
            ("//x.cn/d", Some("https://x.cn/d")),
            ("?n=1", Some("https://www.gov.cn/a/b/c.html?n=1")),
            ("javascript:void(0)", None),
            ("JaVaScript:x", None),
            ("data:text/html,x", None),
            ("file:///C:/x.doc", None),
            ("http://", None),
            ("#top", None),
            ("", None),
        ] {
            let found = absolute(text, &page).map(|url| url.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_base_element_wins() {
        let page = Url::parse("https://www.gov.cn/a/").unwrap();
        let html = Html::parse_document("<base href='/x/y/'>");
        assert_eq!(base(&html, &page).as_str(), "https://www.gov.cn/x/y/");
        let html = Html::parse_document("<base href='javascript:1'>");
        assert_eq!(base(&html, &page), page);
    }
}
