//! The store of an earlier build, from `fixtures/stores`: this build opens it, finds all that the
//! earlier build wrote, and publishes the same from it: the same bytes, but for what `today` names.
//!
//! Owns a copy of the fixture. Never changes the fixture itself (`fixtures/stores/README.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use dibao::model::{Body, Metadata, content_sha256};
use dibao::store::{Purpose, Store};
use regex::Regex;
use scraper::{Html, Selector};
use serde_json::Value;

use crate::faults_machine::machine::{Machine, sql_in, told};
use crate::support::replica::{bytes, files};

pub(crate) mod each;

/// The article that was removed. A second removal changes nothing in the store and publishes all of
/// it, without a portal and whatever time it is.
const REMOVED: &str = "80048c54-3516-5db6-b6ce-721c517fe806";
const REASON: &str = "演示：当事人要求撤下";
/// Published files that may differ in descriptions alone.
const SCHEMAS: [&str; 2] = ["schema/article.json", "schema/change.json"];
/// Its words may differ, and its parameters: it describes this build's API, and not the store.
const OPENAPI: &str = "openapi.json";
const MANIFEST: &str = "manifest.json";
/// What the schemas of this build name, and earlier ones did not.
const MEMBERS_OF_TODAY: [&str; 5] = ["content", "ContentKind", "kept", "KeptFile", "removed_at"];
/// How many changes of each kind there are.
const KINDS: [(&str, usize); 7] = [
    ("added", 24),
    ("amended", 2),
    ("reextracted", 7),
    ("removed", 1),
    ("restored", 1),
    ("revised", 1),
    ("withdrawn", 2),
];

/// The version of a store's schema.
const VERSION: &str = "SELECT CAST(MAX(version) AS TEXT) FROM _sqlx_migrations";

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stores/schema-11")
}

/// A copy of the store, with its configuration, in an operator's folder.
pub(crate) fn copied() -> Machine {
    let machine = Machine::new();
    for folder in ["data", "feeds"] {
        for (path, content) in files(&fixture().join(folder), |path| fs::read(path).unwrap()) {
            let to = machine.path(folder).join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, content).unwrap();
        }
    }
    for file in ["cron.toml", "dibao.toml"] {
        fs::copy(fixture().join(file), machine.path(file)).unwrap();
    }
    machine
}

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// The content of this file as the earlier build published it.
fn published(path: &str) -> Vec<u8> {
    fs::read(fixture().join("published").join(path)).unwrap()
}

/// The changes that the earlier build published, as this build does.
fn changes() -> Vec<Value> {
    const PATH: &str = "changes/000001.ndjson";
    let lines = String::from_utf8(today(PATH, published(PATH))).unwrap();
    lines.lines().map(|line| parsed(line.as_bytes())).collect()
}

/// A schema without its descriptions. A property that is called so is no text, and stays. A set of words
/// is one `enum`; earlier builds had a schema for each word, with what it means.
fn undescribed(schema: Value) -> Value {
    match schema {
        Value::Object(members) => {
            let members = members.into_iter();
            let mut members: serde_json::Map<String, Value> = members
                .filter(|(key, value)| key != "description" || !value.is_string())
                .map(|(key, value)| (key, undescribed(value)))
                .collect();
            let of_words = members.get("oneOf").and_then(Value::as_array);
            let words = of_words.and_then(|all| {
                let words = all.iter().map(|one| one.get("const").cloned());
                words.collect::<Option<Vec<Value>>>()
            });
            if let Some(words) = words {
                members.remove("oneOf");
                members.insert("type".to_owned(), "string".into());
                members.insert("enum".to_owned(), words.into());
            }
            Value::Object(members)
        }
        Value::Array(items) => items.into_iter().map(undescribed).collect(),
        other => other,
    }
}

/// A schema without what articles had no member for: their content, the copies of pictures, and texts that
/// are `null`.
fn without_content(schema: Value) -> Value {
    match schema {
        Value::Object(members) => members
            .into_iter()
            .filter(|(key, _)| !MEMBERS_OF_TODAY.contains(&key.as_str()))
            .map(|(key, value)| match key.as_str() {
                "body_html" | "body_text" => (key, serde_json::json!({"type": "string"})),
                _ => (key, without_content(value)),
            })
            .collect(),
        Value::Array(items) => items
            .into_iter()
            .filter(|item| item != "content")
            .map(without_content)
            .collect(),
        other => other,
    }
}

