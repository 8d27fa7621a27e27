//! Pictures that stand in a page itself, as base64.
//!
//! Owns their short names in the parsed page, and their addresses: the page's own, with the hash of
//! the bytes. Never keeps bytes in a tree.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use url::Url;

use crate::model::FileCopy;

/// The beginning of such an address.
const DATA: &str = "data:image/";
/// What stands in its place in a parsed page, before the hash.
const NAME: &str = "data:image/;sha256,";
/// The fragment of its address, before the hash.
const FRAGMENT: &str = "picture-";
/// The length of a SHA-256 in hex.
const HASH: usize = 64;

static BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whether an attribute's value is such a picture.
pub(super) fn is_inline(value: &str) -> bool {
    let start = value.trim_start().as_bytes().get(..DATA.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(DATA.as_bytes()))
}

/// The short name of a picture: the hash of its bytes. Empty for icons, placeholders and what is no
/// bitmap.
pub(super) fn short_name(value: &str) -> Cow<'static, str> {
    let named = bytes(value).and_then(|bytes| FileCopy::from_inline(&bytes));
    named.map_or(Cow::Borrowed(""), |picture| {
        format!("{NAME}{}", picture.sha256).into()
    })
}

/// The address of a picture with this short name on the page at `base`.
pub(in crate::extract) fn address(name: &str, base: &Url) -> Option<Url> {
    let hash = name.strip_prefix(NAME)?;
    let mut url = base.clone();
    url.set_fragment(Some(&format!("{FRAGMENT}{hash}")));
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// Whether a source is the short name of a picture.
pub(in crate::extract) fn is_short_name(source: &str) -> bool {
    source.starts_with(NAME)
}

/// The hash in the address of a picture that stands in its page.
pub fn inline_hash(url: &Url) -> Option<&str> {
    let hash = url.fragment()?.strip_prefix(FRAGMENT)?;
    let is_hex = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    (hash.len() == HASH && hash.bytes().all(is_hex)).then_some(hash)
}

/// The bytes of the picture with this hash in a page's text.
pub fn inline_picture(html: &str, hash: &str) -> Option<Vec<u8>> {
    let mut rest = html;
    while let Some(start) = rest.find(DATA) {
        let value = &rest[start..];
        let end = value.find(['"', '\'', '>', ')']).unwrap_or(value.len());
        let found = bytes(&value[..end]);
        let is_wanted = |bytes: &Vec<u8>| {
            FileCopy::from_inline(bytes).is_some_and(|picture| picture.sha256 == hash)
        };
        if let Some(bytes) = found.filter(is_wanted) {
            return Some(bytes);
        }
        rest = &value[end.max(DATA.len())..];
    }
    None
}

/// The bytes of `data:image/png;base64,…`.
fn bytes(value: &str) -> Option<Vec<u8>> {
    let (head, code) = value.trim().split_once(',')?;
    let is_coded = head.trim_end().to_ascii_lowercase().ends_with(";base64");
    let code = code
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=");
    let code: String = code.replace("%0A", "").split_whitespace().collect();
    is_coded.then(|| BASE64.decode(code).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG's head of this size, as base64.
    fn png(side: u8) -> String {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 0, side, 0, 0, 0, side, 8, 6, 0, 0, 0]);
        format!("data:image/png;base64,{}", BASE64.encode(png))
    }

    #[test]
    fn a_picture_is_found_again_by_its_address() {
        let page = Url::parse("http://x.cn/a.html").unwrap();
        let (one, other) = (png(200), png(90));
        let html = format!("<img src='{other}'><img src=\"{one}\">");
        let name = short_name(&one);
        let url = address(&name, &page).unwrap();
        let found = inline_picture(&html, inline_hash(&url).unwrap()).unwrap();
        assert_eq!(
            short_name(&format!("data:image/png;base64,{}", BASE64.encode(found))),
            name
        );
        assert_eq!(inline_hash(&page), None);
    }

    #[test]
    fn icons_and_drawings_have_no_name() {
        let gif = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
        for value in [
            gif,
            "data:image/svg+xml;base64,PHN2Zy8+",
            "data:image/png;base64,AA",
            &png(16),
        ] {
            assert_eq!(short_name(value), "", "{value}");
        }
    }
}
