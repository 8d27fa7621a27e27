//! Keywords that choose articles, as an operator writes them in a feed file.
//!
//! Owns what a keyword matches. Unlike a query, it divides nothing into words: what is written stands
//! in the title or the text. Never knows which feed chooses.

use std::borrow::Cow;
use std::fmt;

use super::words::fold;
use crate::model::Article;

/// Before a keyword that must stand in the title.
const OF_TITLE: [&str; 2] = ["title:", "标题:"];

/// What an article must have one of, and what it may not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keywords {
    include: Vec<Keyword>,
    exclude: Vec<Keyword>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Keyword {
    text: String,
    is_of_title: bool,
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.is_of_title { OF_TITLE[0] } else { "" };
        write!(f, "{mark}{}", self.text)
    }
}

impl Keywords {
    /// Without `include`, every article is chosen. An error is a keyword without any sign.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, String> {
        let compiled = |words: &[String]| -> Result<Vec<Keyword>, String> {
            words.iter().map(|word| keyword(word)).collect()
        };
        Ok(Self {
            include: compiled(include)?,
            exclude: compiled(exclude)?,
        })
    }

    /// The words of `include`, as [`Keywords::new`] reads them.
    pub fn include(&self) -> Vec<String> {
        self.include.iter().map(Keyword::to_string).collect()
    }

    /// The words of `exclude`, as [`Keywords::new`] reads them.
    pub fn exclude(&self) -> Vec<String> {
        self.exclude.iter().map(Keyword::to_string).collect()
    }

    /// Whether every article is chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether this article is chosen: it has one of the words of `include`, if there are any, and
    /// none of `exclude`. A removed article has no words, and is chosen.
    pub fn choose(&self, article: &Article) -> bool {
        if self.is_empty() || article.is_tombstone() {
            return true;
        }
        let title = plain(&article.title);
        let needs_text = |word: &Keyword| !word.is_of_title;
        let text = match self.include.iter().chain(&self.exclude).any(needs_text) {
            true => Cow::Owned(plain(&article.body.body_text)),
            false => Cow::Borrowed(""),
        };
        let stands = |word: &Keyword| {
            title.contains(&word.text) || !word.is_of_title && text.contains(&word.text)
        };
        (self.include.is_empty() || self.include.iter().any(stands))
            && !self.exclude.iter().any(stands)
    }
}

fn keyword(written: &str) -> Result<Keyword, String> {
    let text = plain(written);
    let of_title = OF_TITLE.iter().find_map(|begin| text.strip_prefix(begin));
    let keyword = Keyword {
        text: of_title.unwrap_or(&text).to_owned(),
        is_of_title: of_title.is_some(),
    };
    match keyword.text.is_empty() {
        true => Err(written.to_owned()),
        false => Ok(keyword),
    }
}

/// A text as it is compared: folded, and without white space, with which portals justify lines.
fn plain(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(|c| !c.is_whitespace());
    folded
}
