//! Parses a page's text into its tree, whatever the page contains.
//!
//! Owns the limits on size, depth, attributes and signs. Beyond a limit, the rest of the page
//! becomes plain lines: its text stays, up to a size that no real text has. Never interprets the
//! tree.

use std::borrow::Cow;
use std::ops::Range;

use ego_tree::Tree;
use html5ever::driver::{self, ParseOpts};
use html5ever::tendril::{StrTendril, TendrilSink};
use scraper::{Html, HtmlTreeSink, Node};

use super::text::PageText;
use super::{inline, queries};

/// Three times the size of the largest known page, including Word's markup. Embedded pictures do
/// not count, because long attributes are cut.
const MAX_BYTES: usize = 3 << 19;
/// Word's markup is about eighty levels deep. HTML's rules walk the open elements for nearly every
/// tag, so great depth makes parsing quadratic.
const MAX_DEPTH: usize = 200;
/// Elements and texts: ten times as many as in the largest pages. Each takes about two thousand
/// bytes.
const MAX_NODES: usize = 20_000;
/// The tokenizer compares each attribute with all earlier ones.
const MAX_ATTRIBUTES: usize = 200;
/// Longer than any address or style that we read. An embedded picture is longer.
const MAX_ATTRIBUTE_BYTES: usize = 16 << 10;
/// A stray `&` or `<` is a token of its own, and slow.
const MAX_SIGNS: usize = 100_000;
/// The part of a page beyond a limit that is still read, in bytes.
const MAX_FLAT: usize = 1 << 20;
/// The most line breaks in that part; likewise pictures, and links.
const MAX_FLAT_TAGS: usize = 4000;
/// Most pages have more bytes for each node.
const BYTES_PER_NODE: usize = 24;
/// Bytes between two checks of the tree: at most some six hundred tags.
const STEP: usize = 4096;

/// Parses a page. Time, depth and memory are bounded for any input.
pub(in crate::extract) fn parse<'a>(page: impl Into<PageText<'a>>) -> Html {
    parse_and_tell(page.into()).0
}

/// Parses a page, and returns whether it exceeded a limit.
pub(in crate::extract) fn parse_and_tell(page: PageText<'_>) -> (Html, bool) {
    let (mut html, is_too_much) = tree_of(page.html);
    queries::encode(&mut html, page.queries);
    (html, is_too_much)
}

fn tree_of(html: &str) -> (Html, bool) {
    let html = limit_attributes(html);
    // The parser stores an error for each of these, and HTML drops them.
    let html = match memchr::memchr(0, html.as_bytes()).is_some() {
        true => Cow::Owned(html.replace('\0', "")),
        false => html,
    };
    let whole: &str = &html;
    let html = prefix(whole, MAX_BYTES);
    let mut is_too_much = html.len() < whole.len();
    let mut document = Html::new_document();
    document.tree = Tree::with_capacity(Node::Document, html.len() / BYTES_PER_NODE);
    let sink = HtmlTreeSink::new(document);
    let mut parser = driver::parse_document(sink, ParseOpts::default());
    let mut rest: &str = html;
    let mut signs = 0;
    while !rest.is_empty() {
        let (step, after) = rest.split_at(cut(rest));
        signs += memchr::memchr2_iter(b'&', b'<', step.as_bytes()).count();
        parser.process(StrTendril::from(step));
        rest = after;
        if signs > MAX_SIGNS || overgrown(&parser.tokenizer.sink.sink.0.borrow()) {
            is_too_much = true;
            let read = html.len() - rest.len();
            let left = whole.get(read..).unwrap_or_default();
            parser.process(StrTendril::from(flatten(left)));
            break;
        }
    }
    (parser.finish(), is_too_much)
}

