//! Pairs of adjacent characters by which a text is known not to hold certain words.
//!
//! Owns the quick look that spares most texts a search. Never finds a word: a pair may occur without
//! its word, and never the reverse.

/// Pairs of characters, one of each word that a search looks for. Letters of ASCII have no case.
pub(in crate::extract) struct Pairs([u64; WORDS]);

const BITS: usize = 1 << 14;
const WORDS: usize = BITS / 64;

impl Pairs {
    /// The first two characters of each word.
    pub(in crate::extract) fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut pairs = Self([0; WORDS]);
        for word in words {
            let mut chars = word.chars();
            let first = chars.next().unwrap_or_default();
            let bit = place(first, chars.next().unwrap_or_default());
            pairs.0[bit / 64] |= 1 << (bit % 64);
        }
        pairs
    }

    /// Whether one of the pairs may occur in a text.
    pub(in crate::extract) fn may_occur(&self, text: &str) -> bool {
        self.may_occur_within(text, usize::MAX)
    }

    /// Whether one of the pairs may occur among the first characters of a text.
    pub(in crate::extract) fn may_occur_within(&self, text: &str, most: usize) -> bool {
        let mut last = '\0';
        text.chars().take(most).any(|c| {
            let may_be = self.holds(last, c);
            last = c;
            may_be
        })
    }

    /// Whether two characters may be one of the pairs.
    #[inline]
    pub(in crate::extract) fn holds(&self, first: char, second: char) -> bool {
        let bit = place(first, second);
        self.0[bit / 64] & (1 << (bit % 64)) != 0
    }
}

#[inline]
fn place(first: char, second: char) -> usize {
    let (first, second) = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
    (first as usize)
        .wrapping_mul(0x9e5)
        .wrapping_add(second as usize)
        % BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_word_is_never_passed_over() {
        let words = ["打印", "a+", "RSS", "copyright", "转载"];
        let pairs = Pairs::of(words);
        for word in words {
            for text in [word.to_owned(), format!("某县{word}"), word.to_uppercase()] {
                assert!(pairs.may_occur(&text), "{text}");
            }
        }
        for text in ["", "打", "某县召开会议", "印打"] {
            assert!(!pairs.may_occur(text), "{text}");
        }
    }
}
