//! Sudden ends: kill -9 at any instant, SIGTERM in the middle of work.
//!
//! Owns the moments of the end. Never leaves loopback.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

use dibao::archive::Archive;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::machine::{ARTICLES, COLUMN, Doomed, Machine, connect, sql_in, told};
use super::published::{assert_undisturbed, assert_undisturbed_by, assert_whole};
use crate::archive::warcio;

const BACKFILL: [&str; 2] = ["backfill", COLUMN];

/// After any end: the database is sound, no article is there twice, at least `stored` are there,
/// and every published file is whole. Gives how many articles there are. Looks at a copy, so that
/// it is dibao who opens the store next.
pub(crate) fn assert_sound(machine: &Machine, stored: usize) -> usize {
    assert_whole(&machine.public());
    assert_archive(machine);
    if !machine.database().exists() {
        assert_eq!(stored, 0, "the store is gone");
        return 0;
    }
    let copy = tempfile::tempdir().unwrap();
    // The shared index is made anew from the log.
    for part in ["dibao.sqlite", "dibao.sqlite-wal"] {
        let from = machine.path("data").join(part);
        if from.exists() {
            std::fs::copy(from, copy.path().join(part)).unwrap();
        }
    }
    let copy = copy.path().join("dibao.sqlite");
    assert_eq!(sql_in(&copy, "PRAGMA integrity_check"), ["ok"]);
    if sql_in(
        &copy,
        "SELECT name FROM sqlite_schema WHERE name = 'articles'",
    )
    .is_empty()
    {
        assert_eq!(stored, 0, "the store is empty");
        return 0;
    }
    let ids = sql_in(&copy, "SELECT CAST(id AS TEXT) FROM articles");
    let unlike: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unlike.len(), ids.len(), "an article is there twice");
    assert!(ids.len() >= stored, "{} of {stored} are left", ids.len());
    ids.len()
}

