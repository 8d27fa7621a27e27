//! A published folder in which somebody changed files.
//!
//! Owns what is changed. Never leaves loopback.

use std::fs;

use crate::faults_machine::machine::{COLUMN, Machine};
use crate::support::replica::{bytes, files};

#[test]
fn a_service_mends_what_somebody_changed_in_its_folder() {
    let machine = Machine::new();
    machine.run();
    let public = machine.public();
    let whole = bytes(&public);
    let of_article = |end: &str| {
        let mut paths = whole.keys();
        let found = paths.find(|path| path.starts_with("articles/") && path.ends_with(end));
        found.unwrap().clone()
    };
    let spoil = |path: &str| {
        let mut content = whole[path].clone();
        // Its length stays.
        content[10] ^= 1;
        fs::write(public.join(path), content).unwrap();
    };
    for file in [
        "atom.xml",
        "index.html",
        "archive/000001.json",
        "articles.json",
    ] {
        spoil(&format!("{COLUMN}/{file}"));
    }
    for path in [
        "changes/000001.ndjson",
        "lucheng/rss.xml",
        "lucheng/feeds.opml",
        "index.html",
    ] {
        spoil(path);
    }
    spoil(&of_article(".html"));
    fs::remove_file(public.join(of_article(".json"))).unwrap();
    let dump = whole
        .keys()
        .find(|path| path.ends_with(".ndjson.gz"))
        .unwrap();
    fs::remove_file(public.join(dump)).unwrap();
    fs::remove_file(public.join("lucheng/manifest.json")).unwrap();
    let copies = [
        format!("{COLUMN}/rss.xml.gz"),
        format!("{COLUMN}/feed.json.gz"),
    ];
    let copied = copies
        .each_ref()
        .map(|path| fs::read(public.join(path)).unwrap());
    fs::write(public.join(&copies[0]), "of nothing").unwrap();
    fs::remove_file(public.join(&copies[1])).unwrap();

    let mut service = machine.serve();
    service.line_with("published files were checked");
    assert_eq!(service.stop(), Some(0));
    // Also the copies are those of their files again.
    assert!(bytes(&public) == whole);
    assert_eq!(
        copies.map(|path| fs::read(public.join(path)).unwrap()),
        copied
    );

    // Icons come with the program.
    fs::remove_file(public.join("icon.svg")).unwrap();
    let mut service = machine.serve();
    service.line_with("published files were checked");
    assert_eq!(service.stop(), Some(0));
    assert!(bytes(&public) == whole);
    let left = files(&public, |_| ());
    assert!(
        left.keys().all(|path| !path.contains(".dibao-")),
        "{left:?}"
    );
}
