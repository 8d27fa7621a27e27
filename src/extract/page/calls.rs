//! The addresses that a page's own functions open: `show(14)` where
//! `function show(id) { window.open('/content.aspx?id=' + id) }`.
//!
//! Owns the search for the function that a link calls, and the address it makes of the call's
//! arguments. Never runs a script, and never names an address on another host.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use scraper::ElementRef;
use url::Url;

use super::dom::{self, Attributes, DomNode};
use super::expression::{Known, block, chain, closing, is_end};
use super::links;
use super::tokens::{Token, tokens};

/// More scripts, in bytes, are libraries.
const MAX_SCRIPTS: usize = 256 << 10;
/// A list has fewer links.
const MOST_CALLS: usize = 4_000;
/// The most tokens of a function's parameters.
const MAX_PARAMETERS: usize = 40;
/// A longer call, in bytes, is a script of its own.
const MAX_CALL: usize = 400;

/// The functions of a page.
pub(in crate::extract) struct Calls<'a> {
    /// The root of the page.
    root: DomNode<'a>,
    /// The page's own URL.
    here: &'a Url,
    /// The scripts of the page, read when the first call asks for a function.
    scripts: OnceCell<Scripts>,
    /// How many calls may still be looked up.
    left: Cell<usize>,
}

/// What the scripts of a page declare.
struct Scripts {
    tokens: Vec<Token>,
    /// The place of each function's parameters.
    functions: HashMap<String, usize>,
    /// The variables to which they give one text, and no other.
    texts: HashMap<String, String>,
}

impl<'a> Calls<'a> {
    pub(in crate::extract) fn new(root: DomNode<'a>, here: &'a Url) -> Self {
        Self {
            root,
            here,
            scripts: OnceCell::new(),
            left: Cell::new(MOST_CALLS),
        }
    }

    /// The address that a function opens when a click on the element calls it.
    pub(in crate::extract) fn opened(&self, element: ElementRef<'_>, base: &Url) -> Option<Url> {
        let href = element.attribute("href");
        let href = href.filter(|href| links::is_script(href));
        let mut calls = [element.attribute("onclick"), href].into_iter().flatten();
        calls.find_map(|call| self.address(call, base))
    }

    /// The address that a call opens.
    pub(in crate::extract) fn address(&self, call: &str, base: &Url) -> Option<Url> {
        let (name, arguments) = called(call)?;
        self.left.set(self.left.get().checked_sub(1)?);
        let read = || Scripts::new(tokens(&scripts(self.root)));
        let scripts = self.scripts.get_or_init(read);
        let (parameters, body) = scripts.function(&name)?;
        let mut known = Known::new(self.here);
        for token in body {
            if let Token::Word(name) = token
                && let Some(text) = scripts.texts.get(name)
            {
                known.set(name, text.clone());
            }
        }
        let address = opened(known, &parameters, &arguments, body)?;
        let url = links::article(&address, base)?;
        (url.host() == self.here.host()).then_some(url)
    }
}

impl Scripts {
    fn new(tokens: Vec<Token>) -> Self {
        let mut functions = HashMap::new();
        let mut texts: HashMap<&str, Option<&String>> = HashMap::new();
        for at in 0..tokens.len() {
            match &tokens[at..] {
                [Token::Word(word), Token::Word(name), Token::Sign('('), ..]
                    if word == "function" =>
                {
                    functions.entry(name.clone()).or_insert(at + 2);
                }
                // `show = function (` and `show: function (`
                [
                    Token::Word(name),
                    Token::Sign('=' | ':'),
                    Token::Word(word),
                    Token::Sign('('),
                    ..,
                ] if word == "function" => {
                    functions.entry(name.clone()).or_insert(at + 3);
                }
                _ => {}
            }
            if let [Token::Word(name), Token::Sign('='), rest @ ..] = &tokens[at..] {
                let text = match rest {
                    [Token::Text(text), rest @ ..] if is_end(rest) => Some(text),
                    _ => None,
                };
                let known = texts.entry(name).or_insert(text);
                *known = (*known).filter(|known| Some(*known) == text);
            }
        }
        let texts = texts.into_iter();
        let texts = texts.filter_map(|(name, text)| Some((name.to_owned(), text?.clone())));
        let texts = texts.collect();
        Self {
            tokens,
            functions,
            texts,
        }
    }

    /// The parameters of a function and its statements.
    fn function(&self, name: &str) -> Option<(Vec<&str>, &[Token])> {
        let tokens = self.tokens.get(*self.functions.get(name)?..)?;
        let near = tokens.get(..MAX_PARAMETERS).unwrap_or(tokens);
        let end = closing(near, 0);
        let names = near.get(1..end)?.iter();
        let names = names.filter_map(|token| match token {
            Token::Word(name) => Some(name.as_str()),
            _ => None,
        });
        Some((names.collect(), block(tokens.get(end + 1..)?)?))
    }
}

/// The page's own scripts.
fn scripts(root: DomNode<'_>) -> String {
    let scripts = dom::elements(root).filter(|node| dom::name(*node) == "script");
    let mut whole = String::new();
    for script in scripts.filter(|script| dom::attr(*script, "src").is_none()) {
        let text = dom::own_text(script);
        if whole.len() + text.len() <= MAX_SCRIPTS {
            whole.push_str(&text);
            whole.push('\n');
        }
    }
    whole
}

