//! Damage in rows of plain tables, and what the archive restores.
//!
//! Owns the damage: bytes as a disk changes them, with the checksum of before. Never leaves loopback.

use std::fs;

use super::machine::{Machine, told};
use super::rot::{partly, published};
use crate::stores::each::newest;

/// What changes in a row, beside its checksum, and the row's name.
const DAMAGES: [(&str, &str); 5] = [
    (
        "CREATE TABLE sums_then AS SELECT rowid AS place, sum FROM columns;
         UPDATE columns SET title = CAST(X'FF' || substr(CAST(title AS BLOB), 2) AS TEXT);
         UPDATE columns SET sum = (SELECT sum FROM sums_then WHERE place = columns.rowid);
         DROP TABLE sums_then;",
        "columns yanxi/notices",
    ),
    (
        "CREATE TABLE sums_then AS SELECT rowid AS place, sum FROM incidents;
         UPDATE incidents SET opened_ms = opened_ms + 65536 WHERE reason = 'index-conflict';
         UPDATE incidents SET sum = (SELECT sum FROM sums_then WHERE place = incidents.rowid);
         DROP TABLE sums_then;",
        "incidents 1 index-conflict",
    ),
    (
        "CREATE TABLE sums_then AS SELECT rowid AS place, sum FROM pictures;
         UPDATE pictures SET sha256 = substr(sha256, 1, 8) || 'g' || substr(sha256, 10);
         UPDATE pictures SET sum = (SELECT sum FROM sums_then WHERE place = pictures.rowid);
         DROP TABLE sums_then;",
        "pictures yanxi http://www.yanxi.example/tzgg/2026/tu.png",
    ),
    (
        "CREATE TABLE sums_then AS SELECT rowid AS place, sum FROM removals;
         UPDATE removals SET reason = replace(reason, '：', ':');
         UPDATE removals SET sum = (SELECT sum FROM sums_then WHERE place = removals.rowid);
         DROP TABLE sums_then;",
        "removals f4969780-8195-54ec-a5be-ed56240ca8af",
    ),
    (
        "UPDATE kept_ids SET portal = 'yanxj'",
        "kept_ids 00000000-0000-5000-8000-000000000007",
    ),
];

/// An id from a published dump.
const KEPT: &str = "INSERT INTO kept_ids (id, portal, title_sha256, sketch, content_sha256,
         revision, first_seen_ms, updated_ms, withdrawn)
     VALUES ('00000000-0000-5000-8000-000000000007', 'yanxi', 'a', 'b', 'c', 1, 2, 3, 0)";

#[test]
fn fault_58_titles_incidents_pictures_removals_and_kept_ids_are_told_by_name_and_restored() {
    let machine = newest();
    machine.well(&["publish", "--all"]);
    machine.sql(KEPT);
    machine.well(&["verify", "--all"]);
    let before = published(&machine);
    for (damage, name) in DAMAGES {
        machine.sql(damage);
        let said = partly(&machine, &["verify", "--all"]);
        assert!(said.contains(&format!("the row {name}")), "{name}: {said}");
        let said = partly(&machine, &["backup", "--force", "nightly.backup"]);
        assert!(said.contains(name), "{name}: {said}");
        assert!(!machine.path("nightly.backup").exists());
        let repaired = machine.dibao(&["repair"]);
        let said = told(&repaired);
        // Three bytes of a colon are no single one: only a backup has the words.
        let is_restorable = !name.starts_with("removals");
        assert_eq!(
            said.contains("its checksum tells the byte"),
            is_restorable,
            "{name}: {said}"
        );
        if !is_restorable {
            assert!(said.contains("nothing confirms what it was"), "{said}");
            machine.sql("UPDATE removals SET reason = replace(reason, ':', '：')");
        }
        machine.well(&["verify", "--all"]);
        assert!(published(&machine) == before, "{name}");
    }
    machine.well(&["backup", "nightly.backup"]);
}

#[test]
fn fault_58_a_page_whose_article_is_nowhere_whole_is_restored_from_the_archive() {
    let machine = Machine::new();
    machine.run();
    let id = machine
        .sql("SELECT id FROM articles WHERE added_seq = 2")
        .remove(0);
    for damage in [
        "UPDATE pages SET content = CAST(X'7BFF' AS TEXT) WHERE found = 2",
        "UPDATE articles SET article = CAST(X'7BFF' AS TEXT) WHERE added_seq = 2",
        "UPDATE changes SET article = CAST(X'7BFF' AS TEXT) WHERE seq = 2",
    ] {
        machine.sql(damage);
    }
    let json = format!("public/articles/{}/{id}.json", &id[..2]);
    fs::remove_file(machine.path(&json)).unwrap();
    fs::remove_file(machine.path("public/changes/000001.ndjson")).unwrap();
    let said = partly(&machine, &["repair"]);
    let lines: Vec<&str> = said.lines().collect();
    let of = |table: &str| {
        let row = format!("the row {table} ");
        lines.iter().find(|line| line.contains(&row)).unwrap()
    };
    assert!(
        of("pages").contains("restored from its page in the archive"),
        "{said}"
    );
    for table in ["articles", "changes"] {
        assert!(of(table).contains("nothing confirms what it was"), "{said}");
    }
}
