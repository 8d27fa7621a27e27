//! The queries of a page's addresses, encoded in the page's charset, as browsers send them (URL
//! Standard, "percent-encode after encoding"). Paths are UTF-8 on every page.
//!
//! Owns the places in which a page names an address. Never resolves one, and never changes a text
//! that readers see.

use std::sync::LazyLock;

use encoding_rs::{Encoding, UTF_8};
use regex::{Captures, Regex};
use scraper::{Html, Node};

use super::pattern::pattern;

/// An address with a query in a script, or in an attribute that is no address as a whole.
static LITERAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"((?:^|["'(=])\s*[A-Za-z0-9_./:%~@$,*+-]*\?)([A-Za-z0-9_.\[\]-]+=[^"'<>\s]*)"#)
});

/// A scheme at the beginning of an address.
static SCHEME: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*([A-Za-z][A-Za-z0-9+.-]*):"));

/// Attributes whose text is for readers.
const READ: [&str; 6] = [
    "title",
    "alt",
    "label",
    "placeholder",
    "summary",
    "aria-label",
];

/// Encodes the queries of all addresses on a page.
pub(super) fn encode(html: &mut Html, charset: &'static Encoding) {
    if charset == UTF_8 {
        return;
    }
    let mut is_in_script = false;
    for node in html.tree.values_mut() {
        match node {
            Node::Element(element) => {
                is_in_script = element.name() == "script";
                for (name, value) in element.attrs.iter_mut() {
                    let name: &str = &name.local;
                    if value.is_ascii() || READ.contains(&name) {
                        continue;
                    }
                    let encoded = match is_address(name) && !is_script(value) {
                        true => in_addresses(value, charset),
                        false => in_literals(value, charset),
                    };
                    *value = encoded.into();
                }
            }
            Node::Text(text) if is_in_script && !text.is_ascii() => {
                text.text = in_literals(text, charset).into();
            }
            _ => {}
        }
    }
}

/// Whether an attribute of this name is an address as a whole, or several.
fn is_address(name: &str) -> bool {
    let ends = ["href", "src", "srcset", "url", "original", "poster"];
    ends.iter().any(|end| name.ends_with(end)) || matches!(name, "action" | "data" | "background")
}

/// Whether an address has another scheme than those of the web.
fn is_script(address: &str) -> bool {
    let scheme = SCHEME.captures(address);
    scheme.is_some_and(|scheme| !matches!(&scheme[1].to_ascii_lowercase()[..], "http" | "https"))
}

/// The addresses between white space (`srcset` has several) with their queries encoded.
fn in_addresses(value: &str, charset: &'static Encoding) -> String {
    let mut encoded = String::with_capacity(value.len());
    for part in value.split_inclusive(char::is_whitespace) {
        match part.split_once('?') {
            Some((before, query)) => {
                let (query, fragment) = match query.find('#') {
                    Some(at) => query.split_at(at),
                    None => (query, ""),
                };
                encoded.extend([before, "?", &written(query, charset), fragment]);
            }
            None => encoded.push_str(part),
        }
    }
    encoded
}

fn in_literals(text: &str, charset: &'static Encoding) -> String {
    let encode = |found: &Captures<'_>| format!("{}{}", &found[1], written(&found[2], charset));
    LITERAL.replace_all(text, encode).into_owned()
}

/// A query whose characters beyond ASCII are percent-encoded in this charset. A character that the
/// charset lacks becomes a reference, percent-encoded: `%26%23N%3B`.
fn written(query: &str, charset: &'static Encoding) -> String {
    let mut written = String::with_capacity(query.len());
    for run in query.split_inclusive(|c: char| c.is_ascii()) {
        let last = run.chars().next_back().filter(char::is_ascii);
        let wide = &run[..run.len() - last.map_or(0, char::len_utf8)];
        let (bytes, ..) = charset.encode(wide);
        for &byte in bytes.iter() {
            // The second byte of a character may be ASCII and stays so. A backslash is an exception:
            // in addresses it often stands for a slash.
            match byte {
                b'&' | b'#' | b';' | b'\\' | 0x80.. => written.push_str(&format!("%{byte:02X}")),
                _ => written.push(char::from(byte)),
            }
        }
        written.extend(last);
    }
    written
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, GBK};

    use super::*;
    use crate::extract::page::text::PageText;
    use crate::extract::page::tree;

    fn attributes(html: &str, charset: &'static Encoding) -> String {
        let page = PageText {
            queries: charset,
            ..html.into()
        };
        tree::parse(page).root_element().html()
    }

    #[test]
    fn queries_are_in_the_charset_of_the_page_and_paths_are_not() {
        for (html, expected) in [
            (
                "<a href='/a.asp?lb=动态&id=2'>",
                "/a.asp?lb=%B6%AF%CC%AC&amp;id=2",
            ),
            ("<a href='?lb=&#21160;#动'>", "?lb=%B6%AF#动"),
            ("<a href='http://x.cn/动/?动'>", "http://x.cn/动/?%B6%AF"),
            ("<img src='pic?f=动.jpg'>", "pic?f=%B6%AF.jpg"),
            (
                "<img srcset='a?动 1x, b?动 2x'>",
                "a?%B6%AF 1x, b?%B6%AF 2x",
            ),
            ("<a href='?x=😀动'>", "?x=%26%23128512%3B%B6%AF"),
            ("<a onclick=\"open('/a?lb=动')\">", "/a?lb=%B6%AF"),
            ("<a href=\"javascript:go('a?lb=动')\">", "a?lb=%B6%AF"),
            ("<option value='l.asp?lb=动&amp;p=2'>", "l.asp?lb=%B6%AF"),
            (
                "<script>var u = \"l.asp?lb=动&p=\" + n</script>",
                "l.asp?lb=%B6%AF&p=",
            ),
        ] {
            let found = attributes(html, GBK);
            assert!(found.contains(expected), "{html}: {found}");
            let utf8 = attributes(html, UTF_8);
            assert!(utf8.contains('动'), "{utf8}");
        }
        assert!(attributes("<a href='?b=動'>", BIG5).contains("?b=%B0%CA"));
    }

    #[test]
    fn texts_for_readers_stay() {
        for html in [
            "<a title='a?b=动' href=/>",
            "<p>网址：'a?b=动'</p>",
            "<a title='动了吗?a=动' href='/x'>",
            "<script>var t = '动了吗? 动';</script>",
        ] {
            let found = attributes(html, GBK);
            assert!(!found.contains('%'), "{html}: {found}");
        }
    }
}
