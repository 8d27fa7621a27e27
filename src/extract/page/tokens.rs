//! The tokens of a script.
//!
//! Owns the division of a script into words, texts, numbers and signs. Comments and regular
//! expressions are left out. A template is a sum of texts and expressions. Never knows what a token
//! means.

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::extract) enum Token {
    /// A name or a keyword; also a regular expression, under the name `/`.
    Word(String),
    /// A text in quotes.
    Text(String),
    Number(f64),
    /// Any other character; `==` and `===` are `≡`.
    Sign(char),
    /// One or more line breaks.
    Line,
}

/// Divides a script into tokens.
pub(in crate::extract) fn tokens(script: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => {
                if tokens.last() != Some(&Token::Line) {
                    tokens.push(Token::Line);
                }
                after
            }
            _ if c.is_whitespace() => after,
            '/' if after.starts_with('*') => {
                after[1..].split_once("*/").map_or("", |(_, after)| after)
            }
            _ if is_comment(rest, tokens.last()) => {
                &rest[rest.find(['\n', '\r']).unwrap_or(rest.len())..]
            }
            '"' | '\'' | '`' => match quoted(after, c) {
                Some((text, after)) => {
                    tokens.push(Token::Text(text));
                    after
                }
                None => match template(after).filter(|_| c == '`') {
                    Some((sum, after)) => {
                        tokens.extend(sum);
                        after
                    }
                    // The script is broken.
                    None => {
                        tokens.push(Token::Sign(c));
                        after
                    }
                },
            },
            '/' if begins_value(tokens.last()) => match expression(after) {
                Some(after) => {
                    tokens.push(Token::Word("/".to_owned()));
                    after
                }
                None => {
                    tokens.push(Token::Sign(c));
                    after
                }
            },
            '=' if after.starts_with('=') => {
                tokens.push(Token::Sign('≡'));
                after.trim_start_matches('=')
            }
            _ if is_of_word(c) => {
                let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                tokens.push(match word.parse() {
                    Ok(number) if c.is_ascii_digit() => Token::Number(number),
                    _ => Token::Word(word.to_owned()),
                });
                after
            }
            _ => {
                tokens.push(Token::Sign(c));
                after
            }
        };
    }
    tokens
}

/// Whether a comment up to the end of the line begins here.
fn is_comment(rest: &str, before: Option<&Token>) -> bool {
    let is_first = matches!(before, None | Some(Token::Line));
    rest.starts_with("//") || rest.starts_with("<!--") || (is_first && rest.starts_with("-->"))
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// Whether a value can begin behind this token, so that a slash begins a regular expression.
fn begins_value(before: Option<&Token>) -> bool {
    match before {
        None | Some(Token::Line) => true,
        Some(Token::Sign(sign)) => !matches!(sign, ')' | ']' | '}'),
        Some(Token::Word(word)) => word == "return" || word == "typeof",
        Some(Token::Text(_) | Token::Number(_)) => false,
    }
}

/// The script behind a regular expression, which ends on its line.
fn expression(rest: &str) -> Option<&str> {
    /// A longer one, in characters, is none.
    const MAX: usize = 2_000;
    let mut in_class = false;
    let mut chars = rest.char_indices().take(MAX);
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' | '\r' => return None,
            '\\' => drop(chars.next()),
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return Some(rest[at + 1..].trim_start_matches(is_of_word)),
            _ => {}
        }
    }
    None
}

/// The text up to the closing quote, and the script behind it. `None` for a text without an end, or
/// a template with places to fill.
fn quoted(rest: &str, quote: char) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            _ if c == quote => return Some((text, &rest[at + 1..])),
            '\n' | '\r' if quote != '`' => return None,
            '$' if quote == '`' && rest[at + 1..].starts_with('{') => return None,
            '\\' => {
                let (at, escaped) = chars.next()?;
                let digits = match escaped {
                    'u' => 4,
                    'x' => 2,
                    _ => 0,
                };
                let code = rest.get(at + 1..at + 1 + digits);
                let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
                match (escaped, code.and_then(char::from_u32)) {
                    ('u' | 'x', Some(c)) => {
                        text.push(c);
                        chars.nth(digits - 1);
                    }
                    ('n' | 'r' | 't' | '\n' | '\r', _) => {}
                    _ => text.push(escaped),
                }
            }
            _ => text.push(c),
        }
    }
    None
}

/// A template with places to fill, up to its closing quote, as a sum: `` `/a/${n}` `` is
/// `"/a/" + n`. Also the script behind it.
fn template(rest: &str) -> Option<(Vec<Token>, &str)> {
    /// The most places of a template, and the most bytes of one.
    const MOST: usize = 20;
    const MAX_PLACE: usize = 200;
    let mut sum = Vec::new();
    let mut rest = rest;
    for _ in 0..MOST {
        let end = rest.find(['`', '$', '\\'])?;
        let (text, after) = rest.split_at(end);
        sum.push(Token::Text(text.to_owned()));
        if let Some(after) = after.strip_prefix('`') {
            return Some((sum, after));
        }
        let after = after.strip_prefix("${")?;
        let end = after.bytes().take(MAX_PLACE).position(|b| b == b'}')?;
        let (place, after) = (&after[..end], &after[end + 1..]);
        if place.contains(['`', '{']) {
            return None;
        }
        sum.push(Token::Sign('+'));
        sum.extend(tokens(place));
        sum.push(Token::Sign('+'));
        rest = after;
    }
    None
}
