//! The sequence of changes as NDJSON documents.
//!
//! Owns which document holds which number. Never numbers a change.

use std::collections::BTreeSet;

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

/// Writes changes as JSON, one on each line. They come in the order of their numbers. Each part has
/// the changes of some numbers: only the last one grows.
pub fn render(changes: &[WrittenChange]) -> Result<Parted, RenderError> {
    let mut lines = Parted::default();
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
    Ok(lines)
}

/// Adds the changes up to `last` that are missing, as the document has them that was published
/// before.
pub fn fill(
    changes: &mut Vec<WrittenChange>,
    last: i64,
    published: &[u8],
) -> Result<(), RenderError> {
    let known: BTreeSet<i64> = changes.iter().map(|change| change.seq).collect();
    let lines = published.split(|byte| *byte == b'\n');
    let lines = lines.filter_map(|line| serde_json::from_slice::<Change>(line).ok());
    for change in lines.filter(|change| change.seq <= last && !known.contains(&change.seq)) {
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
}
