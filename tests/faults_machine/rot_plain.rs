//! Damage in rows of plain tables, and what the archive restores.
//!
//! Owns the damage: one byte as a disk changes it, without the triggers that a program's write sets
//! off. Never leaves loopback.

use std::fs;

use super::machine::{Machine, told};
use super::rot::{partly, published};
use crate::stores::each::newest;

/// A table, its trigger, one byte changed in a row, and the row's name.
type Damage = (&'static str, &'static str, &'static str);

const DAMAGES: [Damage; 5] = [
    (
        "DROP TRIGGER columns_unsealed",
        "UPDATE columns SET title = CAST(X'FF' || substr(CAST(title AS BLOB), 2) AS TEXT)",
        "columns yanxi/notices",
    ),
    (
        "DROP TRIGGER incidents_unsealed",
        "UPDATE incidents SET opened_ms = opened_ms + 65536 WHERE reason = 'index-conflict'",
        "incidents 1 index-conflict",
    ),
    (
        "DROP TRIGGER pictures_unsealed",
        "UPDATE pictures SET sha256 = replace(sha256, substr(sha256, 9), 'g' || substr(sha256, 10))",
        "pictures yanxi http://www.yanxi.example/tzgg/2026/tu.png",
    ),
    (
        "DROP TRIGGER removals_unsealed",
        "UPDATE removals SET reason = replace(reason, '：', ':')",
        "removals f4969780-8195-54ec-a5be-ed56240ca8af",
    ),
    (
        "INSERT INTO kept_ids (id, portal, title_sha256, sketch, content_sha256, revision,
             first_seen_ms, updated_ms, withdrawn)
         VALUES ('00000000-0000-5000-8000-000000000007', 'yanxi', 'a', 'b', 'c', 1, 2, 3, 0)",
        "UPDATE kept_ids SET portal = 'yanxj'",
        "kept_ids 00000000-0000-5000-8000-000000000007",
    ),
];

#[test]
fn fault_58_titles_incidents_pictures_removals_and_kept_ids_are_told_by_name_and_restored() {
    let machine = newest();
    machine.well(&["publish", "--all"]);
    for (prepare, _, _) in DAMAGES {
        machine.sql(prepare);
    }
    machine.well(&["verify", "--all"]);
    let before = published(&machine);
    for (_, damage, name) in DAMAGES {
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
