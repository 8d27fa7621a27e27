//! Texts that stand whole in a page, but that only a script shows: in hidden fields, templates,
//! frames and quoted strings.
//!
//! Owns which of them may be the article's text: prose, and nothing else. Never reads one where the
//! page shows a text, and never runs a script.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ego_tree::NodeId;
use regex::Regex;
use scraper::{Html, Node};

use super::density;
use crate::extract::page::cells::Cells;
use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::pattern::pattern;
use crate::extract::page::{strings, tree};

/// A text with less is a hint to visitors.
const MIN_PROSE: usize = 30;
/// The most texts of a page that are looked at, and their length in all.
const MOST: usize = 200;
const MAX_BYTES: usize = 1 << 20;

/// A quoted string of a script, with its escapes.
static STRING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#""((?:[^"\\\n]|\\[\s\S])*)"|'((?:[^'\\\n]|\\[\s\S])*)'|`((?:[^`\\]|\\[\s\S])*)`"#)
});

/// Markup of paragraphs and lines.
static MARKUP: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)<(p|br|div|span|td|section)\b"));

/// What a script only tells its visitor.
const MESSAGES: [&str; 5] = ["alert", "confirm", "prompt", "console.log", "msg"];

/// A hidden text: its page, and where it was found.
pub(in crate::extract) struct Hidden {
    pub(in crate::extract) html: Html,
    pub(in crate::extract) found: String,
}

/// The longest hidden text of a page that is prose. Beside the container, a string of a script must
/// be markup: others are messages to visitors.
pub(in crate::extract) fn text(html: &Html, container: Option<NodeId>) -> Option<Hidden> {
    let mut left = MAX_BYTES;
    let mut best: Option<(usize, Hidden)> = None;
    let holders = dom::elements(html.tree.root()).filter(|node| found_in(*node).is_some());
    for node in holders.take(MOST) {
        let is_inside = node.ancestors().any(|above| Some(above.id()) == container);
        let is_script = found_in(node) == Some("hidden script");
        for text in texts(node) {
            let is_loose = is_script && !is_inside || dom::name(node) == "noscript";
            if is_loose && !MARKUP.is_match(&text) {
                continue;
            }
            let Some(rest) = left.checked_sub(text.len()) else {
                return best.map(|(_, hidden)| hidden);
            };
            left = rest;
            let found = found_in(node).unwrap_or_default();
            let Some((weight, html)) = prose(&text) else {
                continue;
            };
            if best.as_ref().is_none_or(|(most, _)| weight > *most) {
                let found = found.to_owned();
                best = Some((weight, Hidden { html, found }));
            }
        }
    }
    best.map(|(_, hidden)| hidden)
}

/// The hidden text of one element, for a column that names it.
pub(in crate::extract) fn of_element(node: DomNode<'_>) -> Option<Html> {
    found_in(node)?;
    let all = texts(node).into_iter().filter_map(|text| prose(&text));
    Some(all.max_by_key(|(weight, _)| *weight)?.1)
}

