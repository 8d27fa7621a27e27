//! The words of a text, by Unicode's text segmentation (UAX #29).
//!
//! Owns the division into words: every Chinese character is one, so any part of a Chinese text is a
//! phrase. Never uses a dictionary.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Separates words in the index that are not neighbours. No text has it as a word.
pub const GAP: &str = "\u{e000}";

/// A word and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its folded form: NFKC, lower case, only letters and digits.
    pub text: String,
    /// Its range of bytes in the text.
    pub at: Range<usize>,
    /// Whether punctuation separates it from the word before, if both are Chinese: 供、热 is not 供热.
    /// Between other words punctuation does not count: 潞政发〔2025〕 is 潞政发2025.
    pub is_parted: bool,
}

impl Word {
    /// Whether it is a Chinese character.
    pub fn is_han(&self) -> bool {
        self.text.chars().all(is_han)
    }
}

/// The words of a text, in order.
pub fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut after_mark = false;
    for (start, piece) in text.split_word_bound_indices() {
        let at = start..start + piece.len();
        let known = words.len();
        let folded = fold(piece);
        // Like the index's tokenizer, this separates ASCII letters and digits from all other ASCII.
        let parts = folded
            .unicode_words()
            .flat_map(|word| word.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()))
            .filter(|part| !part.is_empty());
        for part in parts {
            let is_parted =
                after_mark && part.chars().all(is_han) && words.last().is_some_and(Word::is_han);
            after_mark = false;
            words.push(Word {
                text: part.to_owned(),
                at: at.clone(),
                is_parted,
            });
        }
        after_mark |= words.len() == known && !folded.trim().is_empty();
    }
    words
}

/// The text for the index: words, and gaps between separated ones.
pub fn indexed(text: &str) -> String {
    let mut indexed = String::with_capacity(text.len() * 4 / 3);
    for word in words(text) {
        if word.is_parted {
            indexed.push_str(GAP);
            indexed.push(' ');
        }
        indexed.push_str(&word.text);
        indexed.push(' ');
    }
    indexed
}

/// The folded text for comparisons: NFKC, lower case, without invisible characters.
pub fn fold(text: &str) -> String {
    let mut chars = text.chars();
    if let (Some(single @ '\u{4e00}'..='\u{9fff}'), None) = (chars.next(), chars.next()) {
        return single.to_string();
    }
    let seen = text.nfkc().filter(|c| !is_unseen(*c));
    seen.flat_map(char::to_lowercase).collect()
}

/// Formatting characters, and controls other than white space.
fn is_unseen(c: char) -> bool {
    let control = c.is_control() && !c.is_whitespace();
    control
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{e0100}'..='\u{e01ef}')
}

/// Whether a character belongs to Unicode's script Han.
fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '々' | '〇' | '\u{3021}'..='\u{3029}'
        | '\u{3038}'..='\u{303b}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        indexed(text).trim_end().replace(GAP, "|")
    }

    #[test]
    fn characters_numbers_and_latin_words_are_words() {
        assert_eq!(of("供热GB18030标准"), "供 热 gb18030 标 准");
        assert_eq!(of("000014349/2025-32614"), "000014349 2025 32614");
        assert_eq!(of("潞政发〔2025〕7号"), "潞 政 发 2025 7 号");
        assert_eq!(of("潞政发［２０２５］７号"), "潞 政 发 2025 7 号");
        assert_eq!(of("www.gov.cn 3.5㎡ A_b"), "www gov cn 3 5 m2 a b");
    }

    #[test]
    fn what_is_not_seen_does_not_part_and_punctuation_does() {
        assert_eq!(
            of("供\u{200b}热 供\u{feff}暖\n两\u{200d}会"),
            "供 热 供 暖 两 会"
        );
        assert_eq!(of("供、热，“两”会"), "供 | 热 | 两 | 会");
        assert_eq!(of("😀\u{0}\u{e000}、。"), "");
    }

    #[test]
    fn a_word_says_where_it_stands() {
        let text = "在潞城ＡＢ、区";
        let found: Vec<&str> = words(text).iter().map(|w| &text[w.at.clone()]).collect();
        assert_eq!(found, ["在", "潞", "城", "ＡＢ", "区"]);
    }
}
