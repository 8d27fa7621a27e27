//! A store that another process holds, that is damaged, or that is missing.
//!
//! Owns the faults of the store. Never leaves loopback.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::machine::{ARTICLES, COLUMN, Doomed, Machine, told};
use super::published::{assert_undisturbed, assert_whole, timeless};

/// Makes a store that of a newer dibao, whose schema older ones do not know.
pub(crate) const OF_THE_FUTURE: &str =
    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
     VALUES (9999, 'of the future', 1, x'00', 1);
     DELETE FROM meta WHERE key = 'oldest_schema'";

/// A process that takes a host's lease in the store and keeps it for as long as it lives.
#[test]
fn fault_31_a_host_that_another_process_holds_is_passed_over() {
    let machine = Machine::new();
    machine.run();
    // Another process of this machine that lives: the shell that waits for its stdin to close.
    let mut other = Command::new("cat");
    let other = Doomed(other.stdin(Stdio::piped()).spawn().unwrap());
    let me = dibao::store::Holder::process(other.0.id());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let host = "www.lc.gov.cn";
    let taken = runtime.block_on(async {
        let store = dibao::store::Store::open_existing(&machine.path("data"))
            .await
            .unwrap();
        let now = dibao::model::Clock::system().now();
        let taken = store.hosts().lease(host, &me, now).await.unwrap();
        store.close().await;
        taken
    });
    assert_eq!(taken, None);
    let run = machine.dibao(&["run"]);
    let said = told(&run);
    assert!(
        said.contains("passed over") && said.contains(host),
        "{said}"
    );
    assert_eq!(run.status.code(), Some(0), "it is no failure: {said}");
    drop(other);
    let run = machine.dibao(&["run"]);
    assert!(
        told(&run).contains("  ok  "),
        "a dead holder has no lease: {}",
        told(&run)
    );
}

