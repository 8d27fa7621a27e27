//! A page as a tree, in bounded time.
//!
//! Owns the limits without which the HTML parser takes time that grows with the square of its
//! input: how deep elements nest, and how many attributes a tag has. Never reads the tree.

use std::borrow::Cow;

use html5ever::driver::{self, ParseOpts};
use html5ever::tendril::{StrTendril, TendrilSink};
use scraper::{Html, HtmlTreeSink};

/// Where a page nests deeper, it ends. Browsers stop nesting at 512, too.
const DEPTH: usize = 512;

/// What a tag has beyond so many attributes is passed over. Real ones have a dozen.
const ATTRIBUTES: usize = 1024;

/// The parser is fed so many bytes at a time, and the depth looked at in between.
const PIECE: usize = 4096;

/// Parses a page. What stands deeper than 512 elements is left out, and so is all that follows.
pub(crate) fn parse(html: &str) -> Html {
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = driver::parse_document(sink, ParseOpts::default());
    let mut seen = 0;
    let html = with_few_attributes(html);
    let mut rest = html.as_ref();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        rest = after;
        parser.process(StrTendril::from(piece));
        let page = parser.tokenizer.sink.sink.0.borrow();
        let nodes = page.tree.nodes();
        let new = nodes.len() - seen;
        seen = nodes.len();
        let deep = nodes
            .rev()
            .take(new)
            .any(|node| node.ancestors().nth(DEPTH).is_some());
        if deep {
            break;
        }
    }
    parser.finish()
}

/// Leaves out the attributes of a tag beyond [`ATTRIBUTES`]. Tags are told from other text as the
/// tokenizer of the HTML standard (section 13.2.5) does it, scripts and comments aside: what looks
/// like an endless tag in them is cut, too.
fn with_few_attributes(html: &str) -> Cow<'_, str> {
    let bytes = html.as_bytes();
    let mut kept = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(open) = find(bytes, at, |b| b == b'<') {
        at = open + 1;
        if !bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        at = find(bytes, at, ends_name).unwrap_or(bytes.len());
        let mut attributes = 0;
        let mut surplus = None;
        while let Some(start) = find(bytes, at, |b| !is_gap(b)) {
            at = start;
            if bytes[at] == b'>' {
                break;
            }
            if attributes == ATTRIBUTES {
                surplus = Some(at);
            }
            attributes += 1;
            at = after_attribute(bytes, at);
        }
        if let Some(surplus) = surplus {
            kept.push_str(&html[copied..surplus]);
            copied = at.min(bytes.len());
        }
    }
    if copied == 0 {
        return Cow::Borrowed(html);
    }
    kept.push_str(&html[copied..]);
    Cow::Owned(kept)
}

/// Where the attribute that starts at `at` has ended. Every answer stands beside an ASCII byte or
/// at the end, so it is a place at which a string may be cut.
fn after_attribute(bytes: &[u8], at: usize) -> usize {
    let end = |at: usize, stop: fn(u8) -> bool| find(bytes, at, stop).unwrap_or(bytes.len());
    // A name may begin with `=`.
    let name = end(at + 1, |b| ends_name(b) || b == b'=');
    let sign = end(name, |b| !b.is_ascii_whitespace());
    if bytes.get(sign) != Some(&b'=') {
        return name;
    }
    let value = end(sign + 1, |b| !b.is_ascii_whitespace());
    match bytes.get(value) {
        Some(b'"') => end(value + 1, |b| b == b'"').saturating_add(1),
        Some(b'\'') => end(value + 1, |b| b == b'\'').saturating_add(1),
        _ => end(value, |b| b.is_ascii_whitespace() || b == b'>'),
    }
    .min(bytes.len())
}

fn find(bytes: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.iter().position(|b| wanted(*b)).map(|i| from + i)
}

fn is_gap(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'/'
}

fn ends_name(byte: u8) -> bool {
    is_gap(byte) || byte == b'>'
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn an_ordinary_page_is_parsed_whole() {
        let page = format!(
            "<ul>{}</ul><p>末",
            "<li><a href='x>y'>字</a></li>".repeat(900)
        );
        assert_eq!(parse(&page), Html::parse_document(&page));
    }

    #[test]
    fn surplus_attributes_are_left_out_and_the_rest_stays() {
        let many: String = (0..ATTRIBUTES + 50)
            .map(|i| format!(" a{i} = '>'"))
            .collect();
        let page = format!("<p id=x>前</p><div{many}>中</div><p>后</p>");
        let cut = with_few_attributes(&page);
        assert!(cut.ends_with(">中</div><p>后</p>"), "{cut}");
        assert_eq!(cut.matches(" = '>'").count(), ATTRIBUTES);
    }

    #[test]
    fn hostile_pages_take_bounded_time() {
        let start = Instant::now();
        for page in [
            "<div>".repeat(200_000),
            "<div></body><!---->".repeat(200_000),
            "<b id=1><p>".repeat(100_000),
            "<a href=x>".repeat(200_000),
            format!("<p {}", "a ".repeat(200_000)),
            (0..200_000)
                .map(|i| format!("a{i}=\""))
                .fold("<p ".into(), |page, a| page + &a),
            "<".repeat(200_000),
            "\u{0}<!".repeat(100_000),
        ] {
            assert!(parse(&page).tree.nodes().len() > 1);
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{:?}",
            start.elapsed()
        );
    }
}
