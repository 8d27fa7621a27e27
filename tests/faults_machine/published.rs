//! The published files: whether each is whole, and whether two folders are equal but for the time
//! at which they were made.
//!
//! Owns this comparison. Never tests anything itself.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use regex::Regex;
use serde_json::Value;

use super::machine::Machine;
use crate::support::replica::bytes;

/// Every file can be read to its end by a parser of its kind.
pub(crate) fn assert_whole(public: &Path) {
    for (path, bytes) in published(public) {
        assert_whole_file(&path, &bytes);
    }
}

/// The files that readers see: not those whose names begin with a dot.
fn published(public: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = bytes_if_there(public);
    files.retain(|path, _| !path.rsplit('/').next().unwrap().starts_with('.'));
    files
}

fn bytes_if_there(public: &Path) -> BTreeMap<String, Vec<u8>> {
    if public.exists() {
        bytes(public)
    } else {
        BTreeMap::new()
    }
}

pub(crate) fn assert_whole_file(path: &str, bytes: &[u8]) {
    let ending = path.rsplit('.').next().unwrap();
    let text = || std::str::from_utf8(bytes).unwrap_or_else(|e| panic!("{path}: {e}"));
    let lines = |text: &str| {
        assert!(text.is_empty() || text.ends_with('\n'), "{path} is cut");
        for line in text.lines() {
            serde_json::from_str::<Value>(line).unwrap_or_else(|e| panic!("{path}: {e}"));
        }
    };
    match ending {
        "json" => {
            serde_json::from_slice::<Value>(bytes).unwrap_or_else(|e| panic!("{path}: {e}"));
        }
        "ndjson" => lines(text()),
        "gz" => lines(&unpacked(path, bytes)),
        "xml" | "atom" => {
            feed_rs::parser::parse(bytes).unwrap_or_else(|e| panic!("{path}: {e}"));
        }
        "opml" => {
            opml::OPML::from_str(text()).unwrap_or_else(|e| panic!("{path}: {e}"));
        }
        "html" => assert!(text().trim_end().ends_with("</html>"), "{path} is cut"),
        "css" => {
            let whole = match path.ends_with("feed.css") {
                true => include_str!("../../src/render/pages/feed.css"),
                false => include_str!("../../src/render/pages/style.css"),
            };
            assert_eq!(text(), whole, "{path}");
        }
        "svg" => assert!(text().trim_end().ends_with("</svg>"), "{path} is cut"),
        "png" => assert!(bytes.ends_with(b"IEND\xae\x42\x60\x82"), "{path} is cut"),
        _ => panic!("{path}: nobody publishes such files"),
    }
}

fn unpacked(path: &str, bytes: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes)
        .read_to_string(&mut text)
        .unwrap_or_else(|e| panic!("{path}: {e}"));
    text
}

/// The files without values that only the time of the run decides: this year's instants, and the
/// lengths and hashes that depend on them.
pub(crate) fn timeless(public: &Path) -> BTreeMap<String, String> {
    static NOW: OnceLock<[Regex; 3]> = OnceLock::new();
    let patterns = NOW.get_or_init(|| {
        let now = chrono::Utc::now();
        let year = now.format("%Y");
        [
            format!(r"{year}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+08:00)?"),
            // As pages show it, to the minute or the day.
            format!(r"{year}-\d\d-\d\d( \d\d:\d\d)?"),
            format!(r"\w{{3}}, \d\d? \w{{3}} {year} \d\d:\d\d:\d\d [+]0[08]00"),
        ]
        .map(|pattern| Regex::new(&pattern).unwrap())
    });
    published(public)
        .into_iter()
        .map(|(path, bytes)| {
            let mut text = if path.ends_with(".gz") {
                unpacked(&path, &bytes)
            } else if path.ends_with(".png") {
                format!("{bytes:?}")
            } else {
                String::from_utf8(bytes).unwrap()
            };
            if path.ends_with("manifest.json") {
                text = listed(&text);
            }
            for pattern in patterns {
                text = pattern.replace_all(&text, "NOW").into_owned();
            }
            (path, text)
        })
        .collect()
}

fn listed(manifest: &str) -> String {
    let manifest: Value = serde_json::from_str(manifest).unwrap();
    let files = manifest["files"].as_array().unwrap();
    let paths: Vec<&Value> = files.iter().map(|file| &file["path"]).collect();
    format!("{} {paths:?}", manifest["seq"])
}

/// The files that a command publishes when nothing disturbs it.
fn undisturbed(command: &[&str]) -> Arc<BTreeMap<String, String>> {
    static KNOWN: Mutex<BTreeMap<String, Arc<BTreeMap<String, String>>>> =
        Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let files = known.entry(command.join(" ")).or_insert_with(|| {
        let machine = Machine::new();
        machine.well(command);
        assert_whole(&machine.public());
        let files = timeless(&machine.public());
        assert!(files.len() > 20, "{:?}", files.keys());
        Arc::new(files)
    });
    files.clone()
}

/// The published files equal those of an undisturbed run; `what` happened to them.
pub(crate) fn assert_undisturbed(public: &Path, what: &str) {
    assert_undisturbed_by(&["run"], public, what);
}

/// The published files equal those of this command when nothing disturbs it.
pub(crate) fn assert_undisturbed_by(command: &[&str], public: &Path, what: &str) {
    let (found, expected) = (timeless(public), undisturbed(command));
    assert!(
        found.keys().eq(expected.keys()),
        "{what}: {:?}",
        found.keys()
    );
    for (path, text) in expected.iter() {
        let same = text.chars().zip(found[path].chars());
        let same = same.take_while(|(one, other)| one == other).count();
        let part = |text: &str| -> String {
            let start = same.saturating_sub(60);
            text.chars().skip(start).take(160).collect()
        };
        assert!(
            &found[path] == text,
            "{what}: {path}: {:?}, and undisturbed {:?}",
            part(&found[path]),
            part(text)
        );
    }
}
