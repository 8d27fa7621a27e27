//! The address to which a script sends the browser on, whatever happens.
//!
//! Owns the reading of the statements that a script runs for every visitor: none in a condition, a
//! comment, or a function that nothing calls. Never runs a script: an address that is computed
//! stays unknown.

use std::collections::HashMap;

use url::Url;

use crate::extract::page::expression::{Known, block, chain, closing, is_end};
use crate::extract::page::tokens::{Token, tokens};

/// Scripts within scripts (`setTimeout("setTimeout(…)")`) are read to this depth.
const DEPTH: usize = 3;
/// So many calls of functions are followed on a page: each may call others.
const MOST_CALLS: usize = 100;
/// Words after which a line break does not begin a statement.
const OPEN: [&str; 12] = [
    "else", "do", "return", "typeof", "new", "in", "of", "var", "let", "const", "void", "case",
];
/// Words in front of a parenthesis that is a condition.
const CONDITIONS: [&str; 6] = ["if", "while", "for", "with", "switch", "catch"];

/// A jump to another address.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Jump {
    /// The address as written.
    pub(super) to: String,
    /// The seconds until it happens.
    pub(super) after: f64,
}

/// The jumps of a page's scripts.
pub(super) struct Scripts<'a> {
    known: Known<'a>,
    /// The statements of the functions that scripts declare, but of long ones.
    functions: HashMap<String, Vec<Token>>,
    /// How many calls may still be followed.
    calls: usize,
}

impl<'a> Scripts<'a> {
    pub(super) fn new(here: &'a Url) -> Self {
        Self {
            known: Known::new(here),
            functions: HashMap::new(),
            calls: MOST_CALLS,
        }
    }

    /// The first jump of the next script on the page.
    pub(super) fn jump(&mut self, script: &str) -> Option<Jump> {
        let tokens = tokens(script);
        self.declare(&tokens);
        self.first(&tokens, DEPTH)
    }

    /// Remembers the functions that a script declares: it may call them before.
    fn declare(&mut self, tokens: &[Token]) {
        for at in 0..tokens.len() {
            if let [
                Token::Word(word),
                Token::Word(name),
                Token::Sign('('),
                Token::Sign(')'),
                rest @ ..,
            ] = &tokens[at..]
                && word == "function"
                && let Some(body) = block(rest)
            {
                self.functions.insert(name.clone(), body.to_vec());
            }
        }
    }

    /// The first jump among the statements that always run.
    fn first(&mut self, tokens: &[Token], depth: usize) -> Option<Jump> {
        let mut at = 0;
        let mut is_start = true;
        let mut is_condition = false;
        while let Some(token) = tokens.get(at) {
            if is_start && depth > 0 {
                if let Some(jump) = self.jump_at(&tokens[at..], depth) {
                    return Some(jump);
                }
                self.known.learn(&tokens[at..]);
            }
            match token {
                Token::Sign('{') if at > 0 && is_word(tokens.get(at - 1), "try") => {
                    (is_start, is_condition) = (true, false);
                }
                Token::Sign('(' | '[' | '{') => {
                    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
                    is_condition = *token == Token::Sign('(')
                        && matches!(before, Some(Token::Word(word)) if CONDITIONS.contains(&word.as_str()));
                    at = closing(tokens, at);
                    is_start = *token == Token::Sign('{');
                }
                Token::Sign(';') => (is_start, is_condition) = (true, false),
                Token::Line => is_start |= !is_condition && ends_statement(tokens, at),
                _ => (is_start, is_condition) = (false, false),
            }
            at += 1;
        }
        None
    }

