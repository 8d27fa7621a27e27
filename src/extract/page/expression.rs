//! Texts that a script computes from literals and known variables.
//!
//! Owns the sums of texts, and what a script knows of its variables. Never runs a script: what is
//! computed in another way stays unknown.

use std::collections::HashMap;

use url::Url;

use super::tokens::Token;

/// Names of the window in front of a property.
const WINDOWS: [&str; 7] = [
    "window",
    "self",
    "top",
    "parent",
    "document",
    "this",
    "globalThis",
];

/// What a script knows.
#[derive(Clone)]
pub(in crate::extract) struct Known<'a> {
    /// The page's own URL.
    here: &'a Url,
    /// Variables with a known text.
    texts: HashMap<String, String>,
}

impl<'a> Known<'a> {
    pub(in crate::extract) fn new(here: &'a Url) -> Self {
        Self {
            here,
            texts: HashMap::new(),
        }
    }

    /// Gives a variable a text.
    pub(in crate::extract) fn set(&mut self, name: &str, text: String) {
        self.texts.insert(name.to_owned(), text);
    }

    /// Remembers the variable that a statement gives a known text.
    pub(in crate::extract) fn learn(&mut self, statement: &[Token]) {
        let tokens = match statement {
            [Token::Word(word), rest @ ..] if matches!(word.as_str(), "var" | "let" | "const") => {
                rest
            }
            _ => statement,
        };
        let [Token::Word(name), Token::Sign('='), rest @ ..] = tokens else {
            return;
        };
        match self.text(rest) {
            Some((text, rest)) if is_end(rest) => self.texts.insert(name.clone(), text),
            _ => self.texts.remove(name),
        };
    }

    /// The text that an expression gives, and the tokens behind it: literals, known variables, sums
    /// of numbers in brackets and parts of the page's own address, joined with `+`.
    pub(in crate::extract) fn text<'t>(
        &self,
        tokens: &'t [Token],
    ) -> Option<(String, &'t [Token])> {
        let mut text = String::new();
        let mut rest = tokens;
        loop {
            while let [Token::Line, after @ ..] = rest {
                rest = after;
            }
            match rest {
                [Token::Text(literal), after @ ..] => {
                    text.push_str(literal);
                    rest = after;
                }
                [Token::Word(_), ..] => {
                    let (names, after) = chain(rest);
                    text.push_str(&self.value(&names)?);
                    rest = after;
                }
                [Token::Sign('('), inner @ ..] => {
                    let (number, after) = self.number(inner)?;
                    text.push_str(&number.to_string());
                    rest = after;
                }
                _ => return None,
            }
            match rest {
                [Token::Sign('+'), after @ ..] => rest = after,
                _ => return Some((text, rest)),
            }
        }
    }

    /// The number of `n - 1)` or `n + 1)`, and the tokens behind it.
    fn number<'t>(&self, tokens: &'t [Token]) -> Option<(i64, &'t [Token])> {
        let [
            Token::Word(name),
            Token::Sign(sign @ ('+' | '-')),
            Token::Number(by),
            Token::Sign(')'),
            rest @ ..,
        ] = tokens
        else {
            return None;
        };
        let number: i64 = self.texts.get(name)?.parse().ok()?;
        let is_one = (*by - 1.0).abs() < f64::EPSILON;
        let sum = match sign {
            '+' => number.checked_add(1),
            _ => number.checked_sub(1),
        };
        Some((sum.filter(|_| is_one)?, rest))
    }

    fn value(&self, names: &[&str]) -> Option<String> {
        let here = self.here;
        Some(match names {
            ["location", "protocol"] => format!("{}:", here.scheme()),
            ["location", "host"] => {
                here[url::Position::BeforeHost..url::Position::AfterPort].to_owned()
            }
            ["location", "hostname"] => here.host_str()?.to_owned(),
            ["location", "origin"] => here.origin().ascii_serialization(),
            ["location", "pathname"] => here.path().to_owned(),
            ["location", "search"] => here.query().map_or_else(String::new, |q| format!("?{q}")),
            ["location", "href"] | ["location"] | ["URL"] => here.to_string(),
            [name] => self.texts.get(*name)?.clone(),
            _ => return None,
        })
    }
}

/// The names of `window.location.href` without those of the window, and the tokens behind them.
pub(in crate::extract) fn chain(tokens: &[Token]) -> (Vec<&str>, &[Token]) {
    let mut names = Vec::new();
    let mut rest = tokens;
    while let [Token::Word(name), after @ ..] = rest {
        if !(names.is_empty() && WINDOWS.contains(&name.as_str())) {
            names.push(name.as_str());
        }
        rest = after;
        match rest {
            [Token::Sign('.'), after @ ..] => rest = after,
            _ => break,
        }
    }
    (names, rest)
}

/// A function with more tokens does more than to open an address.
const MAX_FUNCTION: usize = 400;

/// The statements in the braces with which these tokens begin, if they are few.
pub(in crate::extract) fn block(tokens: &[Token]) -> Option<&[Token]> {
    let near = tokens.get(..MAX_FUNCTION + 2).unwrap_or(tokens);
    let end = match near {
        [Token::Sign('{'), ..] => closing(near, 0),
        _ => return None,
    };
    (end < near.len()).then(|| &near[1..end])
}

/// The place of the bracket that closes the one at `open`, or the end.
pub(in crate::extract) fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// Whether an expression ends before these tokens.
pub(in crate::extract) fn is_end(rest: &[Token]) -> bool {
    matches!(rest, [] | [Token::Line | Token::Sign(';' | ',' | '}'), ..])
}
