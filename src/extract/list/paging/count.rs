//! How many list pages a column has, where its pager says so.
//!
//! Owns an estimate for those who wait. Never decides where a list ends: pagers promise pages that
//! are not there.

use std::sync::LazyLock;

use regex::Regex;
use scraper::Html;

use crate::extract::family;
use crate::extract::family::sheet::Sheet;
use crate::extract::page::pattern::pattern;

/// `共20页`, `共 20 页`, and `第1/20页` or `1/20页`.
static WORDS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:共|[0-9]{1,5}\s*/)\s*([0-9]{1,5})\s*页"));

/// More than the words of a pager that stand around its numbers; the texts of a page are joined.
const LONGEST: usize = 24;

/// The number of list pages by the script's call or the words of the pager.
pub(in crate::extract) fn total(sheet: &Sheet<'_>) -> Option<u32> {
    family::total(sheet)
        .or_else(|| by_words(sheet.document))
        .filter(|total| *total > 0)
}

/// Numbers stand in elements of their own: `共<b>20</b>页`. Prose, which is longer, says nothing.
fn by_words(document: &Html) -> Option<u32> {
    let mut said = String::new();
    for text in document.root_element().text() {
        let text = text.trim();
        if text.chars().count() <= LONGEST {
            said.push_str(text);
        } else {
            said.push('\n');
        }
    }
    WORDS.captures(&said)?[1].parse().ok()
}
