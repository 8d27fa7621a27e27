//! A disk without room, under a running service.
//!
//! Owns the full disk. Never fills a real one.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::machine::{COLUMN, Machine, Service, show};
use super::published::{assert_whole, assert_whole_file};

/// Mounts a small disk of its own at the first argument, and becomes the program that follows.
const ON_A_SMALL_DISK: &str = "mount -t tmpfs -o size=16m dibao \"$0\" && exec \"$@\"";

fn can_mount() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Command::new("unshare")
        .args(["-rm", "sh", "-c", ON_A_SMALL_DISK])
        .arg(folder.path())
        .arg("true")
        .output();
    mounted.is_ok_and(|mounted| mounted.status.success())
}

/// Takes all the room there is.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    let (large, small) = ([0; 65536], [0; 1]);
    for piece in [&large[..], &small[..]] {
        while file.write_all(piece).is_ok() {}
    }
}

#[test]
fn fault_28_a_full_disk_stops_the_run_not_the_feeds_and_is_got_over_alone() {
    if !can_mount() {
        println!("skipped: no disk can be mounted here (unshare -rm)");
        return;
    }
    let machine = Machine::new();
    machine.always_due();
    // A second column of the portal, which shows its items only once the disk is full.
    let late = "late-to-the-full-disk.html";
    let feed = format!(
        "url = \"http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/{late}\"\n[list]\n\
         item = \"ul.list > li:nth-child(n+8):nth-child(-n+14)\"\n[fetch]\ndelay = \"0s\"\n"
    );
    machine.write("feeds/lucheng/late.toml", &feed);
    fs::create_dir(machine.path("disk")).unwrap();
    let disk = machine.path("disk");
    let runner = [
        "unshare",
        "-rm",
        "sh",
        "-c",
        ON_A_SMALL_DISK,
        disk.to_str().unwrap(),
    ];
    let args = [
        "--data",
        "disk/data",
        "--public",
        "disk/public",
        "serve",
        "--listen",
        "127.0.0.1:0",
    ];
    let mut service = Service::of(machine.command_by(&runner, &args));
    service.line_with("6 new");
    let before = service.whole_feed().body;
    // The disk as the service sees it.
    let pid = service.child.0.id();
    let disk: PathBuf = format!("/proc/{pid}/root{}", disk.display()).into();
    let feed = format!("/{COLUMN}/atom.xml");

    fill(&disk.join("ballast"));
    show(late);
    let mut line = service.line_with("disk-full");
    // `dibao status` has it from there.
    let note = disk.join("data/dibao.trouble");
    while !fs::read_to_string(&note).unwrap().contains("disk-full") {
        line = service.line_with("disk-full");
    }
    assert!(line.contains("make room"), "{line}");
    let during = service.get(&feed);
    assert_eq!((during.status, &during.body), (200, &before));
    assert_eq!(service.get("/healthz").status, 200);
    assert_whole(&disk.join("public"));

    fs::remove_file(disk.join("ballast")).unwrap();
    let mut entries = 0;
    while entries < 6 {
        service.line_with("published");
        let late = service.get("/lucheng/late/atom.xml");
        assert_whole_file("atom.xml", &late.body);
        entries = String::from_utf8(late.body)
            .unwrap()
            .matches("<entry>")
            .count();
    }
    assert_whole(&disk.join("public"));
    assert_eq!(service.stop(), Some(0));
}
