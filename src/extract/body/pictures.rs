//! The article's pictures among the page's images, and their addresses.
//!
//! Owns the choice between an image's several addresses, and the signs of icons. Never fetches.

use std::borrow::Cow;

use ego_tree::NodeId;
use scraper::{Html, Node};
use url::Url;

use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::{cells, inline, links};

/// Attributes with the true address of pictures that scripts load late, before `src` itself.
const LATE: &[&str] = &[
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-lazyload",
    "data-lazyload-src",
    "data-actualsrc",
    "data-real-src",
    "data-img",
    "lazy-src",
    "lazysrc",
    "lazyload",
    "real-src",
    "real_src",
    "realsrc",
    "data-url",
    "data-echo",
    "lay-src",
    "original",
    "file",
];
/// Attributes with several addresses, each with its size.
const SETS: &[&str] = &["data-srcset", "data-lazy-srcset", "lazy-srcset"];
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
    "pdf",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "ppt",
    "pptx",
    "zip",
    "rar",
    "txt",
    "wps",
    "ofd",
    "word",
    "excel",
    "new",
    "hot",
    "ceb",
    "xlsm",
    "docm",
    "dps",
    "rtf",
    "7z",
    "attach",
    "attachment",
    "fujian",
];
/// Words that stand beside a kind in the name of such an icon.
#[rustfmt::skip]
const BESIDE_KINDS: &[&str] = &[
    "", "ico", "icon", "icons", "file", "files", "type", "small", "big", "large", "mini", "appendix",
    "annex", "format", "img", "image", "s", "m", "l",
];

/// The address of an image that belongs to an article; `None` for icons, trackers and embedded
/// images.
pub(in crate::extract) fn address(node: DomNode<'_>, base: &Url) -> Option<Url> {
    let source = source(node)?;
    inline::address(&source, base).or_else(|| links::absolute(&source, base))
}

/// Whether the picture stands in the page itself.
fn is_inline(node: DomNode<'_>) -> bool {
    source(node).is_some_and(|source| inline::is_short_name(&source))
}

/// Replaces the pictures below a node that stand in the page itself by a note, where they are not
/// kept: a reader's browser would have to load the page to find them.
pub(in crate::extract) fn leave_out_inline(html: &mut Html, node: NodeId) {
    const NOTE: &str = "（此处图片未收录，请看原网页）";
    let inline: Vec<NodeId> = html.tree.get(node).map_or_else(Vec::new, |node| {
        let inline = dom::elements(node).filter(|node| is_inline(*node));
        inline.map(|node| node.id()).collect()
    });
    for id in inline {
        if let Some(mut picture) = html.tree.get_mut(id) {
            picture.insert_before(Node::Text(scraper::node::Text { text: NOTE.into() }));
            picture.detach();
        }
    }
}

/// Whether the image is a picture at all.
pub(in crate::extract) fn is_content(node: DomNode<'_>) -> bool {
    source(node).is_some()
}

/// Elements that may show a picture.
pub(in crate::extract) fn is_frame(name: &str) -> bool {
    matches!(name.as_bytes(), b"img" | b"input" | b"source" | b"video")
}

