//! Backup of the whole store into one file, and its restore.
//!
//! Owns these two commands. Never leaves loopback.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use dibao::store::{Purpose, Store};
use serde_json::Value;

use crate::faults_machine::machine::{ARTICLES, COLUMN, Machine, told};
use crate::faults_machine::store::OF_THE_FUTURE;
use crate::support::replica::bytes;
use crate::support::{morning, page, temp_store, text};

/// Names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_restored_store_publishes_the_same_bytes() {
    let machine = Machine::new();
    machine.run();
    let published = bytes(&machine.public());
    let articles = machine.export(&[]);
    fs::create_dir(machine.path("safe")).unwrap();
    let backup = machine.well(&["backup", "safe/dibao.backup"]);
    let said = String::from_utf8(backup.stdout.clone()).unwrap();
    assert!(
        said.starts_with(&format!("backup  safe/dibao.backup  {ARTICLES} articles, ")),
        "{said}"
    );
    assert!(told(&backup).contains("writing about"), "{}", told(&backup));
    assert_eq!(names(&machine.path("safe")), ["dibao.backup"]);

    fs::rename(machine.path("data/warc"), machine.path("safe/warc")).unwrap();
    fs::remove_dir_all(machine.path("data")).unwrap();
    let restored = machine.well(&["restore", "safe/dibao.backup"]);
    assert!(told(&restored).contains("data/warc"), "{}", told(&restored));
    fs::rename(machine.path("safe/warc"), machine.path("data/warc")).unwrap();
    assert_eq!(machine.export(&[]), articles);
    assert_eq!(names(&machine.path("data")), ["dibao.sqlite", "warc"]);
    machine.run();
    assert!(bytes(&machine.public()) == published, "over what is there");
    fs::remove_dir_all(machine.public()).unwrap();
    machine.run();
    assert!(
        bytes(&machine.public()) == published,
        "into an empty folder"
    );
}

