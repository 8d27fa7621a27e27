//! How long the archive is kept.
//!
//! Owns the deletion of old files. Never leaves loopback.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::faults_machine::machine::{ARTICLES, Machine, told};
use crate::support::replica::files;

#[test]
fn what_is_older_than_is_kept_goes_by_whole_files_and_what_is_lost_is_said() {
    let machine = Machine::new();
    let kept = |machine: &Machine| -> Vec<String> {
        files(&machine.path("data/warc"), |_| ())
            .into_keys()
            .collect()
    };
    machine.run();
    let [first] = &kept(&machine)[..] else {
        panic!("one file: {:?}", kept(&machine));
    };
    // A year ago it was full.
    let file = machine.path(&format!("data/warc/{first}"));
    let year_ago = SystemTime::now() - Duration::from_secs(365 * 86_400);
    let opened = fs::OpenOptions::new().append(true).open(&file).unwrap();
    opened.set_modified(year_ago).unwrap();
    let mut permissions = opened.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    opened.set_permissions(permissions).unwrap();
    // Its robots.txt is asked for again; what is not modified is not archived.
    machine.sql("DELETE FROM robots");
    machine.run();
    assert_eq!(kept(&machine).len(), 2, "everything is kept by default");
    machine.write("dibao.toml", "archive.keep = \"1d\"\n");
    let refused = machine.dibao(&["run"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    assert!(told(&refused).contains("at least 90 days"));
    machine.write("dibao.toml", "[archive]\nkeep = \"90d\"\n");
    machine.run();
    assert_eq!(
        kept(&machine).len(),
        2,
        "the index knows its pages to be young"
    );
    machine.sql("UPDATE captures SET at_ms = at_ms - 31536000000");
    let run = machine.well(&["run"]);
    let said = String::from_utf8(run.stdout).unwrap();
    let line = format!("archive  {first} deleted, ");
    assert!(said.contains(&line), "{said}");
    let lost = format!("{ARTICLES} pages of articles can no longer be read anew");
    assert!(said.contains(&lost), "{said}");
    assert_eq!(kept(&machine).len(), 1);
    assert!(!file.exists());
    let status = String::from_utf8(machine.well(&["status"]).stdout).unwrap();
    assert!(status.contains("archive  1 files, 0."), "{status}");
    machine.run();
    assert_eq!(machine.export(&[]).len(), ARTICLES);
}