/// The longest prefix of at most `bytes` bytes that ends between two characters.
fn prefix(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The end of the next step: before a tag if possible, which makes flattening begin cleanly.
fn cut(text: &str) -> usize {
    let end = prefix(text, STEP).len();
    match memchr::memrchr(b'<', &text.as_bytes()[..end]) {
        Some(tag) if tag > STEP / 2 && end < text.len() => tag,
        _ => end.max(text.chars().next().map_or(0, char::len_utf8)),
    }
}

fn overgrown(html: &Html) -> bool {
    let newest = html.tree.nodes().next_back();
    html.tree.nodes().len() > MAX_NODES
        || newest.is_some_and(|node| node.ancestors().nth(MAX_DEPTH).is_some())
}

/// Reduces the rest of a page beyond a limit to lines, pictures and links.
///
/// No element of the result contains another line. HTML reopens unclosed formatting elements
/// (`<font>`) in every paragraph, so their number would multiply with that of the paragraphs.
fn flatten(html: &str) -> String {
    let mut flat = String::new();
    let mut rest = html;
    let (mut breaks, mut pictures, mut links) = (0, 0, 0);
    while let Some(start) = rest.find(['<', '&']) {
        flat.push_str(prefix(&rest[..start], MAX_FLAT.saturating_sub(flat.len())));
        if flat.len() >= MAX_FLAT {
            return flat;
        }
        rest = &rest[start..];
        if rest.starts_with('&') {
            rest = &rest[1..];
            let end = rest.bytes().take(12).position(|b| b == b';');
            if let Some(end) = end {
                flat.push_str(match &rest[..end] {
                    "amp" => "＆",
                    "lt" => "＜",
                    "gt" => "＞",
                    _ => " ",
                });
                rest = &rest[end + 1..];
            }
            continue;
        }
        let name: String = rest[1..]
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(12)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if name.is_empty() {
            rest = &rest[1..];
            continue;
        }
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        let tag = &rest[..end];
        rest = &rest[end..];
        match name.as_str() {
            // Their content is for machines.
            "script" | "style" | "textarea" | "title" => {
                let close = format!("</{name}");
                let end = find_folded(rest, &close).unwrap_or(rest.len());
                rest = if tag.starts_with("</") {
                    rest
                } else {
                    &rest[end..]
                };
            }
            "img" if pictures < MAX_FLAT_TAGS => {
                pictures += 1;
                flat.push_str(tag);
            }
            "a" if links < MAX_FLAT_TAGS => {
                links += 1;
                flat.push_str(tag);
            }
            "a" | "b" | "font" | "span" | "strong" | "em" | "i" | "u" | "o" | "img" => {}
            _ if flat.ends_with("<br>") => {}
            _ if breaks < MAX_FLAT_TAGS => {
                breaks += 1;
                flat.push_str("<br>");
            }
            _ => flat.push(' '),
        }
    }
    flat.push_str(prefix(rest, MAX_FLAT.saturating_sub(flat.len())));
    flat
}

/// Where a tag closes, whatever its case.
fn find_folded(text: &str, close: &str) -> Option<usize> {
    let (text, close) = (text.as_bytes(), close.as_bytes());
    text.windows(close.len())
        .position(|window| window.eq_ignore_ascii_case(close))
}

/// Cuts the attributes of a tag after [`MAX_ATTRIBUTES`], or from the first long one on. A picture
/// that stands in an attribute becomes its short name.
fn limit_attributes(html: &str) -> Cow<'_, str> {
    let bytes = html.as_bytes();
    let mut kept: Option<String> = None;
    let mut copied = 0;
    let mut at = 0;
    while let Some(start) = find(bytes, at, b'<') {
        if !bytes.get(start + 1).is_some_and(u8::is_ascii_alphabetic) {
            at = start + 1;
            continue;
        }
        if let Some(end) = plain_end(html, start) {
            at = end;
            continue;
        }
        let tag = Tag::read(html, start);
        for picture in tag.pictures {
            let kept = kept.get_or_insert_default();
            kept.push_str(&html[copied..picture.start]);
            kept.push_str(&inline::short_name(&html[picture.clone()]));
            copied = picture.end;
        }
        if let Some(surplus) = tag.surplus {
            let kept = kept.get_or_insert_default();
            kept.push_str(&html[copied..surplus]);
            copied = tag.end;
        }
        at = tag.end;
    }
    match kept {
        None => Cow::Borrowed(html),
        Some(mut kept) => {
            kept.push_str(&html[copied..]);
            Cow::Owned(kept)
        }
    }
}

fn find(bytes: &[u8], from: usize, byte: u8) -> Option<usize> {
    let found = memchr::memchr(byte, bytes.get(from..)?)?;
    Some(from + found)
}

/// The place of the `>` of a tag that is too short for a surplus, and holds no picture.
fn plain_end(html: &str, start: usize) -> Option<usize> {
    /// An attribute and the gap before it have two bytes.
    const MAX: usize = 2 * MAX_ATTRIBUTES;
    let bytes = html.as_bytes();
    let end = bytes.len().min(start + MAX);
    let mut at = start + 1;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', &bytes[at..end])?;
        let quote = bytes[at];
        if quote == b'>' {
            return Some(at);
        }
        if bytes[at - 1] == b'=' {
            let value = at + 1;
            at = value + memchr::memchr(quote, &bytes[value..end])?;
            if inline::is_inline(html.get(value..at)?) {
                return None;
            }
        }
        at += 1;
    }
}

/// The extent of a start tag, read as the tokenizer reads it.
struct Tag {
    /// The place of its `>`.
    end: usize,
    /// The beginning of the surplus attributes.
    surplus: Option<usize>,
    /// The values before them that are pictures.
    pictures: Vec<Range<usize>>,
}

