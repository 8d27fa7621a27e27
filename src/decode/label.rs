//! The charset that a page, or the server that sent it, declares.
//!
//! Owns the reading of labels: in the `Content-Type` header, in `<meta>` and in the XML
//! declaration. Never looks at the other bytes, and never decodes.

use std::sync::LazyLock;

use encoding_rs::{Encoding, GB18030, GBK, REPLACEMENT, UTF_8};
use regex::bytes::Regex;

/// The bytes of a page to search for a `<meta>`. Browsers search 1,024, but portals put scripts and
/// styles before it.
const PRESCAN: usize = 4096;

/// Names of GB18030 in use that the Encoding Standard does not list.
const MORE_LABELS: [&str; 6] = [
    "cp936",
    "ms936",
    "windows-936",
    "gb-2312",
    "gb-18030",
    "gb18030-2005",
];

/// The encoding that `label` names in the WHATWG Encoding Standard, with two differences. gb2312
/// and gbk are GB18030, which contains both and shares their decoder. Labels that the standard
/// retired (`hz-gb-2312`) name nothing, because their text would be lost.
pub fn charset(label: &str) -> Option<&'static Encoding> {
    let label = label.trim();
    let encoding = match Encoding::for_label(label.as_bytes()) {
        Some(encoding) => encoding,
        None if MORE_LABELS.iter().any(|l| l.eq_ignore_ascii_case(label)) => GB18030,
        None => return None,
    };
    match encoding {
        e if e == GBK => Some(GB18030),
        e if e == REPLACEMENT => None,
        e => Some(e),
    }
}

/// The charset in which a browser encodes the queries of a page's links. It never writes UTF-16. A
/// page with the label gb2312 or gbk lacks the characters that GB18030 alone has.
pub(super) fn of_queries(
    charset: &'static Encoding,
    bytes: &[u8],
    content_type: Option<&str>,
) -> &'static Encoding {
    let labelled = |label: &str| Encoding::for_label(label.as_bytes());
    let is_whole = || {
        let header = content_type.and_then(|header| in_header(header, labelled));
        header.or_else(|| in_page(bytes, labelled)) == Some(GB18030)
    };
    if charset == GB18030 && !is_whole() {
        return GBK;
    }
    charset.output_encoding()
}

/// The charset parameter of a `Content-Type` header.
pub(super) fn of_header(content_type: &str) -> Option<&'static Encoding> {
    in_header(content_type, charset)
}

type ReadLabel = fn(&str) -> Option<&'static Encoding>;

/// The charset parameter of a header, quoted or not (RFC 9110, section 8.3).
fn in_header(content_type: &str, read: ReadLabel) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        let found = name.trim().eq_ignore_ascii_case("charset");
        found.then(|| read(value)).flatten()
    })
}

/// A comment, an XML declaration, or a `<meta>` with a charset. Comments are matched so that their
/// content is skipped.
#[allow(
    clippy::expect_used,
    reason = "a constant pattern, compiled in every test run"
)]
static LABELS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xsi-u) <!--.*?-->
        | <\?xml \s [^>]*? encoding \s*=\s* ["']? ([a-z0-9_:.-]+)
        | <meta [\s/] [^>]*? charset \s*=\s* ["']? \s* ([a-z0-9_:.-]+)"#,
    )
    .expect("valid pattern")
});

/// The first known charset that the head of the page names.
pub(super) fn of_page(bytes: &[u8]) -> Option<&'static Encoding> {
    in_page(bytes, charset)
}

fn in_page(bytes: &[u8], read: ReadLabel) -> Option<&'static Encoding> {
    let head = bytes.get(..PRESCAN).unwrap_or(bytes);
    LABELS.captures_iter(head).find_map(|found| {
        let label = found.get(1).or_else(|| found.get(2))?;
        let encoding = read(std::str::from_utf8(label.as_bytes()).ok()?)?;
        // In a UTF-16 page the label could not be read as ASCII. The HTML standard treats such a
        // label as UTF-8.
        let utf_16 = encoding.name().starts_with("UTF-16");
        Some(if utf_16 { UTF_8 } else { encoding })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gb_labels_are_gb18030_and_retired_ones_are_none() {
        for label in ["gb2312", "GBK", "x-gbk", " gb18030 ", "GB_2312-80", "cp936"] {
            assert_eq!(charset(label), Some(GB18030), "{label}");
        }
        assert_eq!(charset("utf8"), Some(UTF_8));
        assert_eq!(charset("hz-gb-2312"), None);
        assert_eq!(charset("klingon"), None);
    }

    #[test]
    fn queries_are_written_in_what_the_label_names() {
        for (page, charset, of_queries) in [
            ("<meta charset=gb2312>", GB18030, GBK),
            ("<meta charset=gbk>", GB18030, GBK),
            ("<meta charset=gb18030>", GB18030, GB18030),
            ("", GB18030, GBK),
            ("<meta charset=gbk>", UTF_8, UTF_8),
            ("", encoding_rs::UTF_16LE, UTF_8),
        ] {
            let found = super::of_queries(charset, page.as_bytes(), None);
            assert_eq!(found, of_queries, "{page}");
        }
        let header = Some("text/html; charset=GB18030");
        let found = super::of_queries(GB18030, b"<meta charset=gbk>", header);
        assert_eq!(found, GB18030);
    }

    #[test]
    fn a_header_may_quote_its_charset() {
        for header in [
            "text/html; charset=gb2312",
            "text/html;Charset=\"GBK\"",
            "text/html; boundary=x; charset = 'gb18030'",
        ] {
            assert_eq!(of_header(header), Some(GB18030), "{header}");
        }
        assert_eq!(of_header("text/html"), None);
        assert_eq!(of_header("charset=gbk"), None);
    }

    #[test]
    fn a_page_names_its_charset_in_many_ways() {
        for head in [
            "<meta charset=gb2312>",
            "<META http-equiv=Content-Type content='text/html; charset=GBK'>",
            "<meta\n content=\"text/html;charset=gb2312\" http-equiv=\"Content-Type\" />",
            "<?xml version=\"1.0\" encoding=\"gb2312\"?>",
            "<!-- <meta charset=utf-8> --><meta charset=\"gb2312\">",
            "<meta charset=klingon><meta charset=gbk>",
        ] {
            assert_eq!(of_page(head.as_bytes()), Some(GB18030), "{head}");
        }
        assert_eq!(of_page(b"<meta charset=utf-16>"), Some(UTF_8));
        assert_eq!(of_page(b"<script charset=gbk></script>"), None);
        let late = format!("{}<meta charset=gbk>", " ".repeat(PRESCAN));
        assert_eq!(of_page(late.as_bytes()), None);
    }
}