#[test]
fn a_backup_replaces_a_file_only_when_told_to() {
    let machine = Machine::new();
    let none = machine.dibao(&["backup", "b"]);
    assert_eq!(none.status.code(), Some(2), "{}", told(&none));
    assert!(told(&none).contains("no store yet"), "{}", told(&none));
    machine.run();
    machine.write("b", "somebody's");
    let refused = machine.dibao(&["backup", "b"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(told(&refused).contains("--force"), "{}", told(&refused));
    assert_eq!(fs::read(machine.path("b")).unwrap(), b"somebody's");
    machine.well(&["backup", "b", "--force"]);
    assert!(
        fs::read(machine.path("b"))
            .unwrap()
            .starts_with(b"SQLite format 3\0")
    );
    let nowhere = machine.dibao(&["backup", "nowhere/b"]);
    assert_eq!(nowhere.status.code(), Some(1), "{}", told(&nowhere));
    assert!(
        told(&nowhere).contains("nowhere/b: cannot be written"),
        "{}",
        told(&nowhere)
    );
}

#[test]
fn only_a_whole_backup_of_a_real_store_is_restored() {
    let machine = Machine::new();
    machine.run();
    machine.well(&["backup", "good"]);
    let good = fs::read(machine.path("good")).unwrap();
    let occupied = machine.dibao(&["restore", "good"]);
    assert_eq!(occupied.status.code(), Some(2), "{}", told(&occupied));
    assert!(
        told(&occupied).contains("move dibao.sqlite"),
        "{}",
        told(&occupied)
    );
    fs::remove_dir_all(machine.path("data")).unwrap();

    fs::write(machine.path("truncated"), &good[..good.len() / 2]).unwrap();
    fs::write(machine.path("stub"), &good[..50]).unwrap();
    machine.write("text", "this is no database at all");
    machine.write("empty", "");
    let mut damaged = good.clone();
    let (from, to) = (damaged.len() / 4, damaged.len() / 2);
    damaged[from..to].fill(0xa5);
    fs::write(machine.path("damaged"), damaged).unwrap();
    let make = |name: &str, from: Option<&str>, sql: &'static str| {
        let file = machine.path(name);
        fs::write(&file, from.map_or(&[][..], |_| &good)).unwrap();
        crate::faults_machine::machine::sql_in(&file, sql);
    };
    make("foreign", None, "CREATE TABLE notes (text TEXT)");
    make("newer", Some("good"), OF_THE_FUTURE);
    make(
        "demo",
        Some("good"),
        "INSERT INTO meta (key, value) VALUES ('demo', '1')",
    );
    for (file, word) in [
        ("truncated", "no whole backup"),
        ("stub", "no whole backup"),
        ("text", "not an SQLite database"),
        ("empty", "it is empty"),
        ("damaged", "no whole backup"),
        ("foreign", "another program's database"),
        ("newer", "schema 9999"),
        ("demo", "the demo's invented articles"),
        ("absent", "No such file"),
    ] {
        let refused = machine.dibao(&["restore", file]);
        let said = told(&refused);
        assert_eq!(refused.status.code(), Some(2), "{file}: {said}");
        assert!(said.contains(word) && said.contains(file), "{file}: {said}");
        let left = machine.path("data");
        assert!(!left.exists() || names(&left).is_empty(), "{file}");
    }
    machine.well(&["restore", "good"]);
    assert_eq!(machine.export(&[]).len(), ARTICLES);
}

/// A writer commits one article after another; every backup that is taken meanwhile opens, is
/// sound, and tells of every change up to its last one.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_of_one_moment_while_another_writes() {
    let store = temp_store().await;
    let writer = store.store.clone();
    let stop = std::sync::Arc::new(AtomicBool::new(false));
    let told_to_stop = stop.clone();
    let writing = tokio::spawn(async move {
        let mut written = 0;
        while !told_to_stop.load(Ordering::Relaxed) {
            let url = format!("http://a.cn/{written}.html");
            let page = page(&url, None, &format!("第{written}件"), &text(written));
            writer
                .articles()
                .save(morning(), None, &page)
                .await
                .unwrap();
            written += 1;
        }
        i64::from(written)
    });
    let places = tempfile::tempdir().unwrap();
    let mut seqs = Vec::new();
    // Until each has caught the writer at another point.
    while seqs.len() < 4 {
        let file = places.path().join("backup");
        let held = store.store.back_up(&file, true).await.unwrap();
        if seqs.last() == Some(&held.seq) {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let restored = Store::restore(folder.path(), &file, morning(), |_| Vec::new());
        let (restored, _) = restored.await.unwrap();
        assert_eq!(restored.seq, held.seq);
        let copy = Store::open(folder.path(), Purpose::Real).await.unwrap();
        let changes = copy.changes().after(0, i64::MAX).await.unwrap();
        let numbers: Vec<i64> = changes.iter().map(|change| change.seq).collect();
        assert_eq!(numbers, (1..=held.seq).collect::<Vec<_>>());
        assert_eq!(held.articles, held.seq, "one change an article");
        copy.close().await;
        seqs.push(held.seq);
    }
    stop.store(true, Ordering::Relaxed);
    let written = writing.await.unwrap();
    assert!(
        seqs[0] < seqs[3] && seqs[3] <= written,
        "{seqs:?} {written}"
    );
    assert_eq!(names(places.path()), ["backup"]);
}

/// An older backup knows nothing of what was removed since; what was published does.
#[test]
fn what_was_removed_since_a_backup_stays_removed_when_that_is_restored() {
    const FEED: &str = "feeds/lucheng/work-news.toml";
    let machine = Machine::new();
    let feed = fs::read_to_string(machine.path(FEED)).unwrap();
    machine.write(FEED, &feed.replace("(-n+7)", "(-n+3)"));
    machine.run();
    let known = machine.export(&[]);
    machine.well(&["backup", "old"]);
    machine.write(FEED, &feed);
    // The portal would say that the list is as it was.
    let forget = "UPDATE columns SET etag = NULL, last_modified = NULL";
    machine.sql(forget);
    machine.run();
    let all = machine.export(&[]);
    let id = |article: &Value| article["id"].as_str().unwrap().to_owned();
    let known: Vec<String> = known.iter().map(id).collect();
    let of_backup = known[0].clone();
    let later = all.iter().map(id).find(|id| !known.contains(id)).unwrap();
    for id in [&of_backup, &later] {
        machine.well(&["remove", id, "--reason", "so"]);
    }
    machine.well(&["backup", "new"]);
    let restore = |backup: &str| {
        fs::remove_dir_all(machine.path("data")).unwrap();
        told(&machine.well(&["restore", backup]))
    };
    let current = restore("new");
    assert!(!current.contains("mirrors"), "{current}");
    assert!(!current.contains("removed since"), "{current}");
    let behind = restore("old");
    assert!(behind.contains("mirrors must begin anew"), "{behind}");
    for id in [&of_backup, &later] {
        let words = format!("{id} was removed since, and stays removed");
        assert!(behind.contains(&words), "{words}: {behind}");
    }
    // The portal still shows both.
    machine.sql(forget);
    machine.run();
    machine.run();
    let gone = [&of_backup, &later];
    let texts: Vec<String> = machine
        .export(&["--withdrawn", "false"])
        .iter()
        .map(id)
        .collect();
    for other in all.iter().map(id).filter(|id| !gone.contains(&id)) {
        assert!(texts.contains(&other), "{other} came again");
    }
    for article in machine.export(&[]) {
        let is_gone = gone.contains(&&id(&article));
        assert_eq!(article["title"] == "（已移除）", is_gone, "{article}");
    }
    let changes = machine.export(&["--changes"]);
    let removed = |change: &&Value| change["kind"] == "removed";
    let removed: Vec<String> = changes
        .iter()
        .filter(removed)
        .map(|change| id(&change["article"]))
        .collect();
    assert_eq!(
        removed.as_slice(),
        std::slice::from_ref(&of_backup),
        "mirrors are told"
    );
    let feed = fs::read_to_string(machine.public().join(COLUMN).join("feed.json")).unwrap();
    for id in [&of_backup, &later] {
        assert!(!feed.contains(id.as_str()), "{id}: {feed}");
    }
    let status = told(&machine.well(&["status"]));
    assert_eq!(
        status.matches("not from everywhere yet").count(),
        2,
        "{status}"
    );
    for id in [&of_backup, &later] {
        machine.well(&["remove", id, "--reason", "so"]);
    }
    let status = told(&machine.well(&["status"]));
    assert!(!status.contains("not from everywhere yet"), "{status}");
}

/// A file of changes that cannot be read may tell of a removal.
#[test]
fn a_published_change_that_cannot_be_read_is_told_when_a_backup_is_restored() {
    let machine = Machine::new();
    machine.run();
    machine.well(&["backup", "old"]);
    let id = machine.export(&[])[0]["id"].as_str().unwrap().to_owned();
    machine.well(&["remove", &id, "--reason", "so"]);
    fs::write(machine.public().join("changes/000001.ndjson"), "{").unwrap();
    fs::remove_dir_all(machine.path("data")).unwrap();
    let restored = machine.dibao(&["restore", "old"]);
    let said = told(&restored);
    assert_eq!(restored.status.code(), Some(1), "{said}");
    assert!(
        said.contains("changes/000001.ndjson: cannot be read"),
        "{said}"
    );
    assert_eq!(machine.export(&[]).len(), ARTICLES, "it is restored");
}
