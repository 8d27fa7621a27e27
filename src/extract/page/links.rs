//! Addresses on a page, made absolute.
//!
//! Owns the page's base, the accepted schemes, and the hosts to which a text may lead its readers.
//! Never fetches.

use std::sync::LazyLock;

use regex::Regex;
use scraper::{ElementRef, Html};
use url::Url;

use super::dom::{self, Attributes};
use super::pattern::pattern;
use crate::identify::is_address;
use crate::model::special_host;

/// The base of the page's relative addresses: its `<base href>`, else its own URL.
pub(in crate::extract) fn base(html: &Html, page: &Url) -> Url {
    html.tree
        .nodes()
        .filter(|node| dom::name(*node) == "base")
        .find_map(|node| absolute(dom::attr(node, "href")?, page))
        .unwrap_or_else(|| page.clone())
}

/// An address in a text as an absolute URL; `None` if it is unreadable, not `http(s)`, or leads into
/// the network of whoever reads it. A portal of one's own may lead to itself.
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
    let url = of_web(url)?;
    let is_reachable = special_host(&url).is_none() || url.host() == base.host();
    is_reachable.then_some(url)
}

/// The target of an `href`: an absolute `http(s)` URL without its fragment.
pub(in crate::extract) fn target(href: &str, base: &Url) -> Option<Url> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') {
        return None;
    }
    let mut url = base.join(href).ok()?;
    url.set_fragment(None);
    of_web(url)
}

/// A URL of the web, without the name and the password of a user: they only pretend another host.
fn of_web(mut url: Url) -> Option<Url> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    // Cannot fail: the URL has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(url)
}

/// The target of a link to an article. A fragment that is an address itself (`#/detail?id=7`) is
/// kept: on portals of a single page it alone says which article it is.
pub(in crate::extract) fn article(href: &str, base: &Url) -> Option<Url> {
    let (page, fragment) = href.split_once('#').unwrap_or((href, ""));
    if !is_address(fragment) {
        return target(href, base);
    }
    let mut url = match page.trim() {
        "" => base.clone(),
        page => target(page, base)?,
    };
    url.set_fragment(Some(fragment.trim_end()));
    Some(url)
}

/// Whether a URL's fragment is an address itself.
pub(in crate::extract) fn is_inner(url: &Url) -> bool {
    url.fragment().is_some_and(is_address)
}

/// The address that a click opens, as a literal of its script.
static OPENED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?x) ^ \s* (?: (?:javascript:|return\b) \s* )?
        (?: (?:window|self|top|parent|document) \s* \. \s* )?
        (?: open \s* \( | location (?: \s*\.\s* href )? \s* =
          | location \s*\.\s* (?:assign|replace) \s* \( )
        \s* ["'] ([^"'<>]+) ["'] \s* (?: [,);] | $ )"#,
    )
});

/// Whether a text is not too long for an address. A limit in a pattern would be dear: it is compiled
/// as so many copies.
fn is_short(text: &str) -> bool {
    const MAX: usize = 2000;
    text.chars().nth(MAX).is_none()
}

/// Whether a script only opens an address.
pub(in crate::extract) fn is_opening(script: &str) -> bool {
    literal(script).is_some()
}

/// The address that a script only opens, as written.
pub(in crate::extract) fn literal(script: &str) -> Option<String> {
    let found = OPENED.captures(script)?;
    is_short(&found[1]).then(|| found[1].to_owned())
}

/// The address that the element's `onclick`, or a script in its `href`, opens; `None` if the script
/// computes it.
pub(in crate::extract) fn opened(element: ElementRef<'_>, base: &Url) -> Option<Url> {
    let scripts = [element.attribute("onclick"), element.attribute("href")];
    let mut addresses = scripts.into_iter().flatten().filter_map(literal);
    target(&addresses.next()?, base)
}

