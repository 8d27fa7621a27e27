//! The checksum of a row, of all that is published from it.
//!
//! Owns what it covers in each table, and which one byte a wrong one tells of. A CRC-32 finds every
//! change of up to four bytes in a row, and costs less than reading them. Never reads the database.

use flate2::Crc;

/// A value of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Part<'a> {
    /// An integer.
    Number(i64),
    /// A text as it is stored.
    Text(&'a [u8]),
    /// NULL.
    Nothing,
}

/// What is covered of a row of `articles`.
pub(in crate::store) fn article<'a>(id: &'a [u8], json: &'a [u8]) -> Vec<Part<'a>> {
    vec![Part::Text(id), Part::Text(json)]
}

/// What is covered of a row of `changes`.
pub(in crate::store) fn change<'a>(
    seq: i64,
    kind: &'a [u8],
    at_ms: i64,
    id: &'a [u8],
    json: &'a [u8],
) -> Vec<Part<'a>> {
    let (seq, at_ms) = (Part::Number(seq), Part::Number(at_ms));
    vec![
        seq,
        Part::Text(kind),
        at_ms,
        Part::Text(id),
        Part::Text(json),
    ]
}

/// What is covered of a row of `publications`.
pub(in crate::store) fn publication<'a>(
    column: &'a [u8],
    number: i64,
    id: &'a [u8],
    seq: i64,
    backfill: i64,
) -> Vec<Part<'a>> {
    let [number, seq, backfill] = [number, seq, backfill].map(Part::Number);
    vec![Part::Text(column), number, Part::Text(id), seq, backfill]
}

