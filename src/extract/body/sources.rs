//! The addresses that elements and scripts name: of links, viewers, films and sounds.
//!
//! Owns the places where an address may stand whole: attributes, calls in handlers, literals of a
//! script, variables of a Flash player. Never judges what is at an address, and never computes one.

use std::sync::LazyLock;

use regex::Regex;

use crate::extract::page::dom::{self, DomNode};
use crate::extract::page::links;
use crate::extract::page::pattern::pattern;

/// Attributes in which scripts look for a file's address.
const OF_SCRIPTS: [&str; 14] = [
    "pdfsrc",
    "vurl",
    "data-href",
    "data-url",
    "data-file",
    "data-fileurl",
    "data-file-url",
    "data-link",
    "data-path",
    "data-pdf",
    "data-video",
    "data-download",
    "data-src",
    "videourl",
];

/// A longer script is a library.
const MAX_SCRIPT: usize = 16 << 10;
/// The most literals of a script.
const MAX_LITERALS: usize = 100;

/// The most characters of one that is an address.
const MAX_LITERAL: usize = 1000;

/// A quoted literal.
static LITERAL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#""([^"<>\n]{2,})"|'([^'<>\n]{2,})'|`([^`<>\n]{2,})`"#));

/// The addresses that an element may lead to, the likeliest first.
pub(super) fn addresses(node: DomNode<'_>) -> Vec<String> {
    let own = |names: &[&str]| -> Vec<String> {
        let values = names.iter().filter_map(|name| dom::attr(node, name));
        values
            .filter(|value| is_address(value))
            .map(str::to_owned)
            .collect()
    };
    let is_bare = node
        .value()
        .as_element()
        .is_none_or(|element| element.attrs.is_empty());
    match dom::name(node) {
        "script" => [own(&OF_SCRIPTS), literals(&dom::own_text(node))].concat(),
        "video" | "audio" => {
            let inner = node
                .children()
                .filter(|child| dom::name(*child) == "source");
            let inner = inner
                .filter_map(|source| dom::attr(source, "src"))
                .map(str::to_owned);
            own(&["src", "data-src", "data-url"])
                .into_iter()
                .chain(inner)
                .collect()
        }
        _ if is_bare => Vec::new(),
        "a" => {
            let href = own(&["href"]);
            if href.is_empty() {
                by_script(node)
            } else {
                href
            }
        }
        "iframe" => [own(&["src", "data-src"]), own(&OF_SCRIPTS)].concat(),
        "embed" => [flash_variables(node), own(&["src", "data-src"])].concat(),
        "object" => own(&["data"]),
        "param" => of_parameter(node),
        // Their addresses are pictures, and those of a film stand with the film.
        "img" | "source" | "link" | "meta" | "base" => Vec::new(),
        _ => by_script(node),
    }
}

