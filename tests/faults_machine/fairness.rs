//! Whoever is slow, waits alone: a portal, while others have news.
//!
//! Owns those who are slow. Never leaves loopback.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Instant;

use super::machine::{ARTICLES, Doomed, Machine, PATIENCE};
use super::published::assert_whole;

/// The replica's column, beside that of a portal that takes connections and answers none. Gives
/// that portal, which must stay.
fn beside_a_silent_portal(machine: &Machine) -> (TcpListener, String) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("slow.test:80:{}", silent.local_addr().unwrap());
    machine.write("feeds/slow/news.toml", "url = \"http://slow.test/news/\"\n");
    (silent, to)
}

fn start(machine: &Machine, to: &str) -> Doomed {
    let mut command = machine.command(&["--connect-to", to, "run"]);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
    Doomed(command.spawn().unwrap())
}

/// Waits until `is_done`, while the run goes on.
fn wait_while_running(run: &mut Doomed, is_done: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_done() {
        assert_eq!(run.0.try_wait().unwrap(), None, "the run has ended");
        assert!(Instant::now() < deadline, "nothing comes");
        std::thread::yield_now();
    }
}

fn entries(machine: &Machine) -> usize {
    let feed = std::fs::read_to_string(machine.path("public/lucheng/work-news/atom.xml"));
    feed.map_or(0, |feed| feed.matches("<entry>").count())
}

#[test]
fn fault_59_a_slow_portal_delays_nobody_elses_publication() {
    let machine = Machine::new();
    let (_silent, to) = beside_a_silent_portal(&machine);
    let mut run = start(&machine, &to);
    wait_while_running(&mut run, || {
        entries(&machine) == ARTICLES && machine.path("public/manifest.json").exists()
    });
    run.signal("-TERM");
    assert_eq!(run.code(), Some(0));
    assert_whole(&machine.public());
}

#[test]
fn fault_59_a_run_that_is_told_to_stop_publishes_what_it_has() {
    let machine = Machine::new();
    let (_silent, to) = beside_a_silent_portal(&machine);
    let mut run = start(&machine, &to);
    wait_while_running(&mut run, || {
        machine.database().exists()
            && machine.sql("SELECT name FROM sqlite_schema WHERE name = 'articles'") == ["articles"]
            && machine.sql("SELECT CAST(id AS TEXT) FROM articles").len() == ARTICLES
    });
    run.signal("-TERM");
    assert_eq!(run.code(), Some(0));
    let mut said = String::new();
    std::io::Read::read_to_string(run.0.stdout.as_mut().unwrap(), &mut said).unwrap();
    assert!(
        said.contains("stopped") && said.contains("published"),
        "{said}"
    );
    assert_eq!(entries(&machine), ARTICLES);
    assert_whole(&machine.public());
}
