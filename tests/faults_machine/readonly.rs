//! Folders that cannot be written.
//!
//! Owns these folders. Never leaves loopback.

use std::process::Command;

use super::machine::{ARTICLES, COLUMN, Machine, Service, told};
use super::published::{assert_undisturbed, timeless};

/// Makes the folder of the first argument read-only for the program that follows, whoever runs it.
const READ_ONLY: &str =
    "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"";

fn can_mount() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Command::new("unshare")
        .args(["-rm", "sh", "-c", READ_ONLY])
        .arg(folder.path())
        .arg("true")
        .output();
    let can = mounted.is_ok_and(|mounted| mounted.status.success());
    if !can {
        println!("skipped: no folder can be made read-only here (unshare -rm)");
    }
    can
}

/// The program with this folder read-only.
fn command(machine: &Machine, folder: &str, args: &[&str]) -> Command {
    let folder = machine.path(folder);
    let runner = [
        "unshare",
        "-rm",
        "sh",
        "-c",
        READ_ONLY,
        folder.to_str().unwrap(),
    ];
    machine.command_by(&runner, args)
}

#[test]
fn fault_30_a_read_only_folder_is_named_before_any_portal_is_asked_and_nothing_is_lost() {
    if !can_mount() {
        return;
    }
    let machine = Machine::new();
    machine.run();
    machine.sql("DELETE FROM items");
    let before = timeless(&machine.public());
    for folder in ["public", "data"] {
        let run = command(&machine, folder, &["run"]).output().unwrap();
        let said = told(&run);
        assert_eq!(run.status.code(), Some(2), "{folder}: {said}");
        let flag = format!("--{folder}");
        for word in [folder, "Read-only", "writable", &flag] {
            assert!(said.contains(word), "{word} is not in: {said}");
        }
        assert!(!said.contains("new"), "a portal was asked: {said}");
        assert_eq!(timeless(&machine.public()), before, "{folder}");
    }
    machine.run();
    assert_eq!(machine.export(&[]).len(), ARTICLES);
    assert_undisturbed(&machine.public(), "folders that were read-only");
}

#[test]
fn fault_30_readers_are_served_from_a_read_only_data_folder() {
    if !can_mount() {
        return;
    }
    let machine = Machine::new();
    machine.run();
    let mut service = Service::of(command(
        &machine,
        "data",
        &["serve", "--listen", "127.0.0.1:0"],
    ));
    let line = service.line_with("ERROR");
    assert!(
        line.contains("store-read-only") && line.contains("writable"),
        "{line}"
    );
    assert_eq!(service.get(&format!("/{COLUMN}/atom.xml")).status, 200);
    assert_eq!(service.get("/healthz").status, 200);
    assert_eq!(service.stop(), Some(0));
}
