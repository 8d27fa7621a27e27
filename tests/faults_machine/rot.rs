//! Bytes that a disk or a memory changed: in rows of the store, in its structures, in the archive.
//!
//! Owns the damage, always at places that a seed tells. Never leaves loopback.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::machine::{ARTICLES, Machine, told};
use crate::support::replica::bytes;

/// What is published, but for the feed of incidents, which tells of the damage.
pub(crate) fn published(machine: &Machine) -> BTreeMap<String, Vec<u8>> {
    let mut files = bytes(&machine.public());
    files.retain(|path, _| !path.starts_with("incidents.atom") && !path.contains("manifest.json"));
    files
}

fn status(machine: &Machine) -> String {
    told(&machine.dibao(&["status"]))
}

/// Runs a command that must end with exit code 1, and returns what it said.
pub(super) fn partly(machine: &Machine, command: &[&str]) -> String {
    let output = machine.dibao(command);
    let said = told(&output);
    assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
    said
}

#[test]
fn fault_58_a_damaged_article_is_told_and_its_last_change_stands_for_it() {
    let machine = Machine::new();
    machine.run();
    let before = published(&machine);
    machine.sql("UPDATE articles SET article = CAST(X'7BFF' AS TEXT) WHERE added_seq = 2");
    let id = &machine.sql("SELECT id FROM articles WHERE added_seq = 2")[0];
    let said = partly(&machine, &["publish", "--all"]);
    assert!(
        said.contains("store-corrupt") && said.contains(id),
        "{said}"
    );
    assert!(!said.contains("writable"), "no folder is blamed: {said}");
    assert_eq!(published(&machine), before);
    let shown = status(&machine);
    for word in ["store-corrupt", id, "dibao repair"] {
        assert!(shown.contains(word), "{word} is not in: {shown}");
    }
    let repaired = machine.well(&["repair"]);
    assert!(
        told(&repaired).contains("restored from other rows"),
        "{}",
        told(&repaired)
    );
    machine.well(&["verify", "--all"]);
    assert!(!status(&machine).contains("store-corrupt"));
    assert_eq!(published(&machine), before);
}

#[test]
fn fault_58_an_article_that_is_nowhere_whole_is_held_back_alone_and_is_not_withdrawn() {
    let machine = Machine::new();
    machine.run();
    let before = published(&machine);
    machine.sql("UPDATE articles SET article = CAST(X'7BFF' AS TEXT) WHERE added_seq = 2");
    machine.sql("UPDATE changes SET article = CAST(X'7BFF' AS TEXT) WHERE seq = 2");
    let id = machine
        .sql("SELECT id FROM articles WHERE added_seq = 2")
        .remove(0);
    let said = partly(&machine, &["publish", "--all"]);
    assert!(said.contains("articles ") || said.contains(&id), "{said}");
    let after = published(&machine);
    let own = |path: &&String| path.contains(&id) || path.starts_with("changes/");
    let kept: Vec<&String> = before.keys().filter(own).collect();
    assert!(kept.len() >= 3, "{kept:?}");
    for path in kept {
        assert!(after.get(path) == before.get(path), "{path} is as it was");
    }
    let feed = |files: &BTreeMap<String, Vec<u8>>| {
        String::from_utf8(files["lucheng/work-news/atom.xml"].clone()).unwrap()
    };
    assert_eq!(feed(&before).matches("<entry>").count(), ARTICLES);
    assert_eq!(feed(&after).matches("<entry>").count(), ARTICLES - 1);
    let told_of = &after["lucheng/work-news/revisions.atom"];
    assert!(told_of == &before["lucheng/work-news/revisions.atom"]);

    assert!(status(&machine).contains("store-corrupt  changes 2"));
    let repaired = machine.well(&["repair"]);
    assert!(
        told(&repaired).contains("restored from the published files"),
        "{}",
        told(&repaired)
    );
    assert_eq!(published(&machine), before);
    machine.run();
}

#[test]
fn fault_58_a_damaged_page_keeps_nothing_else_from_being_collected() {
    let machine = Machine::new();
    machine.run();
    machine
        .sql("UPDATE pages SET content = CAST(X'7BFF' AS TEXT), next_check_ms = 0 WHERE found = 2");
    machine.sql("UPDATE pages SET next_check_ms = 0");
    let said = partly(&machine, &["run"]);
    assert!(
        said.contains("1 failed") && said.contains("store-corrupt"),
        "{said}"
    );
    assert!(said.contains("published"), "{said}");
    let checked = machine.sql("SELECT CAST(COUNT(*) AS TEXT) FROM pages WHERE next_check_ms > 0");
    assert_eq!(
        checked,
        [ARTICLES.to_string()],
        "each was looked at, or put off"
    );
    let shown = status(&machine);
    assert!(shown.contains("store-corrupt  pages "), "{shown}");
    machine.well(&["repair"]);
    machine.run();
}

