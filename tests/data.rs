//! The files for programs: dumps, changes, OPML, manifest, schema.
//!
//! Owns the reading back of these files. Never reads a feed.

use std::io::Read;

use dibao::model::{Article, Change, ChangeKind, WrittenChange};
use dibao::render::manifest::{self, About, Entries};
use dibao::render::{self, ColumnInfo};
use serde_json::Value;

use crate::articles::{column, named, oddities, site};

fn json(article: &Article) -> String {
    serde_json::to_string(article).unwrap()
}

fn written(change: &Change) -> WrittenChange {
    WrittenChange {
        seq: change.seq,
        kind: change.kind,
        at: change.at,
        article: json(&change.article),
    }
}

#[test]
fn dumps_and_changes_give_every_article_back() {
    let articles = oddities();
    let mut dump = render::dump::Dump::new(Vec::new());
    articles
        .iter()
        .for_each(|article| dump.push(&json(article)).unwrap());
    let bytes = dump.finish().unwrap();
    let mut lines = String::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .read_to_string(&mut lines)
        .unwrap();
    let read: Vec<Article> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read, articles);
    let months: Vec<String> = articles.iter().map(Article::month).collect();
    assert_eq!(
        (months[0].as_str(), months[8].as_str()),
        ("2025-12", "1900-01")
    );
    let changes: Vec<Change> = (1..)
        .zip(articles)
        .map(|(seq, article)| Change {
            seq,
            kind: ChangeKind::Added,
            at: article.updated_at,
            article,
        })
        .collect();
    let written: Vec<WrittenChange> = changes.iter().map(written).collect();
    let mut lines = render::Parted::default();
    render::changes::render(&written, &mut lines).unwrap();
    let text = lines.bytes;
    let text = String::from_utf8(text).unwrap();
    let read: Vec<Change> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read, changes);
}

#[test]
fn opml_reads_back_grouped_by_portal() {
    let other = |name: &str, portal: &str| {
        let column = ColumnInfo::new(name.parse().unwrap(), column().url);
        named(column, portal, "通知公告")
    };
    let columns = [
        other("lucheng/a", "潞城区"),
        other("jinan/b", "济南市"),
        other("lucheng/c", "潞城区"),
        // A portal with the same name is another portal.
        other("jinan-old/d", "济南市"),
    ];
    let bytes = render::opml::render(&site(), &columns.each_ref(), &[]).unwrap();
    let read = opml::OPML::from_str(&String::from_utf8(bytes).unwrap()).unwrap();
    let portals: Vec<(&str, usize)> = read
        .body
        .outlines
        .iter()
        .map(|portal| (portal.text.as_str(), portal.outlines.len()))
        .collect();
    assert_eq!(portals, [("潞城区", 2), ("济南市", 1), ("济南市", 1)]);
    let feed = &read.body.outlines[0].outlines[1];
    assert_eq!(feed.text, "潞城区 · 通知公告");
    let atom = Some("https://news.example/gov/lucheng/c/atom.xml");
    assert_eq!(feed.xml_url.as_deref(), atom);
    assert_eq!(feed.html_url.as_deref(), Some(column().url.as_str()));
}

#[test]
fn a_manifest_lists_its_files_sorted_by_path() {
    let file = |path: &str| dibao::model::FileEntry {
        path: path.to_owned(),
        bytes: 1,
        sha256: "00".to_owned(),
    };
    let files = [
        ("lucheng/manifest.json", None),
        ("changes/000001.ndjson", Some(7)),
    ];
    let files = files.map(|(path, records)| (file(path), records));
    let listed = |at: &[usize]| -> Entries<'_> {
        let files = at.iter().map(|at| &files[*at]);
        let files = files.map(|(file, records)| (file.path.as_str(), (file, *records)));
        files.collect()
    };
    let bytes = manifest::render(About::Site { seq: 7 }, &listed(&[0, 1]));
    let bytes = bytes.unwrap().bytes;
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        r#"{"seq":7,"files":[{"path":"changes/000001.ndjson","bytes":1,"sha256":"00","records":7},{"path":"lucheng/manifest.json","bytes":1,"sha256":"00"}]}"#
    );
    let portal = "lucheng";
    let bytes = manifest::render(About::Portal { portal }, &listed(&[0]));
    let bytes = bytes.unwrap().bytes;
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        r#"{"portal":"lucheng","files":[{"path":"lucheng/manifest.json","bytes":1,"sha256":"00"}]}"#
    );
}

#[test]
fn a_client_may_ask_for_each_member_that_the_schema_has_and_for_revisions() {
    let schema: Value = serde_json::from_slice(&render::schema::article().unwrap()).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    let members: Vec<&str> = properties.keys().map(String::as_str).collect();
    let mut expected: Vec<&str> = members.into_iter().chain(["revisions"]).collect();
    let mut told = render::api::MEMBERS.to_vec();
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected);
}

#[test]
fn every_article_obeys_the_published_schema() {
    let schema: Value = serde_json::from_slice(&render::schema::article().unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for article in oddities() {
        let json = serde_json::to_value(&article).unwrap();
        let flaws: Vec<String> = validator
            .iter_errors(&json)
            .map(|e| e.to_string())
            .collect();
        assert!(flaws.is_empty(), "{}: {flaws:?}", article.title);
        let mut without = json.clone();
        without.as_object_mut().unwrap().remove("index_number");
        assert!(
            !validator.is_valid(&without),
            "an absent value is null, not missing"
        );
    }
}