/// Whether this build publishes the file otherwise, as `today` says.
fn is_otherwise(path: &str) -> bool {
    [".atom", "atom.xml", ".opml"]
        .iter()
        .any(|end| path.ends_with(end))
        || is_of_articles(path)
}

/// Whether this build publishes the file with other names, as `as_before` says.
fn is_named_otherwise(path: &str) -> bool {
    let is_history = path.contains("/archive/") && path.ends_with(".json");
    is_history
        || ["rss.xml", "feed.json"]
            .iter()
            .any(|end| path.ends_with(end))
}

fn is_of_articles(path: &str) -> bool {
    let is_data = [".ndjson", ".ndjson.gz", "/articles.json"]
        .iter()
        .any(|end| path.ends_with(end));
    is_data || path.starts_with("articles/")
}

/// The bytes, unpacked if the file is a dump.
fn unpacked(path: &str, bytes: Vec<u8>) -> Vec<u8> {
    if !path.ends_with(".ndjson.gz") {
        return bytes;
    }
    let mut whole = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .read_to_end(&mut whole)
        .unwrap();
    whole
}

/// Articles with their content. All have a text but the tombstone, whose hash is another one.
fn with_content(text: &str) -> String {
    const OLD: &str = "85bb7a064bde4f579c91322897263bfbabcd2daba59d2e55a12362b6ca85c9a9";
    let hash = content_sha256("（已移除）", &Metadata::default(), &Body::default());
    let empty = r#""images":[],"attachments":[],"content":"#;
    text.replace(r#"],"revision":"#, r#"],"content":"text","revision":"#)
        .replace(
            &format!(r#""body_html":"","body_text":"",{empty}"text""#),
            &format!(r#""body_html":null,"body_text":null,{empty}"none""#),
        )
        .replace(OLD, &hash)
}

/// What a site page tells, part by part: its heading, an article's values, text, files and changes,
/// the articles that it lists. The frame around them is this build's.
fn told_by_page(page: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let parts = [
        "h1",
        "main > article > .notice",
        "main > article > .facts tr",
        ".text",
        "main > article > ul a",
        ".history tbody tr",
        ".history .diff",
        ".entries li",
    ];
    let parts = parts.iter().flat_map(|part| {
        let selector = Selector::parse(part).unwrap();
        let found = page.select(&selector).map(|element| element.inner_html());
        found.collect::<Vec<_>>()
    });
    parts.collect()
}

/// A file of this build without what earlier builds had not: the style of a feed, the feed from which
/// an entry comes, the copies of an article's pictures, portals' names, and Chinese words for incidents.
/// The pages of this portal tell no name, so its host is its name.
fn as_before(path: &str, text: String) -> String {
    let mut text = text
        .replace("www.yanxi.example · 全部栏目", "yanxi · 全部栏目")
        .replace("www.yanxi.example · ", "");
    let is_feed = [".xml", ".atom"].iter().any(|end| path.ends_with(end));
    let news = [
        ("\n<?xml-stylesheet", "?>", is_feed),
        ("<source", "</source>", is_feed),
        (",\"kept\":{", "}", is_of_articles(path)),
    ];
    for (start, end, _) in news.into_iter().filter(|(_, _, is_here)| *is_here) {
        while let Some(from) = text.find(start) {
            let to = from + text[from..].find(end).unwrap() + end.len();
            text.replace_range(from..to, "");
        }
    }
    if path == "incidents.atom" {
        // The words before a code, and the sentence before the details.
        let words = Regex::new("(<entry><title>)(已解决：)?\\p{Han}[^<a-z]* ").unwrap();
        text = words.replace_all(&text, "$1$2").into_owned();
        let sentence = Regex::new("(<content type=\"html\">&lt;p&gt;)[^&]*。&lt;/p&gt;&lt;p&gt;");
        text = sentence.unwrap().replace_all(&text, "$1").into_owned();
    }
    if path.ends_with(".opml") {
        text = text
            .replace(
                "<outline text=\"长治市潞城区人民政府\">",
                "<outline text=\"lucheng\">",
            )
            .replace(
                "<outline text=\"www.yanxi.example\">",
                "<outline text=\"yanxi\">",
            );
    }
    text
}

/// Pages and styles that this build publishes beside those of the earlier one.
fn is_new(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap();
    let is_of_time = file
        .split(['.', '-'])
        .all(|part| part == "html" || part.bytes().all(|byte| byte.is_ascii_digit()));
    let is_of_year = file == "index.html" && [2, 4].contains(&path.split('/').count());
    is_of_time || is_of_year || ["feed.css", "style.css"].contains(&path)
}

/// A file of the earlier build as this build publishes it: Atom names its encoding, and each author
/// once; OPML gives a portal no attribute of a feed; articles have a content; pages have no style
/// within. Dumps are unpacked.
fn today(path: &str, bytes: Vec<u8>) -> Vec<u8> {
    if path.ends_with(".html") {
        return with_content(&String::from_utf8(bytes).unwrap()).into_bytes();
    }
    if !is_otherwise(path) {
        return bytes;
    }
    let text = String::from_utf8(unpacked(path, bytes)).unwrap();
    if is_of_articles(path) {
        return with_content(&text).into_bytes();
    }
    let (_, rest) = text.split_once('\n').unwrap();
    let mut rest = rest.to_owned();
    for portal in ["lucheng", "yanxi"] {
        let outline = format!("<outline text=\"{portal}\"");
        rest = rest.replace(&format!("{outline} title=\"{portal}\">"), &(outline + ">"));
    }
    let (start, end) = ("<dc:creator>", "</dc:creator>");
    while let Some(from) = rest.find(start) {
        let to = from + rest[from..].find(end).unwrap() + end.len();
        rest.replace_range(from..to, "");
    }
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{rest}").into_bytes()
}

/// The manifest without the entries of files that may differ, which must be there, and without the
/// length and hash of those that `today` names.
fn comparable(mut manifest: Value) -> Value {
    let entries = manifest["files"].as_array_mut().unwrap();
    for entry in entries.iter_mut() {
        let path = entry["path"].as_str().unwrap();
        if is_otherwise(path) || is_named_otherwise(path) {
            let entry = entry.as_object_mut().unwrap();
            assert!(entry.remove("bytes").is_some() && entry.remove("sha256").is_some());
        }
    }
    let before = entries.len();
    let may_differ = |path: &str| path == OPENAPI || SCHEMAS.contains(&path);
    entries.retain(|entry| !may_differ(entry["path"].as_str().unwrap()));
    assert_eq!(before - entries.len(), 1 + SCHEMAS.len());
    manifest
}

/// The manifest with the files of the portals' in the places of those.
fn with_portals(mut manifest: Value, portals: &[Value]) -> Value {
    let entries = manifest["files"].as_array_mut().unwrap();
    let before = entries.len();
    entries.retain(|entry| !entry["path"].as_str().unwrap().ends_with("/manifest.json"));
    assert_eq!(before - entries.len(), portals.len());
    for portal in portals {
        entries.extend(portal["files"].as_array().unwrap().iter().cloned());
    }
    entries.sort_by_key(|entry| entry["path"].as_str().unwrap().to_owned());
    manifest
}

#[test]
fn an_earlier_store_is_published_as_it_was() {
    let machine = copied();
    let said = told(&machine.well(&["remove", REMOVED, "--reason", REASON]));
    assert!(said.contains("had been removed before"), "{said}");
    // The fixture has no packed siblings; `bytes` holds those of this build against their files.
    let mut before = bytes(&fixture().join("published"));
    let mut now = bytes(&machine.public());
    assert!(now.remove(OPENAPI).is_some());
    let paths = |files: &BTreeMap<String, Vec<u8>>| BTreeSet::from_iter(files.keys().cloned());
    let manifests = ["lucheng/manifest.json", "yanxi/manifest.json"];
    let manifests = manifests.map(|path| parsed(&now.remove(path).unwrap()));
    let more = &paths(&now) - &paths(&before);
    assert!(more.iter().all(|path| is_new(path)), "{more:?}");
    now.retain(|path, _| !more.contains(path));
    assert_eq!(&paths(&before) - &paths(&now), BTreeSet::new());
    let mut taken = |path: &str| (now.remove(path).unwrap(), before.remove(path).unwrap());
    for path in SCHEMAS {
        let (now, before) = taken(path);
        let now = without_content(undescribed(parsed(&now)));
        let before = without_content(undescribed(parsed(&before)));
        assert_eq!(now, before, "{path}");
    }
    let (manifest, manifest_before) = taken(MANIFEST);
    let is_text = |path: &str| {
        ![".png", ".jpg", ".gif"]
            .iter()
            .any(|end| path.ends_with(end))
    };
    let differing = now.iter().filter(|(path, bytes)| {
        let (before, now) = (
            today(path, before[*path].clone()),
            unpacked(path, bytes.to_vec()),
        );
        if !is_text(path) {
            return before != now;
        }
        let now = as_before(path, String::from_utf8(now).unwrap());
        let before = String::from_utf8(before).unwrap();
        match path.ends_with(".html") {
            true => told_by_page(&before) != told_by_page(&now),
            false => before != now,
        }
    });
    let differing: Vec<&String> = differing.map(|(path, _)| path).collect();
    assert_eq!(differing, Vec::<&String>::new());
    // The earlier build listed the files of portals in the one manifest.
    let manifest = with_portals(parsed(&manifest), &manifests);
    assert_eq!(comparable(manifest), comparable(parsed(&manifest_before)));
}

#[test]
fn an_earlier_store_is_brought_to_the_schema_of_today() {
    const SCHEMA: &str = "SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_schema
                          ORDER BY type, name";
    let fresh = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(fresh.path(), Purpose::Real).await.unwrap();
        store.close().await;
    });
    let fresh = |sql| sql_in(&fresh.path().join("dibao.sqlite"), sql);
    let machine = copied();
    assert_eq!(machine.sql(VERSION), ["11"]);
    machine.well(&["export"]);
    assert_eq!(machine.sql(VERSION), fresh(VERSION));
    assert_eq!(machine.sql(SCHEMA), fresh(SCHEMA));
    assert_eq!(machine.sql("PRAGMA integrity_check"), ["ok"]);
}

#[test]
fn all_articles_and_changes_of_an_earlier_store_are_there() {
    let machine = copied();
    let changes = changes();
    let exported = machine.export(&["--changes"]);
    assert_eq!(exported.len(), changes.len());
    for (now, before) in exported.iter().zip(&changes) {
        assert_eq!(now, before);
    }
    // An article is what its last change says.
    let mut last: BTreeMap<String, Value> = BTreeMap::new();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for change in &changes {
        let article = &change["article"];
        let id = article["id"].as_str().unwrap().to_owned();
        last.insert(id, article.clone());
        *kinds.entry(change["kind"].as_str().unwrap()).or_default() += 1;
    }
    let kinds: Vec<(&str, usize)> = kinds.into_iter().collect();
    assert_eq!(kinds, KINDS);
    let articles = machine.export(&[]);
    assert_eq!(articles.len(), last.len());
    for article in &articles {
        assert_eq!(last.get(article["id"].as_str().unwrap()), Some(article));
    }
}

/// Waiting and held articles, the progress of the backfill, incidents, pending notices, removals,
/// and the size of the archive.
#[test]
fn the_status_of_an_earlier_store_is_as_it_was() {
    let machine = copied();
    let now = machine.dibao(&["status", "--json"]);
    // It has a column that is not well.
    assert_eq!(now.status.code(), Some(1), "{}", told(&now));
    let untimed = |bytes: &[u8]| {
        let mut status = parsed(bytes);
        for column in status["columns"].as_array_mut().unwrap() {
            // By the present time.
            let column = column.as_object_mut().unwrap();
            assert!(column.remove("next_run_at").is_some());
            // Later builds list the articles that are held back, too.
            let listed = column.remove("held_articles");
            let counts = column["held"].as_array().unwrap().iter();
            let held: u64 = counts.map(|held| held["articles"].as_u64().unwrap()).sum();
            let is_listed = |listed: Value| listed.as_array().unwrap().len() as u64 == held;
            assert!(listed.is_none_or(is_listed));
            // Later builds say how it stands, and count what is held back apart from what waits.
            if column.remove("standing").is_some() {
                let waiting = column["waiting"].as_u64().unwrap();
                column.insert("waiting".to_owned(), (waiting + held).into());
            }
        }
        // They begin with an overview, and the worst column comes first.
        status.as_object_mut().unwrap().remove("overview");
        let columns = status["columns"].as_array_mut().unwrap();
        columns.sort_by_key(|column| column["column"].to_string());
        status
    };
    let before = fs::read(fixture().join("status.json")).unwrap();
    assert_eq!(untimed(&now.stdout), untimed(&before));
}

#[test]
fn the_archive_of_an_earlier_store_is_read_as_it_was() {
    let read = copied().well(&["reextract", "--dry-run"]);
    assert_eq!(
        String::from_utf8(read.stdout).unwrap(),
        "dry run  24 of 24 archived pages, 24 unchanged, 0 read otherwise; \
         0 changes would be recorded\n"
    );
}
