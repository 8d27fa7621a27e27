//! Text of a page → its tree, whatever the page is made of.
//!
//! Owns the limits: size, depth, attributes. A page that exceeds one is not refused; what is too
//! much is flattened, and its text stays. Never interprets what it parses.

use std::borrow::Cow;

use html5ever::driver::{self, ParseOpts};
use html5ever::tendril::{StrTendril, TendrilSink};
use scraper::{Html, HtmlTreeSink};

/// No page of a portal that was seen has a tenth of this.
const MAX_BYTES: usize = 16 << 20;
/// Word's markup reaches about eighty levels. HTML's rules walk the open elements for nearly
/// every tag, so that depth is what makes time quadratic.
const MAX_DEPTH: usize = 200;
/// Elements and texts; memory is some two hundred bytes each.
const MAX_NODES: usize = 600_000;
/// The tokenizer compares each attribute with all before it.
const MAX_ATTRIBUTES: usize = 200;
/// Between two looks at the tree: at most some six hundred tags.
const STEP: usize = 4096;

/// Parses a page. Time and depth are bounded for any input.
pub(super) fn parse(html: &str) -> Html {
    let html = limit_attributes(prefix(html, MAX_BYTES));
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = driver::parse_document(sink, ParseOpts::default());
    let mut rest: &str = &html;
    while !rest.is_empty() {
        let (step, after) = rest.split_at(cut(rest));
        parser.process(StrTendril::from(step));
        rest = after;
        if overgrown(&parser.tokenizer.sink.sink.0.borrow()) {
            parser.process(StrTendril::from(flatten(rest)));
            break;
        }
    }
    parser.finish()
}

/// The longest prefix of at most `bytes` bytes that ends between two characters.
fn prefix(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Where the next step ends: before a tag where there is one, so that flattening begins cleanly.
fn cut(text: &str) -> usize {
    let end = prefix(text, STEP).len();
    match text.as_bytes()[..end].iter().rposition(|b| *b == b'<') {
        Some(tag) if tag > STEP / 2 && end < text.len() => tag,
        _ => end.max(text.chars().next().map_or(0, char::len_utf8)),
    }
}

fn overgrown(html: &Html) -> bool {
    let newest = html.tree.nodes().next_back();
    html.tree.nodes().len() > MAX_NODES
        || newest.is_some_and(|node| node.ancestors().nth(MAX_DEPTH).is_some())
}

/// What is left of a page that nests too deeply: its text, paragraphs, headings and pictures.
fn flatten(html: &str) -> String {
    let mut flat = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        flat.push_str(&rest[..start]);
        rest = &rest[start..];
        let name: String = rest[1..]
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(12)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        match name.as_str() {
            "p" | "br" | "img" | "h1" | "h2" | "h3" | "script" | "style" | "textarea" | "title" => {
                flat.push_str(&rest[..end]);
            }
            "a" | "b" | "font" | "span" | "strong" | "em" | "i" | "u" | "o" => {}
            "" => {
                flat.push('<');
                rest = &rest[1..];
                continue;
            }
            _ => {
                if !flat.ends_with("<p>") {
                    flat.push_str("<p>");
                }
            }
        }
        rest = &rest[end..];
    }
    flat.push_str(rest);
    flat
}

/// Cuts what a tag has beyond [`MAX_ATTRIBUTES`] attributes.
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
        let tag = Tag::read(bytes, start);
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
    let found = bytes.get(from..)?.iter().position(|b| *b == byte)?;
    Some(from + found)
}

/// How far a start tag goes, read as the tokenizer reads it.
struct Tag {
    /// Where its `>` stands.
    end: usize,
    /// Where the attributes begin that are too many.
    surplus: Option<usize>,
}

impl Tag {
    fn read(bytes: &[u8], start: usize) -> Self {
        let mut attributes = 0;
        let mut surplus = None;
        let mut gap = false;
        let mut at = start + 1;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'>' => break,
                b'"' | b'\'' if bytes[at - 1] == b'=' => {
                    at = find(bytes, at + 1, *byte).unwrap_or(bytes.len());
                    gap = true;
                }
                b' ' | b'\t' | b'\n' | b'\r' | b'/' | b'\x0c' => gap = true,
                _ if gap => {
                    gap = false;
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
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

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
            let start = Instant::now();
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
        let start = Instant::now();
        let many: String = (0..200_000).map(|n| format!(" a{n}='>'")).collect();
        let html = parse(&format!("<p{many}>下文</p>"));
        assert_eq!(text(&html), "下文");
        assert!(start.elapsed() < Duration::from_secs(4));
    }

    #[test]
    fn quadratic_formatting_elements_are_bounded() {
        let start = Instant::now();
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
