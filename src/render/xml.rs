//! Characters that no published text may hold.

use std::borrow::Cow;
use std::collections::HashSet;

/// The text without the characters that XML 1.0 forbids (production 2, `Char`) even when they
/// are escaped, and with the line ends that its parsers would make of it anyway (section 2.11).
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| c == '\r' || is_forbidden(c)) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(text.replace(is_forbidden, ""))
}

fn is_forbidden(c: char) -> bool {
    // Surrogates, the other characters that XML forbids, cannot occur in a `char`.
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
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

/// Everything that stands between double quotes in sanitised HTML, attribute values among it, as
/// escaped there. A set, so that many URLs can be looked for in a long text at once.
pub(super) fn quoted(html: &str) -> HashSet<&str> {
    html.split('"').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_goes_and_everything_else_stays() {
        assert_eq!(clean("甲\u{0}乙\u{b}\u{1f}丙\u{fffe}丁"), "甲乙丙丁");
        assert_eq!(clean("一\r\n二\r三\n四\t五"), "一\n二\n三\n四\t五");
        let plain = "😀 ]]> &#11; \u{85}\u{2028}\u{10ffff}";
        assert!(matches!(clean(plain), Cow::Borrowed(same) if same == plain));
    }

    #[test]
    fn markup_becomes_text() {
        assert_eq!(escape("<b> & \"x\""), "&lt;b&gt; &amp; &quot;x&quot;");
    }
}
