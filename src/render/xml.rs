//! Cleaning of published texts: forbidden characters, markup in plain text, and invalid URIs.
//!
//! Owns the rules of XML and of URIs for texts. Never sanitises HTML.

use std::borrow::Cow;
use std::collections::HashSet;

use url::Url;

/// The first line of a document. It names the encoding: some readers take a document that names none
/// for ISO 8859-1.
pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

/// A document with this style for browsers behind its declaration.
pub(super) fn styled(mut document: Vec<u8>, style: Option<&Url>) -> Vec<u8> {
    let end = document.windows(2).position(|two| two == b"?>");
    if let (Some(style), Some(end)) = (style, end) {
        let style = escape(&uri(style));
        let line = format!("\n<?xml-stylesheet type=\"text/css\" href=\"{style}\"?>");
        document.splice(end + 2..end + 2, line.into_bytes());
    }
    document
}

/// Replaces an unreadable character, as in Chinese print.
const ILLEGIBLE: &str = "□";

/// The text without the characters that XML 1.0 forbids even as references (production 2, `Char`),
/// and with the line ends that its parsers make (section 2.11).
///
/// It also loses C1 controls and noncharacters: a broken charset leaves them behind, and validators
/// warn about them. U+FFFD, a decoder's mark for unreadable bytes, stays visible.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| matches!(c, '\r' | '\u{fffd}') || is_unwanted(c)) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.replace('\u{fffd}', ILLEGIBLE);
    Cow::Owned(text.replace(is_unwanted, ""))
}

fn is_unwanted(c: char) -> bool {
    // XML also forbids surrogates, which a `char` cannot be.
    let is_control = c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let is_noncharacter = matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    is_control || is_noncharacter
}

/// Plain text for places where some programs read HTML and others do not, as in RSS. A possible tag
/// or character reference gets a full-width first character, so that all programs show the same.
pub(super) fn unmistakable(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '&']) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = text.get(at + 1..).unwrap_or_default();
        plain.push(match c {
            '<' if begins_tag(rest) => '＜',
            '&' if begins_reference(rest) => '＆',
            c => c,
        });
    }
    Cow::Owned(plain)
}

fn begins_tag(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c))
}

/// `R&D` is not a reference: the names of references have two letters or more.
fn begins_reference(rest: &str) -> bool {
    let name = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
    name >= 2 || rest.starts_with(|c: char| c == '#' || c.is_ascii_digit())
}

/// A URL with only the characters of RFC 3986. Browsers accept others (`|`, `^`, `{`), but feed
/// readers and validators refuse them.
pub(super) fn uri(url: &Url) -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c);
    let text = url.as_str();
    // The brackets of an IPv6 address stay. In a path they are escaped.
    let host_end = text.len() - url[url::Position::AfterHost..].len();
    let (host, rest) = text.split_at(host_end);
    let mut uri = host.to_owned();
    for c in rest.chars() {
        if is_allowed(c) {
            uri.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                uri.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    uri
}

/// Plain text as HTML.
pub(super) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(c),
        }
    }
    html
}

/// All texts between double quotes in sanitised HTML, such as the attribute values, still escaped.
/// It is a set, so that many URLs can be looked up in a long text.
pub(super) fn quoted(html: &str) -> HashSet<&str> {
    html.split('"').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_goes_and_everything_else_stays() {
        assert_eq!(clean("甲\u{0}乙\u{b}\u{1f}丙\u{fffe}丁"), "甲乙丙丁");
        assert_eq!(clean("\u{7f}甲\u{85}\u{fdd0}乙\u{1ffff}"), "甲乙");
        assert_eq!(clean("潞\u{fffd}区"), "潞□区");
        assert_eq!(clean("一\r\n二\r三\n四\t五"), "一\n二\n三\n四\t五");
        let plain = "😀 ]]> &#11; \u{a0}\u{2028}\u{10fffd}";
        assert!(matches!(clean(plain), Cow::Borrowed(same) if same == plain));
    }

    #[test]
    fn plain_text_is_never_taken_for_markup() {
        assert_eq!(
            unmistakable("<b>粗</b> &amp; &#60;"),
            "＜b>粗＜/b> ＆amp; ＆#60;"
        );
        let plain = "R&D、A & B、3<5、<通知>、&";
        assert_eq!(unmistakable(plain), plain);
    }

    #[test]
    fn addresses_become_uris() {
        let uri = |text: &str| uri(&text.parse().unwrap());
        assert_eq!(
            uri("http://a.example/x|y[1]/^?q={2}&r=%E4|#`"),
            "http://a.example/x%7Cy%5B1%5D/%5E?q=%7B2%7D&r=%E4%7C#%60"
        );
        let plain = "http://[2001:db8::1]:8080/a;b=1/~c?d=e,f%27g";
        assert_eq!(uri(plain), plain);
        assert_eq!(uri("mailto:a@b.example"), "mailto:a@b.example");
    }

    #[test]
    fn markup_becomes_text() {
        assert_eq!(escape("<b> & \"x\""), "&lt;b&gt; &amp; &quot;x&quot;");
    }
}