#[test]
fn fault_58_a_backup_that_would_hold_damage_fails_and_keeps_the_last_good_one() {
    let machine = Machine::new();
    machine.run();
    machine.well(&["backup", "nightly.backup"]);
    let good = fs::read(machine.path("nightly.backup")).unwrap();
    let damages: [(&str, &'static str); 3] = [
        (
            "changes 3",
            "UPDATE changes SET at_ms = at_ms + 4096 WHERE seq = 3",
        ),
        (
            "publications",
            "UPDATE publications SET backfill = 1 WHERE number = 3",
        ),
        (
            "articles",
            "UPDATE articles SET article = replace(article, 'http', 'hptt') WHERE added_seq = 3",
        ),
    ];
    for (word, damage) in damages {
        machine.sql(damage);
        let said = partly(&machine, &["backup", "--force", "nightly.backup"]);
        assert!(
            said.contains(word) && said.contains("dibao repair"),
            "{said}"
        );
        assert!(fs::read(machine.path("nightly.backup")).unwrap() == good);
        machine.dibao(&["repair"]);
    }
    machine.sql("UPDATE column_articles SET is_withdrawn = 1 WHERE added_seq = 1");
    let said = partly(&machine, &["backup", "--force", "nightly.backup"]);
    assert!(said.contains("column_articles"), "{said}");
    machine.well(&["repair"]);
    machine.well(&["backup", "--force", "nightly.backup"]);
}

fn archive_file(machine: &Machine) -> PathBuf {
    let entries = fs::read_dir(machine.path("data/warc")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.remove(0)
}

#[test]
fn fault_58_a_file_of_the_archive_that_is_altered_shorter_or_missing_is_told() {
    let machine = Machine::new();
    machine.run();
    machine.well(&["verify", "--all"]);
    let file = archive_file(&machine);
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let whole = fs::read(&file).unwrap();
    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 4;
    let shorter = whole[..whole.len() - 7].to_vec();
    for (word, damaged) in [
        ("altered", Some(altered)),
        ("bytes", Some(shorter)),
        ("missing", None),
    ] {
        fs::remove_file(&file).unwrap();
        if let Some(damaged) = damaged {
            fs::write(&file, damaged).unwrap();
        }
        let said = partly(&machine, &["verify", "--all"]);
        assert!(
            said.contains(&name) && said.contains(word),
            "{word}: {said}"
        );
        let shown = status(&machine);
        assert!(
            shown.contains(&format!("archive-damaged  {name}")),
            "{shown}"
        );
        partly(&machine, &["backup", "--force", "nightly.backup"]);
        fs::write(&file, &whole).unwrap();
        machine.well(&["verify", "--all"]);
        assert!(!status(&machine).contains("archive-damaged"));
    }
}

#[test]
fn a_published_file_that_was_altered_is_named_and_written_anew() {
    let machine = Machine::new();
    machine.run();
    let before = published(&machine);
    let feed = machine.path("public/lucheng/work-news/rss.xml");
    fs::write(&feed, "altered").unwrap();
    let said = partly(&machine, &["verify", "--all"]);
    assert!(said.contains("lucheng/work-news/rss.xml"), "{said}");
    assert_eq!(published(&machine), before);
    machine.well(&["verify", "--all"]);
}

#[test]
fn rows_of_an_earlier_store_get_their_checksums_and_none_of_them_counts_as_damaged() {
    let machine = crate::stores::copied();
    let verified = machine.well(&["verify", "--all"]);
    assert!(
        told(&verified).contains("nothing in the store"),
        "{}",
        told(&verified)
    );
    for table in [
        "SELECT id FROM articles WHERE sum IS NULL AND article IS NOT NULL",
        "SELECT kind FROM changes WHERE sum IS NULL",
        "SELECT column_name FROM publications WHERE sum IS NULL",
        "SELECT url FROM pages WHERE sum IS NULL",
    ] {
        assert!(machine.sql(table).is_empty(), "{table}");
    }
    machine.sql("UPDATE pages SET url = url || '#' WHERE found = 1");
    let said = partly(&machine, &["verify", "--all"]);
    assert!(said.contains("the row pages "), "{said}");
}

#[test]
fn a_check_from_a_folder_without_the_topics_removes_none_of_them() {
    let machine = Machine::new();
    machine.write("topics/all.toml", "title = \"全部\"\nquery = \"的\"");
    machine.run();
    let feed = machine.public().join("topics/all/atom.xml");
    let before = std::fs::read(&feed).unwrap();
    let output = machine.dibao(&["--topics", "elsewhere", "verify", "--all"]);
    let shown = told(&output);
    assert_eq!(output.status.code(), Some(2), "{shown}");
    for words in ["the topic all is published", "elsewhere", "--topics"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(std::fs::read(&feed).unwrap(), before);
    machine.well(&["verify", "--all"]);
}