fn source(node: DomNode<'_>) -> Option<Cow<'_, str>> {
    let name = dom::name(node);
    if !is_frame(name) || dom::is_hidden(node) || is_small(node) {
        return None;
    }
    match name {
        "img" if is_icon_of_file(node) => None,
        "img" => of_image(node),
        "input" => of_input(node),
        "source" => of_set(node).filter(|_| is_alone(node)),
        _ => ["poster", "data-poster"]
            .iter()
            .filter_map(|name| dom::attr(node, name))
            .map(str::trim)
            .find(|source| is_picture(source))
            .map(Cow::Borrowed),
    }
}

/// Whether a picture lies on WeChat's own hosts, whose script no portal has.
fn is_of_wechat(source: &str) -> bool {
    source.contains("mmbiz") || source.contains("qpic.cn")
}

fn of_image(node: DomNode<'_>) -> Option<Cow<'_, str>> {
    let from = |names: &[&'static str]| {
        names
            .iter()
            .filter_map(|name| dom::attr(node, name))
            .map(str::trim)
            .find(|source| is_picture(source) && source.contains(['.', '/']))
    };
    let sets = |names: &[&'static str]| {
        let sets = names.iter().filter_map(|name| dom::attr(node, name));
        sets.filter_map(first_of_set).next()
    };
    let beside = || {
        let around = node
            .parent()
            .filter(|parent| dom::name(*parent) == "picture")?;
        around.children().find_map(of_set)
    };
    let shown = dom::attr(node, "src")
        .map(str::trim)
        .filter(|source| is_picture(source));
    // An editor that takes over a text of WeChat copies its pictures, and leaves their address.
    let late = from(LATE).filter(|late| shown.is_none() || !is_of_wechat(late));
    late.or_else(|| sets(SETS))
        .or(shown)
        .or_else(|| sets(&["srcset"]))
        .map(Cow::Borrowed)
        .or_else(beside)
        .or_else(|| from(LEFT).map(Cow::Borrowed))
}

/// The picture of an `input`, unless a click or a search needs it.
fn of_input(node: DomNode<'_>) -> Option<Cow<'_, str>> {
    let kind = dom::attr(node, "type").unwrap_or_default();
    let is_image = kind.trim().eq_ignore_ascii_case("image");
    let is_tool =
        || dom::attr(node, "onclick").is_some() || node.ancestors().any(cells::is_small_form);
    if !is_image || is_tool() {
        return None;
    }
    of_image(node)
}

/// The first address of a `source`.
fn of_set(node: DomNode<'_>) -> Option<Cow<'_, str>> {
    if dom::name(node) != "source" {
        return None;
    }
    let sets = ["srcset", "data-srcset"].into_iter();
    let first = sets
        .filter_map(|name| dom::attr(node, name))
        .find_map(first_of_set);
    first.map(Cow::Borrowed)
}

/// The first address of a set: `a.jpg 1x, b.jpg 2x`.
fn first_of_set(set: &str) -> Option<&str> {
    let first = set.split_whitespace().next()?;
    // A comma may belong to an address, but not end it.
    let first = match set.contains(' ') {
        true => first,
        false => first.split(',').next().unwrap_or(first),
    };
    let first = first.trim_end_matches(',');
    is_picture(first).then_some(first)
}

/// Whether a `source` is the first one of a picture without an image.
fn is_alone(node: DomNode<'_>) -> bool {
    let Some(around) = node
        .parent()
        .filter(|parent| dom::name(*parent) == "picture")
    else {
        return false;
    };
    let shows = |child: &DomNode<'_>| matches!(dom::name(*child), "img" | "source");
    let mut all = around.children().filter(shows);
    let first = all.next().is_some_and(|first| first.id() == node.id());
    first && all.all(|child| dom::name(child) == "source")
}

/// Whether an image is the icon of the file that is named right beside it: editors put it before
/// each link. A photograph is a JPEG.
fn is_icon_of_file(node: DomNode<'_>) -> bool {
    const MAX_NAME: usize = 120;
    const KINDS_OF_ICONS: [&str; 5] = [".gif", ".png", ".svg", ".ico", ".bmp"];
    let source = dom::attr(node, "src")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let path = source.split(['?', '#']).next().unwrap_or_default();
    if !KINDS_OF_ICONS.iter().any(|kind| path.ends_with(kind)) || is_large(node) {
        return false;
    }
    let is_blank = |node: &DomNode<'_>| match node.value().as_text() {
        Some(text) => text.text.chars().all(char::is_whitespace),
        None => !node.value().is_element(),
    };
    let names_file = |link: DomNode<'_>| {
        let said = [
            dom::attr(link, "title").map(str::to_owned),
            dom::short_text(link, MAX_NAME),
            dom::attr(link, "href").map(str::to_owned),
        ];
        let mut said = said.into_iter().flatten();
        dom::name(link) == "a" && said.any(|name| is_document(&name))
    };
    let next = node.next_siblings().find(|next| !is_blank(next));
    let within = || {
        let link = node.parent().filter(|parent| dom::name(*parent) == "a");
        link.is_some_and(|link| {
            names_file(link)
                && dom::short_text(link, MAX_NAME).is_some_and(|text| is_document(&text))
        })
    };
    next.is_some_and(names_file) || within()
}

/// Whether a name ends as a document's does.
fn is_document(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    KINDS.contains(&extension)
}

fn is_picture(source: &str) -> bool {
    if inline::is_short_name(source) {
        return true;
    }
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

/// Whether an image's name is an icon's: `pdf.gif`, `appendix_doc.png`, `icon-xls16.png`, `new.gif`.
fn is_kind(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let last = stem.rsplit(['_', '-']).next().unwrap_or_default();
    if KINDS.contains(&last) {
        return true;
    }
    let is_drawn = [".gif", ".png", ".svg", ".ico"]
        .iter()
        .any(|end| path.ends_with(end));
    let parts = || {
        let parts = stem.split(['_', '-']);
        parts.map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()))
    };
    let is_of_icon = |part: &str| KINDS.contains(&part) || BESIDE_KINDS.contains(&part);
    is_drawn && parts().any(|part| KINDS.contains(&part)) && parts().all(is_of_icon)
}

/// Whether an image is declared larger than an icon.
fn is_large(node: DomNode<'_>) -> bool {
    const ICON: u32 = 64;
    let sides = ["width", "height"]
        .into_iter()
        .filter_map(|name| side(node, name));
    sides.max().is_some_and(|side| side > ICON)
}

/// A side in pixels, by the style or the attribute.
fn side(node: DomNode<'_>, name: &str) -> Option<u32> {
    let style = dom::attr(node, "style")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let declared = style
        .split(';')
        .filter_map(|part| part.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .and_then(|(_, value)| pixels(value));
    declared.or_else(|| dom::attr(node, name).and_then(pixels))
}

fn is_small(node: DomNode<'_>) -> bool {
    let side = |name: &str| side(node, name);
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
