//! The rules for any bytes: they are read without a panic, always with the same result, and nothing
//! published from them can run.
//!
//! Owns the properties. Never says what a page means: that is for pages that a person has read. The
//! fuzz target and the tests both run this.

use dibao::config::{ArticleRules, ListRules};
use dibao::decode::{Decoded, charset, decode};
use dibao::extract::{
    Above, ColumnPage, Extracted, article, article_or_stub, column_page, column_page_or_stub, stub,
};
use dibao::model::Body;
use html5gum::{StartTag, Token, Tokenizer};
use url::Url;

/// The charset of a server's header, or of a feed file (`!`); the first byte chooses.
const CHARSETS: [&str; 8] = [
    "",
    "text/html; charset=utf-8",
    "text/html; charset=gb2312",
    "text/html; charset=\"iso-8859-1\"",
    "text/html; charset=big5",
    "text/html; charset=utf-16",
    "!gb18030",
    "!utf-8",
];

/// Where the page stood; the second byte chooses.
const BASES: [&str; 6] = [
    "http://www.x.gov.cn/xxgk/gzdt/202512/t20251229_1.html",
    "https://www.x.gov.cn/gzdt/",
    "http://www.x.gov.cn/gzdt/index_3.html",
    "http://www.x.gov.cn/gzdt/7.htm",
    "http://www.x.gov.cn/module/web/jpage/dataproxy.jsp?columnid=1&unitid=2&startrecord=1&endrecord=45",
    "http://www.x.gov.cn/col/col1/index.html?uid=2&pageNum=3",
];

/// Reads a page: two bytes that choose, and its own.
pub(crate) fn check(bytes: &[u8]) {
    let [hint, place, page @ ..] = bytes else {
        return;
    };
    let base = BASES[usize::from(*place) % BASES.len()];
    let base = Url::parse(base).expect("a base is an URL");
    let text = decoded(page, CHARSETS[usize::from(*hint) % CHARSETS.len()]).text;
    check_article(&text, &base);
    check_list(&text, &base);
}

fn decoded(page: &[u8], hint: &str) -> Decoded {
    let (header, own) = match hint.strip_prefix('!') {
        Some(own) => (None, charset(own)),
        None => (Some(hint).filter(|hint| !hint.is_empty()), None),
    };
    let decoded = decode(page, header, own);
    assert_eq!(decoded, decode(page, header, own), "decoded otherwise");
    let marks = decoded.text.matches('\u{fffd}').count();
    assert!(decoded.replaced <= marks, "more was replaced than shows");
    decoded
}

fn check_article(text: &str, base: &Url) {
    let rules = ArticleRules::default();
    let found = article(text, base, &rules);
    match article_or_stub(text, base, &rules, None) {
        Ok(again) => {
            assert_eq!(found, again, "read otherwise");
            assert_eq!(stub(text, base), None, "a stub that was read");
        }
        Err(is) => assert_eq!(article_or_stub(text, base, &rules, None), Err(is)),
    }
    check_values(&found);
    check_body(&found.body);
}

/// A missing value is missing, and never an empty text.
fn check_values(found: &Extracted) {
    let meta = &found.metadata;
    let values = [
        &found.title,
        &meta.index_number_raw,
        &meta.document_number,
        &meta.issuer,
        &meta.topic_category,
        &meta.source,
    ];
    for value in values.into_iter().flatten().chain(&meta.subject_terms) {
        assert!(!value.trim().is_empty(), "an empty value");
    }
    if let Some(at) = meta.published_at {
        assert_eq!(
            meta.published_on,
            Some(at.date()),
            "two days of publication"
        );
    }
}

fn check_body(body: &Body) {
    let html = &body.body_html;
    for Ok(token) in Tokenizer::new(html.as_str()) {
        match token {
            Token::StartTag(tag) => check_tag(&tag),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {
                panic!("{token:?} in {html}")
            }
            Token::EndTag(_) | Token::String(_) => {}
        }
    }
    assert!(!html.to_ascii_lowercase().contains("<script"), "{html}");
    // Somebody else's list of what is safe, which allows more than ours, finds nothing to change.
    let mut others = ammonia::Builder::default();
    others.add_tags(["tfoot"]).link_rel(None);
    let again = others.clean(html).to_string();
    assert_eq!(again.trim(), html, "sanitised again");
    let images = body.images.iter().map(|image| &image.url);
    let files = body.attachments.iter().map(|file| &file.url);
    for url in images.chain(files) {
        check_web(url);
    }
    for file in &body.attachments {
        assert!(!file.name.trim().is_empty(), "a file without a name");
    }
}

/// The elements that `body_html` may have.
pub(crate) const ELEMENTS: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "br",
    "caption",
    "col",
    "colgroup",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

fn check_tag(tag: &StartTag<()>) {
    let name = String::from_utf8_lossy(&tag.name);
    assert!(ELEMENTS.contains(&&*name), "<{name}>");
    for (attribute, value) in &tag.attributes {
        let attribute = String::from_utf8_lossy(attribute);
        let value = String::from_utf8_lossy(value);
        match &*attribute {
            "href" | "src" => {
                let url = Url::parse(&value).unwrap_or_else(|e| panic!("{value:?}: {e}"));
                if !(attribute == "href" && url.scheme() == "mailto") {
                    check_web(&url);
                }
            }
            "alt" | "colspan" | "rowspan" | "start" => {}
            _ => panic!("<{name} {attribute}={value:?}>"),
        }
    }
}

fn check_web(url: &Url) {
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    assert!(is_web, "{url} is published");
}

fn check_list(text: &str, base: &Url) {
    let rules = ListRules::default();
    let found: ColumnPage = column_page(text, base, &rules, Above::Unknown);
    match column_page_or_stub(text, base, &rules, Above::Unknown) {
        Ok(again) => assert_eq!(found, again, "listed otherwise"),
        Err(is) => assert_eq!(stub(text, base), Some(is)),
    }
    let mut seen = std::collections::HashSet::new();
    for item in &found.items {
        check_web(&item.url);
        assert!(seen.insert(&item.url), "{} is listed twice", item.url);
        assert!(!item.title.trim().is_empty(), "{} has no title", item.url);
    }
    if let Some(next) = &found.next {
        check_web(next);
        assert_ne!(next, base, "a page that follows itself");
    }
}
