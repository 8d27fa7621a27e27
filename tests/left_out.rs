//! Columns whose feed files are broken: the others are collected and published, and what is published
//! of these stays.
//!
//! Owns the broken files. Never leaves loopback.

use std::collections::BTreeMap;
use std::path::Path;

use crate::faults_machine::machine::{Machine, told};

/// A feed file of these rows of the replica's list.
fn feed(rows: &str) -> String {
    format!(
        "url = \"http://www.lc.gov.cn/lcxxgk/xxgkml/jbxxgk/gzdt/\"\n[list]\ninitial = 1\n\
         item = \"ul.list > li:nth-child({rows})\"\n[fetch]\ndelay = \"0s\"\n"
    )
}

/// The published files and their bytes, but those that tell of incidents.
fn published(machine: &Machine) -> BTreeMap<String, Vec<u8>> {
    fn read(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(root, &path, files);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            if !name.starts_with("incidents") && !name.starts_with("manifest") {
                files.insert(name.to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    read(&machine.public(), &machine.public(), &mut files);
    files
}

/// Nothing but incidents is published in another way.
#[track_caller]
fn same(machine: &Machine, before: &BTreeMap<String, Vec<u8>>) {
    let now = published(machine);
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&now), names(before));
    for (name, bytes) in &now {
        assert!(before[name] == *bytes, "{name} is another file");
    }
}

fn machine() -> Machine {
    let machine = Machine::new();
    machine.write("feeds/lucheng/portal.toml", "code = \"140406\"\n");
    machine.write("feeds/lucheng/more.toml", &feed("9"));
    machine.write("feeds/two/news.toml", &feed("10"));
    machine.run();
    machine
}

#[test]
fn a_column_with_a_broken_file_is_left_out_and_stays_published_while_the_others_go_on() {
    let machine = machine();
    let before = published(&machine);
    let broken = feed("9").replace("initial = 1", "intial = 1");
    machine.write("feeds/lucheng/more.toml", &broken);
    // Deleted at the same time: while a file is broken, nothing ends.
    std::fs::remove_file(machine.path("feeds/two/news.toml")).unwrap();

    for command in [&["run"][..], &["publish"], &["publish", "--all"]] {
        let output = machine.dibao(command);
        let (stdout, stderr) = (&output.stdout, String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{command:?}: {stderr}");
        for words in [
            "dibao: feeds/lucheng/more.toml:3: key `list.intial`: unknown key",
            "remedy: did you mean `list.initial`?",
            "dibao: lucheng/more is left out until its file is mended",
        ] {
            assert!(stderr.contains(words), "{command:?}: {words}: {stderr}");
        }
        let did = String::from_utf8_lossy(stdout);
        let is_run = command == ["run"];
        assert_eq!(did.contains("lucheng/work-news  ok"), is_run, "{did}");
        assert!(!did.contains("lucheng/more"), "{did}");
        same(&machine, &before);
    }
    let status = machine.dibao(&["status"]);
    let shown = told(&status);
    assert_eq!(status.status.code(), Some(1), "{shown}");
    for words in ["lucheng/work-news", "incident  configuration  lucheng/more"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // It comes first, as failing, with the reason, and with what is known of it.
    let printed = String::from_utf8_lossy(&status.stdout).into_owned();
    let mut lines = printed.lines();
    let overview = lines.next().unwrap();
    assert!(overview.starts_with("2 columns: 1 failing"), "{printed}");
    let first = lines.next().unwrap();
    assert!(first.starts_with("lucheng/more  failing"), "{printed}");
    assert!(lines.next().unwrap().contains("1 articles"), "{printed}");
    let reason = lines.next().unwrap();
    assert!(
        reason.contains("configuration: ") && reason.contains("more.toml:3: "),
        "{printed}"
    );
    let json = machine.dibao(&["status", "--json", "lucheng/more", "--only", "failing"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let columns = json["columns"].as_array().unwrap();
    assert_eq!(columns.len(), 1, "{json}");
    assert_eq!(columns[0]["column"], "lucheng/more");
    assert_eq!(columns[0]["reason"], "configuration");
    assert_eq!(columns[0]["healthy"], false);
    // Whoever names others gets them, and whoever names it is told.
    let others = machine.dibao(&["run", "lucheng/work-news"]);
    assert_eq!(others.status.code(), Some(0), "{}", told(&others));
    let itself = machine.dibao(&["run", "lucheng/more"]);
    assert_eq!(itself.status.code(), Some(2), "{}", told(&itself));
    assert!(told(&itself).contains("more.toml:3: "), "{}", told(&itself));
    let check = machine.dibao(&["check", "--offline"]);
    assert_eq!(check.status.code(), Some(2), "{}", told(&check));

    machine.write("feeds/lucheng/more.toml", &feed("9"));
    machine.run();
    let shown = told(&machine.well(&["status"]));
    assert!(!shown.contains("incident"), "{shown}");
    let now = published(&machine);
    for (name, bytes) in before
        .iter()
        .filter(|(name, _)| name.starts_with("lucheng"))
    {
        assert!(now[name] == *bytes, "{name} is another file");
    }
    let ended = String::from_utf8_lossy(&now["two/news/feed.json"]).into_owned();
    assert!(
        ended.contains("\"expired\":true"),
        "it has ended now: {ended}"
    );
}

#[test]
fn articles_are_removed_checked_and_read_anew_while_another_columns_file_is_broken() {
    let machine = machine();
    let article = |column: &str| {
        let exported = machine.export(&["--column", column]);
        let of = |field: &str| exported[0][field].as_str().unwrap().to_owned();
        (of("id"), of("title"))
    };
    let ((well, _), (left, title)) = (article("two/news"), article("lucheng/more"));
    let holders = || {
        published(&machine)
            .into_iter()
            .filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(&title))
    };
    assert!(holders().any(|(name, _)| name == "lucheng/more/atom.xml"));
    machine.write("feeds/lucheng/more.toml", "url = 1\n");
    for (code, command) in [
        (0, &["verify", &well][..]),
        (0, &["verify", "--all"]),
        (0, &["repair"]),
        (0, &["export", "--opml"]),
        (0, &["reextract", "--dry-run", "two/news"]),
        (1, &["reextract", "--dry-run"]),
        (0, &["remove", &well, "--reason", "a test"]),
        (0, &["remove", &left, "--reason", "a test"]),
    ] {
        let output = machine.dibao(command);
        let shown = told(&output);
        assert_eq!(output.status.code(), Some(code), "{command:?}: {shown}");
        let words = "dibao: lucheng/more is left out until its file is mended";
        assert!(shown.contains(words), "{command:?}: {shown}");
    }
    let names: Vec<String> = holders().map(|(name, _)| name).collect();
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn a_broken_portal_file_leaves_its_columns_out_and_other_files_stop_everything() {
    let machine = machine();
    let before = published(&machine);
    machine.write("feeds/lucheng/portal.toml", "code = 140406\n");
    let run = machine.dibao(&["run"]);
    assert_eq!(run.status.code(), Some(1), "{}", told(&run));
    let did = String::from_utf8_lossy(&run.stdout);
    assert!(did.contains("two/news  ok"), "{did}");
    assert!(!did.contains("lucheng/"), "{did}");
    for words in ["portal.toml:1: key `code`", "dibao: lucheng is left out"] {
        assert!(told(&run).contains(words), "{words}: {}", told(&run));
    }
    same(&machine, &before);
    machine.write("feeds/lucheng/portal.toml", "code = \"140406\"\n");

    for (file, text) in [("cron.toml", "job = 1"), ("dibao.toml", "hubb = 1")] {
        machine.write(file, text);
        for command in ["run", "status", "publish"] {
            let output = machine.dibao(&[command]);
            assert_eq!(output.status.code(), Some(2), "{}", told(&output));
            assert!(told(&output).starts_with(&format!("dibao: {file}:1: ")));
        }
        std::fs::remove_file(machine.path(file)).unwrap();
    }
    same(&machine, &before);
}
