//! The sequence of changes as NDJSON documents.
//!
//! Owns which document holds which number. Never numbers a change.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::{Parted, RenderError};
use crate::model::{Change, WrittenChange};

/// How many sequence numbers a document holds: document K has (K−1)·1000+1 … K·1000.
pub const CHANGES: i64 = 1_000;
/// How many of them a part of a document has.
const PART: i64 = 20;

/// The document with this sequence number. Both are counted from 1.
pub fn document_of(seq: i64) -> i64 {
    (seq - 1).div_euclid(CHANGES) + 1
}

/// The first sequence number of a document.
pub fn first_of(document: i64) -> i64 {
    (document - 1) * CHANGES + 1
}

/// The beginning of a document as it was published: its changes before this one. `None` if it lacks one
/// of them.
pub fn published_before(document: &str, seq: i64) -> Option<Parted> {
    let mut lines = Parted::default();
    let mut text = document;
    for known in first_of(document_of(seq))..seq {
        let (line, rest) = text.split_at_checked(text.find('\n')? + 1)?;
        if !line.starts_with(&format!("{{\"seq\":{known},")) {
            return None;
        }
        lines.push(line.as_bytes());
        text = rest;
        if known % PART == 0 {
            lines.end_part();
        }
    }
    Some(lines)
}

/// Adds changes as JSON, one on each line. They come in the order of their numbers. Each part has the
/// changes of some numbers: only the last one grows.
pub fn render(changes: &[WrittenChange], lines: &mut Parted) -> Result<(), RenderError> {
    for change in changes {
        let (kind, at) = (
            serde_json::to_string(&change.kind)?,
            serde_json::to_string(&change.at)?,
        );
        let begin = format!("{{\"seq\":{},\"kind\":{kind},\"at\":{at},", change.seq);
        lines.push(begin.as_bytes());
        lines.push(b"\"article\":");
        lines.push(change.article.as_bytes());
        lines.push(b"}\n");
        if change.seq % PART == 0 {
            lines.end_part();
        }
    }
    Ok(())
}

/// Adds the changes with these numbers that are missing, as the document has them that was published
/// before.
pub fn fill(
    changes: &mut Vec<WrittenChange>,
    numbers: RangeInclusive<i64>,
    published: &[u8],
) -> Result<(), RenderError> {
    let known: BTreeSet<i64> = changes.iter().map(|change| change.seq).collect();
    let lines = published.split(|byte| *byte == b'\n');
    let lines = lines.filter_map(|line| serde_json::from_slice::<Change>(line).ok());
    let is_missing = |seq| numbers.contains(&seq) && !known.contains(&seq);
    for change in lines.filter(|change| is_missing(change.seq)) {
        changes.push(WrittenChange {
            seq: change.seq,
            kind: change.kind,
            at: change.at,
            article: serde_json::to_string(&change.article)?,
        });
    }
    changes.sort_by_key(|change| change.seq);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_holds_a_thousand_numbers() {
        assert_eq!(
            [1, 1_000, 1_001, 2_000, 2_001].map(document_of),
            [1, 1, 2, 2, 3]
        );
    }

    #[test]
    fn what_is_kept_of_a_published_document_is_its_beginning_without_a_gap() {
        let line = |seq: i64| format!("{{\"seq\":{seq},\"kind\":\"added\"}}\n");
        let lines = |numbers: &[i64]| numbers.iter().map(|seq| line(*seq)).collect::<String>();
        let kept = |text: &str, seq| published_before(text, seq).map(|lines| lines.bytes);
        let published = lines(&[1_001, 1_002, 1_003]);
        for seq in 1_001..=1_004 {
            let before: Vec<i64> = (1_001..seq).collect();
            assert_eq!(kept(&published, seq), Some(lines(&before).into_bytes()));
        }
        assert_eq!(kept(&published, 1_005), None, "it lacks one");
        assert_eq!(kept(&lines(&[1_001, 1_003, 1_004]), 1_004), None, "a gap");
        assert_eq!(kept(published.trim_end(), 1_004), None, "half a line");
        assert_eq!(kept("", 2_001), Some(Vec::new()));
    }
}