/// The name for provenance of what an element hides.
fn found_in(node: DomNode<'_>) -> Option<&'static str> {
    let kind = || {
        dom::attr(node, "type")
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    };
    match dom::name(node) {
        "textarea" => Some("hidden textarea"),
        "xmp" => Some("hidden text"),
        "noscript" => Some("hidden noscript"),
        "iframe" if dom::attr(node, "srcdoc").is_some() => Some("hidden frame"),
        "input" if kind() == "hidden" => Some("hidden input"),
        "template" => Some("hidden template"),
        "script"
            if ["html", "template", "plain"]
                .iter()
                .any(|name| kind().contains(name)) =>
        {
            Some("hidden template")
        }
        "script" if dom::attr(node, "src").is_none() => Some("hidden script"),
        _ => None,
    }
}

/// The texts that an element hides, as markup.
fn texts(node: DomNode<'_>) -> Vec<String> {
    let attribute = |name| {
        let value = dom::attr(node, name).map(str::to_owned);
        value.into_iter().collect()
    };
    match found_in(node) {
        Some("hidden input") => attribute("value"),
        Some("hidden frame") => attribute("srcdoc"),
        Some("hidden script") => strings_of(&dom::own_text(node)),
        Some("hidden template") if dom::name(node) == "template" => vec![inner(node)],
        Some(_) => vec![dom::own_text(node)],
        None => Vec::new(),
    }
}

/// The markup below a `template`.
fn inner(node: DomNode<'_>) -> String {
    let elements = node.descendants().skip(1);
    let direct = elements.filter(|below| {
        below
            .parent()
            .is_some_and(|parent| parent.id() == node.id() || parent.value().is_fragment())
    });
    let mut html = String::new();
    for child in direct {
        match child.value() {
            Node::Text(text) => html.push_str(&text.text),
            Node::Element(_) => {
                if let Some(element) = scraper::ElementRef::wrap(child) {
                    html.push_str(&element.html());
                }
            }
            _ => {}
        }
    }
    html
}

/// The strings of a script that may be a text, without their escapes.
fn strings_of(script: &str) -> Vec<String> {
    /// A shorter literal holds no prose, in bytes.
    const MIN: usize = 90;
    let literals = STRING.captures_iter(script);
    let is_message = |start: usize| {
        let before = script[..start].trim_end().trim_end_matches('(').trim_end();
        MESSAGES.iter().any(|call| before.ends_with(call))
    };
    let own = literals.filter_map(|literal| {
        let start = literal.get(0)?.start();
        let inner = literal.iter().skip(1).flatten().next()?;
        (!is_message(start)).then_some((start, inner.as_str()))
    });
    let mut found = Vec::new();
    let mut sum = Sum::default();
    for (start, inner) in own.take(10 * MOST) {
        let before = script[..start].trim_end();
        let text = || decoded(&unescaped(inner));
        if sum.add(before, text) {
            found.extend(sum.take());
            sum.add(before, text);
        }
        if inner.len() >= MIN && found.len() < MOST {
            found.push(text());
        }
    }
    found.extend(sum.take());
    found
}

/// A text that a script writes piece by piece: `s += '…'`, `document.write('…')`.
#[derive(Default)]
struct Sum {
    text: String,
    pieces: usize,
}

impl Sum {
    /// Adds the next piece, by the script before it. Returns whether it begins another text instead.
    fn add(&mut self, before: &str, text: impl Fn() -> String) -> bool {
        let goes_on = before.ends_with('+') || before.ends_with("+=");
        let is_written = ["write(", "writeln(", "append(", "push("]
            .iter()
            .any(|call| before.ends_with(call));
        let begins = before.ends_with('=') && !goes_on;
        if begins && self.pieces > 0 {
            return true;
        }
        if goes_on || is_written || begins {
            self.text.push_str(&text());
            self.pieces += 1;
        }
        false
    }

    /// The text so far, if it has several pieces.
    fn take(&mut self) -> Option<String> {
        let whole = std::mem::take(self);
        (whole.pieces > 1).then_some(whole.text)
    }
}

/// A string of a script without its escapes: `\/`, `\n`, `\u6587`, `\x3c`.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    // UTF-16 units that wait for their other half.
    let mut units: Vec<u16> = Vec::new();
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        if !before.is_empty() {
            flush(&mut units, &mut plain);
            plain.push_str(before);
        }
        let mut chars = escape[1..].chars();
        let Some(sign) = chars.next() else {
            rest = "";
            break;
        };
        rest = chars.as_str();
        let digits = match sign {
            'u' => 4,
            'x' => 2,
            _ => 0,
        };
        let unit = rest.get(..digits).filter(|_| digits > 0);
        if let Some(unit) = unit.and_then(|unit| u16::from_str_radix(unit, 16).ok()) {
            units.push(unit);
            rest = &rest[digits..];
            continue;
        }
        flush(&mut units, &mut plain);
        match sign {
            'n' | 'r' | '\n' => plain.push('\n'),
            't' => plain.push(' '),
            other => plain.push(other),
        }
    }
    flush(&mut units, &mut plain);
    plain + rest
}

fn flush(units: &mut Vec<u16>, plain: &mut String) {
    plain.push_str(&String::from_utf16_lossy(units));
    units.clear();
}

/// A text that a script decodes first: percent-encoded, with `%u6587`, or in Base64.
fn decoded(text: &str) -> String {
    if let Some(text) = of_base64(text) {
        return text;
    }
    let is_encoded = text.contains('%') && !text.contains(['<', ' ', '。']);
    if !is_encoded {
        return text.to_owned();
    }
    let wide = text.replace("%u", "\\u");
    let wide = if wide.contains("\\u") {
        unescaped(&wide)
    } else {
        wide
    };
    strings::percent_decoded(&wide)
}

