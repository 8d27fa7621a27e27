//! The language of queries: words that must all occur; `"words in quotes"`, in this order; `-word`,
//! which must not occur.
//!
//! Owns parsing: every text is a query, or is refused with the reason. Never knows other operators.

use std::fmt;
use std::sync::LazyLock;

use jieba_rs::Jieba;
use thiserror::Error;

use super::words::{Word, fold, words};

/// The most characters of a query.
const LONGEST: usize = 200;
/// The most phrases of a query.
const MOST_PHRASES: usize = 32;
/// More words than these without a space are a sentence, such as a pasted title. A sentence is one
/// phrase.
const SENTENCE: usize = 8;

/// Divides Chinese queries into words. Its dictionary takes 33 MiB, and a tenth of a second at the
/// first query of more than one word.
static DICTIONARY: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// A parsed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    clauses: Vec<Clause>,
}

/// One part of a query, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// As it was written, folded.
    text: String,
    is_quoted: bool,
    is_excluded: bool,
    /// The phrases to look for.
    phrases: Vec<Phrase>,
    /// The undivided text, if it was divided: articles that contain it rank higher.
    whole: Vec<Phrase>,
}

/// Adjacent words, in the form of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase(pub Vec<Word>);

/// Why a text is not a query.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QueryError {
    /// It has no word that must be there.
    #[error("it has no word to search for: write words of letters, digits or Chinese characters")]
    Empty,
    /// It is too long.
    #[error("it is too long: write at most {LONGEST} characters and {MOST_PHRASES} words")]
    TooLong,
}

impl Query {
    /// Parses a text.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().nth(LONGEST).is_some() {
            return Err(QueryError::TooLong);
        }
        let mut clauses: Vec<Clause> = Vec::new();
        for written in written(&fold(text)) {
            let clause = Clause::new(written);
            if !clause.phrases.is_empty() && !clauses.contains(&clause) {
                clauses.push(clause);
            }
        }
        let query = Self { clauses };
        let count = query.clauses.iter().map(|c| c.phrases.len()).sum::<usize>();
        if count > MOST_PHRASES {
            Err(QueryError::TooLong)
        } else if query.wanted().next().is_none() {
            Err(QueryError::Empty)
        } else {
            Ok(query)
        }
    }

    /// The phrases that must all be there.
    pub fn wanted(&self) -> impl Iterator<Item = &Phrase> {
        let clauses = self.clauses.iter().filter(|clause| !clause.is_excluded);
        clauses.flat_map(|clause| &clause.phrases)
    }

    /// The excluded clauses: none of them may be there as a whole.
    pub fn excluded(&self) -> impl Iterator<Item = &[Phrase]> {
        let clauses = self.clauses.iter().filter(|clause| clause.is_excluded);
        clauses.map(|clause| clause.phrases.as_slice())
    }

    /// The undivided phrases that rank an article higher.
    pub fn undivided(&self) -> impl Iterator<Item = &Phrase> {
        let clauses = self.clauses.iter().filter(|clause| !clause.is_excluded);
        clauses.flat_map(|clause| &clause.whole)
    }
}

/// The canonical form of the query, independent of spaces, width and case. Parsed again, it gives
/// the same query.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, clause) in self.clauses.iter().enumerate() {
            let space = if place > 0 { " " } else { "" };
            let minus = if clause.is_excluded { "-" } else { "" };
            let quote = if clause.is_quoted { "\"" } else { "" };
            write!(f, "{space}{minus}{quote}{}{quote}", clause.text)?;
        }
        Ok(())
    }
}

/// A clause's text, whether it was quoted, whether it was excluded.
type Written = (String, bool, bool);

/// Divides a query's text into clauses. A quotation without an end ends with the text.
fn written(text: &str) -> Vec<Written> {
    let mut found: Vec<Written> = Vec::new();
    let mut now: Written = Written::default();
    for c in text.chars() {
        let ends = if now.1 {
            is_quote(c)
        } else {
            c.is_whitespace() || is_quote(c)
        };
        if ends {
            let opens = is_quote(c) && !now.1;
            // A minus comes before the excluded word or quotation.
            let is_excluded = opens && now.2 && now.0.is_empty();
            found.push(std::mem::replace(
                &mut now,
                (String::new(), opens, is_excluded),
            ));
        } else if c == '-' && !now.1 && now.0.is_empty() {
            now.2 = true;
        } else {
            now.0.push(c);
        }
    }
    found.push(now);
    found
}

fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』'
    )
}

impl Clause {
    fn new((text, is_quoted, is_excluded): Written) -> Self {
        let words = words(&text);
        let (mut phrases, mut whole) = (Vec::new(), Vec::new());
        if is_quoted {
            phrases.extend((!words.is_empty()).then_some(Phrase(words)));
        } else {
            for piece in words.chunk_by(|_, next| !next.is_parted) {
                let found = divide(piece);
                if found.len() > 1 {
                    whole.push(phrase(piece));
                }
                phrases.extend(found);
            }
        }
        Self {
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            is_quoted,
            is_excluded,
            phrases,
            whole,
        }
    }
}

