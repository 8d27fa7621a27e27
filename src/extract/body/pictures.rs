//! The article's pictures among the page's images, and their addresses.
//!
//! Owns the choice between an image's several addresses, and the signs of icons. Never fetches.

use url::Url;

use crate::extract::page::dom::{self, Here};
use crate::extract::page::links;

/// Attributes with the true address of pictures that scripts load late, before `src` itself.
const LATE: &[&str] = &[
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-url",
    "data-echo",
    "lay-src",
    "original",
    "file",
];
/// Attributes that editors leave behind, used as a last resort.
const LEFT: &[&str] = &["_src", "oldsrc"];
/// Smaller images, in CSS pixels, are icons.
const MIN_SIDE: u32 = 40;
/// Parts of file and folder names of a site's own images.
const SIGNS: &[&str] = &[
    "/icon",
    "icon_",
    "_icon",
    "icons/",
    "filetype",
    "acrobat",
    "spacer",
    "blank.",
    "transparent",
    "pixel.",
    "loading",
    "placeholder",
    "qrcode",
    "erweima",
    "/ewm",
    "ewm.",
    "ewm_",
    "_ewm",
    "logo.",
    "/dot.",
    "arrow",
    "print.",
    "close.",
    "share",
    "tracker",
    "/1x1",
    "emotion/",
    "smiley",
    "btn_",
    "/skin/",
    "beian",
    "jiucuo",
    "conac",
];

/// Kinds of files that name the icons beside file links, and the sign for new ones.
const KINDS: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "rar", "txt", "wps", "ofd", "word",
    "excel", "new", "hot",
];

/// The address of an image that belongs to an article; `None` for icons, trackers and embedded
/// images.
pub(in crate::extract) fn address(node: Here<'_>, base: &Url) -> Option<Url> {
    source(node).and_then(|source| links::absolute(source, base))
}

/// Whether the image is a picture at all.
pub(in crate::extract) fn is_content(node: Here<'_>) -> bool {
    source(node).is_some()
}

fn source(node: Here<'_>) -> Option<&str> {
    if dom::name(node) != "img" || dom::is_hidden(node) || is_small(node) {
        return None;
    }
    let from = |names: &[&'static str]| {
        names
            .iter()
            .filter_map(|name| dom::attr(node, name))
            .map(str::trim)
            .find(|source| is_picture(source) && source.contains(['.', '/']))
    };
    let source = from(LATE)
        .or_else(|| {
            dom::attr(node, "src")
                .map(str::trim)
                .filter(|source| is_picture(source))
        })
        .or_else(|| from(LEFT))?;
    Some(source)
}

fn is_picture(source: &str) -> bool {
    let lower = source.to_ascii_lowercase();
    // Systems make up the names of uploads. Only the site's own images have speaking names.
    let path = lower.split(['?', '#']).next().unwrap_or_default();
    !lower.is_empty()
        && !["data:", "file:", "javascript:", "about:", "blob:"]
            .iter()
            .any(|scheme| lower.starts_with(scheme))
        && !SIGNS.iter().any(|sign| path.contains(sign))
        && !is_kind(path)
}

/// Whether an image's name is an icon's: `pdf.gif`, `appendix_doc.png`, `new.gif`.
fn is_kind(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let last = stem.rsplit(['_', '-']).next().unwrap_or_default();
    KINDS.contains(&last)
}

fn is_small(node: Here<'_>) -> bool {
    let side = |name: &str| {
        let style = dom::attr(node, "style")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let declared = style
            .split(';')
            .filter_map(|part| part.split_once(':'))
            .find(|(key, _)| key.trim() == name)
            .and_then(|(_, value)| pixels(value));
        declared.or_else(|| dom::attr(node, name).and_then(pixels))
    };
    let small = |side: Option<u32>| side.is_some_and(|side| side > 0 && side < MIN_SIDE);
    let (width, height) = (side("width"), side("height"));
    // Pages cut out of one drawing have strips above and below the text.
    let is_strip =
        |(width, height): (u32, u32)| (1..MIN_SIDE).contains(&height) && width > height * 20;
    if width.zip(height).is_some_and(is_strip) {
        return true;
    }
    small(width) && (small(height) || height.is_none())
        || [side("width"), side("height")].contains(&Some(1))
}

/// Reads `32` and `32px`; other units are ignored.
fn pixels(text: &str) -> Option<u32> {
    text.trim().trim_end_matches("px").trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn addresses(html: &str) -> Vec<String> {
        let html = Html::parse_document(html);
        let base = Url::parse("http://www.lc.gov.cn/gzdt/202512/t1.html").unwrap();
        html.tree
            .nodes()
            .filter_map(|node| address(node, &base))
            .map(|url| url.to_string())
            .collect()
    }

    #[test]
    fn relative_and_late_addresses_are_found() {
        assert_eq!(
            addresses(
                "<img src=./W02025.jpg oldsrc=W02025.jpg><img src='/images/loading.gif' data-original='a.png'>
                 <img src='data:image/gif;base64,R0' _src='../b.jpg'><img data-src=//img.example/c.webp>"
            ),
            [
                "http://www.lc.gov.cn/gzdt/202512/W02025.jpg",
                "http://www.lc.gov.cn/gzdt/202512/a.png",
                "http://www.lc.gov.cn/gzdt/b.jpg",
                "http://img.example/c.webp",
            ]
        );
    }

    #[test]
    fn signs_trackers_and_local_files_are_no_pictures() {
        assert!(addresses(
            "<img src=/editor/filedown/pdf.gif><img src=/images/appendix_doc.png><img src=/module/jslib/icons/acrobat.png><img src=a.gif width=1 height=1><img src=a.png style='width:16px;height:16px'><img src=a.jpg width=1004 height=31>
             <img src='file:///C:/a.png'><img src='data:image/png;base64,AA'><img><img src='javascript:alert(1)'>"
        )
        .is_empty());
    }
}