/// An address that stands whole among the arguments of a call: `toDetail('7', '/gzdt/7.html')`, or
/// a page in a folder below.
static ARGUMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?x) [(,]\s*["'] ( (?: (?i:https?):// | \.{0,2}/ ) [^"'<>\s]+
        | [0-9A-Za-z_%/.-]+ \. (?i: s?html? | jspx? | aspx? | php ) (?: \?[^"'<>\s]* )? ) ["']\s*(?:[,)]|$)"#,
    )
});

/// Attributes in which a page's own script finds the address of a link.
const HELD: [&str; 3] = ["data-href", "data-url", "data-link"];

/// Ends of addresses that a click shows in the page itself.
const SHOWN: [&str; 8] = [
    ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".svg", ".js", ".css",
];

/// The address that an element holds for a script: whole in `data-href` and the like, or whole
/// among the arguments of the call in its `onclick` or `href`.
pub(in crate::extract) fn held(element: ElementRef<'_>, base: &Url) -> Option<Url> {
    let is_address = |text: &&str| {
        let text = text.trim();
        text.contains(['/', '.'])
            && !text.contains(|c: char| c.is_whitespace() || "{}<>".contains(c))
    };
    let attributes = HELD.iter().filter_map(|name| element.attribute(name));
    let in_attribute = attributes
        .filter(is_address)
        .find_map(|text| target(text, base));
    in_attribute.or_else(|| {
        let onclick = element.attribute("onclick");
        let href = element.attribute("href").filter(|href| is_script(href));
        let mut scripts = [onclick, href].into_iter().flatten();
        scripts.find_map(|script| in_call(script, base))
    })
}

/// Whether an `href` is a script.
pub(in crate::extract) fn is_script(href: &str) -> bool {
    let start = href.trim_start().get(..11);
    start.is_some_and(|start| start.eq_ignore_ascii_case("javascript:"))
}

fn in_call(script: &str, base: &Url) -> Option<Url> {
    // In an `href`, a quotation mark may be encoded.
    let script = script.replace("%27", "'").replace("%22", "\"");
    let mut addresses = ARGUMENT
        .captures_iter(&script)
        .map(|found| found[1].to_owned())
        .filter(|address| is_short(address));
    addresses.find_map(|address| {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let path = path.to_ascii_lowercase();
        let is_shown = SHOWN.iter().any(|end| path.ends_with(end));
        target(&address, base).filter(|_| !is_shown)
    })
}

/// The target of an anchor or of a pager's option: its address, its value, or the address that a
/// click opens or that the element holds for a script.
pub(in crate::extract) fn of_element(element: ElementRef<'_>, base: &Url) -> Option<Url> {
    let address = match element.value().name() {
        // A bare number is the argument of a script.
        "option" => element
            .attribute("value")
            .filter(|value| value.contains(|c: char| !c.is_ascii_digit())),
        _ => element.attribute("href"),
    };
    address
        .and_then(|address| target(address, base))
        .or_else(|| opened(element, base))
        .or_else(|| held(element, base))
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
            ("HTTP://WWW.GOV.CN/d", Some("http://www.gov.cn/d")),
            ("http://www.gov.cn:80@x.cn/d", Some("http://x.cn/d")),
            ("http://", None),
            // Into the reader's own network.
            ("http://127.0.0.1:8080/d.pdf", None),
            ("//192.168.0.1/admin", None),
            ("http://0x0a.1/", None),
            ("http://[::1]/", None),
            ("http://[fd00::1]/", None),
            ("http://localhost/x", None),
            ("#top", None),
            ("", None),
        ] {
            let found = absolute(text, &page).map(|url| url.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_portal_of_ones_own_leads_to_itself() {
        let page = Url::parse("http://10.0.0.7:8080/a/").unwrap();
        let found = absolute("d.pdf", &page).unwrap();
        assert_eq!(found.as_str(), "http://10.0.0.7:8080/a/d.pdf");
        assert_eq!(absolute("http://10.0.0.8/d.pdf", &page), None);
    }

    #[test]
    fn an_item_of_a_list_names_no_user() {
        let page = Url::parse("http://www.gov.cn/a/").unwrap();
        let found = target("HTTP://me:secret@www.gov.cn/b.html", &page).unwrap();
        assert_eq!(found.as_str(), "http://www.gov.cn/b.html");
    }

    #[test]
    fn a_fragment_that_is_an_address_is_kept() {
        let page = Url::parse("https://www.gov.cn/a/").unwrap();
        for (href, expected) in [
            ("#/detail?id=7", Some("https://www.gov.cn/a/#/detail?id=7")),
            (
                "/app.html#!/news/7 ",
                Some("https://www.gov.cn/app.html#!/news/7"),
            ),
            ("b.html#top", Some("https://www.gov.cn/a/b.html")),
            ("#", None),
            ("#!", None),
            ("#/", None),
        ] {
            let found = article(href, &page).map(|url| url.to_string());
            assert_eq!(found.as_deref(), expected, "{href}");
        }
    }

    #[test]
    fn an_address_that_stands_whole_is_read() {
        let page = Url::parse("http://x.gov.cn/gzdt/").unwrap();
        for (markup, wanted) in [
            ("<a href='#' data-href='/gzdt/7.html'>", Some("gzdt/7.html")),
            ("<a data-url='./7.html'>", Some("gzdt/7.html")),
            (
                "<a href=\"javascript:view('/a/7.html')\">",
                Some("a/7.html"),
            ),
            (
                "<a href=\"javascript:view(%27../7.html%27)\">",
                Some("7.html"),
            ),
            (
                "<a onclick=\"to('7', '/a/7.html', 'x')\">",
                Some("a/7.html"),
            ),
            (
                "<a onclick=\"return go(&quot;http://x.gov.cn/7.html&quot;);\">",
                Some("7.html"),
            ),
            ("<a onclick=\"go('/a/' + 7 + '.html')\">", None),
            (
                "<tr><a onclick=\"go('a/7.html','_blank')\">",
                Some("gzdt/a/7.html"),
            ),
            ("<a onclick=\"go('7.doc')\">", None),
            ("<a onclick=\"go('7')\">", None),
            ("<a onclick=\"zoom('/a/7.jpg')\">", None),
            ("<a data-url='{{url}}'>", None),
            ("<a data-url='7'>", None),
        ] {
            let html = Html::parse_fragment(markup);
            let mut elements = html.root_element().descendent_elements();
            let anchor = elements
                .find(|element| element.value().name() == "a")
                .unwrap();
            let found = held(anchor, &page).map(|url| url.to_string());
            let wanted = wanted.map(|path| format!("http://x.gov.cn/{path}"));
            assert_eq!(found, wanted, "{markup}");
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
