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

/// Bytes as a size of the settings that is not less.
fn kib(bytes: u64) -> String {
    format!("{}KiB", bytes.div_ceil(1024))
}

/// The room that is left where this folder is.
fn free(folder: &Path) -> u64 {
    let disk = rustix::fs::statvfs(folder).unwrap();
    disk.f_bavail * disk.f_frsize
}

/// How many compressed copies are published.
fn copies(machine: &Machine) -> usize {
    fn below(folder: &Path) -> usize {
        let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
        let found = entries.map(|entry| match entry.path() {
            path if path.is_dir() => below(&path),
            path => {
                let end = path.extension().unwrap_or_default();
                let name = path.to_string_lossy().into_owned();
                usize::from((end == "gz" || end == "br") && !name.contains("/dump/"))
            }
        });
        found.sum()
    }
    below(&machine.path("public"))
}

/// What `dibao status --json` says of incidents about the disk.
fn told(machine: &Machine) -> Vec<String> {
    let status = machine.command(&["status", "--json"]).output().unwrap();
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    let incidents = status["incidents"].as_array().unwrap().iter();
    let of_disk = incidents.filter(|incident| incident["reason"] == "disk-low");
    of_disk
        .map(|incident| incident["message"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn fault_56_with_little_room_copies_are_left_out_told_and_caught_up() {
    let machine = Machine::new();
    // Less than this is free, and more than half of it.
    let floor = kib(free(&machine.path("")) / 3 * 4);
    machine.write(
        "dibao.toml",
        &format!("[limits]\nfree_space = \"{floor}\"\n"),
    );
    machine.run();
    let feed = fs::read(machine.path("public").join(COLUMN).join("atom.xml")).unwrap();
    assert!(
        String::from_utf8(feed).unwrap().contains("<entry>"),
        "it collects and publishes"
    );
    assert_eq!(copies(&machine), 0);
    let messages = told(&machine);
    assert_eq!(messages.len(), 2, "for both folders: {messages:?}");
    for message in &messages {
        assert!(message.contains("limits.free_space"), "{message}");
        assert!(message.contains("compressed copies"), "{message}");
    }
    machine.run();
    assert_eq!(told(&machine).len(), 2);

    fs::remove_file(machine.path("dibao.toml")).unwrap();
    machine.run();
    assert!(copies(&machine) > 10, "{}", copies(&machine));
    assert_eq!(told(&machine), Vec::<String>::new());
    assert_whole(&machine.path("public"));
}

#[test]
fn fault_56_with_hardly_any_room_nothing_is_collected_and_all_of_it_is_published() {
    let machine = Machine::new();
    machine.run();
    let feed = machine.path("public").join(COLUMN).join("atom.xml");
    let before = fs::read(&feed).unwrap();
    let store = fs::read_dir(machine.path("data/warc")).unwrap().count();
    machine.write("dibao.toml", "[limits]\nfree_space = \"1000TiB\"\n");
    fs::remove_file(&feed).unwrap();
    let output = machine.command(&["run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("disk-low") && said.contains("nothing is collected"),
        "{said}"
    );
    assert_eq!(
        fs::read_dir(machine.path("data/warc")).unwrap().count(),
        store
    );
    let output = machine.command(&["publish", "--all"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(fs::read(&feed).unwrap(), before);
    let output = machine.command(&["backfill", COLUMN]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("paused") && said.contains("disk-low"),
        "{said}"
    );

    fs::remove_file(machine.path("dibao.toml")).unwrap();
    let output = machine.command(&["run"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(told(&machine), Vec::<String>::new());
}