/// The function that a script calls and its arguments, as texts; `None` for one that is unknown.
fn called(script: &str) -> Option<(String, Vec<Option<String>>)> {
    if script.len() > MAX_CALL || !script.contains('(') {
        return None;
    }
    // In an `href`, a quotation mark may be encoded.
    let script = script.replace("%27", "'").replace("%22", "\"");
    let all = tokens(&script);
    let mut rest = all.as_slice();
    if let [Token::Word(word), Token::Sign(':'), after @ ..] = rest
        && word.eq_ignore_ascii_case("javascript")
    {
        rest = after;
    }
    if let [Token::Word(word), after @ ..] = rest
        && word == "return"
    {
        rest = after;
    }
    let [Token::Word(name), Token::Sign('('), inner @ ..] = rest else {
        return None;
    };
    let end = closing(rest, 1).checked_sub(2)?;
    let arguments = inner.get(..end)?.split(|token| *token == Token::Sign(','));
    let arguments = arguments.map(|argument| match argument {
        [Token::Text(text)] => Some(text.clone()),
        [Token::Number(number)] if number.fract() == 0.0 => Some(format!("{number:.0}")),
        _ => None,
    });
    Some((name.clone(), arguments.collect()))
}

/// The only address that a function makes of its arguments and opens.
fn opened(
    known: Known<'_>,
    parameters: &[&str],
    arguments: &[Option<String>],
    body: &[Token],
) -> Option<String> {
    // With other arguments, an address that is made of them is another one.
    let [mut known, mut other] = [false, true].map(|is_other| {
        let mut known = known.clone();
        for (name, argument) in parameters.iter().zip(arguments) {
            if let Some(argument) = argument {
                known.set(
                    name,
                    if is_other {
                        another(argument)
                    } else {
                        argument.clone()
                    },
                );
            }
        }
        known
    });
    let mut found: Option<String> = None;
    for (at, token) in body.iter().enumerate() {
        if !matches!(token, Token::Word(_)) {
            continue;
        }
        let rest = &body[at..];
        if at == 0
            || matches!(
                body[at - 1],
                Token::Sign(';' | '{' | '}' | ')') | Token::Line
            )
        {
            known.learn(rest);
            other.learn(rest);
        }
        let address =
            address_at(&known, rest).filter(|to| Some(to) != address_at(&other, rest).as_ref());
        match (&found, address) {
            (Some(found), Some(address)) if *found != address => return None,
            (_, Some(address)) => found = Some(address),
            (_, None) => {}
        }
    }
    found
}

/// Another argument like this one.
fn another(argument: &str) -> String {
    match argument.parse::<u64>() {
        Ok(number) => number.wrapping_add(1).to_string(),
        Err(_) => format!("{argument}_"),
    }
}

/// The address that the statement which begins with these tokens opens.
fn address_at(known: &Known<'_>, tokens: &[Token]) -> Option<String> {
    let (names, rest) = chain(tokens);
    match (names.as_slice(), rest) {
        (["location"] | ["location", "href"], [Token::Sign('='), rest @ ..]) => {
            let (to, rest) = known.text(rest)?;
            is_end(rest).then_some(to)
        }
        (["location", "replace" | "assign"] | ["open"], [Token::Sign('('), rest @ ..]) => {
            let (to, rest) = known.text(rest)?;
            matches!(rest, [Token::Sign(')' | ','), ..]).then_some(to)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn address(script: &str, call: &str) -> Option<String> {
        let html = Html::parse_document(&format!("<script>{script}</script>"));
        let here = Url::parse("http://x.gov.cn/a/").unwrap();
        let url = Calls::new(html.tree.root(), &here).address(call, &here)?;
        Some(url.as_str().replace("http://x.gov.cn/", "/"))
    }

    #[test]
    fn an_address_is_made_of_the_arguments() {
        for (script, call, to) in [
            (
                "function show(id){window.open('/content.aspx?id='+id)}",
                "show(14)",
                "/content.aspx?id=14",
            ),
            (
                "function show(id){window.open('/content.aspx?id='+id, '_blank');}",
                "javascript:show('14');",
                "/content.aspx?id=14",
            ),
            (
                "function view(id, type) { var url = '/v/' + type + '/' + id + '.html'; location.href = url; }",
                "return view('a7', \"b\")",
                "/v/b/a7.html",
            ),
            (
                "var view = function (id) {\n location.href = `7/${id}.html`\n}",
                "view(3)",
                "/a/7/3.html",
            ),
            (
                "function go(n){ if(n==1){location.href='index.html'}else{location.href='index_'+(n-1)+'.html'} }",
                "go(2)",
                "/a/index_1.html",
            ),
            (
                "var ctx = '/p'; function show(id){ location.href = ctx + '/show/' + id }",
                "show(7)",
                "/p/show/7",
            ),
            (
                "function open1(u){ window.location = u; }",
                "open1('b/1.html')",
                "/a/b/1.html",
            ),
        ] {
            assert_eq!(address(script, call).as_deref(), Some(to), "{script}");
        }
    }

    #[test]
    fn an_address_that_is_not_known_is_none() {
        for (script, call) in [
            (
                "function show(id){window.open('/c?id='+id+'&t='+t)}",
                "show(1)",
            ),
            ("function show(id){window.open('/c?id='+id)}", "show(a)"),
            ("function show(id){window.open('/c?id='+id)}", "view(1)"),
            (
                "function show(id){window.open('http://y.cn/c?id='+id)}",
                "show(1)",
            ),
            (
                "function show(id,t){ if(t==1){location='/a/'+id}else{location='/b/'+id} }",
                "show(1,2)",
            ),
            (
                "var c='/p'; if(m){c='/m'} function show(id){ location.href=c+id }",
                "show(1)",
            ),
            ("function show(id){ $.get('/c?id='+id) }", "show(1)"),
            ("function show(id){ location.href = '/c/' }", "show(1)"),
        ] {
            assert_eq!(address(script, call), None, "{script}");
        }
    }
}
