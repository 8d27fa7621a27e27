//! Files that an article offers.
//!
//! Owns the extensions by which a file is known, and the file's name. Never fetches.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::sources;
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::pattern::pattern;
use crate::extract::page::tokens::{Token, tokens};
use crate::extract::page::{boilerplate, links, strings, tree};
use crate::model::{Attachment, FileFormat};

/// Extensions of files that are never kept, and their media types.
const OTHER_TYPES: &[(&str, &str)] = &[
    ("ceb", "application/x-ceb"),
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("webm", "video/webm"),
    ("ogv", "video/ogg"),
    ("mov", "video/quicktime"),
    ("avi", "video/x-msvideo"),
    ("wmv", "video/x-ms-wmv"),
    ("flv", "video/x-flv"),
    ("mpg", "video/mpeg"),
    ("mpeg", "video/mpeg"),
    ("rmvb", "application/vnd.rn-realmedia-vbr"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("aac", "audio/aac"),
    ("wav", "audio/wav"),
    ("wma", "audio/x-ms-wma"),
    ("amr", "audio/AMR"),
    // What FlexPaper shows in place of a document.
    ("swf", "application/x-shockwave-flash"),
];

/// Extensions of files, and their media types.
fn types() -> impl Iterator<Item = (&'static str, &'static str)> {
    let documents = FileFormat::DOCUMENTS.into_iter();
    let documents = documents.map(|format| (format.extension(), format.media_type()));
    documents.chain(OTHER_TYPES.iter().copied())
}

/// Kinds that a page also loads for itself, so that a script's word for one proves nothing.
const OF_PAGE: [&str; 4] = ["text/plain", "text/csv", "application/zip", SWF];
const SWF: &str = "application/x-shockwave-flash";

/// The files that are linked, embedded or named to a script below a node, each address once.
pub(in crate::extract) fn below(node: DomNode<'_>, base: &Url, found: &mut Vec<Attachment>) {
    for node in dom::elements(node) {
        of(node, base).into_iter().for_each(|file| add(file, found));
    }
}

/// Adds a file unless it is there already. The words of a link are a better name than the file's.
fn add(file: Attachment, found: &mut Vec<Attachment>) {
    let known = found.iter_mut().find(|other| other.url == file.url);
    match known {
        None => found.push(file),
        Some(known) if file_name(&known.url).is_some_and(|(name, _)| name == known.name) => {
            known.name = file.name;
        }
        Some(_) => {}
    }
}

/// The files listed after the text: links after `last` in the elements around it, until the page
/// goes on to other articles.
pub(in crate::extract) fn after(last: DomNode<'_>, base: &Url, found: &mut Vec<Attachment>) {
    /// The most elements further on, and the most levels up.
    const NEAR: usize = 8;
    const LEVELS: usize = 6;
    let around = std::iter::once(last).chain(last.ancestors()).take(LEVELS);
    for level in around.take_while(|node| !matches!(dom::name(*node), "body" | "html" | "")) {
        let siblings = level
            .next_siblings()
            .filter(|node| node.value().is_element());
        for sibling in siblings.take(NEAR) {
            if is_end(sibling) {
                return;
            }
            let all = std::iter::once(sibling).chain(dom::elements(sibling));
            for node in all {
                // The addresses in a script there are the page's. Links that it writes are not.
                let files = match dom::name(node) {
                    "script" => written(node, base),
                    _ => of(node, base),
                };
                files.into_iter().for_each(|file| add(file, found));
            }
        }
    }
}

/// Whether the article's surroundings end here: at the page's footer or a list of other articles.
fn is_end(node: DomNode<'_>) -> bool {
    let marks = dom::marks(node);
    let text = dom::text(node);
    let first = text.split(' ').next().unwrap_or_default();
    dom::name(node) == "footer"
        || ["footer", "copyright", "related"]
            .iter()
            .any(|mark| marks.contains(mark))
        || (boilerplate::is_heading(first)
            && !first.contains("附件")
            && !first.contains("文件下载"))
        || boilerplate::is_imprint(&text)
}

/// The files of one element: a link has one, a script or a player may name several.
fn of(node: DomNode<'_>, base: &Url) -> Vec<Attachment> {
    // Most scripts name no file, and looking for their literals takes long.
    if dom::name(node) == "script" && !names_extension(node) {
        return Vec::new();
    }
    let addresses = sources::addresses(node).into_iter();
    let files = addresses.filter_map(|address| file(node, &address, base));
    let linked = written(node, base);
    if !linked.is_empty() {
        return linked;
    }
    // A link has one target, and another address of a film is its fallback.
    let most = if matches!(dom::name(node), "script" | "param") {
        MOST
    } else {
        1
    };
    files.take(most).collect()
}

/// The files behind links that a script writes: `document.write('<a href="./P02.pdf">…</a>')`.
fn written(script: DomNode<'_>, base: &Url) -> Vec<Attachment> {
    /// A longer script is a library.
    const MAX: usize = 16 << 10;
    let mut found = Vec::new();
    if dom::name(script) != "script" || !names_extension(script) {
        return found;
    }
    let text = dom::own_text(script);
    if text.len() > MAX || !(text.contains("<a") || text.contains("<A")) {
        return found;
    }
    for token in tokens(&text) {
        if let Token::Text(markup) = token
            && markup.contains('<')
            && markup.contains("href")
        {
            let page = tree::parse(&format!("<body>{markup}</body>"));
            let links = dom::elements(page.tree.root()).filter(|node| dom::name(*node) == "a");
            for link in links.take(MOST) {
                of(link, base)
                    .into_iter()
                    .for_each(|file| add(file, &mut found));
            }
        }
    }
    found
}

/// The most files that one script names.
const MOST: usize = 20;

/// Where an element without a real link leads, if that is a file.
pub(in crate::extract) fn target(node: DomNode<'_>, base: &Url) -> Option<Url> {
    of(node, base).into_iter().next().map(|file| file.url)
}

/// The file that a button offers, with the button's words.
pub(in crate::extract) fn offered(node: DomNode<'_>, base: &Url) -> Option<(Url, String)> {
    let file = of(node, base).into_iter().next()?;
    Some((file.url, file.name))
}

/// The film or sound that an element plays: its address and its name.
pub(in crate::extract) fn played(node: DomNode<'_>, base: &Url) -> Option<(Url, String)> {
    let plays = matches!(
        dom::name(node),
        "video" | "audio" | "embed" | "object" | "iframe"
    );
    let file = of(node, base).into_iter().next().filter(|_| plays)?;
    let media = file.media_type.as_deref().unwrap_or_default();
    let is_played = media.starts_with("video/") || media.starts_with("audio/");
    is_played.then_some((file.url, file.name))
}

/// The file at an address that an element names.
fn file(link: DomNode<'_>, address: &str, base: &Url) -> Option<Attachment> {
    let element = dom::name(link);
    let url = viewed(links::absolute(address, base)?, element);
    let named = ["download", "title", "alt"].map(|name| dom::attr(link, name).unwrap_or_default());
    let known = file_name(&url).or_else(|| {
        // If a servlet's address has no file name, the words of the link decide.
        let is_servlet = url.path().to_ascii_lowercase().contains("down")
            || dom::attr(link, "download").is_some();
        if !is_servlet {
            return None;
        }
        let text = dom::text(link);
        let mut names = named.iter().copied().chain([text.as_str()]);
        names.find_map(|name| Some((name.to_owned(), media_type(name)?)))
    });
    let known = known.filter(|(_, media_type)| match element {
        "a" => *media_type != SWF,
        "embed" | "object" | "param" => {
            *media_type != SWF || sources::is_flash_variable(link, address)
        }
        _ => !OF_PAGE.contains(media_type),
    });
    let (file_name, media_type) = match known {
        Some((name, media_type)) => (name, Some(media_type)),
        None if matches!(element, "video" | "audio") => (last_segment(&url), sources::kind(link)),
        None if is_called_one(link, &url) => (String::new(), None),
        None if is_picture_file(link) => (String::new(), Some("image/jpeg")),
        None => return None,
    };
    let text = words(link);
    let generic = matches!(
        strings::fold(&text).trim_matches(|c: char| !c.is_alphanumeric()),
        "" | "下载" | "点击下载" | "附件下载" | "立即下载" | "下载附件" | "点击查看" | "查看"
    );
    let title = named
        .iter()
        .map(|name| strings::tidy(name))
        .find(|name| !name.is_empty());
    let name = match (generic, title) {
        (true, Some(title)) => title,
        (true, None) if text.is_empty() => file_name,
        _ => text,
    };
    Some(Attachment {
        url,
        name,
        media_type: media_type.map(str::to_owned),
        kept: None,
    })
}

/// The document that a viewer's page shows: `viewer.html?file=/a/b.pdf`.
fn viewed(url: Url, element: &str) -> Url {
    let path = url.path().to_ascii_lowercase();
    let is_frame = matches!(element, "iframe" | "embed" | "object");
    let is_viewer = is_frame || ["view", "pdfjs"].iter().any(|name| path.contains(name));
    let is_page = media_type(&path).is_none();
    let file = url.query_pairs().find(|(name, value)| {
        let is_named = matches!(&**name, "file" | "src" | "url" | "furl" | "path");
        let is_whole = is_frame && value.contains('/');
        is_viewer && is_page && (is_named || is_whole) && media_type(value).is_some()
    });
    // `viewer.html#/a/b.pdf`
    let inner = url
        .fragment()
        .filter(|inner| is_frame && is_page && inner.contains('/'));
    let inner = inner.filter(|inner| media_type(inner).is_some());
    file.and_then(|(_, file)| url.join(&file).ok())
        .or_else(|| url.join(inner?).ok())
        .unwrap_or(url)
}

/// The words on an element. A button shows its content, or its value.
fn words(node: DomNode<'_>) -> String {
    match dom::name(node) {
        "button" => node.children().map(dom::text).collect(),
        "input" => strings::tidy(dom::attr(node, "value").unwrap_or_default()),
        _ => dom::text(node),
    }
}

/// Whether a link offers a picture as a file: its text is the file's name.
fn is_picture_file(link: DomNode<'_>) -> bool {
    let is_one = |name: &str| {
        let name = name.trim().to_ascii_lowercase();
        [".jpg", ".jpeg"].iter().any(|end| name.ends_with(end))
    };
    dom::name(link) == "a"
        && dom::attr(link, "href").is_some_and(is_one)
        && is_one(&dom::text(link))
}

/// Whether the line of a link calls it a file (附件：…), and its address is a servlet that delivers
/// files of any kind.
fn is_called_one(link: DomNode<'_>, url: &Url) -> bool {
    const SERVLETS: [&str; 5] = ["attach", "getfile", "downfile", "download", "fileid="];
    const MAX_LINE: usize = 200;
    if dom::name(link) != "a" {
        return false;
    }
    let address = url[url::Position::BeforePath..].to_ascii_lowercase();
    let line = || dom::short_text(link.parent()?, MAX_LINE);
    let starts = |line: String| strings::fold(&line).starts_with("附件");
    SERVLETS.iter().any(|name| address.contains(name)) && line().is_some_and(starts)
}

/// The end of an address's path, decoded.
fn last_segment(url: &Url) -> String {
    let last = url
        .path_segments()
        .and_then(|mut segments| segments.next_back());
    strings::tidy(&strings::percent_decoded(last.unwrap_or_default()))
}

/// The file's name in an address, and its media type. The name ends the path or a value of the
/// query (`downfile.jsp?filename=….pdf`).
pub(in crate::extract) fn file_name(url: &Url) -> Option<(String, &'static str)> {
    let path = url
        .path_segments()
        .and_then(|mut segments| segments.next_back().map(strings::percent_decoded));
    let query = url.query_pairs().map(|(_, value)| {
        value
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .to_owned()
    });
    path.into_iter()
        .chain(query)
        .find_map(|name| Some((strings::tidy(&name), media_type(&name)?)))
        // An extension alone, in a parameter.
        .map(|(name, kind)| match name.starts_with('.') {
            true => (format!("{}{name}", last_segment(url)), kind),
            false => (name, kind),
        })
}

/// The media type by a name's extension.
pub(super) fn media_type(name: &str) -> Option<&'static str> {
    let extension = name.trim().rsplit_once('.')?.1.to_ascii_lowercase();
    types().find_map(|(known, media_type)| (known == extension).then_some(media_type))
}

