//! The number of a column's list pages, as its pager shows it.
//!
//! Owns an estimate for the display of progress. Never decides where a list ends: pagers promise
//! pages that do not exist.

use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;

use crate::extract::family::sheet::Sheet;
use crate::extract::family::{self, script};
use crate::extract::page::pattern::pattern;

/// `共20页`, `共 20 页`, and `第1/20页` or `1/20页`.
static WORDS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:共|[0-9]{1,5}\s*/)\s*([0-9]{1,5})\s*页"));

/// No pager has more words around its numbers. The page's texts are joined here.
const LONGEST: usize = 24;

/// The number of list pages, from the script's call or the pager's words.
pub(in crate::extract) fn total(sheet: &Sheet<'_>) -> Option<u32> {
    family::total(sheet)
        .or_else(|| by_words(sheet.document))
        .or_else(|| script::total(sheet))
        .filter(|total| *total > 0)
}

fn by_words(document: &Html) -> Option<u32> {
    WORDS.captures(&said(document))?[1].parse().ok()
}

/// The page's short texts. Numbers have elements of their own: `共<b>20</b>页`. Prose is longer, and
/// is left out.
pub(super) fn said(document: &Html) -> String {
    let mut said = String::new();
    for text in document.root_element().text() {
        let text = text.trim();
        if text.chars().count() <= LONGEST {
            said.push_str(text);
            said.push(' ');
        } else {
            said.push('\n');
        }
    }
    said
}
