//! The likeness of two texts.
//!
//! Owns the features of a text and the limits of likeness. Never reads a page.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// Pages with the same number are one article if their bodies share this much of their shingles.
pub(super) const LIKE: f64 = 0.6;
/// Pages without a common number are one article if their bodies share this much.
pub(super) const NEARLY_SAME: f64 = 0.9;
/// Characters in a shingle.
pub(super) const SHINGLE: usize = 8;

/// The features by which an article's text is recognised.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    /// The title without white space, punctuation, width and case.
    pub title: String,
    /// The day of publication, else the day of issue.
    pub day: Option<NaiveDate>,
    text: String,
    /// Taken from the text when it is first compared: most texts never are.
    shingles: OnceLock<HashSet<u64>>,
}

/// A text with at least this many shingles has several sentences.
const LONG: usize = 150;
/// One sentence has less than this fraction (1/5) of such a text.
const SENTENCE: usize = 5;

impl Fingerprint {
    /// Takes the fingerprint of a title, a day and a body's plain text.
    pub fn new(title: &str, day: Option<NaiveDate>, body_text: &str) -> Self {
        Self {
            title: fold_title(title),
            day,
            text: body_text.to_owned(),
            shingles: OnceLock::new(),
        }
    }

    fn shingles(&self) -> &HashSet<u64> {
        self.shingles.get_or_init(|| shingles(&self.text))
    }

    /// Whether two pages with the same index number show one article: the folded titles are equal,
    /// or the bodies share at least 60 % of their 8-character shingles.
    pub fn is_like(&self, other: &Self) -> bool {
        self.title == other.title || self.shared(other) >= LIKE
    }

    /// Whether two pages without a common number show one article: they have the same title, the
    /// same day and nearly the same body. Pages without text are not compared: title and day alone
    /// are no evidence.
    pub fn is_nearly_same(&self, other: &Self) -> bool {
        self.title == other.title && self.day == other.day && self.shared(other) >= NEARLY_SAME
    }

    /// Whether two pages show one text, whatever their titles.
    pub fn has_text_of(&self, other: &Self) -> bool {
        self.shared(other) >= LIKE
    }

    /// Whether `now` is much shorter than this text and shares little with it: one sentence in
    /// place of an article.
    pub fn has_lost_nearly_all(&self, now: &Self) -> bool {
        let (before, now) = (self.shingles(), now.shingles());
        let left = now.intersection(before).count();
        before.len() >= LONG && now.len() * SENTENCE < before.len() && left * 2 < now.len().max(1)
    }

    /// The Jaccard similarity of the shingles.
    fn shared(&self, other: &Self) -> f64 {
        let (own, others) = (self.shingles(), other.shingles());
        let both = own.intersection(others).count();
        let either = own.len() + others.len() - both;
        if either == 0 {
            0.0
        } else {
            both as f64 / either as f64
        }
    }
}

pub(super) fn fold_title(title: &str) -> String {
    let folded: String = title
        .nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    if folded.is_empty() {
        title.trim().to_owned()
    } else {
        folded
    }
}

/// The letters and digits of a text. Only these are compared.
pub(super) fn letters(text: &str) -> Vec<char> {
    text.nfkc().filter(|c| c.is_alphanumeric()).collect()
}

fn shingles(text: &str) -> HashSet<u64> {
    let chars = letters(text);
    let hash = |window: &[char]| {
        let mut hasher = DefaultHasher::new();
        window.hash(&mut hasher);
        hasher.finish()
    };
    match chars.len() {
        0 => HashSet::new(),
        1..SHINGLE => HashSet::from([hash(&chars)]),
        _ => chars.windows(SHINGLE).map(hash).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "全区集中供热工程今日开工，新增供热面积五十万平方米，惠及九个村两万名群众。";

    fn print(title: &str, day: u32, body: &str) -> Fingerprint {
        Fingerprint::new(title, NaiveDate::from_ymd_opt(2025, 12, day), body)
    }

    #[test]
    fn a_sentence_in_the_place_of_a_text_is_told_from_a_shorter_text() {
        let long: String = (0..40)
            .map(|i| format!("第{i}段说的是第{}件事，", i * 7))
            .collect();
        let before = print("供热开工", 1, &long);
        for (now, lost) in [
            ("您访问的信息不存在，可能已被删除！", true),
            ("", true),
            (&long.chars().take(40).collect::<String>(), false),
            (&long.replace('段', "节"), false),
        ] {
            let now = print("供热开工", 1, now);
            assert_eq!(before.has_lost_nearly_all(&now), lost);
        }
        assert!(!print("短", 1, "今日开工。").has_lost_nearly_all(&print("短", 1, "")));
    }

    #[test]
    fn punctuation_and_width_of_a_title_do_not_matter() {
        let a = print("【聚焦】供热工程　开工", 1, TEXT);
        let b = print(
            "[聚焦]供热工程开工!",
            2,
            "完全不同的另一段文字，与供热毫无关系可言",
        );
        assert!(a.is_like(&b));
        assert!(!a.is_nearly_same(&b));
    }

    #[test]
    fn a_small_edit_leaves_a_text_like_itself() {
        let edited = TEXT.replace("两万名", "二万余名");
        assert!(print("甲", 1, TEXT).is_like(&print("乙", 1, &edited)));
        assert!(!print("甲", 1, TEXT).is_like(&print("乙", 1, &"另有通知。".repeat(9))));
    }

    #[test]
    fn texts_without_words_are_not_alike_for_that() {
        assert!(!print("甲", 1, "").is_like(&print("乙", 1, "")));
        assert!(!print("甲", 1, "").is_nearly_same(&print("甲", 1, "。")));
        assert!(print("甲", 1, TEXT).is_nearly_same(&print("甲", 1, TEXT)));
    }
}
