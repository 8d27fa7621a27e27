//! The text of an article: taken out of its JSON, packed, and put back byte by byte.
//!
//! Owns where the text stands in the JSON of an article or a page, and how it is packed. Never
//! queries the database.

use std::borrow::Cow;

use memchr::memmem;
use sha2::{Digest, Sha256};

use super::sum::{self, Part, Value};
use crate::store::StoreError;

/// The text is the JSON from here, `body_html` and `body_text`,
const BEGIN: &str = ",\"body_html\":";
/// to here. Neither stands within a string: there, a backslash precedes a quotation mark.
const END: &str = ",\"images\":";
/// A shorter text stays where it is: a row of its own would be longer.
const SHORTEST: usize = 256;
/// A longer one stays, too. No text that is unpacked is longer.
const LONGEST: usize = 256 << 20;
/// Zstandard's level: what higher ones save is less than a tenth, for more than twice the time.
const LEVEL: i32 = 3;

/// The JSON of an article or a page as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Parted<'a> {
    /// Without its text, if that has a row of its own.
    pub(in crate::store) json: Cow<'a, str>,
    /// Its text.
    text: Option<&'a str>,
}

/// A text as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct PackedText {
    /// The SHA-256 of the text before it was packed: equal texts are stored once.
    pub(in crate::store) sha256: Vec<u8>,
    /// The text, packed with Zstandard.
    pub(in crate::store) body: Vec<u8>,
    /// The checksum of the packed text.
    pub(in crate::store) sum: i64,
}

/// Takes the text out of the JSON of an article or a page. JSON that has none, or has it elsewhere,
/// stays whole.
pub(in crate::store) fn part(json: &str) -> Parted<'_> {
    match places(json) {
        Some((before, text, after)) => Parted {
            json: Cow::Owned([before, after].concat()),
            text: Some(text),
        },
        None => Parted {
            json: Cow::Borrowed(json),
            text: None,
        },
    }
}

impl Parted<'_> {
    /// The hash by which its text is found.
    pub(in crate::store) fn sha256(&self) -> Option<Vec<u8>> {
        self.text.map(|text| Sha256::digest(text).to_vec())
    }

    /// Its text as it is stored.
    pub(in crate::store) fn packed(&self) -> Result<Option<PackedText>, StoreError> {
        let Some((text, sha256)) = self.text.zip(self.sha256()) else {
            return Ok(None);
        };
        let body = zstd::bulk::compress(text.as_bytes(), LEVEL)
            .map_err(|e| StoreError::unreadable("text", e))?;
        let sum = sum::sum(&[Part::Text(&body)]);
        Ok(Some(PackedText { sha256, body, sum }))
    }
}

fn places(json: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = json.split_at(json.find(BEGIN)?);
    let (text, after) = rest.split_at(rest.find(END)?);
    let is_put_back = !before.contains(END);
    let is_its_length = (SHORTEST..=LONGEST).contains(&text.len());
    (is_put_back && is_its_length).then_some((before, text, after))
}

/// JSON with its text in its place. Where that is impossible, the JSON is as it is stored: its checksum
/// tells that something is missing.
pub(in crate::store) fn joined(json: Vec<u8>, packed: Option<&[u8]>) -> Vec<u8> {
    let Some(text) = packed.and_then(unpacked) else {
        return json;
    };
    // A damaged byte may make it no text, and its place is found all the same.
    let at = memmem::find(&json, END.as_bytes());
    match at.map(|at| json.split_at(at)) {
        Some((before, after)) => [before, &text, after].concat(),
        None => json,
    }
}

fn unpacked(body: &[u8]) -> Option<Vec<u8>> {
    zstd::bulk::decompress(body, LONGEST).ok()
}

/// A packed text in which its checksum tells the one byte that was changed, changed back. `None` if
/// the text is whole, or more was changed.
pub(in crate::store) fn corrected_text(body: &[u8], stored: i64, sha256: &[u8]) -> Option<Vec<u8>> {
    let values = sum::corrected(&[Part::Text(body)], stored)?;
    let Some(Value::Text(body)) = values.into_iter().next() else {
        return None;
    };
    let is_it = Sha256::digest(unpacked(&body)?).as_slice() == sha256;
    is_it.then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(html: &str, text: &str) -> String {
        format!(
            "{{\"title\":\"题\",\"aliases\":[],\"body_html\":{html},\"body_text\":{text},\
             \"images\":[],\"attachments\":[],\"content\":\"text\",\"provenance\":{{}}}}"
        )
    }

    #[test]
    fn json_is_put_together_again_byte_by_byte() {
        let quoted = format!("\"<p>{}\\\",\\\"images\\\":[]</p>\"", "供热管网".repeat(99));
        for json in [
            json(&quoted, &quoted),
            json("null", &quoted),
            json("null", "null"),
            json("\"\"", "\"\""),
            "{\"images\":[],\"body_html\":null}".to_owned(),
            String::new(),
        ] {
            let parted = part(&json);
            let text = parted.packed().unwrap();
            assert_eq!(text.is_some(), json.len() > 999, "{json}");
            let body = text.as_ref().map(|text| text.body.as_slice());
            assert!(text.is_none() || parted.json.len() + 200 < json.len());
            let whole = joined(parted.json.clone().into_owned().into_bytes(), body);
            assert_eq!(String::from_utf8(whole).unwrap(), json);
        }
    }

    #[test]
    fn a_damaged_text_is_not_put_back_and_one_changed_byte_of_it_is_found() {
        let json = json("\"<p>停水</p>\"", &format!("\"{}\"", "停水通知".repeat(99)));
        let parted = part(&json);
        let text = parted.packed().unwrap().unwrap();
        let rest = parted.json.into_owned().into_bytes();
        assert_eq!(corrected_text(&text.body, text.sum, &text.sha256), None);
        for at in 0..text.body.len() {
            let mut body = text.body.clone();
            body[at] ^= 0x41;
            assert_ne!(joined(rest.clone(), Some(&body)), json.as_bytes(), "{at}");
            let mended = corrected_text(&body, text.sum, &text.sha256);
            assert_eq!(mended.as_ref(), Some(&text.body), "{at}");
        }
    }
}
