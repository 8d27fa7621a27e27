//! The units for systemd, judged by systemd and by dibao.
//!
//! Owns this check. Never installs a unit.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::faults_machine::machine::{Machine, told};

fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging")
}

fn units() -> Vec<(String, String)> {
    let entries = fs::read_dir(packaging()).unwrap();
    let mut units: Vec<(String, String)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let end = path.extension().unwrap_or_default();
            end == "service" || end == "timer"
        })
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    units.sort();
    units
}

#[test]
fn systemd_finds_no_fault_with_the_units_and_little_that_they_expose() {
    if Command::new("systemd-analyze")
        .arg("--version")
        .output()
        .is_err()
    {
        println!("skipped: there is no systemd-analyze (apt-get install systemd)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (name, text) in units() {
        // The program need not be installed for this.
        let text = text.replace("/usr/local/bin/dibao", env!("CARGO_BIN_EXE_dibao"));
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        files.push(file);
    }
    assert_eq!(files.len(), 3);
    let verified = Command::new("systemd-analyze")
        .arg("verify")
        .args(&files)
        .output()
        .unwrap();
    let said = told(&verified);
    assert!(verified.status.success(), "{said}");
    for (name, _) in units() {
        assert!(!said.contains(&name), "{said}");
    }
    for file in files
        .iter()
        .filter(|file| file.extension().unwrap() == "service")
    {
        // 10 is everything, 0 nothing; above 2 it ends with an error.
        let judged = Command::new("systemd-analyze")
            .args(["security", "--offline=yes", "--threshold=20"])
            .arg(file)
            .output()
            .unwrap();
        let said = told(&judged);
        if said.contains("unrecognized option") {
            println!("skipped: this systemd-analyze judges no unit that is not installed");
            return;
        }
        assert!(judged.status.success(), "{said}");
    }
}

/// The documents that the units name are there, and the installation puts them in that place.
#[test]
fn the_documents_that_the_units_name_are_installed() {
    const FOLDER: &str = "/usr/share/doc/dibao";
    let docs = packaging().with_file_name("docs");
    for path in ["operating.md", "zh/operating.md"] {
        let steps = fs::read_to_string(docs.join(path)).unwrap();
        assert!(steps.contains(&format!("-t {FOLDER} docs/*.md")), "{path}");
    }
    for (name, text) in units() {
        for url in text
            .lines()
            .filter_map(|line| line.strip_prefix("Documentation="))
        {
            let file = url.strip_prefix(&format!("file://{FOLDER}/")).unwrap();
            assert!(docs.join(file).exists(), "{name}: {url}");
        }
    }
}

/// dibao understands the commands of the units, and runs them in the folders that they name.
#[test]
fn dibao_understands_what_the_units_tell_it() {
    let machine = Machine::new();
    machine.run();
    fs::create_dir(machine.path("dibao-backup")).unwrap();
    let units = units();
    let lines: Vec<&str> = units
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.strip_prefix("ExecStart="))
        .filter(|line| line.contains("/usr/local/bin/dibao"))
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    let here = machine.path("").display().to_string();
    let here = |text: &str| {
        text.replace("/usr/local/bin/dibao", env!("CARGO_BIN_EXE_dibao"))
            .replace("/var/lib/dibao/", &here)
            .replace("/var/lib/", &here)
            .replace("127.0.0.1:8080", "127.0.0.1:0")
            .replace("%%", "%")
    };
    let variables = units.iter().flat_map(|(_, text)| text.lines());
    let variables = variables.filter_map(|line| line.strip_prefix("Environment="));
    let variables: Vec<(String, String)> = variables
        .flat_map(|line| line.split(' '))
        .filter_map(|variable| variable.split_once('='))
        .map(|(name, value)| (name.to_owned(), here(value)))
        .collect();
    assert_eq!(variables.len(), 3, "{variables:?}");
    for line in lines {
        let line = here(line);
        let script = line
            .strip_prefix("/bin/sh -c '")
            .map(|rest| rest.trim_end_matches('\''));
        if let Some(script) = script {
            let ran = Command::new("/bin/sh")
                .args(["-c", script])
                .output()
                .unwrap();
            assert!(ran.status.success(), "{}", told(&ran));
            let made = fs::read_dir(machine.path("dibao-backup")).unwrap().next();
            let made = made.unwrap().unwrap().file_name().into_string().unwrap();
            assert!(
                made.starts_with("dibao-") && made.ends_with(".backup"),
                "{made}"
            );
        } else {
            let mut service = crate::faults_machine::machine::Service::of({
                let mut words = line.split(' ');
                let mut command = Command::new(words.next().unwrap());
                command.args(words).current_dir(machine.path(""));
                command.envs(variables.clone());
                command
            });
            assert_eq!(service.get("/healthz").status, 200);
            assert_eq!(service.stop(), Some(0));
        }
    }
}

/// The service's command, `program args…`, as systemd runs it: without capabilities, not even
/// root's.
fn bare(line: &str) -> Command {
    use std::os::unix::fs::MetadataExt;
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let drop: &[&str] = match is_root {
        true => &["setpriv", "--bounding-set", "-all"],
        false => &["env"],
    };
    let mut command = Command::new(drop[0]);
    command.args(&drop[1..]).args(line.split(' '));
    command
}

/// When a removal overwrites a part of a full archive file, which is read-only, the next backup
/// copies the change. The copying asks for nothing that the unit forbids.
#[test]
fn the_backup_s_copy_of_the_archive_follows_what_was_erased() {
    let machine = Machine::new();
    machine.write("dibao/data/warc/000001.warc.gz", "the secret");
    machine.write("dibao-backup/dibao-1.backup", "the store");
    let here = machine.path("").display().to_string();
    let unit = fs::read_to_string(packaging().join("dibao-backup.service")).unwrap();
    let line = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart=/bin/cp "))
        .unwrap();
    let line = format!("/bin/cp {}", line.replace("/var/lib/", &here));
    let source = machine.path("dibao/data/warc/000001.warc.gz");
    let copy = machine.path("dibao-backup/warc/000001.warc.gz");
    let seal = |readonly: bool| {
        let mut permissions = fs::metadata(&source).unwrap().permissions();
        permissions.set_mode(if readonly { 0o440 } else { 0o640 });
        fs::set_permissions(&source, permissions).unwrap();
    };
    seal(true);
    let ran = bare(&line).output().unwrap();
    assert!(ran.status.success(), "{}", told(&ran));
    assert_eq!(fs::read(&copy).unwrap(), b"the secret");
    assert!(fs::metadata(&copy).unwrap().permissions().readonly());
    seal(false);
    fs::write(&source, "overwritte").unwrap();
    seal(true);
    for _ in 0..2 {
        let ran = bare(&line).output().unwrap();
        assert!(ran.status.success(), "{}", told(&ran));
        assert_eq!(fs::read(&copy).unwrap(), b"overwritte");
    }
    fs::remove_dir_all(machine.path("dibao-backup/warc")).unwrap();
    let Ok(traced) = Command::new("strace")
        .args(["-f", "-e", "trace=chown,fchown,lchown,fchownat"])
        .args(line.split(' '))
        .output()
    else {
        println!("skipped: there is no strace to see what the copying asks for");
        return;
    };
    let said = told(&traced);
    assert!(traced.status.success(), "{said}");
    assert!(!said.contains("chown"), "{said}");
}