    /// The jump that begins with the first of these tokens.
    fn jump_at(&mut self, tokens: &[Token], depth: usize) -> Option<Jump> {
        let (names, rest) = chain(tokens);
        let now = |to: String| Jump { to, after: 0.0 };
        match (names.as_slice(), rest) {
            (["location"] | ["location", "href"], [Token::Sign('='), rest @ ..]) => {
                let (to, rest) = self.known.text(rest)?;
                is_end(rest).then(|| now(to))
            }
            (["location", "replace" | "assign"] | ["navigate"], [Token::Sign('('), rest @ ..]) => {
                let (to, rest) = self.known.text(rest)?;
                matches!(rest, [Token::Sign(')'), ..]).then(|| now(to))
            }
            (["open"], [Token::Sign('('), rest @ ..]) => {
                let (to, rest) = self.known.text(rest)?;
                let [Token::Sign(','), Token::Text(window), ..] = rest else {
                    return None;
                };
                matches!(window.as_str(), "_self" | "_top" | "_parent").then(|| now(to))
            }
            (["setTimeout"], [Token::Sign('('), ..]) => {
                let inner = rest.get(1..closing(rest, 0))?;
                self.later(inner, depth)
            }
            // When the page is loaded.
            (["onload"], [Token::Sign('='), action @ ..]) => self.called(action, depth),
            (
                ["addEventListener"],
                [
                    Token::Sign('('),
                    Token::Text(event),
                    Token::Sign(','),
                    action @ ..,
                ],
            ) if matches!(event.as_str(), "load" | "DOMContentLoaded") => {
                self.called(action, depth)
            }
            (["$" | "jQuery"], [Token::Sign('('), action @ ..]) => match action {
                [
                    Token::Word(page),
                    Token::Sign(')'),
                    Token::Sign('.'),
                    Token::Word(ready),
                    Token::Sign('('),
                    action @ ..,
                ] if page == "document" && ready == "ready" => self.called(action, depth),
                action => self.called(action, depth),
            },
            ([name], [Token::Sign('('), ..]) if is_end(rest.get(closing(rest, 0) + 1..)?) => {
                self.call(name, depth)
            }
            _ => None,
        }
    }

    /// The jump of the function that these tokens name or begin with.
    fn called(&mut self, action: &[Token], depth: usize) -> Option<Jump> {
        match action {
            [Token::Word(name), ..] if name != "function" => self.call(name, depth),
            _ => self.first(body(action)?, depth - 1),
        }
    }

    /// The jump of a function that a script declares.
    fn call(&mut self, name: &str, depth: usize) -> Option<Jump> {
        let body = self.functions.get(name)?.clone();
        self.calls = self.calls.checked_sub(1)?;
        self.first(&body, depth - 1)
    }

    /// The jump that `setTimeout` puts off: its arguments are a script or a function, and the time
    /// in milliseconds.
    fn later(&mut self, arguments: &[Token], depth: usize) -> Option<Jump> {
        let comma = split(arguments);
        let (action, time) = arguments.split_at(comma);
        let after = match without_lines(time.get(1..).unwrap_or_default()) {
            [] => 0.0,
            [Token::Number(time)] | [Token::Number(time), Token::Sign(','), ..] => *time,
            [Token::Number(a), Token::Sign('*'), Token::Number(b)] => a * b,
            _ => return None,
        };
        let action = without_lines(action);
        let jump = match action {
            [Token::Text(script)] => self.first(&tokens(script), depth - 1),
            _ => self.called(action, depth),
        }?;
        Some(Jump {
            after: jump.after + after / 1000.0,
            ..jump
        })
    }
}

fn is_word(token: Option<&Token>, wanted: &str) -> bool {
    matches!(token, Some(Token::Word(word)) if word == wanted)
}

/// The statements of a function without parameters.
fn body(function: &[Token]) -> Option<&[Token]> {
    let inner = match function {
        [Token::Word(word), rest @ ..] if word == "function" => {
            let rest = match rest {
                [Token::Word(_), rest @ ..] => rest,
                rest => rest,
            };
            let [Token::Sign('('), Token::Sign(')'), rest @ ..] = rest else {
                return None;
            };
            rest
        }
        [
            Token::Sign('('),
            Token::Sign(')'),
            Token::Sign('='),
            Token::Sign('>'),
            rest @ ..,
        ] => rest,
        _ => return None,
    };
    match inner {
        [Token::Sign('{'), rest @ ..] => rest.get(..closing(inner, 0).checked_sub(1)?),
        rest => Some(rest),
    }
}

/// The place of the comma between the first argument and the next one, or the end.
fn split(arguments: &[Token]) -> usize {
    let mut at = 0;
    while let Some(token) = arguments.get(at) {
        match token {
            Token::Sign(',') => break,
            Token::Sign('(' | '[' | '{') => at = closing(arguments, at) + 1,
            _ => at += 1,
        }
    }
    at.min(arguments.len())
}

/// These tokens without line breaks at both ends.
fn without_lines(mut tokens: &[Token]) -> &[Token] {
    while let [Token::Line, rest @ ..] | [rest @ .., Token::Line] = tokens {
        tokens = rest;
    }
    tokens
}