/// The checksum of these values.
pub(in crate::store) fn sum(parts: &[Part<'_>]) -> i64 {
    let mut crc = Crc::new();
    encode(parts, |bytes| crc.update(bytes));
    i64::from(crc.sum())
}

/// Gives the values as bytes, each with its length, so that none runs into the next.
pub(in crate::store) fn encode(parts: &[Part<'_>], mut give: impl FnMut(&[u8])) {
    for part in parts {
        match part {
            Part::Number(number) => {
                give(&[1]);
                give(&number.to_le_bytes());
            }
            Part::Text(text) => {
                give(&[2]);
                give(&(text.len() as u64).to_le_bytes());
                give(text);
            }
            Part::Nothing => give(&[0]),
        }
    }
}

/// Whether only one byte of the checksum itself is another: then the row is whole.
pub(in crate::store) fn is_sum_alone(parts: &[Part<'_>], stored: i64) -> bool {
    let differing = (sum(parts) ^ stored).to_le_bytes();
    differing.iter().filter(|byte| **byte != 0).count() == 1
}

/// The texts and numbers with the one byte changed back whose change the checksum tells of. `None`
/// if no byte or several bytes could be it: more than one was changed.
pub(in crate::store) fn corrected(parts: &[Part<'_>], stored: i64) -> Option<Vec<Value>> {
    let mut bytes = Vec::new();
    encode(parts, |part| bytes.extend_from_slice(part));
    let differing = u32::try_from(stored).ok()? ^ u32::try_from(sum(parts)).ok()?;
    let (at, change) = changed_byte(bytes.len(), differing)?;
    let mut begin = 0;
    let mut values = Vec::with_capacity(parts.len());
    let mut is_within = false;
    for part in parts {
        let (head, length) = match part {
            Part::Number(_) => (1, 8),
            Part::Text(text) => (9, text.len()),
            Part::Nothing => (1, 0),
        };
        let (from, to) = (begin + head, begin + head + length);
        let mut value = bytes.get(from..to)?.to_vec();
        if (from..to).contains(&at) {
            *value.get_mut(at - from)? ^= change;
            is_within = true;
        }
        values.push(match part {
            Part::Number(_) => Value::Number(i64::from_le_bytes(value.try_into().ok()?)),
            Part::Text(_) => Value::Text(value),
            Part::Nothing => Value::Nothing,
        });
        begin = to;
    }
    is_within.then_some(values)
}

/// A value of a row that was corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Value {
    /// An integer.
    Number(i64),
    /// A text.
    Text(Vec<u8>),
    /// NULL.
    Nothing,
}

impl Value {
    pub(in crate::store) fn as_part(&self) -> Part<'_> {
        match self {
            Self::Number(number) => Part::Number(*number),
            Self::Text(text) => Part::Text(text),
            Self::Nothing => Part::Nothing,
        }
    }
}

/// The place and the change of the one byte, among so many, that changes a CRC-32 in this way. The
/// CRC is linear: a change at a place makes the same difference whatever stands around it.
fn changed_byte(length: usize, differing: u32) -> Option<(usize, u8)> {
    /// The reversed polynomial of CRC-32.
    const POLYNOMIAL: u32 = 0xedb8_8320;
    // One step back: the polynomial's highest bit tells whether it was added.
    let unshifted = |crc: u32| {
        (0..8).fold(crc, |crc, _| match crc >> 31 {
            1 => ((crc ^ POLYNOMIAL) << 1) | 1,
            _ => crc << 1,
        })
    };
    let mut found = None;
    let mut before = differing;
    for at in (0..length).rev() {
        before = unshifted(before);
        // A change of one byte is in the lowest byte alone, before it is shifted through.
        if before != 0 && before <= 0xff {
            if found.is_some() {
                return None;
            }
            found = Some((at, u8::try_from(before).ok()?));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(json: &[u8]) -> Vec<Part<'_>> {
        change(7, b"added", 1_750_000_000_000, b"an-id", json)
    }

    #[test]
    fn every_change_of_one_byte_is_seen_and_found_again() {
        let json = "{\"title\":\"关于供水的通知\",\"body_text\":\"自十月一日起\"}".as_bytes();
        let sum_then = sum(&row(json));
        let whole: Vec<Value> = corrected(&row(json), sum_then ^ 1).unwrap_or_default();
        assert_eq!(whole, [], "no byte of a whole row is named");
        for at in 0..json.len() {
            for change in [1, 0x20, 0x80, 0xff] {
                let mut flipped = json.to_vec();
                flipped[at] ^= change;
                assert_ne!(sum(&row(&flipped)), sum_then);
                assert!(!is_sum_alone(&row(&flipped), sum_then), "byte {at}");
                let values = corrected(&row(&flipped), sum_then).unwrap();
                assert_eq!(values[4], Value::Text(json.to_vec()), "byte {at}");
                let parts: Vec<Part<'_>> = values.iter().map(Value::as_part).collect();
                assert_eq!(parts, row(json));
            }
        }
        let other_number = change(7, b"added", 1_750_000_000_001, b"an-id", json);
        let values = corrected(&other_number, sum_then).unwrap();
        assert_eq!(values[2], Value::Number(1_750_000_000_000));
    }

    #[test]
    fn a_changed_checksum_is_not_taken_for_a_changed_row() {
        let json = "{\"title\":\"停水通知\"}".as_bytes();
        let then = sum(&row(json));
        for byte in 0..4 {
            assert!(is_sum_alone(&row(json), then ^ (0x41 << (8 * byte))));
        }
        assert!(!is_sum_alone(&row(json), then));
        let mut twice = json.to_vec();
        twice[2] ^= 4;
        twice[9] ^= 7;
        assert_eq!(
            corrected(&row(&twice), then),
            None,
            "two bytes tell nothing"
        );
    }

    #[test]
    fn values_do_not_run_into_each_other() {
        let parts = |a: &'static str, b: &'static str| {
            sum(&[Part::Text(a.as_bytes()), Part::Text(b.as_bytes())])
        };
        assert_ne!(parts("ab", "c"), parts("a", "bc"));
        assert_ne!(sum(&[Part::Nothing]), sum(&[Part::Text(b"")]));
    }
}
