//! Sketches, by which an article is recognised when its text is not kept.
//!
//! Owns the stored form of a text's features. Never keeps the text.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::likeness::{LIKE, NEARLY_SAME, SHINGLE, fold_title, letters};
use crate::model::sha256_hex;

/// The number of a text's shingles in a sketch, those with the lowest hashes: two similar texts
/// have mostly the same ones. The estimate is right to about a sixteenth.
const KEPT: usize = 256;

/// A text's features as hashes, from which the text cannot be restored. Unlike a
/// [`super::Fingerprint`], it is the same in every version of dibao, so it can be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sketch {
    /// SHA-256, as hex, of the title without white space, punctuation, width and case.
    pub title_sha256: String,
    /// The day of publication, else the day of issue.
    pub day: Option<NaiveDate>,
    /// The lowest hashes of its shingles, in ascending order.
    lowest: Vec<u64>,
}

impl Sketch {
    /// Takes the sketch of a title, a day and a body's plain text.
    pub fn new(title: &str, day: Option<NaiveDate>, body_text: &str) -> Self {
        let title = fold_title(title);
        Self {
            title_sha256: sha256_hex(Sha256::new_with_prefix(title.as_bytes())),
            day,
            lowest: lowest(&letters(body_text)),
        }
    }

    /// Whether two pages with the same index number show one article, by estimate.
    pub fn is_like(&self, other: &Self) -> bool {
        self.title_sha256 == other.title_sha256 || self.shared(other) >= LIKE
    }

    /// Whether two pages without a common number show one article, by estimate. Pages without text
    /// are not compared.
    pub fn is_nearly_same(&self, other: &Self) -> bool {
        self.title_sha256 == other.title_sha256
            && self.day == other.day
            && self.shared(other) >= NEARLY_SAME
    }

    /// Whether neither has a text, and both have the same title and day.
    pub fn is_as_bare(&self, other: &Self) -> bool {
        self.lowest.is_empty()
            && other.lowest.is_empty()
            && self.title_sha256 == other.title_sha256
            && self.day == other.day
    }

    /// The Jaccard similarity of the shingles, estimated from the lowest hashes.
    fn shared(&self, other: &Self) -> f64 {
        let mut either: Vec<u64> = [&self.lowest[..], &other.lowest[..]].concat();
        either.sort_unstable();
        either.dedup();
        either.truncate(KEPT);
        let has = |sketch: &Self, hash: &u64| sketch.lowest.binary_search(hash).is_ok();
        let both = either.iter().filter(|h| has(self, h) && has(other, h));
        let both = both.count();
        if either.is_empty() {
            0.0
        } else {
            both as f64 / either.len() as f64
        }
    }
}

fn lowest(letters: &[char]) -> Vec<u64> {
    let windows = letters.windows(SHINGLE.min(letters.len().max(1)));
    let mut hashes: Vec<u64> = windows
        .map(|window| {
            let text: String = window.iter().collect();
            let hash = Sha256::digest(text.as_bytes());
            hash.iter()
                .take(8)
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        })
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(KEPT);
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(title: &str, body: &str) -> Sketch {
        Sketch::new(title, NaiveDate::from_ymd_opt(2025, 12, 29), body)
    }

    #[test]
    fn like_texts_are_known_and_unlike_ones_are_not() {
        let long: String = (0..200).map(|i| format!("第{i}段说{}，", i * 37)).collect();
        let edited = long.replace("第7", "节7");
        let other: String = (0..200).map(|i| format!("另{i}条是{}。", i * 41)).collect();
        let first = sketch("供热开工", &long);
        assert!(first.is_like(&sketch("【供热】开工！", &other)));
        assert!(first.is_like(&sketch("别的标题", &edited)));
        assert!(!first.is_like(&sketch("别的标题", &other)));
        assert!(first.is_nearly_same(&sketch("供热开工", &long)));
        assert!(!first.is_nearly_same(&sketch("供热开工", &other)));
        assert!(!sketch("甲", "").is_like(&sketch("乙", "")));
        assert!(!sketch("甲", "").is_nearly_same(&sketch("甲", "。")));
        assert!(sketch("甲", "").is_as_bare(&sketch("甲", "。")));
        assert!(!sketch("甲", "").is_as_bare(&sketch("乙", "")));
    }

    #[test]
    fn a_sketch_is_stored_and_tells_nothing() {
        let text = serde_json::to_string(&sketch("供热开工", "今日开工")).unwrap();
        assert!(text.is_ascii(), "{text}");
        assert_eq!(
            serde_json::from_str::<Sketch>(&text).unwrap(),
            sketch("供热开工", "今日开工")
        );
        // Stores hold sketches: their form must never change.
        assert!(text.contains("\"lowest\":["), "{text}");
    }
}
