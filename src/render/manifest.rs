//! `manifest.json` and `PORTAL/manifest.json`, with which a mirror finds changed files and checks its
//! copies.
//!
//! Owns the members of the manifests, and how the text of one becomes that of the next. Never reads
//! a file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Parted, RenderError};
use crate::model::FileEntry;

/// What a manifest says of itself, before its files.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub enum About<'a> {
    /// The site's: the number of the last change in all published files.
    Site {
        /// That number.
        seq: i64,
    },
    /// A portal's.
    Portal {
        /// Its name.
        portal: &'a str,
    },
}

#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    file: &'a FileEntry,
    /// The number of its articles or changes, if it holds any.
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<u64>,
}

/// How an entry begins, and what stands between two of them.
const BEGIN: &str = "{\"path\":\"";
const BETWEEN: &str = "},{";
/// What stands between that and the entries, and behind these.
const FILES: &str = ",\"files\":[";
const END: &str = "]}";

/// The files that a manifest lists, by path, each as its entry.
pub type Entries<'a> = BTreeMap<&'a str, (&'a FileEntry, Option<u64>)>;

/// Writes `{"seq", "files"}` or `{"portal", "files"}`. The files are sorted by path. Each has the
/// number of its articles or changes, if it holds any.
pub fn render(about: About<'_>, files: &Entries<'_>) -> Result<Parted, RenderError> {
    let mut text = begin(about)?;
    let mut is_first = true;
    for (file, records) in files.values() {
        push(&mut text, &entry(file, *records)?, &mut is_first);
    }
    text.push(END.as_bytes());
    Ok(text)
}

/// The text after this one, which lists neither the files of `gone` nor those that changed as they
/// were. `None` if it is not the text of a manifest.
pub fn next(
    before: &str,
    about: About<'_>,
    changed: &Entries<'_>,
    gone: &BTreeSet<&str>,
) -> Result<Option<Parted>, RenderError> {
    let listed = before
        .split_once(FILES)
        .and_then(|(_, files)| files.strip_suffix(END));
    let Some(listed) = listed else {
        return Ok(None);
    };
    let (mut text, mut is_first) = (begin(about)?, true);
    text.bytes.reserve(before.len());
    let mut changed = changed.iter().peekable();
    let whole = listed.strip_prefix('{').and_then(|l| l.strip_suffix('}'));
    let known = match whole {
        Some(whole) => whole.split(BETWEEN),
        None if listed.is_empty() => "".split(BETWEEN),
        None => return Ok(None),
    };
    for inner in known.filter(|inner| !inner.is_empty()) {
        let path = inner.strip_prefix(&BEGIN[1..]);
        let Some((path, _)) = path.and_then(|path| path.split_once('"')) else {
            return Ok(None);
        };
        while let Some((_, (file, records))) = changed.next_if(|(other, _)| **other < path) {
            push(&mut text, &entry(file, *records)?, &mut is_first);
        }
        let is_other = changed.peek().is_some_and(|(other, _)| **other == path);
        if !is_other && !gone.contains(path) {
            push(&mut text, &format!("{{{inner}}}"), &mut is_first);
        }
    }
    for (_, (file, records)) in changed {
        push(&mut text, &entry(file, *records)?, &mut is_first);
    }
    text.push(END.as_bytes());
    Ok(Some(text))
}

fn begin(about: About<'_>) -> Result<Parted, RenderError> {
    let about = serde_json::to_string(&about)?;
    let mut text = Parted::default();
    text.push(about.trim_end_matches('}').as_bytes());
    text.push(FILES.as_bytes());
    Ok(text)
}

fn entry(file: &FileEntry, records: Option<u64>) -> Result<String, RenderError> {
    Ok(serde_json::to_string(&Listed { file, records })?)
}

/// Adds an entry. A part ends behind each file whose hash begins with two zeros: so parts stay when
/// files are added.
fn push(text: &mut Parted, entry: &str, is_first: &mut bool) {
    if !std::mem::take(is_first) {
        text.push(b",");
    }
    text.push(entry.as_bytes());
    if entry.contains("\"sha256\":\"00") {
        text.end_part();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(number: u64, bytes: u64) -> FileEntry {
        FileEntry {
            path: format!("a/b/archive/{number:06}.atom"),
            bytes,
            sha256: format!("{:064x}", bytes << (number % 60)),
        }
    }

    fn entries(files: &[FileEntry]) -> Entries<'_> {
        let entries = files.iter().map(|file| {
            let records = Some(file.bytes).filter(|bytes| bytes % 2 == 0);
            (file.path.as_str(), (file, records))
        });
        entries.collect()
    }

    #[test]
    fn the_next_text_is_equal_to_one_that_is_written_anew() {
        let about = About::Site { seq: 7 };
        let later = About::Site { seq: 12 };
        let files = |numbers: &[u64], bytes| -> Vec<FileEntry> {
            numbers.iter().map(|number| file(*number, bytes)).collect()
        };
        type Case = (
            &'static [u64],
            &'static [u64],
            &'static [u64],
            &'static [u64],
        );
        let cases: [Case; 6] = [
            (&[], &[], &[], &[]),
            (&[], &[3, 5], &[], &[3, 5]),
            (&[3, 5], &[], &[3, 5], &[]),
            (&[2, 4, 6], &[1, 4, 9], &[2, 7], &[1, 4, 6, 9]),
            (&[1, 2, 3], &[3, 4], &[], &[1, 2, 3, 4]),
            (&[5], &[1, 2, 3, 4], &[5], &[1, 2, 3, 4]),
        ];
        for (before, changed, gone, after) in cases {
            let (before, changed) = (files(before, 11), files(changed, 254));
            let gone = files(gone, 0);
            let gone = gone.iter().map(|file| file.path.as_str()).collect();
            let text = render(about, &entries(&before)).unwrap().bytes;
            let text = String::from_utf8(text).unwrap();
            let next = next(&text, later, &entries(&changed), &gone);
            let next = next.unwrap().unwrap();
            let of_changed = entries(&changed);
            let whole: Vec<FileEntry> = after
                .iter()
                .map(|number| {
                    let path = file(*number, 0).path;
                    match of_changed.contains_key(path.as_str()) {
                        true => file(*number, 254),
                        false => file(*number, 11),
                    }
                })
                .collect();
            assert_eq!(next, render(later, &entries(&whole)).unwrap());
            assert!(serde_json::from_slice::<serde_json::Value>(&next.bytes).is_ok());
        }
    }

    #[test]
    fn a_text_that_is_no_manifest_has_no_next_one() {
        let (about, none) = (About::Portal { portal: "a" }, BTreeSet::new());
        for text in [
            "",
            "{}",
            "{\"seq\":7,\"files\":[7]}",
            "{\"seq\":7,\"files\":[{}",
        ] {
            let next = next(text, about, &Entries::new(), &none);
            assert_eq!(next.unwrap(), None, "{text}");
        }
    }
}
