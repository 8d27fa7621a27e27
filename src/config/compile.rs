//! Compiles single values of the files: URLs, selectors, lengths of time.
//!
//! Owns their forms. Never reads a file, and never knows which key is in which table.

use std::path::Path;
use std::time::Duration;

use scraper::Selector;
use scraper::error::SelectorErrorKind;
use selectors::parser::SelectorParseErrorKind;
use url::Url;

use super::error::ConfigError;

/// Compiles the strings of a file; errors name the file and the key.
pub(super) struct Compile<'a> {
    pub(super) file: &'a Path,
}

impl Compile<'_> {
    pub(super) fn url(&self, key: &str, text: &str) -> Result<Url, ConfigError> {
        let remedy = "write an absolute http:// or https:// URL";
        let bad = |why: &str| {
            ConfigError::at(
                self.file,
                key,
                &format!("{text:?} is not a usable URL: {why}"),
                remedy,
            )
        };
        let url = Url::parse(text).map_err(|e| bad(&e.to_string()))?;
        match url.scheme() {
            "http" | "https" if url.host().is_some() => Ok(url),
            scheme => Err(bad(&format!("its scheme is `{scheme}`"))),
        }
    }

    pub(super) fn selector(
        &self,
        key: &str,
        text: Option<String>,
    ) -> Result<Option<Selector>, ConfigError> {
        text.map(|text| {
            // Names of elements may be in any script, but no page has such ones.
            if is_label(&text) && !text.trim().is_empty() {
                let problem = format!("{text:?} is a label, and here only a CSS selector is read");
                let remedy = "name the element: #zoom, .content, ul.list li";
                return Err(ConfigError::at(self.file, key, &problem, remedy));
            }
            Selector::parse(&text).map_err(|error| {
                let (why, remedy) = selector_fault(&text, &error);
                let problem = format!("{text:?} is not a CSS selector: {why}");
                ConfigError::at(self.file, key, &problem, remedy)
            })
        })
        .transpose()
    }

    pub(super) fn duration(
        &self,
        key: &str,
        text: Option<String>,
        default: Duration,
    ) -> Result<Duration, ConfigError> {
        match text {
            None => Ok(default),
            Some(text) => duration(&text).ok_or_else(|| {
                let problem = format!("{text:?} is not a length of time");
                let number = text.trim();
                let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
                let remedy = match is_number {
                    true => format!("add the unit: \"{number}s\" for seconds"),
                    false => "write 500ms, 3s, 10m, 2h or 1d".to_owned(),
                };
                ConfigError::at(self.file, key, &problem, remedy)
            }),
        }
    }
}

/// Whether a text is a label, in the portal's words: a selector always has an ASCII letter or sign.
pub(super) fn is_label(text: &str) -> bool {
    text.chars()
        .all(|sign| !sign.is_ascii() || sign.is_ascii_whitespace())
}

/// Why a text is no selector, and what to write instead.
fn selector_fault(text: &str, error: &SelectorErrorKind) -> (String, String) {
    let bare: String = text.chars().filter(|sign| !sign.is_ascii()).collect();
    let has_letter = text.bytes().any(|byte| byte.is_ascii_alphanumeric());
    if !bare.is_empty() && !has_letter {
        let why = "a text with ASCII signs is no label".to_owned();
        return (
            why,
            format!("if it is a label, write its words alone: {bare:?}"),
        );
    }
    if text.trim_start().starts_with('/') {
        let remedy = "write it in CSS: //div[@id='zoom'] is div#zoom";
        return ("it is an XPath".to_owned(), remedy.to_owned());
    }
    let mut names = text.split(['#', '.']).skip(1);
    if let Some(name) = names.find(|name| name.starts_with(|sign: char| sign.is_ascii_digit())) {
        let name = name
            .split([' ', '>', ',', ':', '[', '+', '~'])
            .next()
            .unwrap_or_default();
        let why = "a name after # or a dot begins with a digit".to_owned();
        return (
            why,
            format!("write [id=\"{name}\"], or [class~=\"{name}\"]"),
        );
    }
    use SelectorErrorKind as Error;
    let why = match error {
        Error::UnexpectedToken => "a sign stands where none may stand",
        Error::EndOfLine => "it ends too early; a bracket or a quotation mark may be open",
        Error::ExpectedColonOnPseudoElement | Error::ExpectedIdentityOnPseudoElement => {
            "a name is missing after a colon"
        }
        Error::TooManyNestedBlocks => "its brackets are nested too deep",
        Error::InvalidAtRule | Error::InvalidAtRuleBody | Error::QualRuleInvalid => {
            "it is a rule of a style sheet"
        }
        Error::UnexpectedSelectorParseError(kind) => selector_words(kind),
    };
    let remedy = "write CSS, such as #zoom, div.content > p or a[href*=art], or leave the key out";
    (why.to_owned(), remedy.to_owned())
}

fn selector_words(kind: &SelectorParseErrorKind) -> &'static str {
    use SelectorParseErrorKind as Kind;
    match kind {
        Kind::EmptySelector => "it, or a part between commas, names no element",
        Kind::DanglingCombinator => "nothing follows its last sign: >, + or ~",
        Kind::ClassNeedsIdent => "a name is missing after a dot",
        Kind::NoIdentForPseudo => "a name is missing after a colon",
        Kind::UnsupportedPseudoClassOrElement => {
            "it has a pseudo-class that is not known here, as :contains, :eq and :visible of jQuery"
        }
        Kind::UnexpectedIdent => "it has a function that is not known here",
        Kind::NoQualifiedNameInAttributeSelector
        | Kind::UnexpectedTokenInAttributeSelector
        | Kind::ExpectedBarInAttr
        | Kind::BadValueInAttr
        | Kind::InvalidQualNameInAttr => {
            "the part in [ ] is not complete; it is like [href], [name=PubDate] or [class*='list']"
        }
        Kind::ExpectedNamespace | Kind::ExplicitNamespaceUnexpectedToken => {
            "it has a namespace (|), and pages have none"
        }
        _ => "one of its parts may not stand there",
    }
}

/// Reads the URL of a hub or a webhook.
pub(super) fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// Reads the URL of a webhook or a robot, which stands in a file.
pub(super) fn web_address(file: &Path, key: &str, text: &str) -> Result<Url, ConfigError> {
    web_url(text).ok_or_else(|| {
        let problem = format!("{text:?} is not an http:// or https:// URL");
        ConfigError::at(file, key, &problem, "write its whole address")
    })
}

/// Reads `500ms`, `3s`, `10m`, `2h`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let millis = match text[digits..].trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.checked_mul(millis)?))
}
