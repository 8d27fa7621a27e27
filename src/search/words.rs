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
    let mut words = Vec::new();
    each_word(text, |text, at, is_parted| {
        let text = text.to_owned();
        words.push(Word {
            text,
            at,
            is_parted,
        });
    });
    words
}

/// Calls `take` with each word of a text, in order: its folded form, its range of bytes, and whether
/// punctuation separates it from the word before ([`Word::is_parted`]).
fn each_word(text: &str, take: impl FnMut(&str, Range<usize>, bool)) {
    let mut words = Words {
        take,
        after_mark: false,
        after_han: false,
    };
    // Where the text begins that is still to be divided.
    let mut begin = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        if !(is_ideograph(c) && next.is_none_or(joins_nothing)) {
            continue;
        }
        words.divide(&text[begin..start], begin);
        begin = start + c.len_utf8();
        words.take_word(&text[start..begin], start..begin);
    }
    words.divide(&text[begin..], begin);
}

/// A common ideograph. It is a word by itself, whatever stands before it.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

/// Whether a character never belongs to the word before it, if that is an ideograph.
fn joins_nothing(c: char) -> bool {
    c.is_ascii()
        || is_ideograph(c)
        || matches!(c, '\u{3000}'..='\u{3020}' | '\u{ff01}'..='\u{ff5e}')
}

/// The words that were found so far.
struct Words<F> {
    take: F,
    /// Whether punctuation stands between the last word and this place.
    after_mark: bool,
    /// Whether the last word is a Chinese character.
    after_han: bool,
}

impl<F: FnMut(&str, Range<usize>, bool)> Words<F> {
    /// Divides a part of the text, which begins at `offset`.
    fn divide(&mut self, part: &str, offset: usize) {
        for (start, piece) in part.split_word_bound_indices() {
            let start = offset + start;
            let at = start..start + piece.len();
            let folded = fold(piece);
            // Like the index's tokenizer, this separates ASCII letters and digits from all other
            // ASCII.
            let parts = folded
                .unicode_words()
                .flat_map(|word| word.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()))
                .filter(|part| !part.is_empty());
            let mut has_words = false;
            for part in parts {
                self.take_word(part, at.clone());
                has_words = true;
            }
            self.after_mark |= !has_words && !folded.trim().is_empty();
        }
    }

    fn take_word(&mut self, word: &str, at: Range<usize>) {
        let is_han = word.chars().all(is_han);
        (self.take)(word, at, self.after_mark && is_han && self.after_han);
        self.after_mark = false;
        self.after_han = is_han;
    }
}

/// Appends the text for the index: words, and gaps between separated ones.
pub fn write_indexed(text: &str, indexed: &mut String) {
    indexed.reserve(text.len() * 4 / 3);
    each_word(text, |word, _, is_parted| {
        if is_parted {
            indexed.push_str(GAP);
            indexed.push(' ');
        }
        indexed.push_str(word);
        indexed.push(' ');
    });
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
        let mut indexed = String::new();
        write_indexed(text, &mut indexed);
        indexed.trim_end().replace(GAP, "|")
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
    fn what_follows_a_character_belongs_to_its_word() {
        // A variation selector, a combining mark, a joiner.
        assert_eq!(of("葛\u{e0100}城が人\u{302a}"), "葛 城 が 人\u{302a}");
        assert_eq!(of("第7号A城B"), "第 7 号 a 城 b");
    }

    proptest::proptest! {
        #[test]
        fn peeling_characters_off_changes_no_word(
            text in "[潞城が人A7é、。 ._\u{301}\u{302a}\u{200d}\u{e0100}\u{fe0f}\u{3099}\u{1f1e8}]{0,12}"
        ) {
            let (mut whole, mut peeled) = (Vec::new(), Vec::new());
            Words {
                take: |word: &str, at: Range<usize>, is_parted: bool| {
                    whole.push((word.to_owned(), at, is_parted));
                },
                after_mark: false,
                after_han: false,
            }
            .divide(&text, 0);
            each_word(&text, |word, at, is_parted| peeled.push((word.to_owned(), at, is_parted)));
            proptest::prop_assert_eq!(peeled, whole);
        }
    }

    #[test]
    fn a_word_says_where_it_stands() {
        let text = "在潞城ＡＢ、区";
        let found: Vec<&str> = words(text).iter().map(|w| &text[w.at.clone()]).collect();
        assert_eq!(found, ["在", "潞", "城", "ＡＢ", "区"]);
    }
}