impl Tag {
    fn read(html: &str, start: usize) -> Self {
        let bytes = html.as_bytes();
        let mut pictures = Vec::new();
        let mut attributes = 0;
        let mut surplus = None;
        let mut gap = false;
        // The beginning of the current attribute.
        let mut began = start + 1;
        let mut at = start + 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'>' => break,
                b'"' | b'\'' if bytes[at - 1] == b'=' => {
                    let value = at;
                    at = find(bytes, at + 1, *byte).unwrap_or(bytes.len());
                    let text = html.get(value + 1..at).unwrap_or_default();
                    if inline::is_inline(text) {
                        if surplus.is_none() {
                            pictures.push(value + 1..at);
                        }
                    } else if at - value > MAX_ATTRIBUTE_BYTES && surplus.is_none() {
                        surplus = Some(began);
                    }
                    gap = true;
                }
                b' ' | b'\t' | b'\n' | b'\r' | b'/' | b'\x0c' => gap = true,
                _ if gap => {
                    gap = false;
                    began = at;
                    attributes += 1;
                    if attributes > MAX_ATTRIBUTES && surplus.is_none() {
                        surplus = Some(at);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        Self {
            end: at.min(bytes.len()),
            surplus,
            pictures,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cpu_time::ThreadTime;

    use super::*;

    fn text(html: &Html) -> String {
        html.tree
            .values()
            .filter_map(|node| node.as_text().map(|text| text.text.to_string()))
            .collect()
    }

    #[test]
    fn an_ordinary_page_is_parsed_as_it_stands() {
        let page = "<p class=\"a\">一<b>二</b></p>";
        assert!(matches!(limit_attributes(page), Cow::Borrowed(_)));
        assert_eq!(parse(page), Html::parse_document(page));
    }

    #[test]
    fn deep_nesting_ends_in_bounded_time_and_keeps_the_text() {
        for tag in [
            "div",
            "b",
            "font size=1",
            "table><td",
            "ul><li",
            "svg",
            "a href=x",
            "p><button",
        ] {
            let start = ThreadTime::now();
            let deep = format!("<p>上文{}<p>下文", format!("<{tag}>").repeat(200_000));
            let html = parse(&deep);
            let text = text(&html);
            assert!(text.contains("上文") && text.contains("下文"), "{tag}");
            assert!(
                start.elapsed() < Duration::from_secs(6),
                "{tag} {:?}",
                start.elapsed()
            );
        }
    }

    #[test]
    fn attributes_beyond_measure_are_cut_and_the_page_goes_on() {
        let start = ThreadTime::now();
        let many: String = (0..200_000).map(|n| format!(" a{n}='>'")).collect();
        let html = parse(&format!("<p{many}>下文</p>"));
        assert_eq!(text(&html), "下文");
        assert!(start.elapsed() < Duration::from_secs(4));
    }

    #[test]
    fn elements_left_open_are_not_opened_again_in_every_paragraph() {
        let font = |number: usize| format!("<p><font size={}>字", number % 9000);
        let page: String = (0..20_000).map(font).collect();
        let html = parse(&format!("{page}<p>下文<a href=a.pdf>附件</a>"));
        assert!(
            html.tree.nodes().len() < 4 * MAX_NODES,
            "{}",
            html.tree.nodes().len()
        );
        assert!(text(&html).contains("下文附件"));
        assert!(html.tree.values().any(|node| {
            let element = node.as_element();
            element.is_some_and(|element| element.attr("href") == Some("a.pdf"))
        }));
    }

    #[test]
    fn what_is_far_too_much_is_left_and_told() {
        let (html, is_too_much) = tree_of(&format!("<p>{}", "公告。".repeat(1 << 20)));
        assert!(is_too_much && text(&html).len() <= MAX_BYTES);
        let (html, is_too_much) = tree_of(&"&amp;".repeat(500_000));
        assert!(is_too_much && text(&html).len() <= MAX_SIGNS + MAX_FLAT + STEP);
        let picture = format!(
            "<p>上文<img src='data:image/png;base64,{}'>下文",
            "A".repeat(4 << 20)
        );
        let (html, is_too_much) = tree_of(&picture);
        assert!(!is_too_much);
        assert_eq!(text(&html), "上文下文");
    }

    #[test]
    fn quadratic_formatting_elements_are_bounded() {
        let start = ThreadTime::now();
        let fonts: String = (0..20_000).map(|n| format!("<b a{n}><p>")).collect();
        parse(&fonts);
        parse(&"<a><table>".repeat(50_000));
        parse(&"<!--".repeat(500_000));
        parse(&"<".repeat(1_000_000));
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{:?}",
            start.elapsed()
        );
    }
}
