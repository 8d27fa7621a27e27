//! The sequence of changes as NDJSON documents.
//!
//! Owns which document holds which number. Never numbers a change.

use std::collections::BTreeSet;

use super::RenderError;
use crate::model::Change;

/// How many sequence numbers a document holds: document K has (K−1)·1000+1 … K·1000.
pub const CHANGES: i64 = 1_000;

/// The document with this sequence number. Both are counted from 1.
pub fn document_of(seq: i64) -> i64 {
    (seq - 1).div_euclid(CHANGES) + 1
}

/// Writes changes as JSON, one on each line. They come in the order of their numbers.
pub fn render<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Result<Vec<u8>, RenderError> {
    let mut lines = Vec::new();
    for change in changes {
        serde_json::to_writer(&mut lines, change)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Adds the changes up to `last` that are missing, as the document has them that was published
/// before.
pub fn fill(changes: &mut Vec<Change>, last: i64, published: &[u8]) {
    let known: BTreeSet<i64> = changes.iter().map(|change| change.seq).collect();
    let lines = published.split(|byte| *byte == b'\n');
    let lines = lines.filter_map(|line| serde_json::from_slice::<Change>(line).ok());
    changes.extend(lines.filter(|change| change.seq <= last && !known.contains(&change.seq)));
    changes.sort_by_key(|change| change.seq);
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
