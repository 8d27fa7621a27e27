//! Lists that only a script shows: as data that is no JSON, or as markup in its texts, in a hidden
//! field or in a template.
//!
//! Owns the reading of data as scripts write it (`{title: 'x', url: '/1.html'}`), and the search for
//! that markup. Never runs a script, and never reads a comment: it may be an old list.

use scraper::{ElementRef, Node};
use serde_json::{Map, Value};

use super::page::Page;
use super::{block, days, json};
use crate::extract::answer::{Above, Item};
use crate::extract::page::dom::Attributes;
use crate::extract::page::expression::closing;
use crate::extract::page::text::PageText;
use crate::extract::page::tokens::{Token, tokens};
use crate::extract::page::tree;

/// A longer script is a library.
const MAX_SCRIPT: usize = 512 << 10;
/// The most bytes of all markup.
const MAX_MARKUP: usize = 1 << 20;
/// The most values within each other.
const DEPTH: usize = 8;

/// The items of the page's scripts and hidden markup.
pub(super) fn items(page: &Page<'_>, text: PageText<'_>, above: Above) -> Vec<Item> {
    let mut markup = String::new();
    let mut best = Vec::new();
    for node in page.document.root_element().descendants() {
        let holder = node.parent().and_then(ElementRef::wrap);
        let held: String = match (node.value(), holder.map(|holder| holder.value().name())) {
            (Node::Text(text), Some("script")) if holder.is_some_and(is_script) => {
                let found = of_script(page, text);
                if found.0.len() > best.len() {
                    best = found.0;
                }
                found.1
            }
            (Node::Text(text), Some("script" | "textarea" | "noscript")) => text.to_string(),
            (Node::Element(element), _) if element.name() == "template" => {
                ElementRef::wrap(node).map_or_else(String::new, |element| element.inner_html())
            }
            _ => continue,
        };
        if names_links(&held) && markup.len() + held.len() <= MAX_MARKUP {
            // What a script writes piece by piece belongs together.
            markup.push_str(&held);
            markup.push('\n');
        }
    }
    if !best.is_empty() || markup.is_empty() {
        return best;
    }
    let document = tree::parse(PageText {
        html: &markup,
        ..text
    });
    let inner = Page::new(&document, page.here);
    let mut found = block::items(&inner);
    days::complete(&mut found, above);
    found.into_iter().map(|found| found.item).collect()
}

/// Whether an element is a script that browsers run.
fn is_script(element: ElementRef<'_>) -> bool {
    let kind = element.attribute("type").unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    kind.is_empty() || kind.contains("javascript") || kind == "module"
}

fn names_links(text: &str) -> bool {
    text.contains("href") && (text.contains("<a") || text.contains("<A"))
}

/// The items of a script's data, and the markup among its texts.
fn of_script(page: &Page<'_>, script: &str) -> (Vec<Item>, String) {
    let holds_data = script.contains("title") || script.contains("url");
    if script.len() > MAX_SCRIPT || !(names_links(script) || holds_data) {
        return (Vec::new(), String::new());
    }
    let mut tokens = tokens(script);
    let mut markup = String::new();
    if names_links(script) {
        let mut is_taken = false;
        for (at, token) in tokens.iter().enumerate() {
            match token {
                Token::Text(text) => {
                    // A part of a sum may be an address alone.
                    let is_part = at > 0 && tokens[at - 1] == Token::Sign('+');
                    is_taken = text.contains('<') || is_taken && is_part;
                    if is_taken {
                        markup.push_str(text);
                    }
                }
                Token::Sign('+') => {}
                _ => is_taken = false,
            }
        }
    }
    tokens.retain(|token| *token != Token::Line);
    (data(page, &tokens), markup)
}

/// The items of the longest list among a script's data: an array, or objects that are pushed one by
/// one.
fn data(page: &Page<'_>, tokens: &[Token]) -> Vec<Item> {
    let mut pushed = Vec::new();
    let mut best = Vec::new();
    let mut take = |value: Value| {
        let items = json::likely(value, &page.base);
        if items.len() > best.len() {
            best = items;
        }
    };
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at..] {
            [Token::Sign('['), Token::Sign('{'), ..] => {
                if let Some((value, _)) = value(&tokens[at..], DEPTH) {
                    take(value);
                    at = closing(tokens, at);
                }
            }
            [Token::Word(push), Token::Sign('('), rest @ ..] if push == "push" => {
                pushed.extend(value(rest, DEPTH).map(|(value, _)| value));
            }
            [
                Token::Sign(']'),
                Token::Sign('='),
                Token::Sign('{'),
                rest @ ..,
            ] => {
                pushed.extend(object(rest, DEPTH).map(|(value, _)| value));
            }
            _ => {}
        }
        at += 1;
    }
    take(Value::Array(pushed));
    best
}

/// The value with which these tokens begin, and the tokens behind it.
fn value(tokens: &[Token], depth: usize) -> Option<(Value, &[Token])> {
    let depth = depth.checked_sub(1)?;
    match tokens {
        [Token::Sign('{'), rest @ ..] => object(rest, depth),
        [Token::Sign('['), rest @ ..] => array(rest, depth),
        [Token::Text(text), rest @ ..] => {
            let mut whole = text.clone();
            let mut rest = rest;
            while let [Token::Sign('+'), Token::Text(more), after @ ..] = rest {
                whole.push_str(more);
                rest = after;
            }
            Some((Value::String(whole), rest))
        }
        [Token::Number(number), rest @ ..] => Some((number_of(*number), rest)),
        [Token::Sign('-'), Token::Number(number), rest @ ..] => Some((number_of(-number), rest)),
        // A variable's value is not known.
        [Token::Word(_), rest @ ..] if matches!(rest, [Token::Sign(',' | '}' | ']'), ..]) => {
            Some((Value::Null, rest))
        }
        _ => None,
    }
}

fn number_of(number: f64) -> Value {
    // A time in milliseconds is a whole number that a float holds exactly.
    match format!("{number:.0}").parse::<i64>() {
        Ok(whole) if number.fract() == 0.0 => Value::from(whole),
        _ => Value::from(number),
    }
}

fn object(tokens: &[Token], depth: usize) -> Option<(Value, &[Token])> {
    let mut map = Map::new();
    let mut rest = tokens;
    loop {
        let (name, after) = match rest {
            [Token::Sign('}'), rest @ ..] => return Some((Value::Object(map), rest)),
            [Token::Sign(','), after @ ..] => {
                rest = after;
                continue;
            }
            [
                Token::Word(name) | Token::Text(name),
                Token::Sign(':'),
                after @ ..,
            ] => (name, after),
            _ => return None,
        };
        let (inner, after) = value(after, depth)?;
        map.insert(name.clone(), inner);
        rest = after;
    }
}

fn array(tokens: &[Token], depth: usize) -> Option<(Value, &[Token])> {
    let mut values = Vec::new();
    let mut rest = tokens;
    loop {
        match rest {
            [Token::Sign(']'), rest @ ..] => return Some((Value::Array(values), rest)),
            [Token::Sign(','), after @ ..] => rest = after,
            _ => {
                let (inner, after) = value(rest, depth)?;
                values.push(inner);
                rest = after;
            }
        }
    }
}