/// Whether the line break at `at` can end a statement.
fn ends_statement(tokens: &[Token], at: usize) -> bool {
    match tokens[..at].last() {
        None | Some(Token::Line | Token::Text(_) | Token::Number(_)) => true,
        Some(Token::Word(word)) => !OPEN.contains(&word.as_str()),
        Some(Token::Sign(sign)) => matches!(sign, ')' | ']' | '}' | ';'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jump(script: &str) -> Option<(String, f64)> {
        let here = Url::parse("http://www.x.gov.cn/a/1.html?b=2").unwrap();
        let jump = Scripts::new(&here).jump(script)?;
        Some((jump.to, jump.after))
    }

    #[test]
    fn what_always_happens_is_a_jump() {
        for (script, to, after) in [
            ("window.location.href = './2/t.html';", "./2/t.html", 0.0),
            ("location='/b.html'", "/b.html", 0.0),
            ("var a = 1\ntop.location.replace(\"/b\")\nfoo()", "/b", 0.0),
            ("self.location.assign('\\/b\\u002ehtml');", "/b.html", 0.0),
            ("document.location = `/b`", "/b", 0.0),
            ("window.open('/b', '_self')", "/b", 0.0),
            ("setTimeout(\"location.href='/b'\", 3000)", "/b", 3.0),
            (
                "setTimeout(function () { location.href = '/b' }, 1500);",
                "/b",
                1.5,
            ),
            (
                "window.setTimeout(() => location.replace('/b'), 500)",
                "/b",
                0.5,
            ),
            ("setTimeout(\n  'location=\"/b\"',\n 2*1000\n)", "/b", 2.0),
            (
                "setTimeout(function go(){ var u='/b'; location=u; })",
                "/b",
                0.0,
            ),
            (
                "var u = '/b/' + 'c.html'; window.location.href = u;",
                "/b/c.html",
                0.0,
            ),
            (
                "location.href = location.protocol + '//' + location.host + '/b'",
                "http://www.x.gov.cn/b",
                0.0,
            ),
            ("if (a) { b() } location.href='/b'", "/b", 0.0),
            ("if (a) b(); location.href='/b'", "/b", 0.0),
            ("function f() { return 1 }\nlocation.href='/b'", "/b", 0.0),
            ("<!--\n// go on\nlocation.href='/b'\n//-->", "/b", 0.0),
            ("var r = /['\"]/g; location.href='/b'", "/b", 0.0),
            (
                "window.onload = function () { location.href = '/b' }",
                "/b",
                0.0,
            ),
            ("$(function () { location.href = '/b' })", "/b", 0.0),
            (
                "$(document).ready(() => { location.href = '/b' });",
                "/b",
                0.0,
            ),
            ("function go() { location.href = '/b' } go();", "/b", 0.0),
            ("go()\nfunction go() { location.href = '/b' }", "/b", 0.0),
            (
                "function go() { location.href = '/b' } onload = go",
                "/b",
                0.0,
            ),
            (
                "function go() { location.href = '/b' } setTimeout(go, 3000)",
                "/b",
                3.0,
            ),
            (
                "function go() { location.href = '/b' } setTimeout('go()', 3000)",
                "/b",
                3.0,
            ),
            (
                "document.addEventListener('DOMContentLoaded', function () { location.href = '/b' })",
                "/b",
                0.0,
            ),
            ("try { location.href = '/b' } catch (e) {}", "/b", 0.0),
        ] {
            assert_eq!(jump(script), Some((to.to_owned(), after)), "{script}");
        }
    }

    #[test]
    fn what_may_happen_is_none() {
        for script in [
            "if (/mobile/i.test(navigator.userAgent)) location.href = '/m/'",
            "if (top != self) { top.location = '/b' }",
            "if (a)\n  location.href = '/b'",
            "if (a) b(); else location.href = '/b'",
            "if (a) b()\nelse\n location.href = '/b'",
            "a && (location.href = '/b')",
            "a\n  ? location.replace('/b')\n  : 0",
            "function go() { location.href = '/b' }",
            "function go() { location.href = '/b' } a.onclick = go",
            "function go() { if (a) location.href = '/b' } go()",
            "go(); function go() { go() }",
            "try { a() } catch (e) { location.href = '/b' }",
            "$('.a').click(function () { location.href = '/b' })",
            "// location.href = '/b'",
            "/* location.href = '/b' */",
            "var s = \"location.href = '/b'\"",
            "location.href == '/b'",
            "location.href = a ? '/b' : '/c'",
            "location.href = '/b?id=' + id",
            "location.href = location.href.replace('http:', 'https:')",
            "location.href = url",
            "location.hash = '/b'",
            "location.reload()",
            "window.open('/b')",
            "setTimeout(go, 3000)",
            "setTimeout(function () { if (a) location.href = '/b' }, 0)",
            "for (;;) location.href = '/b'",
            "var u = '/b'; u = v(); location = u;",
            "(((((((",
            "location.href = '/b",
        ] {
            assert_eq!(jump(script), None, "{script}");
        }
    }
}