/// The media type that a film or a sound states.
pub(super) fn kind(node: DomNode<'_>) -> Option<&'static str> {
    let own = std::iter::once(node);
    let mut all = own.chain(
        node.children()
            .filter(|child| dom::name(*child) == "source"),
    );
    let stated = all
        .find_map(|node| dom::attr(node, "type"))
        .unwrap_or_default();
    match stated.split(';').next().unwrap_or_default().trim() {
        "video/webm" => Some("video/webm"),
        "video/ogg" => Some("video/ogg"),
        "audio/ogg" => Some("audio/ogg"),
        "audio/wav" => Some("audio/wav"),
        _ if dom::name(node) == "audio" => Some("audio/mpeg"),
        _ => Some("video/mp4"),
    }
}

/// Whether an address is a variable of a Flash viewer, not the viewer itself.
pub(super) fn is_flash_variable(node: DomNode<'_>, address: &str) -> bool {
    flash_variables(node)
        .iter()
        .any(|variable| variable == address)
        || dom::name(node) == "param"
            && of_parameter(node).iter().any(|value| value == address)
            && is_variables(node)
}

/// A handler's or a script link's address, or that of an attribute for scripts.
fn by_script(node: DomNode<'_>) -> Vec<String> {
    let attributes = OF_SCRIPTS.iter().filter_map(|name| dom::attr(node, name));
    let attributes = attributes
        .filter(|value| is_address(value))
        .map(str::to_owned);
    let scripts = ["onclick", "href"]
        .into_iter()
        .filter_map(|name| dom::attr(node, name));
    // Without a quotation mark there is no literal.
    let scripts = scripts.filter(|script| script.contains(['"', '\'', '`']));
    let called = scripts.flat_map(|script| {
        let opened = links::literal(script).into_iter();
        opened.chain(literals(script)).collect::<Vec<_>>()
    });
    attributes.chain(called).collect()
}

/// The literals of a script that are whole addresses: with a folder, and no part of a sum.
fn literals(script: &str) -> Vec<String> {
    if script.len() > MAX_SCRIPT {
        return Vec::new();
    }
    let mut found = Vec::new();
    for literal in LITERAL.captures_iter(script).take(MAX_LITERALS) {
        let (Some(whole), Some(inner)) = (literal.get(0), literal.iter().skip(1).flatten().next())
        else {
            continue;
        };
        let before = script[..whole.start()].trim_end();
        let after = script[whole.end()..].trim_start();
        let is_part = before.ends_with('+') || after.starts_with('+');
        let is_long = inner.as_str().chars().nth(MAX_LITERAL).is_some();
        let text = inner.as_str().replace("\\/", "/");
        if !is_part && !is_long && text.contains('/') && is_address(&text) && !is_comment(before) {
            found.push(text);
        }
    }
    found
}

/// Whether a script's text ends within a comment.
fn is_comment(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let starts = |line: &str| {
        line.match_indices("//")
            .any(|(at, _)| !line[..at].ends_with(':'))
    };
    let is_open = || match (before.rfind("/*"), before.rfind("*/")) {
        (Some(start), end) => end.is_none_or(|end| end < start),
        _ => false,
    };
    starts(&strip_literals(line)) || is_open()
}

fn strip_literals(line: &str) -> String {
    LITERAL.replace_all(line, " ").into_owned()
}

/// The values of a Flash player's variables: `SwfFile=/a.swf&Scale=1`.
fn flash_variables(node: DomNode<'_>) -> Vec<String> {
    dom::attr(node, "flashvars")
        .map(variables)
        .unwrap_or_default()
}

fn variables(text: &str) -> Vec<String> {
    let pairs = text
        .split(['&', '|'])
        .filter_map(|pair| pair.split_once('='));
    let values = pairs.map(
        |(_, value)| match value.contains("%2F") || value.contains("%2f") {
            true => url::form_urlencoded::parse(format!("v={value}").as_bytes())
                .map(|(_, value)| value.into_owned())
                .collect(),
            false => value.to_owned(),
        },
    );
    values
        .filter(|value| is_address(value) && value.contains('.'))
        .collect()
}

fn is_variables(node: DomNode<'_>) -> bool {
    dom::attr(node, "name").is_some_and(|name| name.trim().eq_ignore_ascii_case("flashvars"))
}

fn of_parameter(node: DomNode<'_>) -> Vec<String> {
    let value = dom::attr(node, "value").unwrap_or_default();
    match is_variables(node) {
        true => variables(value),
        false if is_address(value) => vec![value.to_owned()],
        false => Vec::new(),
    }
}

/// Whether a text can be an address: no script, and no mere jump within the page.
pub(in crate::extract) fn is_address(text: &str) -> bool {
    let text = text.trim();
    let scheme = |name: &str| {
        text.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let schemes = ["javascript:", "data:", "about:", "blob:", "vbscript:"];
    !text.is_empty() && !text.starts_with('#') && !schemes.into_iter().any(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_an_address_only_if_it_is_whole() {
        let script = r#"var a="/x/1.pdf", b = '\/y\/2.docx'; // f("/old.pdf")
            open(base + "/3.pdf"); f("4.pdf"); /* g("/5.pdf") */ h('http://v.cn/6.mp4')"#;
        assert_eq!(
            literals(script),
            ["/x/1.pdf", "/y/2.docx", "http://v.cn/6.mp4"]
        );
    }

    #[test]
    fn the_variables_of_a_player_are_read() {
        let text = "SwfFile=/a/b.swf?e=.swf&Scale=0.6&f=%2Fv%2Fc.mp4";
        assert_eq!(variables(text), ["/a/b.swf?e=.swf", "0.6", "/v/c.mp4"]);
    }
}
