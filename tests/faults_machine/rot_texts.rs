//! Damage in the texts of articles, which stand once in the store.
//!
//! Owns the damage: bytes as a disk changes them. Never leaves loopback.

use std::fs;

use super::machine::{Machine, told};
use super::rot::{partly, published};

/// One byte of the second article's text is another one.
const ONE_BYTE: &str = "UPDATE texts SET body = unhex(substr(hex(body), 1, 40)
         || CASE substr(hex(body), 41, 2) WHEN '41' THEN '42' ELSE '41' END
         || substr(hex(body), 43))
     WHERE id = (SELECT text_id FROM articles WHERE added_seq = 2)";
/// Most bytes of it are.
const MOST_BYTES: &str = "UPDATE texts SET body = zeroblob(length(body))
     WHERE id = (SELECT text_id FROM articles WHERE added_seq = 2)";

#[test]
fn fault_58_a_damaged_text_is_told_holds_its_article_back_alone_and_is_restored() {
    let machine = Machine::new();
    machine.run();
    machine.well(&["verify", "--all"]);
    machine.well(&["backup", "nightly.backup"]);
    let good = fs::read(machine.path("nightly.backup")).unwrap();
    let before = published(&machine);
    let exported = machine.export(&["--changes"]);
    let id = machine
        .sql("SELECT id FROM articles WHERE added_seq = 2")
        .remove(0);
    let json = format!("articles/{}/{id}.json", &id[..2]);
    for (damage, is_published, words) in [
        (ONE_BYTE, true, "its checksum tells the byte"),
        (MOST_BYTES, true, "restored from the published files"),
        (MOST_BYTES, false, "restored from its page in the archive"),
    ] {
        machine.sql(damage);
        let said = partly(&machine, &["verify", "--all"]);
        for table in ["articles", "changes", "pages"] {
            let row = said
                .lines()
                .find(|line| line.contains(&format!("the row {table} ")));
            let row = row.unwrap_or_else(|| panic!("{table}: {said}"));
            assert!(table == "pages" || row.contains(&id), "{row}");
        }
        let said = partly(&machine, &["backup", "--force", "nightly.backup"]);
        assert!(said.contains("dibao repair"), "{said}");
        assert!(fs::read(machine.path("nightly.backup")).unwrap() == good);
        partly(&machine, &["publish", "--all"]);
        assert!(published(&machine)[&json] == before[&json]);
        if !is_published {
            fs::remove_dir_all(machine.public()).unwrap();
        }
        let repaired = machine.dibao(&["repair"]);
        let said = told(&repaired);
        assert_eq!(repaired.status.code(), Some(0), "{said}");
        assert!(said.contains(words), "{said}");
        machine.well(&["publish", "--all"]);
        machine.well(&["verify", "--all"]);
        assert!(published(&machine) == before, "{words}");
        assert_eq!(machine.export(&["--changes"]), exported, "{words}");
    }
    // Nothing else has it any more, but the backup.
    machine.sql(MOST_BYTES);
    fs::remove_dir_all(machine.public()).unwrap();
    fs::remove_dir_all(machine.path("data/warc")).unwrap();
    let said = partly(&machine, &["repair"]);
    assert!(said.contains("nothing confirms what it was"), "{said}");
    fs::remove_dir_all(machine.path("data")).unwrap();
    machine.well(&["restore", "nightly.backup"]);
    machine.well(&["publish", "--all"]);
    assert!(published(&machine) == before, "from the backup");
}
