//! Constant patterns.
//!
//! Owns their compilation. Never takes a pattern from outside the code.

use std::sync::OnceLock;

use regex::{Regex, RegexSet};

use super::pairs::Pairs;

/// A pattern behind a quick look: it is searched for only where one of its words may occur, and
/// compiled only then.
pub(in crate::extract) struct Guarded {
    words: Pairs,
    /// The characters at the beginning of a text among which the word begins.
    within: usize,
    text: &'static str,
    regex: OnceLock<Regex>,
}

impl Guarded {
    /// A pattern whose every match holds the first two characters of one of the words. Letters of
    /// ASCII may have any case; `k` and `s` have equals beyond ASCII, so they stand for none.
    pub(in crate::extract) fn new(words: &[&str], text: &'static str) -> Self {
        Self::within(usize::MAX, words, text)
    }

    /// The same for a pattern whose word stands among the first characters of a text.
    pub(in crate::extract) fn within(within: usize, words: &[&str], text: &'static str) -> Self {
        Self {
            within,
            words: Pairs::of(words.iter().copied()),
            text,
            regex: OnceLock::new(),
        }
    }

    pub(in crate::extract) fn is_match(&self, text: &str) -> bool {
        let may_match = self.words.may_occur_within(text, self.within);
        // The words stand beside the pattern by hand: unit tests hold each to the other.
        #[cfg(test)]
        assert!(
            may_match || !self.regex().is_match(text),
            "no word of {:?} is in {text:?}",
            self.text
        );
        may_match && self.regex().is_match(text)
    }

    fn regex(&self) -> &Regex {
        self.regex.get_or_init(|| pattern(self.text))
    }
}

/// Compiles a pattern from the code. Its `\b` is the boundary of an ASCII word: Chinese writes
/// `于12 Nov` without a space, and Unicode's boundary makes searches in Chinese ten times slower. Its
/// `\d`, `\w` and `\p{Han}` are what pages in Chinese have of them: digits of ASCII and full width, words
/// of ASCII, and blocks in place of scripts. To compile Unicode's took an eighth of a first page.
#[allow(
    clippy::expect_used,
    reason = "for constant patterns alone, all of which the tests compile"
)]
pub(in crate::extract) fn pattern(text: &str) -> Regex {
    Regex::new(&narrowed(text)).expect("valid pattern")
}

/// Compiles several patterns that are searched for at once.
#[allow(
    clippy::expect_used,
    reason = "for constant patterns alone, all of which the tests compile"
)]
pub(in crate::extract) fn patterns(texts: impl Iterator<Item = &'static &'static str>) -> RegexSet {
    RegexSet::new(texts.map(|text| narrowed(text))).expect("valid patterns")
}

/// The characters of `\p{Han}`, in fewer ranges: radicals, which copies from PDF have; marks and numerals; the
/// blocks of characters, with those of compatibility, which GBK has; rare ones.
const HAN: &str = r"[\u{2e80}-\u{2fd5}々〇〡-〩〸-〻㐀-\u{9fff}\u{f900}-\u{fad9}\u{16fe2}-\u{16ff6}\u{20000}-\u{3ffff}]";

fn narrowed(text: &str) -> String {
    text.replace(r"\b", r"(?-u:\b)")
        .replace(r"\d", "[0-9０-９]")
        .replace(r"\w", "[0-9A-Za-z_]")
        .replace(r"\p{Han}", HAN)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Regex, pattern};

    #[test]
    fn every_character_of_unicodes_han_is_one_and_no_other_letter_is() {
        let all: String = ('\0'..=char::MAX).collect();
        let of = |pattern: &Regex| -> BTreeSet<&str> {
            let found = pattern.find_iter(&all);
            found.map(|character| character.as_str()).collect()
        };
        let unicodes = of(&Regex::new(r"\p{Han}").unwrap());
        let letters = of(&Regex::new(r"\p{L}").unwrap());
        let ours = of(&pattern(r"\p{Han}"));
        assert!(
            unicodes.is_subset(&ours),
            "{:?}",
            unicodes.difference(&ours)
        );
        let others = ours.difference(&unicodes);
        assert_eq!(others.filter(|other| letters.contains(*other)).count(), 0);
        assert!(unicodes.len() > 90_000);
    }
}