/// The text that is Base64, if it is one in UTF-8.
fn of_base64(text: &str) -> Option<String> {
    /// A shorter one holds no prose.
    const MIN: usize = 90;
    let is_one = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if text.len() < MIN || !text.bytes().all(is_one) {
        return None;
    }
    let bytes = STANDARD.decode(text).ok()?;
    let plain = String::from_utf8(bytes).ok()?;
    // Markup may be percent-encoded before.
    Some(match plain.contains('%') && !plain.contains('<') {
        true => strings::percent_decoded(&plain),
        false => plain,
    })
}

/// The weight of a text as prose, and its page. `None` if it is a menu, a form or code.
fn prose(text: &str) -> Option<(usize, Html)> {
    let text = text.trim();
    if text.len() < MIN_PROSE || !text.contains(['。', '！', '；']) {
        return None;
    }
    // An entity that was escaped once more for the attribute or the script.
    let text = match text.contains("&lt;") && !text.contains('<') {
        true => text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&"),
        false => text.to_owned(),
    };
    let text = match text.contains('<') {
        true => text,
        false => text.lines().map(|line| format!("<p>{line}</p>")).collect(),
    };
    let html = tree::parse(&format!("<body>{text}</body>"));
    let cells = Cells::new(html.tree.root());
    let all: usize = cells.all.iter().map(|cell| cell.len()).sum();
    let weight: usize = cells.all.iter().map(density::prose).sum();
    let is_code = |c: &char| matches!(c, '{' | '}' | ';' | '=' | '$');
    let code = cells
        .all
        .iter()
        .flat_map(|cell| cell.text.chars())
        .filter(is_code)
        .count();
    let is_prose = weight >= MIN_PROSE && weight * 2 >= all && code * 20 < all;
    is_prose.then_some((weight, html))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "会议指出，要认真做好岁末年初的各项工作，确保群众温暖过冬，确保市场供应充足。";

    fn found(page: &str) -> Option<(String, String)> {
        let html = Html::parse_document(page);
        let root = html.tree.root().id();
        let hidden = text(&html, Some(root))?;
        Some((hidden.found, dom::text(hidden.html.tree.root())))
    }

    #[test]
    fn a_text_is_found_wherever_it_is_hidden() {
        let escaped: String = TEXT
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect();
        for page in [
            format!("<input type=hidden value='&lt;p&gt;{TEXT}&lt;/p&gt;'>"),
            format!("<textarea style='display:none'>&lt;p&gt;{TEXT}&lt;/p&gt;</textarea>"),
            format!("<script type=text/html><p>{TEXT}</p></script>"),
            format!("<template><p>{TEXT}</p></template>"),
            format!("<script>var a=\"<p>{TEXT}<\\/p>\";</script>"),
            format!("<script>show('<p>{escaped}<\\/p>')</script>"),
            format!("<script>var a={{\"b\":\"{TEXT}\"}}</script>"),
            format!("<script type=text/plain><p>{TEXT}</p></script>"),
            format!("<noscript><p>{TEXT}</p></noscript>"),
            format!("<iframe srcdoc='<p>{TEXT}</p>'></iframe>"),
            format!(
                "<script>f('{}')</script>",
                STANDARD.encode(format!("<p>{TEXT}</p>"))
            ),
            format!(
                "<script>s='<p>{}';s+='{}</p>'</script>",
                &TEXT[..60],
                &TEXT[60..]
            ),
        ] {
            assert_eq!(
                found(&page).map(|(_, text)| text).as_deref(),
                Some(TEXT),
                "{page}"
            );
        }
    }

    #[test]
    fn what_is_no_prose_is_no_text() {
        for page in [
            "<textarea>请输入您的意见。</textarea>".to_owned(),
            format!("<noscript>{TEXT}</noscript>"),
            format!("<script>var a=\"<a href=/1>{TEXT}</a>\";</script>"),
            format!("<script>// {TEXT}\nvar a = 1;</script>"),
            format!("<script src=/a.js>\"{TEXT}\"</script>"),
        ] {
            assert_eq!(found(&page), None, "{page}");
        }
    }
}