/// A phrase of its own: punctuation before its first word does not count.
fn phrase(words: &[Word]) -> Phrase {
    let mut words = words.to_vec();
    if let Some(first) = words.first_mut() {
        first.is_parted = false;
    }
    Phrase(words)
}

/// Divides text without a space into words that are looked for separately. Numbers with their
/// marks, such as 潞政发〔2025〕7号, stay whole, and so do sentences.
fn divide(piece: &[Word]) -> Vec<Phrase> {
    let is_close = piece.windows(2).all(|two| two[0].at.end == two[1].at.start);
    let mut units: Vec<&[Word]> = Vec::new();
    if is_close {
        let mut left = piece;
        for length in piece
            .chunk_by(|a, b| a.is_han() && b.is_han())
            .flat_map(lengths)
        {
            let (unit, rest) = left.split_at(length.min(left.len()));
            units.push(unit);
            left = rest;
        }
    }
    let joined = join(&units, piece);
    if joined.len() > SENTENCE || joined.is_empty() {
        return vec![phrase(piece)];
    }
    joined.into_iter().map(phrase).collect()
}

/// The length in characters of each word of a Chinese run; any other run is one word.
fn lengths(run: &[Word]) -> Vec<usize> {
    if run.len() < 3 {
        return vec![run.len()];
    }
    let text: String = run.iter().map(|word| word.text.as_str()).collect();
    let found = DICTIONARY.cut(&text, true);
    found
        .iter()
        .map(|token| token.word.chars().count())
        .collect()
}

/// Joins single characters with the word before, or at the beginning with the next word: a single
/// character means little.
fn join<'a>(units: &[&'a [Word]], piece: &'a [Word]) -> Vec<&'a [Word]> {
    let is_lone = |unit: &[Word]| unit.len() == 1 && unit[0].text.chars().count() == 1;
    let (mut joined, mut start, mut end) = (Vec::new(), 0, 0);
    for unit in units {
        let begins_alone = end - start == 1 && is_lone(&piece[start..end]);
        if end > start && !is_lone(unit) && !begins_alone {
            joined.push(&piece[start..end]);
            start = end;
        }
        end += unit.len();
    }
    if end > start {
        joined.push(&piece[start..end]);
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Result<String, QueryError> {
        let show = |phrase: &Phrase| -> String {
            let words = phrase.0.iter();
            words
                .map(|w| {
                    if w.is_parted {
                        format!("|{}", w.text)
                    } else {
                        w.text.clone()
                    }
                })
                .collect::<Vec<_>>()
                .join("")
        };
        let query = Query::parse(text)?;
        let mut shown: Vec<String> = query.wanted().map(show).collect();
        shown.extend(query.excluded().map(|phrases| {
            let phrases: Vec<String> = phrases.iter().map(show).collect();
            format!("-{}", phrases.join("+"))
        }));
        Ok(shown.join(" "))
    }

    #[test]
    fn words_without_a_space_are_looked_for_each_by_itself() {
        for (written, understood) in [
            ("供热", "供热"),
            ("城区供热改造", "城区 供热 改造"),
            ("潞城区供热", "潞城区 供热"),
            ("　两会  ＮＥＶ ", "两会 nev"),
            ("2025年供热", "2025年 供热"),
            ("供热、供水", "供热 供水"),
            ("热", "热"),
            ("潞政发〔2025〕7号", "潞政发20257号"),
            ("000014349/2025-32614", "000014349202532614"),
            (
                "关于进一步做好全区冬季清洁取暖工作的实施意见和补充通知",
                "关于进一步做好全区冬季清洁取暖工作的实施意见和补充通知",
            ),
        ] {
            assert_eq!(shown(written).as_deref(), Ok(understood), "{written}");
        }
    }

    #[test]
    fn quotes_keep_words_together_and_a_minus_excludes() {
        for (written, understood) in [
            ("\"城区供热改造\"", "城区供热改造"),
            ("学习“二十大”精神", "学习 二十大 精神"),
            ("供热 -招聘公告 -\"两会\"", "供热 -招聘+公告 -两会"),
            ("\"供热、供水", "供热|供水"),
            ("供热\"\"- \"", "供热"),
        ] {
            assert_eq!(shown(written).as_deref(), Ok(understood), "{written}");
        }
    }

    #[test]
    fn what_has_no_word_or_too_many_is_refused() {
        for empty in ["", " ", "\"", "-供热", "😀 \0 *", "-\"", "、。"] {
            assert_eq!(shown(empty), Err(QueryError::Empty), "{empty:?}");
        }
        let many: String = (0..33).map(|number| format!("w{number} ")).collect();
        assert_eq!(shown(&many), Err(QueryError::TooLong));
        assert_eq!(shown(&"热".repeat(201)), Err(QueryError::TooLong));
    }

    proptest! {
        #[test]
        fn any_text_is_understood_or_refused_and_its_form_stays(text in "[\\PC\" \\-供热两会“”、a1〔〕]{0,40}") {
            if let Ok(query) = Query::parse(&text) {
                let form = query.to_string();
                let again = Query::parse(&form);
                prop_assert_eq!(again.map(|query| query.to_string()), Ok(form));
            }
        }
    }
}