#[test]
fn fault_31_two_runs_at_once_store_and_publish_everything_once() {
    let machine = Machine::new();
    let start = || {
        let mut command = machine.command(&["run"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Doomed(command.spawn().unwrap())
    };
    let mut both = [start(), start()];
    let codes = both.each_mut().map(Doomed::code);
    // Whoever came second, or met the other while both began the store, lost nothing by it.
    assert!(codes.contains(&Some(0)), "{codes:?}");
    assert_whole(&machine.public());
    machine.run();
    assert_eq!(machine.export(&[]).len(), ARTICLES);
    assert_undisturbed(&machine.public(), "two runs at once");
}

/// Another process holds the write lock until it is dropped.
fn lock(machine: &Machine) -> Doomed {
    let mut child = Command::new("sqlite3")
        .arg(machine.database())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = child.stdin.as_mut().unwrap();
    stdin
        .write_all(b"BEGIN EXCLUSIVE;\nSELECT 'locked';\n")
        .unwrap();
    let mut said = [0; 7];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut said).unwrap();
    assert_eq!(&said, b"locked\n");
    Doomed(child)
}

#[test]
fn fault_34_a_locked_store_is_waited_for_named_and_loses_nothing() {
    if Command::new("sqlite3").arg("-version").output().is_err() {
        println!("skipped: there is no sqlite3 to hold a lock");
        return;
    }
    let machine = Machine::new();
    machine.run();
    machine.sql("DELETE FROM items");
    let before = timeless(&machine.public());
    let other = lock(&machine);
    let began = Instant::now();
    let run = machine.dibao(&["run"]);
    let said = told(&run);
    assert_eq!(run.status.code(), Some(1), "{said}");
    assert!(
        said.contains("store-locked") && said.contains("another process"),
        "{said}"
    );
    let waited = began.elapsed();
    assert!(
        (Duration::from_secs(5)..Duration::from_secs(45)).contains(&waited),
        "{waited:?}"
    );
    assert_eq!(timeless(&machine.public()), before);
    drop(other);
    machine.run();
    assert_eq!(machine.export(&[]).len(), ARTICLES);
    assert_undisturbed(&machine.public(), "a locked store");
}

/// Overwrites the middle of the database, as a failing disk would.
fn damage(machine: &Machine) {
    let file = machine.database();
    let length = fs::metadata(&file).unwrap().len();
    let mut file = fs::OpenOptions::new().write(true).open(file).unwrap();
    file.seek(SeekFrom::Start(length / 4)).unwrap();
    let junk = vec![0xa5; usize::try_from(length / 2).unwrap()];
    file.write_all(&junk).unwrap();
}

#[test]
fn fault_35_a_damaged_store_is_refused_and_serve_goes_on_serving_until_it_is_repaired() {
    let machine = Machine::new();
    machine.run();
    let published = timeless(&machine.public());
    let backup = fs::read(machine.database()).unwrap();
    damage(&machine);
    let damaged = fs::read(machine.database()).unwrap();

    let run = machine.dibao(&["run"]);
    let said = told(&run);
    assert_eq!(run.status.code(), Some(2), "{said}");
    for word in ["dibao.sqlite", "store-corrupt", "backup"] {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
    assert!(
        fs::read(machine.database()).unwrap() == damaged,
        "it was left as it is"
    );

    let mut service = machine.serve();
    let line = service.line_with("ERROR");
    assert!(
        line.contains("store-corrupt") && line.contains("backup"),
        "{line}"
    );
    let ready = service.get("/readyz");
    assert_eq!(ready.status, 503);
    assert!(String::from_utf8(ready.body).unwrap().contains("store"));
    assert_eq!(service.get("/healthz").status, 200);
    let atom = service.get(&format!("/{COLUMN}/atom.xml"));
    assert_eq!(atom.status, 200);
    super::published::assert_whole_file("atom.xml", &atom.body);
    assert!(fs::read(machine.database()).unwrap() == damaged);

    for rest in ["-wal", "-shm"] {
        let _ = fs::remove_file(machine.path(&format!("data/dibao.sqlite{rest}")));
    }
    fs::write(machine.database(), backup).unwrap();
    service.line_with("collecting goes on");
    service.line_with("published");
    assert_eq!(service.get("/readyz").status, 200);
    assert_eq!(service.stop(), Some(0));
    assert_eq!(timeless(&machine.public()), published);
}

#[test]
fn fault_35_a_store_of_a_newer_dibao_is_left_as_it_is() {
    let machine = Machine::new();
    machine.run();
    machine.sql(OF_THE_FUTURE);
    let left = fs::read(machine.database()).unwrap();
    let id = "ab3f1c2e-0000-5000-8000-000000000001";
    for command in [
        &["run"][..],
        &["export"],
        &["status"],
        &["backfill", COLUMN],
        &["backup", "file"],
        &["remove", id, "--reason", "so"],
    ] {
        let refused = machine.dibao(command);
        let said = told(&refused);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("9999") && said.contains("newer"), "{said}");
        assert!(fs::read(machine.database()).unwrap() == left);
    }
    let mut service = machine.serve();
    assert!(service.line_with("ERROR").contains("store-newer"));
    assert_eq!(service.get("/readyz").status, 503);
    assert_eq!(service.get("/").status, 200);
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn a_store_of_a_newer_dibao_that_only_added_to_it_is_used_and_not_copied() {
    let machine = Machine::new();
    machine.run();
    let published = timeless(&machine.public());
    machine.sql(OF_THE_FUTURE);
    machine.sql(
        "INSERT INTO meta (key, value)
         SELECT 'oldest_schema', MAX(version) FROM _sqlx_migrations WHERE version < 9999",
    );
    machine.well(&["run"]);
    machine.well(&["verify", "--all"]);
    assert_eq!(timeless(&machine.public()), published);
    let copied = machine.dibao(&["migrate", "data", "copy"]);
    let said = told(&copied);
    assert_eq!(copied.status.code(), Some(2), "{said}");
    assert!(said.contains("9999") && said.contains("newer"), "{said}");
    // A step after that, which is not for older ones.
    machine.sql("UPDATE meta SET value = '9999' WHERE key = 'oldest_schema'");
    let refused = machine.dibao(&["run"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
}

#[test]
fn fault_35_a_store_that_is_lost_is_not_begun_anew_over_what_was_published() {
    let machine = Machine::new();
    machine.run();
    let published = timeless(&machine.public());
    // Moved away, or cut to nothing.
    for lose in [
        (|data| fs::remove_dir_all(data)) as fn(&std::path::Path) -> std::io::Result<()>,
        |data| {
            fs::create_dir_all(data)?;
            fs::write(data.join("dibao.sqlite"), "")
        },
    ] {
        lose(&machine.path("data")).unwrap();
        let run = machine.dibao(&["run"]);
        let said = told(&run);
        assert_eq!(run.status.code(), Some(2), "{said}");
        for word in ["no store", "public", "backup"] {
            assert!(said.contains(word), "{word} is not in: {said}");
        }
        assert_eq!(timeless(&machine.public()), published);
    }
    fs::remove_dir_all(machine.public()).unwrap();
    machine.run();
    assert_undisturbed(&machine.public(), "begun anew as told");
}