/// Whether the extension of some file occurs in a script or in its attributes.
fn names_extension(script: DomNode<'_>) -> bool {
    static EXTENSION: LazyLock<Regex> = LazyLock::new(|| {
        let known: Vec<&str> = types().map(|(extension, _)| extension).collect();
        pattern(&format!(r"(?i-u)(?:\.|%2e)(?:{})", known.join("|")))
    });
    let attributes = script.value().as_element();
    let mut attributes = attributes.into_iter().flat_map(|element| element.attrs());
    attributes.any(|(_, value)| EXTENSION.is_match(value))
        || EXTENSION.is_match(&dom::own_text(script))
}

/// The links to files below a node.
pub(in crate::extract) fn links<'a>(
    node: DomNode<'a>,
    base: &Url,
) -> impl Iterator<Item = DomNode<'a>> {
    dom::elements(node).filter(move |node| !of(*node, base).is_empty())
}

/// Whether any link below the node leads to a file.
pub(in crate::extract) fn any(node: DomNode<'_>, base: &Url) -> bool {
    dom::elements(node).any(|link| !of(link, base).is_empty())
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn files(html: &str) -> Vec<(String, String)> {
        let html = Html::parse_document(html);
        let base = Url::parse("http://www.x.gov.cn/a/b.html").unwrap();
        let mut found = Vec::new();
        below(html.tree.root(), &base, &mut found);
        found
            .into_iter()
            .map(|file| (file.url.to_string(), file.name))
            .collect()
    }

    fn one(html: &str) -> (String, String) {
        let files = files(html);
        assert_eq!(files.len(), 1, "{html}: {files:?}");
        files.into_iter().next().unwrap()
    }

    #[test]
    fn files_are_known_by_path_query_or_words() {
        let at = |path: &str, name: &str| (format!("http://www.x.gov.cn{path}"), name.to_owned());
        assert_eq!(
            one("<a href='./P02.docx'>\u{3000}附件1.docx</a>"),
            at("/a/P02.docx", "附件1.docx")
        );
        assert_eq!(
            one("<a href='P02.XLS'>附件1：申请表</a>"),
            at("/a/P02.XLS", "附件1：申请表")
        );
        assert_eq!(
            one(
                "<a href='/module/download/downfile.jsp?classid=0&filename=be5f.pdf'><img src=acrobat.png>通知.pdf</a>"
            ),
            at(
                "/module/download/downfile.jsp?classid=0&filename=be5f.pdf",
                "通知.pdf"
            )
        );
        assert_eq!(
            one("<a href='/f/%E8%A1%A8+1.zip'><img></a>"),
            at("/f/%E8%A1%A8+1.zip", "表+1.zip")
        );
        assert_eq!(
            one("<a href='/d/1.pdf' title='办法.pdf'>下载</a>"),
            at("/d/1.pdf", "办法.pdf")
        );
        assert_eq!(
            one("<a href='/download?id=7'>申请表.doc</a>"),
            at("/download?id=7", "申请表.doc")
        );
    }

    #[test]
    fn pages_and_scripts_are_no_files_and_no_file_is_listed_twice() {
        assert!(files("<a href=/a.html>一</a><a href='javascript:x(\"a.pdf\")'>二.pdf</a><a href=/c.jpg>三</a>").is_empty());
        assert_eq!(
            files("<a href=/a.pdf>一</a><p><a href=/a.pdf>一</a>").len(),
            1
        );
    }

    #[test]
    fn files_after_the_text_are_found_and_those_of_other_articles_are_not() {
        let html = Html::parse_document(
            "<div><div id=t>文</div><ul><li><a href=a.pdf>甲</a></ul><div>相关新闻 <a href=b.pdf>乙</a></div><a href=c.pdf>丙</a></div>",
        );
        let node = html
            .tree
            .nodes()
            .find(|node| dom::attr(*node, "id") == Some("t"))
            .unwrap();
        let mut found = Vec::new();
        after(node, &Url::parse("http://x.cn/").unwrap(), &mut found);
        let names: Vec<&str> = found.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["甲"]);
    }
}