/// The archive, once dibao has repaired it, holds whole records and nothing else, among
/// them all that the store knows of. Looks at a copy.
fn assert_archive(machine: &Machine) {
    let (from, copy) = (machine.path("data/warc"), tempfile::tempdir().unwrap());
    for file in std::fs::read_dir(from).into_iter().flatten() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let archive = Archive::open(copy.path(), &Default::default()).unwrap();
    assert!(archive.repairs().iter().all(|repair| !repair.set_aside));
    for file in archive.files().unwrap() {
        for record in archive.scan(&file).unwrap() {
            record.unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

/// Another program finds the archive sound, and the store finds its captures there.
fn assert_archive_is_read(machine: &Machine) {
    let archive = Archive::open(&machine.path("data/warc"), &Default::default()).unwrap();
    let places = machine.sql("SELECT file || ' ' || offset FROM captures");
    assert!(places.len() >= ARTICLES, "{places:?}");
    for place in places {
        let (file, offset) = place.split_once(' ').unwrap();
        let captured = archive.read(file, offset.parse().unwrap()).unwrap();
        assert_eq!(captured.status, 200);
    }
    for file in archive.files().unwrap() {
        warcio::python(
            warcio::CHECK,
            &["check"],
            &machine.path("data/warc").join(file),
        );
    }
}

/// How long a whole run takes here.
fn a_run() -> Duration {
    how_long(&["run"])
}

fn how_long(command: &[&str]) -> Duration {
    let machine = Machine::new();
    let began = Instant::now();
    machine.well(command);
    began.elapsed()
}

/// The command that completes a folder in which `command` was killed.
fn finish<'a>(command: &'a [&'a str]) -> &'a [&'a str] {
    match command.first() {
        Some(&"backfill") => command,
        _ => &["run"],
    }
}

/// Kills `command` at `kills` random instants, each time in a folder that is not complete yet.
fn kill_at_random(command: &[&str], span: Duration, kills: usize, seed: u64) {
    let finish = finish(command);
    println!("seed {seed}: {kills} kills of {command:?} within {span:?}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut killed = 0;
    while killed < kills {
        let machine = Machine::new();
        machine.always_due();
        let mut stored = 0;
        // Each folder sees a few kills, and is then completed.
        for _ in 0..4 {
            let mut child = machine.command(command);
            child.stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = Doomed(child.spawn().unwrap());
            // The instant is what is drawn here; nothing waits for anything.
            std::thread::sleep(dice.random_range(Duration::ZERO..span));
            child.0.kill().unwrap();
            let is_killed = child.code().is_none();
            stored = assert_sound(&machine, stored);
            if !is_killed {
                break;
            }
            killed += 1;
        }
        // Feeds say how often they may change: the folder to compare with has no timetable.
        std::fs::remove_file(machine.path("cron.toml")).unwrap();
        machine.well(finish);
        assert_undisturbed_by(finish, &machine.public(), &format!("seed {seed}"));
        let articles = machine.export(&[]).len();
        match finish {
            ["run"] => assert_eq!(articles, ARTICLES),
            _ => assert!(articles > ARTICLES, "{articles}"),
        }
        assert_archive_is_read(&machine);
    }
}

#[test]
fn fault_29_kill_9_of_a_run_at_any_instant_leaves_everything_whole() {
    kill_at_random(&["run"], a_run(), 8, rand::random());
}

#[test]
fn fault_29_kill_9_of_a_service_at_any_instant_leaves_everything_whole() {
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    kill_at_random(&serve, a_run(), 4, rand::random());
}

#[test]
fn fault_29_kill_9_of_a_backfill_at_any_instant_leaves_everything_whole() {
    kill_at_random(&BACKFILL, how_long(&BACKFILL), 4, rand::random());
}

#[test]
#[ignore = "long: ./soak runs it"]
fn soak_kill_9_at_200_random_instants() {
    let span = a_run();
    let seed: u64 = rand::random();
    for command in [&["run"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        kill_at_random(command, span, 100, seed);
    }
    kill_at_random(&BACKFILL, how_long(&BACKFILL), 100, seed);
}

#[test]
fn fault_44_a_run_that_is_told_to_stop_ends_well_and_the_next_one_goes_on() {
    let span = a_run();
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    for _ in 0..5 {
        let machine = Machine::new();
        let mut command = machine.command(&["run"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = Doomed(command.spawn().unwrap());
        std::thread::sleep(dice.random_range(span / 10..span));
        child.signal("-TERM");
        let began = Instant::now();
        let code = child.code();
        assert!(began.elapsed() < Duration::from_secs(8));
        // Before it could say how it wants to end, the signal itself ends it.
        assert!(code == Some(0) || code.is_none(), "{code:?}");
        assert_sound(&machine, 0);
        machine.run();
        assert_undisturbed(&machine.public(), &format!("seed {seed}"));
    }
}

#[test]
fn fault_44_a_backfill_that_is_told_to_stop_ends_well_and_the_next_one_goes_on() {
    // A portal that takes its time: something is always under way.
    let machine = Machine::new();
    machine.slow_down("100ms");
    let mut command = machine.command(&BACKFILL);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Doomed(command.spawn().unwrap());
    let mut log = BufReader::new(child.0.stderr.take().unwrap()).lines();
    // The second list page is read: its articles are under way.
    let mut lists = 0;
    while lists < 2 {
        let line = log.next().expect("it ended before it was told to").unwrap();
        lists += usize::from(line.contains("list page read"));
    }
    child.signal("-TERM");
    let began = Instant::now();
    assert_eq!(child.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(8));
    let mut said = String::new();
    std::io::Read::read_to_string(child.0.stdout.as_mut().unwrap(), &mut said).unwrap();
    assert!(
        said.contains("paused") && said.contains("stopped: "),
        "{said}"
    );
    assert_sound(&machine, ARTICLES);
    let status = told(&machine.dibao(&["status"]));
    assert!(
        status.contains("backfill paused after 2 list pages"),
        "{status}"
    );
    let next = told(&machine.well(&BACKFILL));
    assert!(
        next.contains("goes on after 2 list pages, with http"),
        "{next}"
    );
    assert!(
        next.contains("complete") && next.contains("list-end: "),
        "{next}"
    );
    assert_undisturbed_by(&BACKFILL, &machine.public(), "stopped");
    let status = told(&machine.dibao(&["status"]));
    assert!(
        status.contains("backfill complete after 4 list pages"),
        "{status}"
    );
}

#[test]
fn fault_44_no_portal_and_no_reader_holds_up_the_end() {
    // A portal that takes every connection and answers none.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let machine = Machine::at(silent.local_addr().unwrap().port());
    machine.always_due();
    let mut command = machine.command(&["run"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut run = Doomed(command.spawn().unwrap());
    let _asked = silent.accept().unwrap();
    run.signal("-TERM");
    let began = Instant::now();
    assert_eq!(run.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(8));
    let mut said = String::new();
    std::io::Read::read_to_string(run.0.stdout.as_mut().unwrap(), &mut said).unwrap();
    assert!(said.contains("stopped"), "{said}");

    let mut service = machine.serve();
    let _asked = silent.accept().unwrap();
    let _idle = connect(&service.address);
    let began = Instant::now();
    assert_eq!(service.stop(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(12));
    service.line_with("dibao: stopped");
    let status = machine.dibao(&["status"]);
    assert!(!told(&status).contains("failing"), "{}", told(&status));
}
